"""k-mer counts of tokens, computed inside the compiled step."""

import functools

import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float, Int32

from jaxbio.alphabet import Alphabet
from jaxbio.errors import JaxbioError
from jaxbio.nn.tokens import Tokens, is_soft


@functools.lru_cache(maxsize=32)
def kmer_columns(
    alphabet: Alphabet, k: int, both_strands: bool = False
) -> tuple[Int32[np.ndarray, "kmers"], int]:
    """The column of each k-mer in a spectrum, and the number of columns.

    Args:
        alphabet: Its symbols proper make the k-mers; the last symbol varies fastest.
        k: Length of the k-mers.
        both_strands: Whether a k-mer and its reverse complement share a column.

    Raises:
        JaxbioError: For both strands of an alphabet without a complement.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> columns, width = kmer_columns(DNA, 1, True)
        >>> columns.tolist(), width
        ([0, 1, 1, 0], 2)
    """
    size = alphabet.size
    number = np.arange(size**k)
    if not both_strands:
        return number.astype(np.int32), len(number)
    codes = alphabet.complement_codes
    if codes is None:
        raise JaxbioError(
            f"alphabet {alphabet.name} has no complement: use both_strands=False"
        )
    complement = codes[:size].astype(np.int64)
    opposite = np.zeros_like(number)
    rest = number.copy()
    for _ in range(k):  # the last symbol's complement comes first
        opposite = opposite * size + complement[rest % size]
        rest //= size
    first = np.minimum(number, opposite)
    numbers, columns = np.unique(first, return_inverse=True)
    return columns.astype(np.int32), len(numbers)


def kmer_width(
    alphabet: Alphabet, ks: tuple[int, ...], both_strands: bool = False
) -> int:
    """The number of columns of `kmer_counts`."""
    return sum(kmer_columns(alphabet, k, both_strands)[1] for k in ks)


def kmer_counts(
    tokens: Tokens,
    alphabet: Alphabet,
    ks: tuple[int, ...],
    *,
    both_strands: bool = False,
) -> Float[Array, "batch kmers"]:
    """Count of each k-mer in each row.

    Windows with an ambiguity letter, a gap or padding are not counted.

    Args:
        tokens: Codes of the alphabet; of soft ones the expected counts are given, where
            the symbols of a window are drawn by their weights.
        alphabet: What the codes mean.
        ks: Lengths of the k-mers.
        both_strands: Whether a k-mer and its reverse complement count as one.

    Returns:
        Counts, the k-mers of the first length first, in the order of the symbols.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> counts = kmer_counts(jnp.array([DNA.encode("AACN")]), DNA, (1, 2))
        >>> counts[0, :4].tolist(), counts[0, 4:6].tolist()
        ([2.0, 1.0, 0.0, 0.0], [1.0, 1.0])
    """
    if is_soft(tokens):
        return _expected_counts(tokens, alphabet, ks, both_strands)
    width = kmer_width(alphabet, ks, both_strands)
    codes = tokens.astype(jnp.int32)
    proper = codes < alphabet.size
    number, valid = jnp.zeros_like(codes), jnp.ones_like(proper)
    indices, start, built = [], 0, 0
    for k in sorted(ks):
        for tap in range(built, k):  # longer k-mers go on from shorter ones
            length = max(tokens.shape[1] - tap, 0)
            number = number[:, :length] * alphabet.size + codes[:, tap:]
            valid = valid[:, :length] & proper[:, tap:]
        built = k
        columns, n_columns = kmer_columns(alphabet, k, both_strands)
        places = jnp.asarray(columns)[jnp.where(valid, number, 0)] + start
        indices.append(jnp.where(valid, places, width))  # beyond the end: dropped
        start += n_columns
    at = jnp.concatenate(indices, axis=1)
    rows = jnp.arange(len(tokens))[:, None]
    counts = jnp.zeros((len(tokens), width), jnp.float32)
    return counts.at[rows, at].add(1.0, mode="drop")


def _expected_counts(
    weights: Float[Array, "batch len symbols"],
    alphabet: Alphabet,
    ks: tuple[int, ...],
    both_strands: bool,
) -> Float[Array, "batch kmers"]:
    counts: list[Array] = []
    words = jnp.ones((*weights.shape[:2], 1), jnp.float32)  # of the k-mers so far
    for k in range(1, max(ks) + 1):
        length = max(weights.shape[1] - k + 1, 0)
        words, last = words[:, :length], weights[:, k - 1 :]
        if k in ks:
            columns, n_columns = kmer_columns(alphabet, k, both_strands)
            by_word = jnp.einsum("blw,bls->bws", words, last).reshape(len(weights), -1)
            part = jnp.zeros((len(weights), n_columns), by_word.dtype)
            counts.append(part.at[:, jnp.asarray(columns)].add(by_word))
        if k < max(ks):
            longer = words[..., None] * last[:, :, None]
            words = longer.reshape(*longer.shape[:2], -1)
    return jnp.concatenate(counts, axis=1)


class KmerCounts(nnx.Module):
    """A linear map of the k-mer spectrum, with dropout on the k-mers.

    Counts become log(1 + count): a repeat then weighs less than a new word.
    """

    def __init__(
        self,
        alphabet: Alphabet,
        width: int,
        *,
        ks: tuple[int, ...],
        rngs: nnx.Rngs,
        both_strands: bool = False,
        dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer.

        Args:
            alphabet: What the tokens mean.
            width: Width of the result.
            ks: Lengths of the k-mers.
            rngs: Keys for the weights.
            both_strands: Whether a k-mer and its reverse complement count as one.
            dropout: Share of the k-mers left out in training.
            dtype: Of the computation; the weights are float32.
        """
        self.alphabet = alphabet
        self.ks = ks
        self.both_strands = both_strands
        self.features = width
        # One choice of k-mers for the whole batch: a choice for each row would need
        # thousands of random numbers a row, which cost more than the rest.
        self.dropout = nnx.Dropout(dropout, broadcast_dims=(0,))
        self.project = nnx.Linear(
            kmer_width(alphabet, ks, both_strands), width, dtype=dtype, rngs=rngs
        )

    def __call__(
        self, tokens: Tokens, *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch features"]:
        """The projected spectrum of each row."""
        counts = kmer_counts(
            tokens, self.alphabet, self.ks, both_strands=self.both_strands
        )
        return self.project(self.dropout(jnp.log1p(counts), rngs=rngs))
