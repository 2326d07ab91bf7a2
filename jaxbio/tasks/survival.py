"""A task whose target is the time of an event, which may be censored."""

import dataclasses
from typing import ClassVar, Literal

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float

from jaxbio.data.specs import TargetSpec
from jaxbio.errors import JaxbioError, nearest
from jaxbio.tasks.time_to_event import (
    DEVIATION,
    HIGHEST,
    Seen,
    SurvivalTask,
    bounds,
    exposures,
    in_interval,
    log_probability,
    seen,
    steps,
)

_MODELS = ("piecewise", "hazards", "cox")
_TIES = ("efron", "breslow")


@dataclasses.dataclass(frozen=True)
class Survival(SurvivalTask):
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
            the curves their level; an event between two looks counts at the middle.
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

    model: Literal["piecewise", "hazards", "cox"] = "piecewise"
    ties: Literal["efron", "breslow"] = "efron"

    def __post_init__(self):
        super().__post_init__()
        for value, known in ((self.model, _MODELS), (self.ties, _TIES)):
            if value not in known:
                raise JaxbioError(f"survival: no {value!r}: {nearest(value, known)}")

    def width(self, spec):
        return 1 if self.model == "cox" else 1 + len(spec.times)

    def _cells(self, outputs, targets, spec):
        rows = seen(targets)
        ratios = log_hazard_ratios(outputs, spec)
        if self.model == "cox":
            return _partial(ratios[:, 0], rows, spec, self.ties)
        found = _between(ratios, rows, spec)
        inside = in_interval(rows.time, spec) & rows.event[:, None]
        if self.model == "piecewise":
            rates = exposures(rows.time, rows.entry, spec) * jnp.exp(ratios)
            losses = rates.sum(axis=1) - (inside * ratios).sum(axis=1)
            return jnp.where(rows.between, found, losses), rows.known
        begun = _survived(rows.time, rows.entry, spec) & ~inside
        hazards = steps(spec) * jnp.exp(ratios)
        events = inside * log_probability(hazards)
        losses = (begun * hazards).sum(axis=1) - events.sum(axis=1)
        return jnp.where(rows.between, found, losses), rows.known

    def predict(self, outputs, spec):
        hazards = steps(spec) * jnp.exp(log_hazard_ratios(outputs, spec))
        return jnp.exp(-jnp.cumsum(hazards, axis=1))


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
    return jnp.minimum(shared, HIGHEST)


def _between(
    ratios: Float[Array, "batch times"], rows: Seen, spec: TargetSpec
) -> Float[Array, "batch"]:
    """The loss of rows of which it is known between which times the event came."""
    first, last = rows.time - rows.half, rows.time + rows.half
    hazards = jnp.exp(ratios)
    before = (exposures(first, rows.entry, spec) * hazards).sum(axis=1)
    while_unseen = (exposures(last, first, spec) * hazards).sum(axis=1)
    return before - log_probability(while_unseen)


def _survived(
    time: Float[Array, "batch"], entry: Float[Array, "batch"], spec: TargetSpec
) -> Bool[Array, "batch times"]:
    """The intervals of which each row was followed for half at least."""
    start, end = bounds(spec)
    middle = (start + end) / 2
    return (time[:, None] >= middle) & (entry[:, None] <= middle)


def _partial(
    ratio: Float[Array, "batch"], rows: Seen, spec: TargetSpec, ties: str
) -> tuple[Float[Array, "batch"], Bool[Array, "batch"]]:
    """The partial likelihood of each event among the rows of a batch.

    It does not see a number added to all rows; so that curves have the right level, as
    many events are expected by the cohort's hazards as there are in the batch.
    """
    time, entry = rows.time, rows.entry
    dated = rows.known & rows.event
    weight = jnp.exp(ratio) * rows.known
    own = time[:, None]
    at_risk = (time[None] >= own) & (entry[None] < own)
    tied = (time[None] == own) & dated[None] & dated[:, None]
    total = (at_risk * weight[None]).sum(axis=1)
    if ties == "efron":
        place = jnp.arange(len(time))
        before = (tied & (place[None] < place[:, None])).sum(axis=1)
        share = before / jnp.maximum(tied.sum(axis=1), 1)
        total = total - share * (tied * weight[None]).sum(axis=1)
    losses = jnp.log(jnp.maximum(total, 1e-30)) - ratio
    expected = (weight[:, None] * exposures(time, entry, spec)).sum()
    level = jnp.log(expected + 1e-6) - jnp.log(dated.sum() + 1e-6)
    return losses + jnp.expm1(level) - level, dated
