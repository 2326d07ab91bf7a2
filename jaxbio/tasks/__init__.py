"""Tasks: what an output means."""

from jaxbio.tasks.base import Task
from jaxbio.tasks.classification import Binary, MultiClass, MultiLabel
from jaxbio.tasks.distances import Distances
from jaxbio.tasks.objective import Objective
from jaxbio.tasks.registry import (
    TASKS,
    infer_task,
    infer_tasks,
    make_task,
    task_from_dict,
)
from jaxbio.tasks.regression import CountRegression, Regression

__all__ = [
    "TASKS",
    "Binary",
    "CountRegression",
    "Distances",
    "MultiClass",
    "MultiLabel",
    "Objective",
    "Regression",
    "Task",
    "infer_task",
    "infer_tasks",
    "make_task",
    "task_from_dict",
]
