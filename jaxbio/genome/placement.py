"""Windows of one length about a point of each interval, within a genome.

A window is read on the strand of its interval. Where it stands follows from one point
of the interval, so that it is the same place seen from either strand:

* `center`: the middle of the interval is the middle of the window;
* `start`: the base at its 5' end (on the reverse strand the last of the interval) has
  `length // 2` bases before it in the window;
* `end`: likewise the base at its 3' end;
* `summit`: likewise the base that the column `peak` of narrowPeak names.
"""

import dataclasses
from collections import Counter
from typing import Literal

import numpy as np
from jaxtyping import Bool

from jaxbio.errors import DataError, nearest, option
from jaxbio.genome.intervals import Intervals
from jaxbio.genome.reference import Reference

About = Literal["center", "start", "end", "summit"]
"""The point of an interval that a window stands about."""

_POINTS = ("center", "start", "end", "summit")
_LISTED = 6


def in_genome(
    found: Intervals, genome: Reference, notes: list[str]
) -> tuple[Intervals, Bool[np.ndarray, "n"]]:
    """The intervals by the genome's names of contigs, and which it has.

    Args:
        found: The intervals.
        genome: The genome.
        notes: To which is added what does not fit.

    Raises:
        DataError: If it has none of the contigs.
    """
    names = {name: genome.resolve(str(name)) for name in dict.fromkeys(found.contigs)}
    other = [(given, own) for given, own in names.items() if own not in (None, given)]
    if all(own is None for own in names.values()):
        genome.contig(str(found.contigs[0]))  # says which there are
    if other:
        notes.append(
            f"{found.source}: its contig {other[0][0]} is {other[0][1]} in the genome"
            + (f"; {len(other) - 1:,} more likewise" if len(other) > 1 else "")
        )
    known = np.array([names[name] is not None for name in found.contigs], bool)
    contigs = np.array([names[name] or name for name in found.contigs], object)
    found = dataclasses.replace(found, contigs=contigs)
    sizes = np.array([genome.lengths.get(name, 0) for name in contigs], np.int64)
    past = known & (found.ends > sizes)
    if past.any() and (found.ends - sizes)[past].max() == 1:
        first = int(np.flatnonzero(past)[0])
        notes.append(
            f"{past.sum():,} intervals end one base behind their contig, such as "
            f"{found.where(first)}: starts and ends probably count from 1, and BED "
            f"counts from 0: take 1 from both"
        )
    elif past.any():
        first = int(np.flatnonzero(past)[0])
        name = found.contigs[first]
        notes.append(
            f"{past.sum():,} intervals end behind their contig, such as "
            f"{found.place(first)} ({found.where(first)}), where {name} has "
            f"{genome.lengths[name]:,} bases: is this the genome of these intervals?"
        )
    return found, known


def resized(found: Intervals, length: int, about: About, offset: int) -> Intervals:
    """Windows of one length about a point of each interval.

    Args:
        found: The intervals.
        length: Bases of each window.
        about: The point.
        offset: How many bases downstream of it the middle is.

    Raises:
        DataError: For a point or a length that there is not, or a summit that the
            intervals do not have.

    Example:
        >>> one = np.array(["c"], object), np.array([5]), np.array([10])
        >>> peak = Intervals(*one, np.array(["-"], object))
        >>> [resized(peak, 4, about, 0).place(0) for about in ("center", "start")]
        ['c:7-10(-)', 'c:9-12(-)']
    """
    if length < 1:
        raise DataError(f"{option('length', length)}: a window has at least 1 base")
    if about not in _POINTS:
        raise DataError(f"about {about!r}: {nearest(about, _POINTS)}")
    reverse = found.strands == "-"
    starts, ends = found.starts, found.ends
    if about == "summit":
        peaks = found.columns.get("peak")
        if peaks is None or peaks.dtype.kind not in "iuf":
            raise DataError(
                f"{found.source} has no column peak, in which narrowPeak files say "
                f"where the summit is: {option('about', 'center')}"
            )
        lacking = ~(peaks >= 0)
        middle = (starts + ends) // 2
        starts = np.where(lacking, middle, starts + np.nan_to_num(peaks)).astype(int)
        ends = starts + 1
    elif about != "center":
        first = reverse == (about == "end")  # the base at the lower end
        starts = np.where(first, starts, ends - 1)
        ends = starts + 1
    spare = starts + ends - length
    begin = np.where(reverse, -(-spare // 2), spare // 2)
    begin = begin + np.where(reverse, -offset, offset)
    return dataclasses.replace(found, starts=begin, ends=begin + length)


def beyond(placed: Intervals, genome: Reference) -> Bool[np.ndarray, "n"]:
    """Mask of the windows that reach beyond their contig, or have none."""
    sizes = np.array([genome.lengths.get(n, 0) for n in placed.contigs], np.int64)
    return (placed.starts < 0) | (placed.ends > sizes)


def tell_missing(
    found: Intervals,
    known: Bool[np.ndarray, "n"],
    outside: Bool[np.ndarray, "n"],
    notes: list[str],
    *,
    kept: bool,
) -> None:
    """Note which intervals have no window.

    Args:
        found: The intervals.
        known: Mask of those whose contig the genome has.
        outside: Mask of those that have no window.
        notes: To which is added.
        kept: Whether they stay, without a prediction; else they are left out.
    """
    done = "get no prediction" if kept else "are left out"
    missing = Counter(found.contigs[~known].tolist())
    if missing:
        listed = ", ".join(f"{n} ({count:,})" for n, count in missing.most_common(6))
        more = ", …" if len(missing) > 6 else ""
        notes.append(
            f"{(~known).sum():,} of {len(found):,} intervals {done}, their contigs are "
            f"not in the genome: {listed}{more}"
        )
    rows = np.flatnonzero(outside & known)
    if rows.size:
        names = found.columns.get("name")
        listed = [
            f"{found.place(at) if names is None else names[at]} "
            f"(row {at if found.rows is None else found.rows[at]})"
            for at in rows[:_LISTED].tolist()
        ]
        more = ", …" if rows.size > _LISTED else ""
        notes.append(
            f"{rows.size:,} of {len(found):,} windows reach beyond their contig and "
            f"{done}: {', '.join(listed)}{more}"
        )
