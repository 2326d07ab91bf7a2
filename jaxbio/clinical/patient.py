"""What the page of a patient says, before it is a page."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

Curve = tuple[
    Float[np.ndarray, "times"], Float[np.ndarray, "times"], Float[np.ndarray, "times"]
]
"""Times, a patient's probabilities of no event by each, and those of the cohort."""


@dataclasses.dataclass(frozen=True)
class Answer:
    """A number that is predicted.

    Attributes:
        name: What it is.
        value: The number, or a probability.
        percent: Whether it is a probability.
        spread: How far the networks of an ensemble differ; None for one network.
        cohort: What `summarize_predictions` says of the cohort; empty if not known.
    """

    name: str
    value: float
    percent: bool = False
    spread: float | None = None
    cohort: Mapping[str, Any] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(frozen=True)
class Contribution:
    """What a column contributes to what is predicted.

    Attributes:
        column: The column.
        cell: What the patient has there.
        value: In the units of the answer, above the mean of the cohort.
    """

    column: str
    cell: str
    value: float


@dataclasses.dataclass(frozen=True)
class Gap:
    """A value that is missing, and what is predicted with values of the cohort there.

    Attributes:
        column: The column; `all of them` for all that are missing together.
        low: The smallest prediction.
        high: The greatest.
    """

    column: str
    low: float
    high: float


@dataclasses.dataclass(frozen=True)
class Outside:
    """A value unlike all that were learned from.

    Attributes:
        column: The column.
        cell: What the patient has there.
        known: What the cohort has there.
    """

    column: str
    cell: str
    known: str


@dataclasses.dataclass(frozen=True)
class Option:
    """An arm of a treatment.

    Attributes:
        arm: Its name.
        outcome: What is expected under it.
        effect: Against the reference; None for that.
        low: The lower end of the interval of the effect.
        high: The upper end.
        patients: How many patients of the cohort had it.
    """

    arm: str
    outcome: float
    effect: float | None
    low: float | None
    high: float | None
    patients: int


@dataclasses.dataclass(frozen=True)
class Alike:
    """The patients of the cohort that a patient is most like.

    Attributes:
        rows: How many there are.
        told: What became of them, in lines.
        far: Whether this patient is less like them than nine tenths of them are.
    """

    rows: int
    told: tuple[str, ...]
    far: bool


@dataclasses.dataclass(frozen=True)
class Patient:
    """All that the page of a patient says.

    Attributes:
        id: The name of the row.
        run: What was asked, in words.
        answers: What is predicted; the first is explained.
        contributions: The greatest first.
        base: What is predicted for the cohort on average; NaN where nothing is
            explained.
        gaps: Missing values.
        outside: Values beyond those that were learned from.
        options: The arms of a treatment.
        advice: What is advised, in a sentence.
        evidence: What is known of the worth of such advice, in sentences.
        level: Of the intervals of effects.
        curve: Times, the probability of no event by each, and that of the cohort.
        alike: The patients of the cohort that are most like this one; None if nothing
            is known of them.
        cohort_rows: The patients that were learned from; None if not known.
        warnings: What was odd about the inputs.
    """

    id: str
    run: str
    answers: tuple[Answer, ...]
    contributions: tuple[Contribution, ...] = ()
    base: float = float("nan")
    gaps: tuple[Gap, ...] = ()
    outside: tuple[Outside, ...] = ()
    options: tuple[Option, ...] = ()
    advice: str = ""
    evidence: tuple[str, ...] = ()
    level: float = 0.9
    curve: Curve | None = None
    alike: Alike | None = None
    cohort_rows: int | None = None
    warnings: tuple[str, ...] = ()
