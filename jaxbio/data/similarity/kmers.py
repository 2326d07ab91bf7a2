"""K-mers of sequences as 32-bit numbers, in sorted tables."""

import numpy as np
from jaxtyping import Bool, Num, UInt32

from jaxbio.alphabet import Alphabet
from jaxbio.data.columns.sequences import Sequences

NONE = np.uint32(0xFFFFFFFF)
"""Fills a row of a k-mer table that has fewer k-mers than the widest one."""


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

    Args:
        codes: Numbers below `base`.
        k: The length of a window, at most that of the rows.
        base: `base ** k` is at most 2**32.
        reverse: Let the last code of a window count most, as on the other strand.

    Returns:
        One number for each of the `len - k + 1` windows.

    Example:
        >>> pack(np.array([[1, 0, 2]], np.uint32), 2, 4).tolist()
        [[4, 2]]
    """

    def join(left, left_k, right, right_k):
        count = codes.shape[1] - left_k - right_k + 1
        left, right = left[:, :count], right[:, left_k : left_k + count]
        if reverse:
            return right * np.uint32(base**left_k) + left
        return left * np.uint32(base**right_k) + right

    window, size = codes, 1
    packed, done = (codes, 1) if k & 1 else (None, 0)
    while done < k:
        window = join(window, size, window, size)
        size *= 2
        if k & size:
            packed = window if packed is None else join(packed, done, window, size)
            done += size
    assert packed is not None
    return packed.copy() if packed is codes else packed


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
        assert alphabet.complement_codes is not None
        numbers = alphabet.complement_codes[codes].astype(np.uint32)
        numbers[unusable] = 0
        reverse = _scramble(pack(numbers, k, alphabet.size, reverse=True))
        np.minimum(table, reverse, out=table)
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
