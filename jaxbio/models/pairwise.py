"""Products of the vectors of two sides of pairs, as one more network: solved."""

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
class Pairwise(Fitted):
    """A ridge regression of pairs, as of a drug and a cell line.

    Its values are those of `jaxbio.baselines.pairwise`; no gradient changes them.

    Attributes:
        left: The inputs of the first side.
        ranks: The lengths of the vectors of the two sides, at most.
    """

    left: tuple[str, ...] = ()
    ranks: tuple[int, int] = (0, 0)
    name = "pairwise"

    def build(
        self,
        schema: Schema,
        heads: Mapping[str, Head],
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ) -> "PairwiseNetwork":
        """The module with weights of zero; arguments as for `Network.build`."""
        return PairwiseNetwork(self, schema, heads)

    def side_of(self, block: str) -> int:
        """The side, 0 or 1, to which a block of features belongs."""
        return int(block.rpartition(":")[0] not in self.left and block not in self.left)


class PairwiseNetwork(PlainFeatures):
    """Features of both sides as vectors, and a weight for each of their products."""

    def __init__(self, config: Pairwise, schema: Schema, heads: Mapping[str, Head]):
        """Make the network.

        Args:
            config: What it sees.
            schema: The inputs.
            heads: The shape of the output of each target, one number a row.
        """
        super().__init__(config, schema)
        self.side_of = config.side_of
        widths, ranks = blocks_of(config, schema), config.ranks

        def zeros(*sizes: int) -> Statistic:
            return Statistic(jnp.zeros(sizes))

        self.axes = nnx.Dict(
            {
                name: nnx.Dict(
                    {
                        block: zeros(width, ranks[config.side_of(block)])
                        for block, width in widths.items()
                    }
                )
                for name in heads
            }
        )
        self.offsets = nnx.Dict(
            {
                name: nnx.Dict({"left": zeros(ranks[0]), "right": zeros(ranks[1])})
                for name in heads
            }
        )
        self.core = nnx.Dict({name: zeros(*ranks) for name in heads})
        self.levels = nnx.Dict({name: zeros(1) for name in heads})

    def __call__(
        self, inputs: Mapping[str, Any], *, rngs: nnx.Rngs | None = None
    ) -> dict[str, Float[Array, "batch 1"]]:
        """Outputs by target; `rngs` are not used."""
        blocks = self.blocks(inputs)
        return {name: self._output(name, blocks) for name in self.core}

    def _output(self, name: str, blocks: Mapping[str, Array]) -> Array:
        offsets = self.offsets[name]
        sides = [offsets["left"][...][None], offsets["right"][...][None]]
        for block, values in blocks.items():
            side = self.side_of(block)
            sides[side] = sides[side] + values @ self.axes[name][block][...]
        left, right = sides
        products = (left @ self.core[name][...]) * right
        return products.sum(axis=1, keepdims=True) + self.levels[name][...][None]
