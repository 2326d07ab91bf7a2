"""K-mers of sequences as 32-bit numbers: sorted tables, sketches, whole-row hashes."""

import numpy as np
from jaxtyping import Bool, Int64, Num, UInt8, UInt32, UInt64

from jaxbio.alphabet import Alphabet
from jaxbio.data.columns import Sequences

NONE = np.uint32(0xFFFFFFFF)
"""Fills a row of a k-mer table that has fewer k-mers than the widest one."""
_CELLS = 1 << 18  # cells of one chunk: small enough for the processor's cache


def longest_k(alphabet: Alphabet) -> int:
    """The longest k-mer whose number fits into 32 bits.

    Example:
        >>> from jaxbio.alphabet import DNA, PROTEIN
        >>> longest_k(DNA), longest_k(PROTEIN)
        (16, 7)
    """
    return int(np.floor(32 / np.log2(max(alphabet.size, 2)) + 1e-9))


def _scramble(numbers: UInt32[np.ndarray, "..."]) -> UInt32[np.ndarray, "..."]:
    """A one-to-one map that spreads neighbouring numbers over all 32 bits, in place."""
    for shift, factor in ((16, 0x7FEB352D), (15, 0x846CA68B)):
        numbers ^= numbers >> np.uint32(shift)
        numbers *= np.uint32(factor)
    numbers ^= numbers >> np.uint32(16)
    return numbers


def pack(
    codes: UInt32[np.ndarray, "n len"], k: int, base: int, *, reverse: bool = False
) -> UInt32[np.ndarray, "n windows"]:
    """Each window of k codes as one number in `base`, by doubling the window.

    With `reverse` the last code of a window counts most, as on the other strand.
    """

    def join(left, left_k, right, right_k):
        count = codes.shape[1] - left_k - right_k + 1
        left, right = left[:, :count], right[:, left_k : left_k + count]
        if reverse:
            return right * np.uint32(base**left_k) + left
        return left * np.uint32(base**right_k) + right

    window, size, packed, done = codes, 1, None, 0
    while True:
        if k & size:
            packed = window if packed is None else join(packed, done, window, size)
            done += size
        if done == k:
            return packed if packed is not codes else codes.copy()
        window = join(window, size, window, size)
        size *= 2


def kmer_table(
    column: Sequences, rows: Num[np.ndarray, "m"], k: int, *, both_strands: bool = False
) -> UInt32[np.ndarray, "m width"]:
    """The scrambled k-mers of some rows, sorted, repeats told apart.

    A k-mer with an ambiguous symbol or a gap does not count. The second and later
    occurrence of a k-mer in a row gets numbers of its own, so that what two rows share
    can be counted as between sets.

    Args:
        column: The sequences.
        rows: The row numbers.
        k: The length of a k-mer; `alphabet.size ** k` is at most 2**32.
        both_strands: Count a k-mer and its reverse complement as the same.

    Returns:
        One row of increasing numbers for each sequence, filled up with `NONE`.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> column = Sequences.from_strings(["ACGTT", "AACGT", "ACG"], DNA)
        >>> table = kmer_table(column, np.arange(3), 4, both_strands=True)
        >>> bool((table[0] == table[1]).all()), bool((table[2] == NONE).all())
        (True, True)
    """
    alphabet = column.alphabet
    longest = max(int(column.lengths[rows].max(initial=k)), k)
    codes = column.padded(rows, longest)
    unusable = codes >= alphabet.size
    numbers = codes.astype(np.uint32)
    numbers[unusable] = 0
    table = _scramble(pack(numbers, k, alphabet.size))
    if both_strands:
        numbers = alphabet.complement_codes[codes].astype(np.uint32)
        numbers[unusable] = 0
        other = _scramble(pack(numbers, k, alphabet.size, reverse=True))
        np.minimum(table, other, out=table)
    np.minimum(table, NONE - np.uint32(1), out=table)
    if unusable.any():
        table[_any_in_window(unusable, k)] = NONE
    table.sort(axis=1)
    return _tell_repeats_apart(table)


def _any_in_window(
    flags: Bool[np.ndarray, "n len"], k: int
) -> Bool[np.ndarray, "n windows"]:
    count = np.zeros((flags.shape[0], flags.shape[1] + 1), np.int32)
    np.cumsum(flags, axis=1, out=count[:, 1:])
    return count[:, k:] > count[:, :-k]


def _tell_repeats_apart(
    table: UInt32[np.ndarray, "n width"],
) -> UInt32[np.ndarray, "n width"]:
    repeated = (table[:, 1:] == table[:, :-1]) & (table[:, 1:] != NONE)
    rows = np.flatnonzero(repeated.any(axis=1))
    if rows.size:
        position = np.arange(table.shape[1], dtype=np.uint32)
        start = np.zeros((len(rows), table.shape[1]), np.uint32)
        start[:, 1:] = np.where(repeated[rows], 0, position[1:])
        np.maximum.accumulate(start, axis=1, out=start)
        occurrence = position - start
        changed = table[rows]
        renamed = _scramble(changed + occurrence * np.uint32(0x9E3779B9))
        renamed = np.minimum(renamed, NONE - np.uint32(1))
        changed = np.where((occurrence > 0) & (changed != NONE), renamed, changed)
        changed.sort(axis=1)
        table[rows] = changed
    return table


def chunks(lengths: Int64[np.ndarray, "n"]) -> list[Int64[np.ndarray, "m"]]:
    """Row numbers in chunks of similar length and bounded size.

    Example:
        >>> [chunk.tolist() for chunk in chunks(np.array([9, 4, 9]))]
        [[1, 0, 2]]
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
    codes = column.alphabet.complement_codes[column.codes[::-1]]
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
    """Fixed random odd factors, for hashes that are sums of products."""
    rng = np.random.default_rng(20240229)
    return rng.integers(0, 1 << 64, count, dtype=np.uint64) | np.uint64(1)
