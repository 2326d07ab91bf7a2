"""Times of events as one of several classes: the interval that each lies in."""

import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxbio.data.specs import TargetSpec
from jaxbio.errors import JaxbioError
from jaxbio.tasks.time_to_event import SurvivalTask, bounds, in_interval, seen

_LEAST = 1e-7  # of a probability whose logarithm is taken


@dataclasses.dataclass(frozen=True)
class DeepHit(SurvivalTask):
    """The probability that the event falls into each interval of time, by DeepHit.

    The network gives a score for each interval of the grid and one for after its end;
    they are added to the logarithms of the cohort's probabilities, and a softmax makes
    probabilities of them. Nothing ties one interval to the next. The loss is the
    negative logarithm of the probability of what was seen, given that the row was under
    observation, plus a penalty for pairs in the wrong order: of rows with an event, and
    of all that were followed for longer, the probability of an event by then.

    Several causes together are learned by `CompetingRisks(model="deephit")`.

    Attributes:
        ranking: The weight of the penalty for pairs.
        sigma: The difference of two probabilities that counts much there.

    Source:
        Lee C et al. (2018) AAAI 32:2314; for one cause at a time, and with shares of
        the interval in which a row was censored.

    Example:
        >>> spec = TargetSpec("t,e", "survival", columns=("t", "e"),
        ...                   times=(1.0, 3.0), hazards=(0.1, 0.2))
        >>> curves = DeepHit().predict(jnp.zeros((1, 3)), spec)
        >>> [round(value, 3) for value in curves[0].tolist()]
        [0.905, 0.607]
        >>> loss, _ = DeepHit().loss(jnp.zeros((1, 3)), jnp.array([[2.0, 1, 0]]), spec)
        >>> round(float(loss[0]), 3)
        1.21
    """

    name: ClassVar[str] = "deephit"

    ranking: float = 0.2
    sigma: float = 0.1

    def __post_init__(self):
        super().__post_init__()
        if not (self.ranking >= 0 and self.sigma > 0):
            raise JaxbioError(
                f"deephit: ranking {self.ranking:g} and sigma {self.sigma:g}: the one "
                f"is 0 or above, the other above 0"
            )

    def width(self, spec):
        return len(spec.times) + 1

    def _cells(self, outputs, targets, spec):
        rows = seen(targets)
        chances = _probabilities(outputs, spec)
        inside = in_interval(rows.time, spec) & rows.event[:, None]
        still = _survival(chances, rows.time, spec)
        # An event after the grid is known to have come later, and no more.
        found = jnp.where(inside.any(axis=1), (inside * chances[:, :-1]).sum(1), still)
        looks = (rows.time - rows.half, rows.time + rows.half)
        first, last = (_survival(chances, time, spec) for time in looks)
        # Of looks that were both after the grid only that it was later is known.
        later = jnp.where(first > chances[:, -1], last, 0.0)
        found = jnp.where(rows.between, first - later, found)
        given = _survival(chances, rows.entry, spec)
        losses = jnp.log(given + _LEAST) - jnp.log(found + _LEAST)
        if self.ranking:
            losses = losses + self.ranking * self._disorder(chances, rows, spec)
        return losses, rows.known

    def _disorder(self, chances, rows, spec):
        """Of each row with an event the mean penalty beside those followed longer."""
        by = 1 - jax.vmap(lambda time: _survival(chances, time[None], spec))(rows.time)
        own = jnp.diagonal(by)[:, None]
        later = (rows.time[None] > rows.time[:, None]) & rows.known[None]
        pairs = later & (rows.entry[None] < rows.time[:, None])
        pairs &= (rows.event & rows.known)[:, None]
        costs = jnp.where(pairs, jnp.exp(-(own - by) / self.sigma), 0.0)
        return costs.sum(axis=1) / jnp.maximum(pairs.sum(axis=1), 1)

    def predict(self, outputs, spec):
        events = jnp.cumsum(_probabilities(outputs, spec)[:, :-1], axis=1)
        return jnp.maximum(1 - events, 0.0)


def _probabilities(
    outputs: Float[Array, "batch width"], spec: TargetSpec
) -> Float[Array, "batch width"]:
    """Of the event in each interval, then after the last."""
    ends = np.asarray(spec.times, np.float64)
    hazards = np.asarray(spec.hazards) * np.diff(ends, prepend=0.0)
    left = np.exp(-np.concatenate([[0.0], np.cumsum(hazards)]))
    usual = np.append(-np.diff(left), left[-1])
    logs = jnp.asarray(np.log(np.maximum(usual, 1e-12)), jnp.float32)
    return jax.nn.softmax(outputs + logs[None], axis=1)


def _survival(
    chances: Float[Array, "batch width"],
    time: Float[Array, "batch_or_1"],
    spec: TargetSpec,
) -> Float[Array, "batch"]:
    """The probability of no event by a time; within an interval it falls evenly."""
    start, end = bounds(spec)
    share = jnp.clip((end - time[:, None]) / (end - start), 0.0, 1.0)
    return (chances[:, :-1] * share).sum(axis=1) + chances[:, -1]
