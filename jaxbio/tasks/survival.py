"""A task whose target is the time of an event, which may be censored."""

import dataclasses
from typing import ClassVar, Literal

import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Bool, Float

from jaxbio.data.specs import TargetKind, TargetSpec
from jaxbio.errors import JaxbioError, nearest
from jaxbio.metrics.survival_curves import at_risk_weights, risks
from jaxbio.metrics.survival_summary import survival_metrics
from jaxbio.tasks.base import Task

DEVIATION = 0.3
"""By how much what a network says of one interval of time weighs less than what it says
of all: hazards are nearly proportional until rows show otherwise."""

_MODELS = ("piecewise", "hazards", "cox")
_TIES = ("efron", "breslow")
_HIGHEST = 20.0  # of the logarithm of a hazard ratio


@dataclasses.dataclass(frozen=True)
class Survival(Task):
    """Times of events, by the likelihood of what was seen of them.

    The training rows teach a grid of up to 25 intervals with about as many events each,
    and the hazard of the cohort in each. The network gives the logarithm of a row's
    hazard relative to that: one number for all intervals, and a smaller deviation for
    each, so that curves may cross. Predictions are survival curves: the probability of
    no event by the end of each interval.

    Attributes:
        model: `piecewise`: hazards constant within intervals, by exact times, also with
            late entry (Friedman 1982). `hazards`: the probability of the event in each
            interval that was begun without it, with a complementary log-log link
            (Prentice & Gloeckler 1978, Gensheimer & Narasimhan 2019); a row counts in
            an interval if it was followed for half of it. `cox`: one number a row, by
            the partial likelihood (Cox 1972) of the rows of a batch, which are a sample
            of those at risk where there are several batches; the cohort's hazards give
            the curves their level.
        ties: For `cox`, how events at one time count: `efron` (1977) or `breslow`.

    Example:
        >>> spec = TargetSpec("t,e", "survival", columns=("t", "e"),
        ...                   times=(1.0, 3.0), hazards=(0.1, 0.2))
        >>> curves = Survival().predict(jnp.zeros((1, 3)), spec)
        >>> [round(value, 3) for value in curves[0].tolist()]
        [0.905, 0.607]
        >>> rows = jnp.array([[2.0, 1.0, 0.0], [jnp.nan, jnp.nan, jnp.nan]])
        >>> loss, known = Survival().loss(jnp.zeros((2, 3)), rows, spec)
        >>> [round(value, 3) for value in loss.tolist()], known.tolist()
        ([0.3, 0.0], [1.0, 0.0])
    """

    name: ClassVar[str] = "survival"
    target_kind: ClassVar[TargetKind] = "survival"
    primary_metric: ClassVar[str] = "concordance"

    model: Literal["piecewise", "hazards", "cox"] = "piecewise"
    ties: Literal["efron", "breslow"] = "efron"

    def __post_init__(self):
        if self.per_position:
            raise JaxbioError("survival is of rows, not of positions")
        for value, known in ((self.model, _MODELS), (self.ties, _TIES)):
            if value not in known:
                raise JaxbioError(f"survival: no {value!r}: {nearest(value, known)}")

    def width(self, spec):
        return 1 if self.model == "cox" else 1 + len(spec.times)

    def _cells(self, outputs, targets, spec):
        known = ~jnp.isnan(targets[:, :2]).any(axis=1)
        time, event, entry = jnp.where(known[:, None], targets, 0.0).T
        ratios = log_hazard_ratios(outputs, spec)
        if self.model == "cox":
            return _partial(ratios[:, 0], time, event, entry, known, spec, self.ties)
        inside = _interval(time, spec) & (event > 0)[:, None]
        if self.model == "piecewise":
            spent = _exposures(time, entry, spec)
            rates = spent * jnp.exp(ratios)
            return rates.sum(axis=1) - (inside * ratios).sum(axis=1), known
        begun = _survived(time, entry, spec) & ~inside
        steps = _steps(spec) * jnp.exp(ratios)
        # The logarithm of 1 - exp(-x), exact for small x.
        seen = jnp.log(-jnp.expm1(-jnp.maximum(steps, 1e-7)))
        return (begun * steps).sum(axis=1) - (inside * seen).sum(axis=1), known

    def predict(self, outputs, spec):
        steps = _steps(spec) * jnp.exp(log_hazard_ratios(outputs, spec))
        return jnp.exp(-jnp.cumsum(steps, axis=1))

    def compared(self, prediction, spec):
        times, hazards = np.asarray(spec.times), np.asarray(spec.hazards)
        return risks(prediction, at_risk_weights(times, hazards))

    def metrics(self, truth, prediction, spec, weights=None):
        times, hazards = np.asarray(spec.times), np.asarray(spec.hazards)
        return survival_metrics(
            truth, prediction, times, hazards=hazards, weights=weights
        )


