"""Flax NNX layers for sequences, numbers, categories, counts and images."""

from jaxbio.nn.conv import ACTIVATIONS, Conv, ConvBlock, Finish, masked, max_windows
from jaxbio.nn.conv2d import Conv2D
from jaxbio.nn.counts import CountScores
from jaxbio.nn.dense import Dense
from jaxbio.nn.fusion import Concat, CrossAttention, Gated
from jaxbio.nn.inputs import Categories, Standardise, Statistic
from jaxbio.nn.kmers import Spectrum, kmer_counts, kmer_width
from jaxbio.nn.norm import Norm
from jaxbio.nn.pairs import PairBlock, Pairs
from jaxbio.nn.pool import Pool, flatten_positions, max_pool, mean_pool
from jaxbio.nn.position_weights import Positions
from jaxbio.nn.recurrent import Recurrent, RecurrentStack
from jaxbio.nn.tokens import (
    TokenConv,
    profile,
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
    "CountScores",
    "CrossAttention",
    "Dense",
    "Finish",
    "Gated",
    "Norm",
    "PairBlock",
    "Pairs",
    "Pool",
    "Positions",
    "Recurrent",
    "RecurrentStack",
    "Spectrum",
    "Standardise",
    "Statistic",
    "TokenConv",
    "flatten_positions",
    "kmer_counts",
    "kmer_width",
    "masked",
    "max_pool",
    "max_windows",
    "mean_pool",
    "profile",
    "reverse_complement",
    "reverse_positions",
    "token_mask",
]
