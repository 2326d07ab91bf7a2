from .base import Task as Task
from .classification import (
    Binary as Binary,
    MultiClass as MultiClass,
    MultiLabel as MultiLabel,
)
from .competing_risks import CompetingRisks as CompetingRisks
from .deephit import DeepHit as DeepHit
from .distances import Distances as Distances
from .objective import Objective as Objective
from .profile import Profile as Profile
from .registry import (
    TASKS as TASKS,
    infer_task as infer_task,
    infer_tasks as infer_tasks,
    make_task as make_task,
    task_from_dict as task_from_dict,
)
from .regression import CountRegression as CountRegression, Regression as Regression
from .survival import Survival as Survival
from .weibull import Weibull as Weibull
