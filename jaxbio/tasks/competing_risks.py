"""Times of the first of several events that exclude one another."""

import dataclasses
from typing import ClassVar, Literal

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxbio.data.specs import TargetKind, TargetSpec
from jaxbio.errors import JaxbioError, nearest
from jaxbio.metrics.competing_summary import competing_metrics, risks_by_cause
from jaxbio.tasks.base import Task
from jaxbio.tasks.time_to_event import (
    DEVIATION,
    HIGHEST,
    Seen,
    bounds,
    in_interval,
    seen,
    spent,
)

_MODELS = ("piecewise", "hazards", "deephit")
_LEAST = 1e-7  # of a probability whose logarithm is taken


@dataclasses.dataclass(frozen=True)
class CompetingRisks(Task):
    """The first of several events that exclude one another, all causes together.

    Predictions are cumulative incidences: for each cause the probability that the event
    came by it until the end of each interval of the grid. With the probability of no
    event until then they sum to 1.

    Attributes:
        model: `piecewise`: a hazard for each cause, constant within intervals, by exact
            times, also with late entry; for each cause one log hazard ratio beside the
            cohort and a deviation for each interval. `hazards`: in each interval that
            was begun a softmax over the causes and no event, with the same numbers
            beside the cohort's; of an interval that was followed in part its share
            counts. `deephit`: one softmax over all causes and intervals, and after the
            last, with the penalty for pairs in the wrong order of the incidence of
            their cause.
        ranking: For `deephit`, the weight of the penalty.
        sigma: For `deephit`, the difference of two incidences that counts much.

    Source:
        Prentice RL et al. (1978) Biometrics 34:541; Tutz G, Schmid M (2016) Modeling
        Discrete Time-to-Event Data, ch. 8 (`hazards`); Lee C et al. (2018) AAAI 32:2314
        (`deephit`).

    Example:
        >>> spec = TargetSpec("t,c", "competing", columns=("t", "c"), times=(1.0, 3.0),
        ...                   hazards=(0.1, 0.2, 0.3, 0.0), causes=("a", "b"))
        >>> task, outputs = CompetingRisks(), jnp.zeros((1, 6))
        >>> found = task.predict(outputs, spec)
        >>> [[round(x, 3) for x in cause] for cause in found[0].tolist()]
        [[0.082, 0.303], [0.247, 0.247]]
        >>> loss, _ = task.loss(outputs, jnp.array([[2.0, 1.0, 0.0]]), spec)
        >>> round(float(loss[0]), 3)
        0.6
    """

    name: ClassVar[str] = "competing"
    target_kind: ClassVar[TargetKind] = "competing"
    primary_metric: ClassVar[str] = "concordance"

    model: Literal["piecewise", "hazards", "deephit"] = "piecewise"
    ranking: float = 0.2
    sigma: float = 0.1

    def __post_init__(self):
        if self.per_position:
            raise JaxbioError(f"{self.name} is of rows, not of positions")
        if self.model not in _MODELS:
            raise JaxbioError(
                f"competing: no model {self.model!r}: {nearest(self.model, _MODELS)}"
            )
        if not (self.ranking >= 0 and self.sigma > 0):
            raise JaxbioError(
                f"competing: ranking {self.ranking:g} and sigma {self.sigma:g}: the "
                f"one is 0 or above, the other above 0"
            )

    def width(self, spec):
        count = len(spec.causes)
        if self.model == "deephit":
            return count * len(spec.times) + 1
        return count * (1 + len(spec.times))

    def compared(self, prediction, spec):
        times, hazards = spec.times, spec.of_cause(None).hazards
        return risks_by_cause(prediction, np.asarray(times), np.asarray(hazards))

    def metrics(self, truth, prediction, spec, weights=None):
        return competing_metrics(
            truth,
            prediction,
            np.asarray(spec.times),
            spec.causes,
            hazards=np.asarray(spec.of_cause(None).hazards),
            weights=weights,
        )

    def _cells(self, outputs, targets, spec):
        rows, cause = seen(targets), jnp.nan_to_num(targets[:, 1])
        numbers = jnp.arange(1, 1 + len(spec.causes))
        own = (cause[:, None] == numbers[None]).astype(outputs.dtype)
        if self.model == "deephit":
            chances = _probabilities(outputs, spec)
            losses = _whole(chances, rows, own, spec)
            if self.ranking:
                costs = _disorder(chances, rows, own, spec, self.sigma)
                losses = losses + self.ranking * costs
            return losses, rows.known
        ratios = log_ratios_by_cause(outputs, spec)
        inside = in_interval(rows.time, spec) & rows.event[:, None]
        events = own[:, :, None] * inside[:, None]
        followed = spent(rows.time, rows.entry, spec)
        if self.model == "piecewise":
            start, end = bounds(spec)
            steps = jnp.asarray(_steps(spec), ratios.dtype)[None]
            rates = steps * jnp.exp(ratios) / (end - start)[:, None]
            expected = (rates * followed[:, None]).sum(axis=(1, 2))
            return expected - (events * ratios).sum(axis=(1, 2)), rows.known
        start, end = bounds(spec)
        share = jnp.where(inside, 0.0, followed / (end - start))
        logs, none = _of_interval(ratios, spec)
        found = (events * logs).sum(axis=(1, 2)) + (share * none).sum(axis=1)
        return -found, rows.known

    def predict(self, outputs, spec):
        if self.model == "deephit":
            chances = _probabilities(outputs, spec)[:, :-1]
            chances = chances.reshape(len(outputs), len(spec.causes), -1)
            return jnp.cumsum(chances, axis=2)
        ratios = log_ratios_by_cause(outputs, spec)
        if self.model == "hazards":
            logs, none = _of_interval(ratios, spec)
            events = jnp.exp(logs)
        else:
            hazards = jnp.asarray(_steps(spec), ratios.dtype)[None] * jnp.exp(ratios)
            total = hazards.sum(axis=1)
            none = -total
            # Each cause has its share of the fall; none falls where no hazard is.
            share = hazards / jnp.maximum(total, 1e-30)[:, None]
            events = share * -jnp.expm1(-total)[:, None]
        left = jnp.exp(jnp.cumsum(none, axis=1) - none)
        return jnp.cumsum(events * left[:, None], axis=2)


