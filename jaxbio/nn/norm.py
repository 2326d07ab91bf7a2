"""Normalisation that does not see the padding."""

from typing import Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float

NormKind = Literal["batch", "layer", "group", "none"]
_GROUPS = 8


class BatchNorm(nnx.Module):
    """Batch normalisation over the positions that the mask lets through.

    Sums over positions are matrix products with the mask. After
    `nnx.view(model, use_running_average=True)` it uses the running statistics, as
    `nnx.BatchNorm` does.
    """

    def __init__(
        self,
        dim: int,
        *,
        momentum: float = 0.9,
        epsilon: float = 1e-5,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer.

        Args:
            dim: Width of the input.
            momentum: Share of the running statistics that a step keeps; lower than
                usual as the trainings here may have few steps.
            epsilon: Added to the variance.
            dtype: Of the result; statistics are float32.
        """
        self.scale = nnx.Param(jnp.ones(dim))
        self.bias = nnx.Param(jnp.zeros(dim))
        self.mean = nnx.BatchStat(jnp.zeros(dim))
        self.var = nnx.BatchStat(jnp.ones(dim))
        self.momentum = momentum
        self.epsilon = epsilon
        self.dtype = dtype
        self.use_running_average = False

    def set_view(self, use_running_average: bool | None = None):
        """Called by `nnx.view`, which sets nothing in a module without this method."""
        if use_running_average is not None:
            self.use_running_average = use_running_average

    def __call__(
        self, x: Float[Array, "batch len dim"], mask: Bool[Array, "batch len"]
    ) -> Float[Array, "batch len dim"]:
        """Normalise; in training also update the running statistics."""
        if self.use_running_average:
            mean, var = self.mean[...], self.var[...]
        else:
            mean, var = _moments(x, mask)
            keep = self.momentum
            self.mean[...] = keep * self.mean[...] + (1 - keep) * mean
            self.var[...] = keep * self.var[...] + (1 - keep) * var
        scale = self.scale[...] * jax.lax.rsqrt(var + self.epsilon)
        shift = self.bias[...] - mean * scale
        return (x * scale.reshape(1, 1, -1) + shift.reshape(1, 1, -1)).astype(
            self.dtype
        )


def _moments(
    x: Float[Array, "batch len dim"], mask: Bool[Array, "batch len"]
) -> tuple[Float[Array, "dim"], Float[Array, "dim"]]:
    flat = x.reshape(-1, x.shape[-1]).astype(jnp.float32)
    weights = mask.reshape(-1).astype(jnp.float32)
    weights = weights / jnp.maximum(weights.sum(), 1)
    mean = weights @ flat
    return mean, weights @ jnp.square(flat - mean[None])


class Norm(nnx.Module):
    """Batch, layer or group normalisation of `[batch len dim]` with a mask.

    Batch normalisation takes its statistics over the unmasked positions of the batch,
    group normalisation over the unmasked positions of each row, layer normalisation
    over each position by itself.
    """

    def __init__(
        self,
        kind: NormKind,
        dim: int,
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer.

        Args:
            kind: `"batch"`, `"layer"`, `"group"` or `"none"`.
            dim: Width of the input.
            rngs: Keys for the weights.
            dtype: Of the computation.
        """
        self.kind = kind
        if kind == "batch":
            self.layer = BatchNorm(dim, dtype=dtype)
        elif kind == "layer":
            self.layer = nnx.LayerNorm(dim, dtype=dtype, rngs=rngs)
        elif kind == "group":
            groups = max(g for g in range(1, _GROUPS + 1) if dim % g == 0)
            self.layer = nnx.GroupNorm(dim, num_groups=groups, dtype=dtype, rngs=rngs)

    def __call__(
        self, x: Float[Array, "batch len dim"], mask: Bool[Array, "batch len"]
    ) -> Float[Array, "batch len dim"]:
        """Normalise; what stands at masked positions has no meaning."""
        if self.kind == "none":
            return x
        match self.layer:
            case nnx.LayerNorm() as layer:
                return layer(x)
            case nnx.GroupNorm() as layer:
                return layer(x, mask=jnp.broadcast_to(mask[..., None], x.shape))
            case layer:
                return layer(x, mask)