def log_hazard_ratios(
    outputs: Float[Array, "batch width"], spec: TargetSpec
) -> Float[Array, "batch times"]:
    """Logarithms of hazards relative to those of the cohort, from a network's outputs.

    Args:
        outputs: One number for all intervals of time, perhaps a deviation for each.
        spec: The target.
    """
    shared = jnp.broadcast_to(outputs[:, :1], (len(outputs), len(spec.times)))
    if outputs.shape[1] > 1:
        shared = shared + DEVIATION * outputs[:, 1:]
    return jnp.minimum(shared, _HIGHEST)


def _row(values: tuple[float, ...]) -> Float[Array, "1 times"]:
    return jnp.asarray(values, jnp.float32)[None]


def _bounds(spec: TargetSpec) -> tuple[Array, Array]:
    """Where each interval begins and ends."""
    return _row((0.0, *spec.times[:-1])), _row(spec.times)


def _steps(spec: TargetSpec) -> Float[Array, "1 times"]:
    """The cumulative hazard of the cohort that each interval adds."""
    start, end = _bounds(spec)
    return _row(spec.hazards) * (end - start)


def _interval(
    time: Float[Array, "batch"], spec: TargetSpec
) -> Bool[Array, "batch times"]:
    """In which interval a time lies; in none after the last."""
    start, end = _bounds(spec)
    return (time[:, None] > start) & (time[:, None] <= end)


def _exposures(
    time: Float[Array, "batch"], entry: Float[Array, "batch"], spec: TargetSpec
) -> Float[Array, "batch times"]:
    """The cohort's cumulative hazard while each row was followed, by interval."""
    start, end = _bounds(spec)
    spent = jnp.minimum(time[:, None], end) - jnp.maximum(entry[:, None], start)
    return _row(spec.hazards) * jnp.maximum(spent, 0.0)


def _survived(
    time: Float[Array, "batch"], entry: Float[Array, "batch"], spec: TargetSpec
) -> Bool[Array, "batch times"]:
    """The intervals of which each row was followed for half at least."""
    start, end = _bounds(spec)
    middle = (start + end) / 2
    return (time[:, None] >= middle) & (entry[:, None] <= middle)


def _partial(
    ratio: Float[Array, "batch"],
    time: Float[Array, "batch"],
    event: Float[Array, "batch"],
    entry: Float[Array, "batch"],
    known: Bool[Array, "batch"],
    spec: TargetSpec,
    ties: str,
) -> tuple[Float[Array, "batch"], Bool[Array, "batch"]]:
    """The partial likelihood of each event among the rows of a batch.

    It does not see a number added to all rows; so that curves have the right level, as
    many events are expected by the cohort's hazards as there are in the batch.
    """
    seen = known & (event > 0)
    weight = jnp.exp(ratio) * known
    own = time[:, None]
    at_risk = (time[None] >= own) & (entry[None] < own)
    tied = (time[None] == own) & seen[None] & seen[:, None]
    total = (at_risk * weight[None]).sum(axis=1)
    if ties == "efron":
        place = jnp.arange(len(time))
        before = (tied & (place[None] < place[:, None])).sum(axis=1)
        share = before / jnp.maximum(tied.sum(axis=1), 1)
        total = total - share * (tied * weight[None]).sum(axis=1)
    losses = jnp.log(jnp.maximum(total, 1e-30)) - ratio
    expected = (weight[:, None] * _exposures(time, entry, spec)).sum()
    level = jnp.log(expected + 1e-6) - jnp.log(seen.sum() + 1e-6)
    return losses + jnp.expm1(level) - level, seen
