"""Encoders of numeric vectors and categories."""

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float, Int32

_FORGOTTEN = 0.05  # of the rows in training, whose category is taken for unknown


class Statistic(nnx.Variable):
    """Numbers learned from the training rows by counting, not by gradients."""


class Standardize(nnx.Module):
    """Standard scores of a numeric vector; missing values are filled and pointed out.

    A missing value becomes a learned number (0, the mean, to begin with). Where
    training rows had gaps, a second half of the result says which values were missing.
    """

    def __init__(
        self,
        mean: tuple[float, ...],
        scale: tuple[float, ...],
        *,
        has_missing: bool = False,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer.

        Args:
            mean: The mean of each column over training rows.
            scale: Its standard deviation.
            has_missing: Whether training rows had gaps.
            dtype: Of the result; the scores are computed in float32.
        """
        self.mean = Statistic(jnp.asarray(mean, jnp.float32))
        self.scale = Statistic(jnp.asarray(scale, jnp.float32))
        self.fill = nnx.Param(jnp.zeros(len(mean))) if has_missing else None
        self.features = len(mean) * (2 if has_missing else 1)
        self.dtype = dtype

    def __call__(
        self, values: Float[Array, "batch columns"]
    ) -> Float[Array, "batch features"]:
        """Scores, then 1 for each missing value if there were any in training."""
        missing = jnp.isnan(values)
        scores = (values - self.mean[...][None]) / self.scale[...][None]
        if self.fill is None:
            return jnp.where(missing, 0, scores).astype(self.dtype)
        scores = jnp.where(missing, self.fill[...][None], scores)
        both = jnp.concatenate([scores, missing.astype(jnp.float32)], axis=-1)
        return both.astype(self.dtype)


class Categories(nnx.Module):
    """A learned vector for each category, and one for all that are not known.

    The latter is learned from rows whose category is missing, and from a share of all
    others in training.
    """

    def __init__(
        self,
        n: int,
        dim: int,
        *,
        ordered: bool = False,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer.

        Args:
            n: The number of categories.
            dim: Width of the result.
            ordered: Whether they are grades, from the least to the greatest: what is
                learned then is the step to each from the one below.
            rngs: Keys for the weights.
            dtype: Of the result.
        """
        self.unknown = n
        self.ordered = ordered
        self.features = dim
        self.drop = nnx.Dropout(_FORGOTTEN)
        self.table = nnx.Embed(n + 1, dim, dtype=dtype, rngs=rngs)
        start = self.table.embedding[...].at[n].set(0.0)
        # Steps add up: the last grade is no further off than a category.
        self.table.embedding[...] = start / n**0.5 if ordered else start

    def present(self, codes: Int32[Array, "batch"]) -> Bool[Array, "batch"]:
        """Mask of the rows that have a category."""
        return codes >= 0

    def __call__(
        self, codes: Int32[Array, "batch"], *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch dim"]:
        """The vector of each code; -1 and codes beyond the last are 'not known'.

        `rngs` are keys for the share that is taken for unknown in training.
        """
        valid = (codes >= 0) & (codes < self.unknown)
        if rngs is not None:
            valid &= self.drop(jnp.ones(codes.shape), rngs=rngs) > 0
        codes = jnp.where(valid, codes, self.unknown)
        if not self.ordered:
            return self.table(codes)
        steps = self.table(jnp.arange(self.unknown))
        unknown = self.table(jnp.array([self.unknown]))
        return jnp.concatenate([jnp.cumsum(steps, axis=0), unknown])[codes]
