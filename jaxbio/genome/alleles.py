"""Alleles, and the windows of a genome in which a model sees them.

The rule, for windows of `length` bases:

* Bases that REF and ALT share at their ends are taken off, those on the right first.
  What is left is the edit: some bases removed, some inserted at their place.
* The first base of the edit stands at index `length // 2` of the window, counted from
  0; of an insertion that is the first new base in the window of ALT, and the base
  before which it is inserted in that of REF.
* Left of it both windows hold the same bases. Windows keep their length: on the right
  that of an insertion ends earlier in the genome, that of a deletion later.
* Beyond the ends of a contig stands N.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Int64, UInt8

BASES = "ACGT"
"""Letters of which alleles are made."""

ABSENT = ("*", "<*>", "<NON_REF>")
"""ALT alleles that stand for no or any other allele."""


class Edit(NamedTuple):
    """A change of a sequence at one place.

    Attributes:
        start: Where it begins, from 0.
        removed: The bases that go.
        inserted: The bases that come in their place.
    """

    start: int
    removed: str
    inserted: str

    @property
    def kind(self) -> str:
        """`snv`, `mnv`, `insertion`, `deletion`, `complex` or `none`.

        Example:
            >>> edit_of(7, "CA", "C").kind, edit_of(7, "CA", "TG").kind
            ('deletion', 'mnv')
        """
        before, after = len(self.removed), len(self.inserted)
        if before == after:
            return ("none", "snv")[before] if before < 2 else "mnv"
        if before and after:
            return "complex"
        return "deletion" if before else "insertion"


def edit_of(position: int, reference: str, alternative: str) -> Edit:
    """The edit that an allele is, without bases that both share at their ends.

    Args:
        position: POS of the record, from 1.
        reference: REF.
        alternative: ALT, in letters.

    Example:
        >>> edit_of(10, "CAA", "CA")
        Edit(start=10, removed='A', inserted='')
        >>> edit_of(10, "G", "GTT")
        Edit(start=10, removed='', inserted='TT')
        >>> edit_of(10, "AC", "GC")
        Edit(start=9, removed='A', inserted='G')
    """
    shared = 0
    least = min(len(reference), len(alternative))
    while shared < least and reference[-1 - shared] == alternative[-1 - shared]:
        shared += 1
    reference = reference[: len(reference) - shared]
    alternative = alternative[: len(alternative) - shared]
    least -= shared
    lead = 0
    while lead < least and reference[lead] == alternative[lead]:
        lead += 1
    return Edit(position - 1 + lead, reference[lead:], alternative[lead:])


def window_start(edit: Edit, length: int, shift: int = 0) -> int:
    """Where the window of an edit begins, from 0; below 0 beyond the contig's start.

    Args:
        edit: The edit.
        length: Of the window.
        shift: How far the window is moved to the right.

    Example:
        >>> window_start(Edit(100, "A", "G"), 20), window_start(Edit(3, "A", "G"), 9)
        (90, -1)
    """
    return edit.start - length // 2 + shift


def fits(edit: Edit, length: int, shift: int = 0) -> bool:
    """Check that a window holds all of the bases that an edit takes and brings.

    Example:
        >>> fits(Edit(9, "", "ACGT"), 8), fits(Edit(9, "", "ACGTA"), 8)
        (True, False)
    """
    room = length - length // 2 - abs(shift)
    return max(len(edit.removed), len(edit.inserted)) <= room


def edited_windows(
    segments: UInt8[np.ndarray, "n width"],
    at: Int64[np.ndarray, "n"],
    removed: Int64[np.ndarray, "n"],
    inserted: Sequence[str],
    length: int,
) -> UInt8[np.ndarray, "n length"]:
    """Windows in which some bases are replaced by others.

    Args:
        segments: The genome from where each window begins, as letters in ASCII; at
            least as much longer than a window as the most that a deletion takes off.
        at: Where in each the edit begins.
        removed: How many bases go.
        inserted: The bases that come.
        length: Of the windows.

    Returns:
        Letters in ASCII. What does not fit into the window falls off on the right.

    Example:
        >>> segment = np.frombuffer(b"AACCGGTT", np.uint8)[None]
        >>> window = edited_windows(segment, np.array([2]), np.array([1]), [""], 6)
        >>> window.tobytes()
        b'AACGGT'
        >>> one = np.array([1])
        >>> edited_windows(segment, 2 * one, 0 * one, ["TT"], 6).tobytes()
        b'AATTCC'
    """
    added = np.array([len(bases) for bases in inserted], np.int64)
    moved = removed - added
    windows = segments[:, :length].copy()
    for row in np.flatnonzero(moved).tolist():
        start, by = int(at[row] + added[row]), int(moved[row])
        if start < length:
            windows[row, start:] = segments[row, start + by : length + by]
    single = np.flatnonzero((added == 1) & (at < length) & (at >= 0))
    if single.size:
        letters = "".join(inserted[row] for row in single.tolist()).encode()
        windows[single, at[single]] = np.frombuffer(letters, np.uint8)
    for row in np.flatnonzero(added > 1).tolist():
        start = int(at[row])
        bases = np.frombuffer(inserted[row].encode(), np.uint8)[: length - start]
        windows[row, start : start + len(bases)] = bases
    return windows
