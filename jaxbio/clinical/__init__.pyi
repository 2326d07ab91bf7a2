from .advice import Advice as Advice, advise as advise
from .balance import Balance as Balance
from .calibration import Calibration as Calibration
from .confounding import (
    EValue as EValue,
    e_value as e_value,
    e_value_of_difference as e_value_of_difference,
)
from .effects import Effects as Effects
from .evaluation import (
    AverageEffect as AverageEffect,
    TreatmentEvaluation as TreatmentEvaluation,
)
from .fitting import fit_treatment as fit_treatment
from .jackknife import pseudo_observations as pseudo_observations
from .page.document import patient_page as patient_page
from .page.write import write_patient_pages as write_patient_pages
from .patient import Patient as Patient
from .policies import (
    PolicyValue as PolicyValue,
    compare_policies as compare_policies,
    policy_value as policy_value,
    weighted_value as weighted_value,
)
from .predicted_patients import predicted_patient as predicted_patient
from .propensity import Overlap as Overlap, overlap as overlap
from .qini import QiniCurve as QiniCurve, qini_curve as qini_curve
from .scores import doubly_robust_scores as doubly_robust_scores
from .treated_patients import treated_patient as treated_patient
from .treatment_pictures import treatment_pages as treatment_pages
from .treatment_runs import (
    TreatmentRun as TreatmentRun,
    load_treatment as load_treatment,
)
from .trial import Outcome as Outcome, Trial as Trial, read_trial as read_trial
