"""Tasks whose targets are numbers: regression and counts."""

import dataclasses
from collections.abc import Mapping
from typing import ClassVar, Literal

import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax.scipy.special import gammaln
from jaxtyping import Float

from jaxbio.data.specs import TargetKind, TargetSpec
from jaxbio.metrics.multi_output import count_by_column, regression_by_column
from jaxbio.metrics.standard import Metrics, count_metrics, regression_metrics
from jaxbio.tasks.base import Task, along_last, known_numbers


@dataclasses.dataclass(frozen=True)
class Regression(Task):
    """Numbers, by squared error `(y - f(x))**2` or Huber's loss.

    The network works on standardised targets (mean and standard deviation of the
    training rows), predictions come back in the target's units. With
    `standardize=False` the loss is the squared error in the target's own units.

    Attributes:
        loss_name: `squared`, or `huber` (Huber 1964), linear beyond `delta`.
        delta: Where Huber's loss turns linear, in the units of the loss.
        standardize: Whether the loss is taken on standardised targets.

    Example:
        >>> spec = TargetSpec("y", "number", columns=("y",), mean=(10.0,), scale=(2.0,))
        >>> outputs, targets = jnp.array([[0.5], [0.0]]), jnp.array([[12.0], [jnp.nan]])
        >>> loss, known = Regression().loss(outputs, targets, spec)
        >>> loss.tolist(), known.tolist()
        ([0.25, 0.0], [1.0, 0.0])
        >>> Regression().predict(outputs, spec).tolist()
        [[11.0], [10.0]]
    """

    name: ClassVar[str] = "regression"
    target_kind: ClassVar[TargetKind] = "number"
    primary_metric: ClassVar[str] = "spearman"

    loss_name: Literal["squared", "huber"] = "squared"
    delta: float = 1.0
    standardize: bool = True

    def width(self, spec):
        return len(spec.columns)

    def _moments(self, spec: TargetSpec, like: jax.Array):
        if not self.standardize:
            return jnp.zeros(()), jnp.ones(())
        return along_last(spec.mean, like), along_last(spec.scale, like)

    def _cells(self, outputs, targets, spec):
        mean, scale = self._moments(spec, outputs)
        targets = targets[..., None] if self.per_position else targets
        values, mask = known_numbers(targets)
        values = jnp.where(mask, (values - mean) / scale, 0.0)
        if self.loss_name == "huber":
            return optax.losses.huber_loss(outputs, values, delta=self.delta), mask
        return (outputs - values) ** 2, mask

    def predict(self, outputs, spec):
        mean, scale = self._moments(spec, outputs)
        values = outputs * scale + mean
        return values[..., 0] if self.per_position else values

    def metrics(self, truth, prediction, spec, weights=None):
        if truth.ndim == 1:
            return regression_metrics(truth, prediction, weights=weights)
        return _by_column(
            regression_by_column(truth, prediction, weights=weights), spec
        )


@dataclasses.dataclass(frozen=True)
class CountRegression(Task):
    """Non-negative counts, by the negative log-likelihood of a count distribution.

    The network gives the logarithm of the rate relative to the mean of the training
    rows; for the negative binomial (mean `m`, variance `m + d m**2`) also the logarithm
    of the dispersion `d`. Predictions are expected counts.

    Attributes:
        distribution: `poisson` or `negative_binomial`.

    Example:
        >>> spec = TargetSpec("n", "count", columns=("n",), mean=(2.0,), scale=(1.0,))
        >>> CountRegression().predict(jnp.array([[0.0]]), spec).tolist()
        [[2.0]]
    """

    name: ClassVar[str] = "counts"
    target_kind: ClassVar[TargetKind] = "count"
    primary_metric: ClassVar[str] = "spearman"

    distribution: Literal["poisson", "negative_binomial"] = "poisson"

    def width(self, spec):
        return len(spec.columns) * (
            2 if self.distribution == "negative_binomial" else 1
        )

    def _log_rate(self, outputs, spec: TargetSpec):
        columns = len(spec.columns)
        offset = jnp.log(jnp.maximum(along_last(spec.mean, outputs), 1e-6))
        return outputs[..., :columns] + offset

    def _cells(self, outputs, targets, spec):
        targets = targets[..., None] if self.per_position else targets
        counts, mask = known_numbers(targets)
        log_rate = self._log_rate(outputs, spec)
        if self.distribution == "poisson":
            return jnp.exp(log_rate) - counts * log_rate + gammaln(counts + 1), mask
        log_dispersion = outputs[..., len(spec.columns) :]
        shape = jnp.exp(-log_dispersion)
        # log(1 + d m), from the logarithms, so that neither overflows alone.
        log_total = jnp.logaddexp(0.0, log_dispersion + log_rate)
        likelihood = (
            gammaln(counts + shape)
            - gammaln(shape)
            - gammaln(counts + 1)
            + counts * (log_dispersion + log_rate - log_total)
            - shape * log_total
        )
        return -likelihood, mask

    def predict(self, outputs, spec):
        values = jnp.exp(self._log_rate(outputs, spec))
        return values[..., 0] if self.per_position else values

    def metrics(self, truth, prediction, spec, weights=None):
        if truth.ndim == 1:
            return count_metrics(truth, prediction, weights=weights)
        return _by_column(count_by_column(truth, prediction, weights=weights), spec)


def _by_column(
    measured: Mapping[str, Float[np.ndarray, "columns"]], spec: TargetSpec
) -> Metrics:
    """Metrics of one column, or their means over columns with each column's below."""
    lists: dict[str, list] = {
        name: [None if value != value else value for value in values.tolist()]
        for name, values in measured.items()
    }
    lists["n"] = measured["n"].astype(int).tolist()
    rows = zip(*lists.values(), strict=True)
    by_column = [dict(zip(lists, values, strict=True)) for values in rows]
    if len(by_column) == 1:
        return by_column[0]
    defined = {name: x[x == x] for name, x in measured.items()}
    mean = {name: float(x.mean()) if len(x) else None for name, x in defined.items()}
    return {**mean, "columns": dict(zip(spec.columns, by_column, strict=True))}
