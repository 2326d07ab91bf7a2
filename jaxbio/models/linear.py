"""Linear models of plain features, as one more network: solved, not trained."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from jaxbio.data.schema import Schema
from jaxbio.models.fusion_network import Head
from jaxbio.models.plain_features import Fitted, PlainFeatures, blocks_of
from jaxbio.nn.inputs import Statistic


@dataclasses.dataclass(frozen=True)
class Linear(Fitted):
    """A weighted sum of k-mers, symbols by position, numbers and categories.

    Its weights are those of the linear baseline; no gradient changes them.
    """

    name = "linear"

    def build(
        self,
        schema: Schema,
        heads: Mapping[str, Head],
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ) -> "LinearNetwork":
        """The module with weights of zero; arguments as for `Network.build`."""
        return LinearNetwork(self, schema, heads)


class LinearNetwork(PlainFeatures):
    """Features of all inputs, each times a weight, and their sum for each output."""

    def __init__(self, config: Linear, schema: Schema, heads: Mapping[str, Head]):
        """Make the network.

        Args:
            config: What it sees.
            schema: The inputs.
            heads: The shape of the output of each target, one vector a row.
        """
        super().__init__(config, schema)
        widths = blocks_of(config, schema)
        self.weights = nnx.Dict(
            {
                name: nnx.Dict(
                    {
                        block: Statistic(jnp.zeros((width, head.width)))
                        for block, width in widths.items()
                    }
                )
                for name, head in heads.items()
            }
        )
        self.intercepts = nnx.Dict(
            {name: Statistic(jnp.zeros(head.width)) for name, head in heads.items()}
        )

    def __call__(
        self, inputs: Mapping[str, Any], *, rngs: nnx.Rngs | None = None
    ) -> dict[str, Float[Array, "batch outputs"]]:
        """Outputs by target; `rngs` are not used."""
        blocks = self.blocks(inputs)
        return {
            name: sum(
                (values @ weights[block][...] for block, values in blocks.items()),
                start=self.intercepts[name][...][None],
            )
            for name, weights in self.weights.items()
        }
