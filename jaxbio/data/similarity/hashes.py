"""Numbers that stand for whole rows, so that equal rows are found by sorting."""

import hashlib
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64, UInt8, UInt64

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.dictionary import Column, DictionaryColumn
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.similarity.kmers import chunks

_AT_ONCE = 1 << 20  # stored counts that are hashed at a time


def row_hashes(
    column: Sequences, *, both_strands: bool = False
) -> UInt64[np.ndarray, "n"]:
    """One number a sequence; equal sequences have equal numbers.

    Args:
        column: The sequences.
        both_strands: Give a sequence and its reverse complement the same number.

    Returns:
        64-bit numbers; two different sequences share one with a chance near 2**-56.
    """
    forward = _hash_codes(column.codes, column.offsets)
    if not both_strands:
        return forward
    # The whole buffer read backwards holds the rows' other strands, the last row first.
    complement = column.alphabet.complement_codes
    assert complement is not None
    codes = complement[column.codes[::-1]]
    offsets = column.offsets[-1] - column.offsets[::-1]
    return np.minimum(forward, _hash_codes(codes, offsets)[::-1])


def _hash_codes(
    codes: UInt8[np.ndarray, "total"], offsets: Int64[np.ndarray, "n_plus_1"]
) -> UInt64[np.ndarray, "n"]:
    lengths = np.diff(offsets)
    factors = random_factors(int(lengths.max(initial=0)))
    hashes = np.zeros(len(lengths), np.uint64)
    for rows in chunks(lengths):
        width = int(lengths[rows[-1]])
        position = np.arange(width)
        inside = position < lengths[rows][:, None]
        source = np.where(inside, offsets[rows][:, None] + position, 0)
        table = np.where(inside, codes[source].astype(np.uint64) + np.uint64(1), 0)
        hashes[rows] = (table * factors[:width]).sum(axis=1, dtype=np.uint64)
    return hashes ^ (hashes >> np.uint64(29))


def random_factors(count: int) -> UInt64[np.ndarray, "count"]:
    """Fixed random odd factors, for hashes that are sums of products.

    Args:
        count: How many.

    Returns:
        The same numbers each time.
    """
    rng = np.random.default_rng(20240229)
    return rng.integers(0, 1 << 64, count, dtype=np.uint64) | np.uint64(1)


def column_hashes(column: Column) -> UInt64[np.ndarray, "n"]:
    """One number a row; equal values have equal numbers.

    Args:
        column: An input: sequences, numbers (a missing one equals a missing one) or
            labels.

    Returns:
        64-bit numbers.
    """
    match column:
        case Sequences():
            return row_hashes(column)
        case DictionaryColumn():
            items = np.append(column_hashes(column.items), np.uint64(0))
            return items[column.rows]  # -1 is the last: a missing one
        case Images():
            codes = column.values.reshape(-1)
            width = int(np.prod(column.values.shape[1:]))
            return _hash_codes(codes, np.arange(len(column) + 1) * width)
        case SparseCounts():
            return _hash_counts(column)
        case Numeric():
            # Adding 0 makes -0 and 0 the same bytes; missing values are one NaN.
            values = np.ascontiguousarray(column.values, np.float32) + np.float32(0)
            values[np.isnan(values)] = np.nan
            factors = random_factors(values.shape[1])
            hashes = np.zeros(len(values), np.uint64)
            step = max((1 << 20) // max(values.shape[1], 1), 1)
            for start in range(0, len(values), step):
                part = values[start : start + step].view(np.uint32).astype(np.uint64)
                hashes[start : start + step] = (part * factors).sum(axis=1)
            return hashes ^ (hashes >> np.uint64(29))
        case Category():
            texts = ["" if value is None else f"={value}" for value in column.values]
            table = {text: _hash_text(text) for text in set(texts)}
            return np.array([table[text] for text in texts], np.uint64)
    raise TypeError(f"no input is a {type(column).__name__}")


def _hash_counts(column: SparseCounts) -> UInt64[np.ndarray, "n"]:
    """By gene name, so that files with genes in another order have equal numbers."""
    matrix, hashes = column.matrix, np.zeros(len(column), np.uint64)
    factors = np.array([_hash_text(name) | 1 for name in column.names], np.uint64)
    step = max(1, _AT_ONCE * len(column) // max(matrix.nnz, 1))
    for start in range(0, len(column), step):
        bounds = matrix.indptr[start : start + step + 1].astype(np.int64)
        stored = slice(bounds[0], bounds[-1])
        values = matrix.data[stored].astype(np.float32).view(np.uint32)
        mixed = values * factors[matrix.indices[stored]]
        sums = np.append(np.uint64(0), np.cumsum(mixed))
        bounds -= bounds[0]
        hashes[start : start + step] = sums[bounds[1:]] - sums[bounds[:-1]]
    return hashes


def _hash_text(text: str) -> int:
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def combine_hashes(
    columns: Sequence[UInt64[np.ndarray, "n"]],
) -> UInt64[np.ndarray, "n"]:
    """One number a row for several columns together.

    Args:
        columns: The numbers of each column.

    Returns:
        Numbers that are equal where those of all columns are.
    """
    mixed = [column ^ (column >> np.uint64(31)) for column in columns]
    factors = random_factors(len(columns))
    return (np.stack(mixed) * factors[:, None]).sum(axis=0, dtype=np.uint64)
