"""Sequences that are longer than a model takes: windows that overlap by half.

Each token's vector is taken from the window in whose middle it is nearest to lie, so
that it was seen with at least a quarter of a window on either side, but for the ends.
"""

import dataclasses
import itertools


@dataclasses.dataclass(frozen=True)
class Window:
    """A part of a sequence that a model sees at once.

    Attributes:
        start: The first token.
        stop: The token after the last one.
        first: The first of those whose vectors are taken from here.
        last: The one after the last of these.
    """

    start: int
    stop: int
    first: int
    last: int


def windows(length: int, size: int) -> list[Window]:
    """The windows over a sequence; one that is not too long has one.

    They begin at every half of a window, the last one so that it ends with the
    sequence. Of two that overlap, the earlier one gives the first half of the overlap.

    Args:
        length: Number of tokens.
        size: The most tokens of a window, two or more.

    Example:
        >>> [(w.start, w.stop, w.first, w.last) for w in windows(10, 4)]
        [(0, 4, 0, 3), (2, 6, 3, 5), (4, 8, 5, 7), (6, 10, 7, 10)]
        >>> windows(3, 4)
        [Window(start=0, stop=3, first=0, last=3)]
    """
    if length <= size:
        return [Window(0, length, 0, length)]
    starts = list(range(0, length - size, max(size // 2, 1)))
    starts.append(length - size)
    edges = [0]
    for before, after in itertools.pairwise(starts):
        edges.append((after + before + size) // 2)
    edges.append(length)
    return [
        Window(start, start + size, edges[at], edges[at + 1])
        for at, start in enumerate(starts)
    ]
