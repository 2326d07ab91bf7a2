"""Tasks by name, to and from JSON, and the one that a column suggests."""

from collections.abc import Mapping
from typing import Any

from jaxbio.data.columns.base import Column
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.competing_events import CompetingEvents
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.time_to_event import TimeToEvent
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.errors import JaxbioError, nearest
from jaxbio.plugins import Registry, register
from jaxbio.tasks.base import Task
from jaxbio.tasks.classification import Binary, MultiClass, MultiLabel
from jaxbio.tasks.competing_risks import CompetingRisks
from jaxbio.tasks.deephit import DeepHit
from jaxbio.tasks.distances import Distances
from jaxbio.tasks.profile import Profile
from jaxbio.tasks.regression import CountRegression, Regression
from jaxbio.tasks.survival import Survival
from jaxbio.tasks.weibull import Weibull

TASKS: Registry[Any] = Task.registry
"""The tasks by name: those of the package, and those that were registered."""

for _kind in (
    *(Regression, CountRegression, Binary, MultiClass, MultiLabel, Distances),
    *(Profile, Survival, Weibull, DeepHit, CompetingRisks),
):
    register(_kind)


def make_task(name: str, **options) -> Task:
    """A task by name.

    Args:
        name: One of `TASKS`; `huber`, `poisson`, `negative_binomial`, `cox`,
            `hazards`, `competing_hazards` and `competing_deephit` too, and
            `positions:NAME` for a task with one target a position.
        options: Fields of the task.

    Raises:
        JaxbioError: For an unknown name.

    Example:
        >>> make_task("huber").loss_name, make_task("positions:multiclass").per_position
        ('huber', True)
    """
    per_position = name.startswith("positions:")
    name = name.removeprefix("positions:")
    shorthand = {
        "huber": ("regression", {"loss_name": "huber"}),
        "poisson": ("counts", {"distribution": "poisson"}),
        "negative_binomial": ("counts", {"distribution": "negative_binomial"}),
        "cox": ("survival", {"model": "cox"}),
        "hazards": ("survival", {"model": "hazards"}),
        "competing_hazards": ("competing", {"model": "hazards"}),
        "competing_deephit": ("competing", {"model": "deephit"}),
    }
    base, preset = shorthand.get(name, (name, {}))
    if base not in TASKS:
        raise JaxbioError(
            f"unknown task {name!r}: {nearest(name, [*TASKS, *shorthand])}"
        )
    if per_position:
        preset = {**preset, "per_position": True}
    return TASKS[base](**{**preset, **options})


def task_from_dict(values: Mapping) -> Task:
    """The task that `Task.to_dict` described.

    Raises:
        JaxbioError: For a name or a field that is not known.
    """
    fields = {key: value for key, value in values.items() if key != "task"}
    return TASKS.make({"name": values.get("task", ""), **fields})


def infer_task(column: Column) -> Task:
    """The task that a target column suggests.

    Numbers are regressed, several columns of zeros and ones are labels, two classes are
    binary, more are multi-class, as are letters by position; times of events are
    survival, those of several causes competing risks.

    Example:
        >>> infer_task(Category.from_values(["a", "b", "a"])).name
        'binary'
    """
    match column:
        case Track():
            points = column.values.ndim > 1
            return Distances() if points else Regression(per_position=True)
        case Numeric():
            values = column.values
            numbers = values[values == values]
            labels = values.shape[1] > 1 and ((numbers == 0) | (numbers == 1)).all()
            return MultiLabel() if labels else Regression()
        case CompetingEvents():
            return CompetingRisks()
        case TimeToEvent():
            return Survival()
        case Category(per_position=True):
            return MultiClass(per_position=True)
        case Category():
            classes = {value for value in column.values if value is not None}
            return Binary() if len(classes) <= 2 else MultiClass()
        case _:
            raise JaxbioError(f"a {column.kind} column cannot be a target")


def infer_tasks(data: Dataset) -> dict[str, Task]:
    """The task of each target of a data set."""
    return {name: infer_task(column) for name, column in data.targets.items()}
