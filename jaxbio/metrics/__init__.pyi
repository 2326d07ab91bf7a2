from .affinity import (
    affinity_metrics as affinity_metrics,
    concordance_index as concordance_index,
    enrichment_factor as enrichment_factor,
    pair_metrics as pair_metrics,
    r_m_squared as r_m_squared,
    within_group as within_group,
)
from .clustering import (
    adjusted_rand_index as adjusted_rand_index,
    cluster_metrics as cluster_metrics,
    normalized_mutual_information as normalized_mutual_information,
)
from .competing_risks import (
    aalen_johansen as aalen_johansen,
    cumulative_incidence as cumulative_incidence,
    incidence_brier_score as incidence_brier_score,
    incidence_values as incidence_values,
    piecewise_incidences as piecewise_incidences,
)
from .competing_summary import (
    competing_metrics as competing_metrics,
    risks_by_cause as risks_by_cause,
)
from .contacts import (
    contact_map as contact_map,
    contact_metrics as contact_metrics,
    precision_at_l as precision_at_l,
)
from .profile import profile_metrics as profile_metrics
from .standard import (
    binary_metrics as binary_metrics,
    bootstrap_interval as bootstrap_interval,
    count_metrics as count_metrics,
    multiclass_metrics as multiclass_metrics,
    multilabel_metrics as multilabel_metrics,
    pearson as pearson,
    regression_metrics as regression_metrics,
    spearman as spearman,
)
from .survival import (
    StepCurve as StepCurve,
    censoring_curve as censoring_curve,
    censoring_weights as censoring_weights,
    kaplan_meier as kaplan_meier,
    log_rank as log_rank,
    nelson_aalen as nelson_aalen,
    restricted_mean as restricted_mean,
)
from .survival_curves import (
    at_risk_weights as at_risk_weights,
    curve_values as curve_values,
    mean_times as mean_times,
    median_times as median_times,
    piecewise_curves as piecewise_curves,
    risks as risks,
)
from .survival_scores import (
    antolini_concordance as antolini_concordance,
    concordant_pairs as concordant_pairs,
    dynamic_auc as dynamic_auc,
    harrell_concordance as harrell_concordance,
    integrated_brier_score as integrated_brier_score,
    survival_brier_score as survival_brier_score,
    survival_calibration as survival_calibration,
    uno_concordance as uno_concordance,
)
from .survival_summary import survival_metrics as survival_metrics
