"""A trial or cohort: patients, the arm of each, and what became of them."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Float, Int64

from jaxbio.clinical.jackknife import pseudo_observations
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.time_to_event import NOTHING_SEEN, TimeToEvent
from jaxbio.data.dataset import Dataset
from jaxbio.data.io.parse import texts
from jaxbio.data.reading import infer, read
from jaxbio.data.sources import frames_of
from jaxbio.errors import DataError, JaxbioError, nearest, option

Kind = Literal["number", "binary", "survival"]
Better = Literal["higher", "lower"]


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What is measured of each patient, and which way is good.

    Attributes:
        columns: The column, or how those of the time and of the event are written, as
            in the name of a survival target: `start..end` for two dates, and
            `status=dead` where one of several values is the event.
        kind: `number`, `binary` for the probability of the second of two classes, or
            `survival` for the restricted mean survival time.
        better: Whether `higher` or `lower` values are good for the patient.
        classes: The two classes of a binary outcome.
        horizon: Where survival times are cut; None for other outcomes.
    """

    columns: tuple[str, ...]
    kind: Kind
    better: Better = "higher"
    classes: tuple[str, ...] = ()
    horizon: float | None = None

    @property
    def name(self) -> str:
        """The outcome in a few words."""
        if self.kind == "survival":
            return f"mean {self.columns[0]} up to {self.horizon:g}"
        if self.kind == "binary":
            return f"probability of {self.columns[0]} {self.classes[1]}"
        return f"mean {self.columns[0]}"

    @property
    def target(self) -> str:
        """The name of the target as which it is read."""
        return ",".join(self.columns)

    @property
    def sign(self) -> int:
        """1 where higher is better, -1 where lower is."""
        return 1 if self.better == "higher" else -1

    def to_dict(self) -> dict[str, Any]:
        """The outcome as JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Outcome":
        """The outcome that `to_dict` described."""
        columns, classes = tuple(values["columns"]), tuple(values["classes"])
        return cls(**{**values, "columns": columns, "classes": classes})


@dataclasses.dataclass(frozen=True)
class Trial:
    """Patients with the arm and the outcome of each.

    Attributes:
        rows: Their inputs; without the treatment.
        treatment: The column with the arms.
        arms: The arms; the first is the reference, with which effects compare.
        arm: The number of each patient's arm.
        outcome: What is measured.
        values: The outcome of each patient: a number, 0 or 1, or the pseudo-observation
            of the restricted mean survival time among those of the same arm.
        time: The times of a survival outcome; None for others.
        event: 1 for an event, 0 for a censored time, likewise.
        notes: What was noticed, in sentences.
    """

    rows: Dataset
    treatment: str
    arms: tuple[str, ...]
    arm: Int64[np.ndarray, "n"]
    outcome: Outcome
    values: Float[np.ndarray, "n"]
    time: Float[np.ndarray, "n"] | None = None
    event: Int64[np.ndarray, "n"] | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.arm)

    @property
    def counts(self) -> Int64[np.ndarray, "arms"]:
        """The patients of each arm."""
        return np.bincount(self.arm, minlength=len(self.arms)).astype(np.int64)


def read_trial(
    data: Any,
    *,
    treatment: str,
    outcome: str | Sequence[str],
    horizon: float | None = None,
    reference: str | None = None,
    better: Better = "higher",
    **how: Any,
) -> Trial:
    """Read a trial or cohort.

    Args:
        data: A file or a DataFrame, as for `jaxbio.read`.
        treatment: The column with the arms.
        outcome: The column of a number or of two classes; of survival those of the time
            and of the event, as `"time,event"` or as two names.
        horizon: For survival, where times are cut.
        reference: The arm with which effects compare; None for the first by name.
        better: Whether `higher` or `lower` outcomes are good.
        how: As for `jaxbio.read`: `inputs`, `drop`, …

    Raises:
        DataError: For a column that is not there or cannot be used.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"age": [60, 70, 50, 65], "arm": list("abab"),
        ...                       "pain": [3.0, 2.0, 5.0, 1.0]})
        >>> trial = read_trial(table, treatment="arm", outcome="pain", better="lower")
        >>> trial.arms, trial.arm.tolist(), trial.outcome.name
        (('a', 'b'), [0, 1, 0, 1], 'mean pain')
    """
    names = columns_of(outcome)
    kinds = outcome_kinds(data, names, horizon)
    whole = read(data, targets={treatment: "class", **kinds}, **how)
    return trial_of(
        whole, treatment, names, horizon=horizon, reference=reference, better=better
    )


def columns_of(outcome: str | Sequence[str]) -> tuple[str, ...]:
    """The columns of an outcome.

    Example:
        >>> columns_of("time,event"), columns_of("pain")
        (('time', 'event'), ('pain',))
    """
    names = outcome.split(",") if isinstance(outcome, str) else list(outcome)
    names = [name.strip() for name in names if name.strip()]
    if len(names) == 3:
        raise JaxbioError(
            f"outcome {outcome!r}: three columns are late entry, time and event: "
            f"effects count from the start of the treatment, and nobody comes late; "
            f"give time,event"
        )
    if len(names) not in (1, 2):
        raise JaxbioError(
            f"outcome {outcome!r}: give one column, or those of time and event, as in "
            f"time,event"
        )
    return tuple(names)


def outcome_kinds(
    data: Any, names: Sequence[str], horizon: float | None
) -> dict[str, str]:
    """The target as which an outcome is read, and its kind.

    Args:
        data: The file or table.
        names: One column, or those of time and event.
        horizon: Of survival.

    Raises:
        JaxbioError: For survival without a horizon, or a horizon without survival.
    """
    if len(names) == 2:
        if horizon is None:
            raise JaxbioError(
                f"survival ({', '.join(names)}) is compared by mean times up to a "
                f"horizon: give one in the unit of {names[0]}, such as "
                f"{option('horizon', 60)}"
            )
        return {",".join(names): "survival"}
    if horizon is not None:
        raise JaxbioError(
            f"{option('horizon', horizon)} is for survival, whose outcome is two "
            f"columns, time,event; this one is {names[0]}"
        )
    _, found = infer(data, inputs=[], targets=list(names))
    is_class = found[names[0]] == "class" and not _is_scale(data, names[0])
    return {names[0]: "class" if is_class else "number"}


def _is_scale(data: Any, name: str) -> bool:
    """Check that a column holds three or more numbers, such as a score of pain."""
    found: set[str] = set()
    for frame in frames_of(data):
        found |= {each for each in texts(frame, name) if each}
    try:
        return len({float(each) for each in found}) > 2
    except ValueError:
        return False


def trial_of(
    data: Dataset,
    treatment: str,
    outcome: Sequence[str],
    *,
    horizon: float | None = None,
    reference: str | None = None,
    better: Better = "higher",
    arms: Sequence[str] | None = None,
    known: Outcome | None = None,
) -> Trial:
    """A trial of rows that were read with treatment and outcome among their targets.

    Rows without an arm or an outcome are left out, with a note.

    Args:
        data: The rows.
        treatment: The target with the arms.
        outcome: Its column, or those of survival, of which one target was made.
        horizon: Of survival.
        reference: As for `read_trial`.
        better: As for `read_trial`.
        arms: The arms in their order, if a model knows them; others are an error.
        known: The outcome, if a model knows it.

    Raises:
        DataError: For a column or an arm that is not there, or an outcome that does not
            fit.
    """
    target = ",".join(outcome)
    for name in (treatment, target):
        if name not in data.targets:
            known_names = nearest(name, data.targets)
            raise DataError(f"{data.source}: no column {name!r}: {known_names}")
    labels = _labels(data, treatment)
    values = _outcome_values(data, target)
    # Of rows without an outcome it is said below that they are left out.
    said = f"{target}: ", NOTHING_SEEN
    notes = [x for x in data.notes if not (x.startswith(said[0]) and said[1] in x)]
    missing = {
        treatment: np.array([each is None for each in labels]),
        target: _is_missing(values),
    }
    for name, mask in missing.items():
        if mask.any():
            first = ", ".join(str(x) for x in np.asarray(data.ids)[mask][:5])
            notes.append(
                f"{data.source}: {mask.sum()} of {len(data)} rows have no {name} and "
                f"are left out: {first}{', …' if mask.sum() > 5 else ''}"
            )
    keep = ~np.logical_or.reduce(list(missing.values()))
    if not keep.any():
        raise DataError(
            f"{data.source}: no row has both {treatment} and {', '.join(outcome)}"
        )
    rows = data.take(keep)
    labels, values = labels[keep], values[keep]
    order = _arms(rows, treatment, labels, reference, arms)
    arm = np.array([order.index(each) for each in labels], np.int64)
    rows = dataclasses.replace(rows, targets={}, notes=())
    if values.ndim > 1:
        return _censored(
            rows, treatment, order, arm, values, outcome, horizon, better, notes
        )
    found = known or _outcome(rows, target, values, better)
    if found.kind == "binary":
        strange = [each for each in values if str(each) not in found.classes]
        if strange:
            raise DataError(
                f"{rows.source}: {target} {strange[0]!r} is neither of the two "
                f"classes {' and '.join(found.classes)}"
            )
        values = np.array([str(each) == found.classes[1] for each in values])
    return Trial(
        rows, treatment, order, arm, found, values.astype(np.float64),
        notes=tuple(notes),
    )  # fmt: skip


def _labels(data: Dataset, treatment: str) -> np.ndarray:
    column = data.targets[treatment]
    if not isinstance(column, Category):
        raise DataError(
            f"{data.source}: {treatment} is read as {column.kind}: arms are classes"
        )
    return np.asarray(column.values, object)


def _outcome_values(data: Dataset, name: str) -> np.ndarray:
    """The outcome of each row; of survival its time, event and entry."""
    column = data.targets[name]
    if isinstance(column, TimeToEvent):
        if column.values.shape[1] > 3:
            raise DataError(
                f"{data.source}: {name} says between which times events came: effects "
                f"are those on times that are known; name a column of times and one of "
                f"events"
            )
        return column.values.astype(np.float64)
    if isinstance(column, Numeric):
        return column.values[:, 0].astype(np.float64)
    if isinstance(column, Category):
        return np.asarray(column.values, object)
    raise DataError(
        f"{data.source}: {name} is {column.kind}: an outcome is a number, one of two "
        f"classes, or a time and an event"
    )


def _is_missing(values: np.ndarray) -> np.ndarray:
    if values.dtype == object:
        return np.array([each is None for each in values])
    return np.isnan(values if values.ndim == 1 else values.sum(axis=1))


def _arms(
    rows: Dataset,
    treatment: str,
    labels: np.ndarray,
    reference: str | None,
    arms: Sequence[str] | None,
) -> tuple[str, ...]:
    """The arms in order, the reference first."""
    present = sorted(set(labels))
    if arms is not None:
        new = [each for each in present if each not in arms]
        if new:
            count = int(sum(each in new for each in labels))
            raise DataError(
                f"{rows.source}: {treatment} {', '.join(map(repr, new))} in {count} "
                f"rows: the model knows {', '.join(arms)} alone; leave these rows out, "
                f"or train with them"
            )
        return tuple(arms)
    if reference is not None and reference not in present:
        raise DataError(
            f"{option('reference', reference)}: no such arm: "
            f"{nearest(reference, present)}"
        )
    first = present[0] if reference is None else reference
    return (first, *(each for each in present if each != first))


def _outcome(rows: Dataset, name: str, values: np.ndarray, better: Better) -> Outcome:
    if values.dtype != object:
        return Outcome((name,), "number", better)
    classes = sorted(set(map(str, values)))
    if len(classes) != 2:
        raise DataError(
            f"{rows.source}: the outcome {name} has {len(classes)} classes "
            f"({', '.join(classes[:5])}): effects are those on a number, on one of two "
            f"classes, or on survival"
        )
    return Outcome((name,), "binary", better, tuple(classes))


def _censored(
    rows: Dataset,
    treatment: str,
    arms: tuple[str, ...],
    arm: np.ndarray,
    values: np.ndarray,
    names: Sequence[str],
    horizon: float | None,
    better: Better,
    notes: Sequence[str],
) -> Trial:
    """A trial whose outcome is survival; pseudo-observations are taken in each arm."""
    time, event, _ = values.T
    assert horizon is not None
    short = [
        f"{treatment} {name} up to {time[arm == at].max():g}"
        for at, name in enumerate(arms)
        if (arm == at).any() and time[arm == at].max() < horizon
    ]
    if short:
        raise DataError(
            f"{rows.source}: {option('horizon', horizon)} is later than patients are "
            f"followed ({'; '.join(short)}): give an earlier one"
        )
    pseudo = np.empty(len(time))
    for at in np.unique(arm):
        own = arm == at
        pseudo[own] = pseudo_observations(time[own], event[own], float(horizon))
    outcome = Outcome(tuple(names), "survival", better, (), float(horizon))
    return Trial(
        rows, treatment, arms, arm, outcome, pseudo, time, event.astype(np.int64),
        notes=tuple(notes),
    )  # fmt: skip
