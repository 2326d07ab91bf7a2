"""Piecewise linear encoding of numbers: how far each is through each of its bins."""

import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from jaxbio.nn.inputs import Statistic

_WIDE = 1e-6  # of the range of a column: narrower bins are none
_FAR = 3.0  # bins beyond the ends at which values stay


class PiecewiseLinear(nnx.Module):
    """Numbers in bins between quantiles, and a vector for each column.

    In a bin that a value has passed stands 1, in those that it has not reached 0, and
    in its own how far it is through; the first and the last bin go on beyond their
    ends. Each column has a linear map of its own bins, so that steps at any quantile
    are learned as easily as slopes. Of a missing value all is 0, and one more bin says
    that it is missing.

    Source:
        Gorishniy Y, Rubachev I, Babenko A (2022) On embeddings for numerical features
        in tabular deep learning, NeurIPS, arXiv:2203.05556.

    Example:
        >>> layer = PiecewiseLinear(((0.0, 1.0, 3.0),), width=2, rngs=nnx.Rngs(0))
        >>> layer.bins(jnp.array([[0.5], [2.0], [jnp.nan]]))[:, 0].tolist()
        [[0.5, 0.0, 0.0], [1.0, 0.5, 0.0], [0.0, 0.0, 1.0]]
        >>> layer(jnp.array([[0.5]])).shape
        (1, 2)
    """

    def __init__(
        self,
        edges: tuple[tuple[float, ...], ...],
        width: int,
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer.

        Args:
            edges: The ends of the bins of each column, ascending; at least one.
            width: Of the vector of each column.
            rngs: Keys for the weights.
            dtype: Of the result.
        """
        most = max(max((len(each) for each in edges), default=2) - 1, 1)
        low = np.zeros((len(edges), most), np.float32)
        scale = np.zeros((len(edges), most), np.float32)  # 0 for a bin that is none
        for column, each in enumerate(edges):
            sizes = np.diff(each)
            low[column, : len(sizes)] = each[:-1]
            wide = sizes > _WIDE * max(each[-1] - each[0], 1e-30)
            scale[column, : len(sizes)] = np.where(
                wide, 1 / np.maximum(sizes, 1e-30), 0
            )
        used = scale > 0
        first = np.argmax(used, axis=1)
        last = most - 1 - np.argmax(used[:, ::-1], axis=1)
        place = np.arange(most)
        self.low, self.scale = (
            Statistic(jnp.asarray(low)),
            Statistic(jnp.asarray(scale)),
        )
        self.least = Statistic(jnp.where(place == first[:, None], -_FAR, 0.0))
        self.most = Statistic(jnp.where(place == last[:, None], _FAR, 1.0))
        self.features = len(edges) * width
        self.dtype = dtype
        start = nnx.initializers.variance_scaling(
            1.0, "fan_in", "uniform", in_axis=1, out_axis=2, batch_axis=0
        )
        shape = len(edges), most + 1, width
        self.kernel = nnx.Param(start(rngs.params(), shape, jnp.float32))
        self.bias = nnx.Param(jnp.zeros((len(edges), width)))

    def bins(
        self, values: Float[Array, "batch columns"]
    ) -> Float[Array, "batch columns bins"]:
        """How far each value is through each bin, and whether it is missing."""
        missing = jnp.isnan(values)[..., None]
        through = (values[..., None] - self.low[...][None]) * self.scale[...][None]
        through = jnp.clip(through, self.least[...][None], self.most[...][None])
        through = jnp.where(missing, 0, through)
        return jnp.concatenate([through, missing.astype(through.dtype)], axis=-1)

    def __call__(
        self, values: Float[Array, "batch columns"]
    ) -> Float[Array, "batch features"]:
        """The vectors of all columns side by side, after ReLU."""
        vectors = jnp.einsum("ncb,cbw->ncw", self.bins(values), self.kernel[...])
        vectors = nnx.relu(vectors + self.bias[...][None])
        return vectors.reshape(len(values), -1).astype(self.dtype)
