"""Flax NNX layers for sequences, numbers, categories, counts and images."""

from jaxbio.nn.conv import (
    ACTIVATIONS,
    Conv,
    ConvBlock,
    NormActPool,
    masked,
    max_windows,
)
from jaxbio.nn.conv2d import Conv2D
from jaxbio.nn.counts import LogNormalize
from jaxbio.nn.dense import Dense
from jaxbio.nn.fusion import Concat, CrossAttention, Gated
from jaxbio.nn.inputs import Categories, Standardize, Statistic
from jaxbio.nn.kmers import KmerCounts, kmer_counts, kmer_width
from jaxbio.nn.norm import Norm
from jaxbio.nn.pairs import PairBlock, Pairs
from jaxbio.nn.pool import Pool, flatten_positions, max_pool, mean_pool
from jaxbio.nn.position_weights import PositionWeights
from jaxbio.nn.recurrent import Recurrent, RecurrentStack
from jaxbio.nn.tokens import (
    TokenConv,
    one_hot,
    reverse_complement,
    reverse_positions,
    token_mask,
)

__all__ = [
    "ACTIVATIONS",
    "Categories",
    "Concat",
    "Conv",
    "Conv2D",
    "ConvBlock",
    "CrossAttention",
    "Dense",
    "Gated",
    "KmerCounts",
    "LogNormalize",
    "Norm",
    "NormActPool",
    "PairBlock",
    "Pairs",
    "Pool",
    "PositionWeights",
    "Recurrent",
    "RecurrentStack",
    "Standardize",
    "Statistic",
    "TokenConv",
    "flatten_positions",
    "kmer_counts",
    "kmer_width",
    "masked",
    "max_pool",
    "max_windows",
    "mean_pool",
    "one_hot",
    "reverse_complement",
    "reverse_positions",
    "token_mask",
]
