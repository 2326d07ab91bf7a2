"""A task whose target is a profile along a window: its shape, and its total."""

import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
import numpy as np
from jax.scipy.special import gammaln
from jaxtyping import Array, Float

from jaxbio.data.specs import TargetKind
from jaxbio.errors import JaxbioError
from jaxbio.metrics.profile import profile_metrics
from jaxbio.tasks.base import Task, known_numbers


@dataclasses.dataclass(frozen=True)
class Profile(Task):
    """Counts along a window, by the likelihood of their shape and of their total.

    The target is a number a position, as reads that begin there; positions are summed
    up in bins of equal width. The loss is that of BPNet (Avsec et al. 2021): the
    negative log-likelihood of a multinomial distribution of the counts over the bins,
    given their total, and the squared error of the logarithm of 1 + total. Both are
    divided by the mean total of the training rows, so that the loss is near 1 whatever
    the depth of sequencing. Predictions are expected counts a position, alike within a
    bin.

    Attributes:
        length: The positions of every window.
        bins: Into how many bins they are summed up; the length is a multiple.
        count_weight: The share of the total in the loss; 1 as in BPNet.

    Example:
        >>> from jaxbio.data.specs import TargetSpec
        >>> spec = TargetSpec("x", "number", True, ("x",), mean=(1.0,), scale=(1.0,))
        >>> task = Profile(length=4, bins=2)
        >>> outputs = jnp.zeros((1, 4, 2))
        >>> task.predict(outputs, spec).round(4).tolist()
        [[1.0, 1.0, 1.0, 1.0]]
        >>> loss, known = task.loss(outputs, jnp.array([[1.0, 0, 0, 3]]), spec)
        >>> round(float(loss[0]), 4), round(float(np.log(4) / 4), 4)
        (0.3466, 0.3466)
    """

    name: ClassVar[str] = "profile"
    target_kind: ClassVar[TargetKind] = "number"
    primary_metric: ClassVar[str] = "profile_pearson"

    per_position: bool = True
    length: int = 0
    bins: int = 1
    count_weight: float = 1.0

    def __post_init__(self):
        if not self.per_position:
            raise JaxbioError("a profile has a value for each position")
        if not 1 <= self.bins <= self.length or self.length % self.bins:
            raise JaxbioError(
                f"profile of {self.bins} bins in windows of {self.length} positions: "
                f"give the length, and bins that divide it"
            )

    def width(self, spec):
        return 2  # the logit of the shape, and a share of the logarithm of the total

    def loss(self, outputs, targets, spec):
        counts, known = known_numbers(targets[:, : self.length])
        binned = self._binned(counts)
        there = self._binned(known.astype(outputs.dtype)) > 0
        shape, total = self._parts(outputs, spec)
        logs = jax.nn.log_softmax(jnp.where(there, shape, -1e9))
        log_share = jnp.where(there, logs, 0.0)
        all_of = binned.sum(axis=1)
        ways = gammaln(all_of + 1) - gammaln(binned + 1).sum(axis=1)
        unlikely = -(ways + (binned * log_share).sum(axis=1)) / self._mean(spec)
        off = (jnp.log1p(all_of) - total) ** 2
        has_label = known.any(axis=1).astype(outputs.dtype)
        return (unlikely + self.count_weight / 2 * off) * has_label, has_label

    def predict(self, outputs, spec):
        shape, total = self._parts(outputs, spec)
        size = self.length // self.bins
        expected = jnp.maximum(jnp.expm1(total), 0)[:, None] * jax.nn.softmax(shape)
        along = jnp.repeat(expected / size, size, axis=1)
        beyond = outputs.shape[1] - self.length  # where rows are padded
        return jnp.pad(along, ((0, 0), (0, beyond)))

    def metrics(self, truth, prediction, spec, weights=None):
        return profile_metrics(
            *(self._rows(values) for values in (truth, prediction)),
            weights=None if weights is None else self._windows(weights)[:, 0],
        )

    def _parts(
        self, outputs: Float[Array, "batch len 2"], spec
    ) -> tuple[Float[Array, "batch bins"], Float[Array, "batch"]]:
        """The logits of the bins, and the logarithm of 1 + total."""
        if outputs.shape[1] < self.length:
            raise JaxbioError(
                f"the profile is of windows of {self.length} positions, and these have "
                f"{outputs.shape[1]}"
            )
        inside = outputs[:, : self.length]
        shape = self._binned(inside[..., 0]) / (self.length // self.bins)
        total = jnp.log1p(self._mean(spec)) + inside[..., 1].mean(axis=1)
        return shape, total

    def _mean(self, spec) -> float:
        """The mean total of the training rows."""
        return max(spec.mean[0] * self.length, 1e-6)

    def _binned(self, values: jax.Array) -> jax.Array:
        return values.reshape(len(values), self.bins, -1).sum(axis=2)

    def _windows(self, values: np.ndarray) -> np.ndarray:
        """Values of positions, one window after the other, as rows."""
        if len(values) % self.length:
            raise JaxbioError(
                f"{len(values):,} positions are no windows of {self.length}: the "
                f"profile is of windows of one length"
            )
        return np.asarray(values, np.float64).reshape(-1, self.length)

    def _rows(self, values: np.ndarray) -> np.ndarray:
        """The sums of bins of each window; NaN where a window has no value."""
        rows = self._windows(values)
        binned = np.nan_to_num(rows).reshape(len(rows), self.bins, -1).sum(axis=2)
        binned[np.isnan(rows).all(axis=1)] = np.nan
        return binned
