"""From vectors of positions to vectors of pairs of positions."""

import jax.numpy as jnp
from flax import nnx
from jax import Array, lax
from jax.typing import DTypeLike
from jaxtyping import Bool, Float

from jaxbio.nn.conv import ACTIVATIONS, Conv
from jaxbio.nn.matmul import materialize

_SEPARATIONS = (1, 2, 3, 4, 5, 6, 7, 8, 10, 12, 14, 16, 20, 24, 32, 48, 64, 96)
"""From which separation along the chain on pairs are told apart from nearer ones."""

_AT_ONCE = 1 << 19  # pairs, with whose copies a convolution is still quick
_PARTS = 8  # lengths of buckets are multiples of it


class Pairs(nnx.Module):
    """Vectors of pairs, the same for (i, j) as for (j, i).

    A pair starts as the sum and the product of what its positions say, and its
    separation along the chain. Residual blocks then let it see the other pairs of
    either position that are near: a convolution along one position, and, as pairs are
    symmetric, its transpose for the other.
    """

    def __init__(
        self,
        dim: int,
        channels: int,
        *,
        dilations: tuple[int, ...],
        rngs: nnx.Rngs,
        kernel_size: int = 5,
        activation: str = "relu",
        dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layers.

        Args:
            dim: Width of the positions.
            channels: Width of the pairs.
            dilations: For each block the positions between two taps.
            rngs: Keys for the weights.
            kernel_size: Taps of each block's convolution.
            activation: A name of `ACTIVATIONS`.
            dropout: Share of whole channels set to 0 in training, after each block.
            dtype: Of the computation; the weights are float32.
        """
        common = {"dtype": dtype, "rngs": rngs}
        self.side = nnx.Linear(dim, channels, **common)
        self.factor = nnx.Linear(dim, channels, **common)
        self.separation = nnx.Embed(len(_SEPARATIONS) + 1, channels, **common)
        self.blocks = nnx.List(
            PairBlock(
                channels,
                kernel_size=kernel_size,
                dilation=dilation,
                activation=activation,
                dropout=dropout,
                **common,
            )
            for dilation in dilations
        )
        self.features = channels

    def __call__(
        self,
        x: Float[Array, "batch len dim"],
        mask: Bool[Array, "batch len"],
        *,
        rngs: nnx.Rngs | None = None,
    ) -> Float[Array, "batch len len channels"]:
        """A vector for each pair; zeros where a position is masked."""
        side, factor = self.side(x), self.factor(x)
        place = jnp.arange(x.shape[1])
        apart = jnp.abs(place[:, None] - place[None])
        reached = jnp.searchsorted(
            jnp.asarray(_SEPARATIONS), apart, side="right", method="compare_all"
        )
        pairs = (
            side[:, :, None]
            + side[:, None]
            + factor[:, :, None] * factor[:, None]
            + self.separation(reached)[None]
        )
        present = (mask[:, :, None] & mask[:, None])[..., None]
        pairs = materialize(jnp.where(present, pairs, 0))
        for block in self.blocks:
            pairs = block(pairs, present, rngs=rngs)
        return pairs


class PairBlock(nnx.Module):
    """Normalisation, activation and a convolution along both positions, added."""

    def __init__(
        self,
        channels: int,
        *,
        kernel_size: int,
        rngs: nnx.Rngs,
        dilation: int = 1,
        activation: str = "relu",
        dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layers; the arguments are those of `Pairs`."""
        self.norm = nnx.LayerNorm(channels, dtype=dtype, rngs=rngs)
        self.conv = Conv(
            channels,
            channels,
            kernel_size=kernel_size,
            dilation=dilation,
            dtype=dtype,
            rngs=rngs,
        )
        self.activation = activation
        self.dropout = nnx.Dropout(dropout, broadcast_dims=(1, 2))

    def __call__(
        self,
        pairs: Float[Array, "batch len len channels"],
        known: Bool[Array, "batch len len 1"],
        *,
        rngs: nnx.Rngs | None = None,
    ) -> Float[Array, "batch len len channels"]:
        """The pairs with what the pairs near them say."""
        known = jnp.broadcast_to(known, (*pairs.shape[:3], 1))
        along = self._along(pairs, known)
        change = self.dropout(along + along.swapaxes(1, 2), rngs=rngs)
        return materialize(jnp.where(known, pairs + change, 0))

    def _along(
        self,
        pairs: Float[Array, "batch len len channels"],
        mask: Bool[Array, "batch len len 1"],
    ) -> Float[Array, "batch len len channels"]:
        """The convolution along the second position; of long sequences some at a time.

        On a CPU a convolution copies its input once a tap, which of all pairs of a
        thousand positions would be gigabytes.
        """
        length = pairs.shape[2]
        parts = _PARTS if len(pairs) * length**2 > _AT_ONCE else 1
        if len(pairs) * length % parts:
            parts = 1

        def convolved(part: tuple[Array, Array]) -> Array:
            rows, present = part
            features = ACTIVATIONS[self.activation](self.norm(rows))
            return self.conv(jnp.where(present, features, 0))

        rows, present = (x.reshape(parts, -1, *x.shape[2:]) for x in (pairs, mask))
        if parts == 1:
            return convolved((rows[0], present[0])).reshape(pairs.shape)
        return lax.map(convolved, (rows, present)).reshape(pairs.shape)
