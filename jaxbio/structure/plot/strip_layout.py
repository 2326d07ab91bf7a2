"""Layout of a secondary structure strip: rows, segments, shapes."""

from collections.abc import Sequence
from itertools import groupby
from typing import NamedTuple

import numpy as np
from jaxtyping import Float

ROW = 80
"""Residues in a row."""

HALF_TURN = 1.8
"""Residues in half a turn of an alpha helix."""

_HEAD = 1.8  # residues


class Segment(NamedTuple):
    """Neighbouring residues in one state.

    Attributes:
        state: Their letter.
        start: The first, from 0.
        stop: The one after the last.
        ends: Whether the last of them is in this row, not in the next one.
    """

    state: str
    start: int
    stop: int
    ends: bool = True


def rows(length: int, width: int = ROW) -> list[tuple[int, int]]:
    """The first residue of each row and the one after its last.

    Example:
        >>> rows(170)
        [(0, 80), (80, 160), (160, 170)]
    """
    return [(start, min(start + width, length)) for start in range(0, length, width)]


def segments(states: str) -> list[Segment]:
    """Runs of residues in one state.

    Example:
        >>> [tuple(segment[:3]) for segment in segments("CHHE")]
        [('C', 0, 1), ('H', 1, 3), ('E', 3, 4)]
    """
    found, start = [], 0
    for state, run in groupby(states):
        stop = start + len(list(run))
        found.append(Segment(state, start, stop))
        start = stop
    return found


def within(parts: Sequence[Segment], start: int, stop: int) -> list[Segment]:
    """The segments of one row, cut where the row begins and ends.

    Example:
        >>> within([Segment("H", 0, 5), Segment("C", 5, 9)], 2, 4)
        [Segment(state='H', start=2, stop=4, ends=False)]
    """
    return [
        Segment(
            part.state, max(part.start, start), min(part.stop, stop), part.stop <= stop
        )
        for part in parts
        if part.start < stop and part.stop > start
    ]


def arrow(segment: Segment) -> Float[np.ndarray, "corners 2"]:
    """The outline of a strand, half a unit to each side of the axis where widest.

    The head is on the last residues; a strand that goes on in the next row has none.

    Example:
        >>> arrow(Segment("E", 0, 6, ends=False)).tolist()
        [[0.0, -0.25], [6.0, -0.25], [6.0, 0.25], [0.0, 0.25]]
    """
    start, stop = float(segment.start), float(segment.stop)
    if not segment.ends:
        upper = [(start, -0.25), (stop, -0.25)]
    else:
        neck = max(start, stop - _HEAD)
        upper = [(start, -0.25), (neck, -0.25), (neck, -0.5), (stop, 0.0)]
    lower = [(x, -y) for x, y in reversed(upper) if y]
    return np.array(upper + lower)


def ribbon(segment: Segment) -> list[Float[np.ndarray, "4 2"]]:
    """A helix as a band wound about its axis, a parallelogram for each half turn.

    Returns:
        Those in front (rising, at even places) and behind (falling, at odd places) in
        turn, from half a unit on one side of the axis to half on the other; y down.

    Example:
        >>> front, back = ribbon(Segment("H", 0, 4))
        >>> front.round(1).tolist()
        [[0.0, 0.5], [1.3, 0.5], [2.7, -0.5], [1.3, -0.5]]
    """
    start, length = segment.start, segment.stop - segment.start
    turns = max(1, round(length / HALF_TURN))
    wide = 0.7 * length / (turns + 0.1)
    step = (length - wide) / turns
    found = []
    for turn in range(turns):
        left, side = start + turn * step, 0.5 if turn % 2 == 0 else -0.5
        corners = [(left, side), (left + wide, side)]
        corners += [(left + step + wide, -side), (left + step, -side)]
        found.append(np.array(corners))
    return found


class Bands(NamedTuple):
    """Heights of what a row is made of, from its top down; NaN for what is left out.

    Attributes:
        numbers: Of the middle of the residue numbers.
        letters: Of the middle of the sequence.
        predicted: Of the axis of the predicted elements.
        true: Of the axis of the true elements.
        curves: Of the zero of the curves.
        height: Of the whole row with the space below it.
    """

    numbers: float
    letters: float
    predicted: float
    true: float
    curves: float
    height: float


CURVES = 1.9
"""The height of curves, in units of the height of an element."""


def bands(with_truth: bool, with_curves: bool) -> Bands:
    """Places of the parts of a row, in units of the height of an element.

    Example:
        >>> bands(True, False)
        Bands(numbers=0.4, letters=1.2, predicted=2.3, true=3.6, curves=nan, height=4.7)
    """
    nan = float("nan")
    foot = 3.6 if with_truth else 2.3
    curves = round(foot + 0.9 + CURVES, 1) if with_curves else nan
    height = curves + 0.7 if with_curves else foot + 1.1
    return Bands(0.4, 1.2, 2.3, 3.6 if with_truth else nan, curves, round(height, 1))
