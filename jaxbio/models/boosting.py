"""Boosted trees of plain features, as one more network: fitted, not trained."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from jaxbio.data.schema import Schema
from jaxbio.models.fusion_network import Head
from jaxbio.models.plain_features import Fitted, PlainFeatures
from jaxbio.nn.inputs import Statistic
from jaxbio.nn.trees import NODES, ROUNDS, Trees, leaves


@dataclasses.dataclass(frozen=True)
class Boosting(Fitted):
    """Sums of trees of numbers, categories, words and fragments.

    The trees are those of the boosting baseline; no gradient changes them.

    Attributes:
        trees: Their number for each target.
    """

    trees: Mapping[str, int] = dataclasses.field(default_factory=dict)
    name = "boosting"

    @classmethod
    def of(cls, schema: Schema) -> "Boosting":
        """The description that sees what the baselines of a schema see."""
        trees = {spec.name: ROUNDS * spec.n_scores for spec in schema.targets}
        return dataclasses.replace(super().of(schema), trees=trees)

    def build(
        self,
        schema: Schema,
        heads: Mapping[str, Head],
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ) -> "BoostingNetwork":
        """The module with trees that say nothing; arguments as for `Network.build`."""
        return BoostingNetwork(self, schema, heads)


class BoostingNetwork(PlainFeatures):
    """Trees of the features of all inputs, and the sums of their leaves."""

    def __init__(self, config: Boosting, schema: Schema, heads: Mapping[str, Head]):
        """Make the network.

        Args:
            config: What it sees, and the numbers of trees.
            schema: The inputs.
            heads: The shape of the output of each target, one vector a row.
        """
        super().__init__(config, schema)
        starts = {n: no_trees(config.trees[n], head.width) for n, head in heads.items()}
        self.fitted = nnx.Dict(
            {
                name: nnx.Dict(
                    {
                        field: Statistic(jnp.asarray(values))
                        for field, values in start.items()
                    }
                )
                for name, start in starts.items()
            }
        )

    def __call__(
        self, inputs: Mapping[str, Any], *, rngs: nnx.Rngs | None = None
    ) -> dict[str, Float[Array, "batch outputs"]]:
        """Outputs by target; `rngs` are not used."""
        rows = self.features(inputs)["row"]
        return {name: _sums(fitted, rows) for name, fitted in self.fitted.items()}


def no_trees(count: int, width: int) -> dict[str, np.ndarray]:
    """The arrays of trees of one leaf each, which add nothing.

    Args:
        count: How many.
        width: The number of outputs.

    Returns:
        The fields of `jaxbio.nn.trees.Trees`; `outputs`, what a leaf of each tree adds
        to each output for a value of 1; and `intercepts`.
    """
    own = np.broadcast_to(np.arange(NODES, dtype=np.int32), (count, NODES))
    return {
        "column": np.zeros((count, NODES), np.int32),
        "threshold": np.zeros((count, NODES), np.float32),
        "left": own,
        "right": own,
        "value": np.zeros((count, NODES), np.float32),
        "outputs": np.zeros((count, width), np.float32),
        "intercepts": np.zeros(width, np.float32),
    }


def _sums(fitted: Mapping[str, Any], rows: Array) -> Array:
    trees = Trees(*(fitted[field][...] for field in Trees._fields))
    outputs = fitted["outputs"][...]
    # The sum of many small numbers: in full precision, also on a GPU.
    summed = jnp.matmul(
        leaves(trees, rows), outputs, precision=jax.lax.Precision.HIGHEST
    )
    return summed + fitted["intercepts"][...][None]
