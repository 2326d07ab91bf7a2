"""Rows, curves and scores of tasks about times of events."""

import dataclasses
from typing import ClassVar, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from jaxbio.data.specs import TargetKind, TargetSpec
from jaxbio.errors import JaxbioError
from jaxbio.metrics.survival_curves import at_risk_weights, risks
from jaxbio.metrics.survival_summary import survival_metrics
from jaxbio.tasks.base import Task

DEVIATION = 0.3
"""By how much what a network says of the shape of a curve weighs less than what it says
of all of it: hazards are nearly proportional until rows show otherwise."""

HIGHEST = 20.0
"""Of the logarithm of a hazard ratio."""

_LEAST = 1e-7  # of a probability whose logarithm is taken


@dataclasses.dataclass(frozen=True)
class SurvivalTask(Task):
    """A task whose predictions are survival curves on the grid of its target.

    They are scored and compared alike, whatever likelihood they were learned by.
    """

    target_kind: ClassVar[TargetKind] = "survival"
    primary_metric: ClassVar[str] = "concordance"

    def __post_init__(self):
        if self.per_position:
            raise JaxbioError(f"{self.name} is of rows, not of positions")

    def compared(self, prediction, spec):
        times, hazards = np.asarray(spec.times), np.asarray(spec.hazards)
        return risks(prediction, at_risk_weights(times, hazards))

    def metrics(self, truth, prediction, spec, weights=None):
        times, hazards = np.asarray(spec.times), np.asarray(spec.hazards)
        return survival_metrics(
            truth, prediction, times, hazards=hazards, weights=weights
        )


class Seen(NamedTuple):
    """What was seen of each row; zeros where it is not known.

    Attributes:
        known: Whether a row has a time and says whether that was an event.
        time: Of the event, or when the row was last seen without it.
        event: Whether it was an event.
        entry: When the row came under observation.
        half: Of an event that came between two looks half the time between them, of
            which `time` is the middle; 0 where its time is known.
    """

    known: Bool[Array, "batch"]
    time: Float[Array, "batch"]
    event: Bool[Array, "batch"]
    entry: Float[Array, "batch"]
    half: Float[Array, "batch"]

    @property
    def between(self) -> Bool[Array, "batch"]:
        """Whether it is only known between which times the event came."""
        return self.event & (self.half > 0)


def seen(targets: Float[Array, "batch columns"]) -> Seen:
    """The columns of targets by name.

    Args:
        targets: Time, event and entry of each row, perhaps half the time between looks.

    Example:
        >>> rows = seen(jnp.array([[2.0, 1.0, 0.0], [jnp.nan, jnp.nan, jnp.nan]]))
        >>> rows.known.tolist(), rows.time.tolist(), rows.event.tolist()
        ([True, False], [2.0, 0.0], [True, False])
    """
    known = ~jnp.isnan(targets[:, :2]).any(axis=1)
    time, event, entry, *half = jnp.where(known[:, None], targets, 0.0).T
    return Seen(
        known, time, event > 0, entry, half[0] if half else jnp.zeros_like(time)
    )


def log_probability(
    hazard: Float[Array, "*shape"],
) -> Float[Array, "*shape"]:
    """The logarithm of the probability of an event, by its cumulative hazard.

    Exact for small ones, and finite for none.

    Args:
        hazard: Cumulative hazards, of at least 0.

    Example:
        >>> found = log_probability(jnp.array([0.6931472, 0.001]))
        >>> [round(value, 3) for value in found.tolist()]
        [-0.693, -6.908]
    """
    return jnp.log(-jnp.expm1(-jnp.maximum(hazard, _LEAST)))


def grid_row(values: tuple[float, ...]) -> Float[Array, "1 times"]:
    """Numbers of the intervals of a grid, beside rows."""
    return jnp.asarray(values, jnp.float32)[None]


def bounds(spec: TargetSpec) -> tuple[Array, Array]:
    """Where each interval of the grid begins and ends."""
    return grid_row((0.0, *spec.times[:-1])), grid_row(spec.times)


def steps(spec: TargetSpec) -> Float[Array, "1 times"]:
    """The cumulative hazard of the cohort that each interval adds."""
    start, end = bounds(spec)
    return grid_row(spec.hazards) * (end - start)


def in_interval(
    time: Float[Array, "batch"], spec: TargetSpec
) -> Bool[Array, "batch times"]:
    """In which interval a time lies; in none after the last."""
    start, end = bounds(spec)
    return (time[:, None] > start) & (time[:, None] <= end)


def exposures(
    until: Float[Array, "batch"], since: Float[Array, "batch"], spec: TargetSpec
) -> Float[Array, "batch times"]:
    """The cohort's cumulative hazard between two times, by interval.

    Example:
        >>> spec = TargetSpec("t,e", "survival", times=(1.0, 3.0), hazards=(0.1, 0.2))
        >>> found = exposures(jnp.array([2.0]), jnp.array([0.5]), spec)
        >>> [round(value, 3) for value in found[0].tolist()]
        [0.05, 0.2]
    """
    return grid_row(spec.hazards) * spent(until, since, spec)


def spent(
    until: Float[Array, "batch"], since: Float[Array, "batch"], spec: TargetSpec
) -> Float[Array, "batch times"]:
    """The time between two times that lies in each interval.

    Example:
        >>> spec = TargetSpec("t,e", "survival", times=(1.0, 3.0))
        >>> spent(jnp.array([2.0]), jnp.array([0.5]), spec).tolist()
        [[0.5, 1.0]]
    """
    start, end = bounds(spec)
    time = jnp.minimum(until[:, None], end) - jnp.maximum(since[:, None], start)
    return jnp.maximum(time, 0.0)
