"""Batch ensembles: copies of a network that share almost all weights."""

from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
from flax import nnx
from jax.typing import DTypeLike
from jaxtyping import Array, Float

from jaxbio.errors import JaxbioError
from jaxbio.models.fusion_network import FusionNetwork


class CopiedLinear(nnx.Module):
    """A linear layer of its own for each copy."""

    def __init__(
        self, copies: int, dim: int, width: int, *, rngs: nnx.Rngs, dtype: DTypeLike
    ):
        """Make the layers.

        Args:
            copies: How many there are.
            dim: Width of the input.
            width: Width of the output.
            rngs: Keys for the weights.
            dtype: Of the computation; the weights are float32.
        """
        start = jax.nn.initializers.lecun_normal(batch_axis=0)
        self.kernel = nnx.Param(start(rngs.params(), (copies, dim, width)))
        self.bias = nnx.Param(jnp.zeros((copies, 1, width)))
        self.dtype = dtype

    def __call__(
        self, x: Float[Array, "copies batch dim"]
    ) -> Float[Array, "copies batch width"]:
        """What each copy gives of its own input."""
        x, kernel = x.astype(self.dtype), self.kernel[...].astype(self.dtype)
        return jnp.einsum("cbd,cdw->cbw", x, kernel) + self.bias[...]


class BatchEnsembleNetwork(FusionNetwork):
    """Copies of a network with the same encoders and hidden layers.

    A copy sees the fused inputs through weights of its own, one for each feature, and
    has heads of its own; all else is shared. In training each copy answers for itself,
    so that they err in different ways; the output is the mean of all.

    Source:
        Gorishniy Y, Kotelnikov A, Babenko A (2025) TabM, ICLR (its smallest form, in
        which only the first layer has weights of each copy); Wen Y, Tran D, Ba J (2020)
        BatchEnsemble, ICLR.
    """

    def __init__(self, *args: Any, copies: int, rngs: nnx.Rngs, **how: Any):
        """Make the network; arguments as for `FusionNetwork`.

        Args:
            args: The inputs and the heads.
            copies: How many copies there are, two at least.
            rngs: Keys for the weights.
            how: All else.

        Raises:
            JaxbioError: For a target with a value a position, and for means over
                strands.
        """
        super().__init__(*args, rngs=rngs, **how)
        if self.per_position or self.average_strands:
            raise JaxbioError(
                "copies are of networks for rows: leave copies out for targets by "
                "position, and average_strands with them"
            )
        dtype = how.get("dtype", jnp.float32)
        shared: Mapping[str, Any] = dict(self.heads.items())
        signs = jax.random.rademacher(
            rngs.params(), (copies, 1, self.fusion.features), jnp.float32
        )
        self.scales = nnx.Param(signs)
        widths = {name: (x.in_features, x.out_features) for name, x in shared.items()}
        self.heads = nnx.Dict(
            {
                name: CopiedLinear(copies, *width, rngs=rngs, dtype=dtype)
                for name, width in widths.items()
            }
        )

    def by_copy(
        self, inputs: Mapping[str, Any], *, rngs: nnx.Rngs | None = None
    ) -> dict[str, Float[Array, "copies batch width"]]:
        """The outputs of each copy; arguments as for a call."""
        return self._strand(inputs, rngs, self._each)

    def features(
        self, inputs: Mapping[str, Any], *, rngs: nnx.Rngs | None = None
    ) -> dict[str, Float[Array, "batch dim"]]:
        """Means over the copies of the features from which the heads give outputs."""
        return self._strand(inputs, rngs, lambda over, x: {over: x.mean(axis=0)})

    def _trunk(self, over, fused, rngs):
        return super()._trunk(over, fused[None] * self.scales[...], rngs)

    def _each(self, over, features):
        return {
            name: self.heads[name](features).astype(jnp.float32)
            for name in self.names[over]
        }

    def _heads(self, over, features):
        each = self._each(over, features)
        return {name: outputs.mean(axis=0) for name, outputs in each.items()}
