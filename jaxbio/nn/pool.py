"""From positions to one vector a sequence."""

from typing import Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float

from jaxbio.nn.conv import masked
from jaxbio.nn.matmul import materialize

PoolKind = Literal["max", "mean", "attention", "flatten", "last"]


def max_pool(
    x: Float[Array, "batch len dim"], mask: Bool[Array, "batch len"]
) -> Float[Array, "batch dim"]:
    """The maximum over the positions of each row.

    Example:
        >>> x = jnp.array([[[-1.0], [-2.0], [5.0]]])
        >>> max_pool(x, jnp.array([[True, True, False]])).tolist()
        [[-1.0]]
    """
    # The gradient looks for the values that equal the maximum. If they were computed
    # twice, they might differ in the last bit, and nothing would get the gradient.
    x = materialize(x)
    return jnp.where(mask[..., None], x, jnp.finfo(x.dtype).min).max(axis=1)


def mean_pool(
    x: Float[Array, "batch len dim"], mask: Bool[Array, "batch len"]
) -> Float[Array, "batch dim"]:
    """The mean over the positions of each row.

    Example:
        >>> x = jnp.array([[[1.0], [2.0], [5.0]]])
        >>> mean_pool(x, jnp.array([[True, True, False]])).tolist()
        [[1.5]]
    """
    count = mask.sum(axis=1, keepdims=True).astype(x.dtype)
    return masked(x, mask).sum(axis=1) / jnp.maximum(count, 1)


def flatten_positions(
    x: Float[Array, "batch len dim"], mask: Bool[Array, "batch len"], length: int
) -> Float[Array, "batch flat"]:
    """The first `length` positions side by side, zeros where a row is shorter.

    Example:
        >>> x = jnp.array([[[1.0], [2.0], [5.0]]])
        >>> flatten_positions(x, jnp.array([[True, True, False]]), 4).tolist()
        [[1.0, 2.0, 0.0, 0.0]]
    """
    x = masked(x, mask)[:, :length]
    x = jnp.pad(x, ((0, 0), (0, length - x.shape[1]), (0, 0)))
    return x.reshape(len(x), -1)


class Pool(nnx.Module):
    """Max, mean, attention, last-state or position-keeping pooling with a mask."""

    def __init__(
        self,
        kind: PoolKind,
        dim: int,
        *,
        rngs: nnx.Rngs,
        length: int = 0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer.

        Args:
            kind: `"max"`, `"mean"`, `"attention"`, `"flatten"` or `"last"`. `"last"` is
                for recurrent layers, whose output at the end has seen everything.
            dim: Width of the input.
            rngs: Keys for the weights.
            length: For `"flatten"`, the positions kept; later ones are ignored.
            dtype: Of the computation.
        """
        self.kind = kind
        self.length = length
        self.features = dim * length if kind == "flatten" else dim
        attention = kind == "attention"
        self.score = nnx.Linear(dim, dim, dtype=dtype, rngs=rngs) if attention else None

    def __call__(
        self, x: Float[Array, "batch len dim"], mask: Bool[Array, "batch len"]
    ) -> Float[Array, "batch features"]:
        """One vector a row."""
        match self.kind:
            case "max":
                return max_pool(x, mask)
            case "mean":
                return mean_pool(x, mask)
            case "flatten":
                return flatten_positions(x, mask, self.length)
            case "last":
                at = jnp.maximum(mask.sum(axis=1) - 1, 0)
                return jnp.take_along_axis(x, at[:, None, None], axis=1)[:, 0]
        return (self.weights(x, mask) * masked(x, mask)).sum(axis=1)

    def weights(
        self, x: Float[Array, "batch len dim"], mask: Bool[Array, "batch len"]
    ) -> Float[Array, "batch len dim"]:
        """Of attention, the share of each position in each channel of the result."""
        assert self.score is not None  # the constructor made it for this kind
        # Each channel has its own weights over the positions.
        scores = jnp.where(mask[..., None], self.score(x), jnp.finfo(x.dtype).min)
        return jax.nn.softmax(scores, axis=1)