def log_ratios_by_cause(
    outputs: Float[Array, "batch width"], spec: TargetSpec
) -> Float[Array, "batch causes times"]:
    """Logarithms of hazards by cause relative to those of the cohort.

    Args:
        outputs: Of a network: for each cause one number for all intervals of time, then
            a deviation for each.
        spec: The target.
    """
    table = outputs.reshape(len(outputs), len(spec.causes), 1 + len(spec.times))
    return jnp.minimum(table[:, :, :1] + DEVIATION * table[:, :, 1:], HIGHEST)


def _steps(spec: TargetSpec) -> Float[np.ndarray, "causes times"]:
    """The cumulative hazard of the cohort that each interval adds, by cause."""
    hazards = np.reshape(spec.hazards, (len(spec.causes), len(spec.times)))
    return hazards * np.diff(spec.times, prepend=0.0)


def _of_interval(
    ratios: Float[Array, "batch causes times"], spec: TargetSpec
) -> tuple[Float[Array, "batch causes times"], Float[Array, "batch times"]]:
    """Log probabilities of each cause, and of none, in an interval that was begun."""
    steps = _steps(spec)
    total = steps.sum(axis=0)
    share = steps / np.maximum(total, 1e-12)
    # The log-odds of each cause against none in the cohort.
    odds = np.log(np.maximum(share * np.expm1(total), 1e-12))
    logits = ratios + jnp.asarray(odds, jnp.float32)[None]
    none = -jnp.logaddexp(0.0, jax.nn.logsumexp(logits, axis=1))
    return logits + none[:, None], none


def _probabilities(
    outputs: Float[Array, "batch width"], spec: TargetSpec
) -> Float[Array, "batch width"]:
    """Of each cause in each interval, then of no event until the last."""
    steps = _steps(spec)
    total = steps.sum(axis=0)
    left = np.exp(-np.concatenate([[0.0], np.cumsum(total)]))
    share = steps / np.maximum(total, 1e-12)
    usual = np.append((share * -np.diff(left)).ravel(), left[-1])
    logs = jnp.asarray(np.log(np.maximum(usual, 1e-12)), jnp.float32)
    return jax.nn.softmax(outputs + logs[None], axis=1)


def _whole(
    chances: Float[Array, "batch width"],
    rows: Seen,
    own: Float[Array, "batch causes"],
    spec: TargetSpec,
) -> Float[Array, "batch"]:
    """Less the log probability of what was seen, given that the row was observed."""
    table = chances[:, :-1].reshape(*own.shape, len(spec.times))
    inside = in_interval(rows.time, spec) & rows.event[:, None]
    cell = own[:, :, None] * inside[:, None]
    still = _no_event(chances, rows.time, spec)
    # An event after the grid is known to have come later, and no more.
    found = jnp.where(inside.any(axis=1), (cell * table).sum(axis=(1, 2)), still)
    given = _no_event(chances, rows.entry, spec)
    return jnp.log(given + _LEAST) - jnp.log(found + _LEAST)


def _no_event(
    chances: Float[Array, "batch width"],
    time: Float[Array, "batch"],
    spec: TargetSpec,
) -> Float[Array, "batch"]:
    """The probability of no event by a time."""
    table = chances[:, :-1].reshape(len(chances), -1, len(spec.times)).sum(axis=1)
    return (table * (1 - _past(time, spec))).sum(axis=1) + chances[:, -1]


def _past(time: Float[Array, "batch"], spec: TargetSpec) -> Float[Array, "batch times"]:
    """The share of each interval that is over; within one, chances are even."""
    start, end = bounds(spec)
    return jnp.clip((time[:, None] - start) / (end - start), 0.0, 1.0)


def _disorder(
    chances: Float[Array, "batch width"],
    rows: Seen,
    own: Float[Array, "batch causes"],
    spec: TargetSpec,
    sigma: float,
) -> Float[Array, "batch"]:
    """Of each row with an event the mean penalty beside those followed for longer."""
    table = chances[:, :-1].reshape(*own.shape, len(spec.times))
    # For each row's cause and time, the incidence of every row by then.
    by = jnp.einsum("jkt,ik,it->ij", table, own, _past(rows.time, spec))
    mine = jnp.diagonal(by)[:, None]
    pairs = (rows.time[None] > rows.time[:, None]) & rows.known[None]
    pairs &= rows.entry[None] < rows.time[:, None]
    pairs &= (rows.event & rows.known)[:, None]
    costs = jnp.where(pairs, jnp.exp(-(mine - by) / sigma), 0.0)
    return costs.sum(axis=1) / jnp.maximum(pairs.sum(axis=1), 1)
