"""Raw counts of genes as the input of a network."""

import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array
from jax.typing import ArrayLike, DTypeLike
from jaxtyping import Float

from jaxbio.nn.inputs import Statistic

Vector = ArrayLike | tuple[float, ...]
"""A number for each gene."""


class LogNormalize(nnx.Module):
    """Standard scores of log-normalised counts; raw counts go in.

    Each cell is brought to the same library size, `log(1 + x)` is taken, and every gene
    is standardised by its mean and standard deviation over training cells (Luecken &
    Theis 2019, Mol. Syst. Biol. 15, e8746). Genes missing in the file (NaN) get 0, the
    mean. The library size is that of the genes that are there, and is expected to be as
    much smaller as their share of the counts of training cells says, so that the scores
    of a gene do not depend on which others were measured.

    Example:
        >>> scores = LogNormalize((0.5, 0.5), (1.0, 2.0), total=2)
        >>> scores(jnp.array([[1.0, 1.0]])).round(3).tolist()  # log(1 + 1) - 0.5
        [[0.193..., 0.097...]]
    """

    def __init__(
        self,
        mean: Vector,
        scale: Vector,
        *,
        share: Vector | None = None,
        total: float = 1e4,
        clip: float = 10.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer; the statistics are those of `jaxbio.data.count_moments`.

        Args:
            mean: The mean of each gene over training cells, of log-normalised counts.
            scale: Its standard deviation; a gene with 0 gives 0 for every cell.
            share: Its mean share of a cell's counts; if not given, as `mean` implies.
            total: The library size to which each cell is brought.
            clip: The largest score, of either sign: a gene seen in few cells would have
                huge ones in those.
            dtype: Of the result; the scores are computed in float32.
        """
        mean = np.asarray(mean, np.float32)
        share = np.expm1(mean) if share is None else np.asarray(share, np.float32)
        self.mean = Statistic(jnp.asarray(mean))
        self.scale = Statistic(jnp.asarray(scale, jnp.float32))
        self.share = Statistic(jnp.asarray(share / max(share.sum(), 1e-12)))
        self.total = total
        self.clip = clip
        self.features = len(mean)
        self.dtype = dtype

    def __call__(
        self, counts: Float[Array, "batch genes"], *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch genes"]:
        """Scores; a cell without counts gets those of no expression."""
        del rngs  # nothing here is random; encoders are called with it
        of_genes = self.mean[...], self.scale[...], self.share[...]
        scores = log_scores(counts, *of_genes, total=self.total, clip=self.clip)
        return scores.astype(self.dtype)


def log_scores(
    counts: Float[Array, "batch genes"],
    mean: Float[Array, "genes"],
    scale: Float[Array, "genes"],
    share: Float[Array, "genes"],
    *,
    total: float = 1e4,
    clip: float = 10.0,
) -> Float[Array, "batch genes"]:
    """Standard scores of log-normalised counts; see `LogNormalize`.

    Args:
        counts: Raw counts; NaN for genes that were not measured.
        mean: Of each gene over training cells, of log-normalised counts.
        scale: Their standard deviation.
        share: Of each gene in all counts; they add up to 1.
        total: The library size to which each cell is brought.
        clip: The largest score, of either sign.
    """
    missing = jnp.isnan(counts)
    counts = jnp.where(missing, 0, counts).astype(jnp.float32)
    library = counts.sum(axis=-1, keepdims=True)
    expected = jnp.where(missing, 0, share[None]).sum(axis=-1, keepdims=True)
    size = total * expected / jnp.where(library > 0, library, 1)
    varies = scale[None] > 0
    scores = jnp.log1p(counts * size) - mean[None]
    scores = jnp.where(varies, scores / jnp.where(varies, scale[None], 1), 0)
    return jnp.where(missing, 0, jnp.clip(scores, -clip, clip))
