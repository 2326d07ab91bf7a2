"""A few small k-mers of each sequence, by which candidates for likeness are found."""

import dataclasses
from collections.abc import Iterator

import numpy as np
from jaxtyping import Int64, UInt32

from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.hashing import chunks
from jaxbio.data.similarity.kmers import NONE, kmer_table

SIZE = 16
"""The number of smallest scrambled k-mers that every sequence keeps."""
_DENSITY = 1 / 32  # the share of a long sequence's k-mers that is kept besides
_MOST = 1 << 25  # k-mers that are kept of all sequences together besides
_BATCH = 1 << 20  # sketch k-mers looked at together


@dataclasses.dataclass(frozen=True)
class MinHash:
    """The small scrambled k-mers of each sequence.

    Attributes:
        smallest: The `SIZE` smallest of each row, in order.
        hashes: All that were kept, in order.
        rows: Whose they are.
    """

    smallest: UInt32[np.ndarray, "n sketch"]
    hashes: UInt32[np.ndarray, "kept"]
    rows: Int64[np.ndarray, "kept"]


def minhash(column: Sequences, *, k: int, both_strands: bool = False) -> MinHash:
    """The sketches of sequences: a few k-mers each by which candidates are found.

    Args:
        column: The sequences.
        k: The length of a k-mer.
        both_strands: Count a k-mer and its reverse complement as the same.

    Returns:
        The sketches of all rows.
    """
    smallest = np.full((len(column), SIZE), NONE, np.uint32)
    keys, rows = [], []
    share = min(_DENSITY, _MOST / max(int(column.lengths.sum()), 1))
    limit = np.uint32(share * 2**32)
    for block in chunks(column.lengths):
        table = kmer_table(column, block, k, both_strands=both_strands)
        head = table[:, :SIZE]
        smallest[block, : head.shape[1]] = head
        keep = table < limit  # a fixed share: short ones are then found in long ones
        keep[:, :SIZE] = head != NONE
        # With the row's next k-mer as second key, rows that share both are neighbours.
        following = np.full(table.shape, NONE, np.uint32)
        following[:, :-1] = table[:, 1:]
        keys.append((table[keep].astype(np.uint64) << 32) | following[keep])
        rows.append(block[np.nonzero(keep)[0]])
    key, row = np.concatenate(keys), np.concatenate(rows)
    order = np.argsort(key, kind="stable")
    return MinHash(smallest, (key[order] >> 32).astype(np.uint32), row[order])


def batches(sketches: MinHash) -> Iterator[slice]:
    """Runs of whole k-mer lists, of bounded size where lists allow.

    Args:
        sketches: The sketches.

    Yields:
        Slices of `hashes` and `rows`.
    """
    start, total = 0, len(sketches.hashes)
    while start < total:
        end = min(start + _BATCH, total)
        last = sketches.hashes[end - 1]
        end = int(np.searchsorted(sketches.hashes, last, side="right"))
        yield slice(start, end)
        start = end
