"""Numbers that stand for whole rows, so that equal rows are found by sorting."""

import hashlib
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int64, UInt8, UInt64

_AT_ONCE = 1 << 20  # numbers that are hashed at a time
_CELLS = 1 << 18  # cells of one chunk: small enough for the processor's cache


def hash_runs(
    codes: UInt8[np.ndarray, "total"], offsets: Int64[np.ndarray, "n_plus_1"]
) -> UInt64[np.ndarray, "n"]:
    """One number a run of codes in a flat buffer.

    Args:
        codes: The runs, one after the other.
        offsets: Where each begins, and where the last one ends.

    Returns:
        64-bit numbers; two different runs share one with a chance near 2**-56.
    """
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


def hash_pixels(values: UInt8[np.ndarray, "n ..."]) -> UInt64[np.ndarray, "n"]:
    """One number a row of codes."""
    width = int(np.prod(values.shape[1:]))
    return hash_runs(values.reshape(-1), np.arange(len(values) + 1) * width)


def hash_numbers(
    values: Float[np.ndarray, "n columns"],
) -> UInt64[np.ndarray, "n"]:
    """One number a row of numbers; a missing one equals a missing one.

    Numbers that float32 holds have the same hash in float64.
    """
    if values.dtype == np.float64:
        narrow = values.astype(np.float32)
        rest = np.nan_to_num(values - narrow)
        return _hash_numbers(narrow) ^ (_sums(rest.astype(np.float32)) << np.uint64(1))
    return _hash_numbers(values)


def _hash_numbers(values: Float[np.ndarray, "n columns"]) -> UInt64[np.ndarray, "n"]:
    hashes = _sums(values)
    return hashes ^ (hashes >> np.uint64(29))


def _sums(values: Float[np.ndarray, "n columns"]) -> UInt64[np.ndarray, "n"]:
    """Sums of the bits of the numbers of each row, times random factors."""
    # Adding 0 makes -0 and 0 the same bytes; missing values are one NaN.
    values = np.ascontiguousarray(values, np.float32) + np.float32(0)
    values[np.isnan(values)] = np.nan
    factors = random_factors(values.shape[1])
    hashes = np.zeros(len(values), np.uint64)
    step = max(_AT_ONCE // max(values.shape[1], 1), 1)
    for start in range(0, len(values), step):
        part = values[start : start + step].view(np.uint32).astype(np.uint64)
        hashes[start : start + step] = (part * factors).sum(axis=1)
    return hashes


def hash_sparse(matrix: Any, names: Sequence[str]) -> UInt64[np.ndarray, "n"]:
    """One number a row, by the names of columns and so in any order of these.

    Args:
        matrix: A sparse matrix of SciPy in rows (CSR).
        names: Its columns.
    """
    hashes = np.zeros(matrix.shape[0], np.uint64)
    factors = np.array([hash_text(name) | 1 for name in names], np.uint64)
    step = max(1, _AT_ONCE * len(hashes) // max(matrix.nnz, 1))
    for start in range(0, len(hashes), step):
        bounds = matrix.indptr[start : start + step + 1].astype(np.int64)
        stored = slice(bounds[0], bounds[-1])
        values = matrix.data[stored].astype(np.float32).view(np.uint32)
        mixed = values * factors[matrix.indices[stored]]
        sums = np.append(np.uint64(0), np.cumsum(mixed))
        bounds -= bounds[0]
        hashes[start : start + step] = sums[bounds[1:]] - sums[bounds[:-1]]
    return hashes


def hash_text(text: str) -> int:
    """A number that stands for a text."""
    return int.from_bytes(hashlib.blake2b(text.encode(), digest_size=8).digest())


def random_factors(count: int) -> UInt64[np.ndarray, "count"]:
    """Fixed random odd factors, for hashes that are sums of products.

    Args:
        count: How many.

    Returns:
        The same numbers each time.
    """
    rng = np.random.default_rng(20240229)
    return rng.integers(0, 1 << 64, count, dtype=np.uint64) | np.uint64(1)


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


def chunks(lengths: Int64[np.ndarray, "n"]) -> list[Int64[np.ndarray, "m"]]:
    """Row numbers in chunks of similar length and bounded size.

    Example:
        >>> [chunk.tolist() for chunk in chunks(np.array([9, 4, 9]))]
        [[1], [0, 2]]
    """
    order = np.argsort(lengths, kind="stable")
    parts, start = [], 0
    while start < len(order):
        shortest = max(int(lengths[order[start]]), 1)
        end = min(start + max(_CELLS // shortest, 1), len(order))
        # Rows up to a third longer share a chunk, so that little of it is filling.
        limit = np.searchsorted(lengths[order[start:end]], shortest * 4 // 3, "right")
        end = start + max(int(limit), 1)
        parts.append(order[start:end])
        start = end
    return parts
