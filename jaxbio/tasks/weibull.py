"""Times of events that follow Weibull's distribution."""

import dataclasses
from typing import ClassVar, NamedTuple

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxbio.data.specs import TargetSpec
from jaxbio.tasks.time_to_event import (
    DEVIATION,
    HIGHEST,
    SurvivalTask,
    grid_row,
    log_probability,
    seen,
)

_SHAPES = (0.1, 10.0)  # of the cohort
_MOST_SHAPE = 2.0  # of the logarithm of the shape of a row beside the cohort's


@dataclasses.dataclass(frozen=True)
class Weibull(SurvivalTask):
    """Times of events by Weibull's distribution, with a scale and a shape for each row.

    A cumulative hazard is (time / scale) ** shape. The network gives two numbers: the
    logarithm of the cumulative hazard relative to the cohort's at a middle time, and
    the logarithm of the shape relative to the cohort's, times `DEVIATION`. Rows of the
    same shape have proportional hazards, and accelerated failure times as well. There
    are few numbers to learn, and the curve has a form of its own between and after the
    events; where hazards rise and fall it is wrong. Late entry is accounted for.

    Source:
        Weibull W (1951) Journal of Applied Mechanics 18:293; Kalbfleisch JD, Prentice
        RL (2002) The Statistical Analysis of Failure Time Data, ch. 2.

    Example:
        >>> spec = TargetSpec("t,e", "survival", columns=("t", "e"),
        ...                   times=(1.0, 3.0), hazards=(0.1, 0.1))
        >>> outputs, rows = jnp.zeros((1, 2)), jnp.array([[2.0, 1.0, 0.0]])
        >>> curves = Weibull().predict(outputs, spec)
        >>> [round(value, 3) for value in curves[0].tolist()]
        [0.905, 0.741]
        >>> round(float(Weibull().loss(outputs, rows, spec)[0][0]), 3)
        0.2
    """

    name: ClassVar[str] = "weibull"

    def width(self, spec):
        return 2

    def _cells(self, outputs, targets, spec):
        rows = seen(targets)
        cohort = cohort_weibull(spec)
        time = jnp.where(rows.known, rows.time, 1.0)
        at_time = log_cumulative_hazards(outputs, time[:, None], spec)[:, 0]
        late = rows.entry > 0
        entry = jnp.where(late, rows.entry, 1.0)
        at_entry = log_cumulative_hazards(outputs, entry[:, None], spec)[:, 0]
        gone = jnp.where(late, jnp.exp(at_entry), 0.0)
        losses = jnp.exp(at_time) - gone
        # Relative to the cohort, so that a loss has no unit.
        usual = cohort.shape * (jnp.log(time) - cohort.middle) + cohort.level
        ratio = at_time - usual + _log_shape(outputs)
        losses = losses - jnp.where(rows.event, ratio, 0.0)
        ends = jnp.stack([time - rows.half, time + rows.half], axis=1)
        begun = ends > 0
        ends = log_cumulative_hazards(outputs, jnp.where(begun, ends, 1.0), spec)
        first, last = jnp.where(begun, jnp.exp(ends), 0.0).T
        found = first - gone - log_probability(last - first)
        return jnp.where(rows.between, found, losses), rows.known

    def predict(self, outputs, spec):
        times = grid_row(spec.times)
        return jnp.exp(-jnp.exp(log_cumulative_hazards(outputs, times, spec)))


class CohortWeibull(NamedTuple):
    """Weibull's distribution of a cohort.

    Attributes:
        shape: By which power of time the cumulative hazard grows.
        middle: The logarithm of a time amid the events.
        level: The logarithm of the cumulative hazard then.
    """

    shape: float
    middle: float
    level: float


def cohort_weibull(spec: TargetSpec) -> CohortWeibull:
    """Weibull's distribution nearest to the hazards of a target's grid.

    A straight line through the logarithms of cumulative hazards over those of times.

    Args:
        spec: The target.

    Source:
        Nelson W (1972) Technometrics 14:945 (hazard plotting).

    Example:
        >>> spec = TargetSpec("t,e", "survival", times=(1.0, 2.0), hazards=(0.1, 0.3))
        >>> [round(x, 3) for x in cohort_weibull(spec)]
        [2.0, 0.347, -1.609]
    """
    times = np.asarray(spec.times, np.float64)
    hazards = np.asarray(spec.hazards) * np.diff(times, prepend=0.0)
    x, y = np.log(times), np.log(np.maximum(np.cumsum(hazards), 1e-12))
    middle, level = float(x.mean()), float(y.mean())
    spread = float(((x - middle) ** 2).sum())
    slope = float((x - middle) @ (y - level)) / spread if spread > 0 else 1.0
    return CohortWeibull(float(np.clip(slope, *_SHAPES)), middle, level)


def log_cumulative_hazards(
    outputs: Float[Array, "batch 2"],
    times: Float[Array, "batch_or_1 times"],
    spec: TargetSpec,
) -> Float[Array, "batch times"]:
    """Logarithms of cumulative hazards at times above 0.

    Args:
        outputs: Of a network; see `Weibull`.
        times: For each row, or the same for all.
        spec: The target.
    """
    cohort = cohort_weibull(spec)
    shape = cohort.shape * jnp.exp(_log_shape(outputs))[:, None]
    logs = shape * (jnp.log(times) - cohort.middle) + cohort.level + outputs[:, :1]
    return jnp.minimum(logs, HIGHEST)


def _log_shape(outputs: Float[Array, "batch 2"]) -> Float[Array, "batch"]:
    return jnp.clip(DEVIATION * outputs[:, 1], -_MOST_SHAPE, _MOST_SHAPE)
