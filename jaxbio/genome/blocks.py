"""Groups of windows for splits: contigs, or stretches of few contigs."""

import dataclasses
from collections.abc import Mapping

import numpy as np
from jaxtyping import Int64

from jaxbio.genome.intervals import Intervals

BLOCK = "block"
"""The column that says which windows belong together."""

_PARTS = 3  # training, validation and test
_ENOUGH = 0.05  # of all windows, that a contig counts
_MOST_ON_ONE = 0.7
_BLOCKS = 50
_IN_BLOCK = 5  # windows of a block, at least


def with_blocks(
    windows: Intervals, lengths: Mapping[str, int], notes: list[str]
) -> Intervals:
    """Windows with the column `block`, by which they may be divided.

    Where three contigs or more have enough windows (a twentieth of all, and none more
    than seven tenths) these are the blocks. Else each contig is cut into stretches of
    neighbouring windows, some 50 in all, where the fewest windows reach over the cut.

    Args:
        windows: The windows.
        lengths: The bases of each contig.
        notes: To which is added what is worth knowing.

    Example:
        >>> names = np.array(["a", "b", "c"] * 2, object)
        >>> places = np.arange(6) * 10
        >>> one = Intervals(names, places, places + 5, np.array(["."] * 6, object))
        >>> with_blocks(one, {"a": 90, "b": 90, "c": 90}, []).columns["block"].tolist()
        ['a', 'b', 'c', 'a', 'b', 'c']
    """
    names, codes = np.unique(windows.contigs.astype(str), return_inverse=True)
    counts = np.bincount(codes, minlength=len(names))
    enough = (counts >= _ENOUGH * len(windows)).sum()
    if enough >= _PARTS and counts.max() <= _MOST_ON_ONE * len(windows):
        found = windows.contigs
    else:
        found, reaching = _stretches(windows, codes, names)
        if reaching:
            notes.append(
                f"{reaching:,} windows reach over the edge of their stretch of the "
                f"contig, so that some bases may be in two parts"
            )
    columns = {**windows.columns, BLOCK: found}
    return dataclasses.replace(windows, columns=columns)


def _stretches(
    windows: Intervals, codes: Int64[np.ndarray, "n"], names: np.ndarray
) -> tuple[np.ndarray, int]:
    """The stretch of each window, and how many windows reach into another one."""
    size = max(_IN_BLOCK, -(-len(windows) // _BLOCKS))
    blocks = np.empty(len(windows), object)
    reaching = 0
    for code, name in enumerate(names.tolist()):
        rows = np.flatnonzero(codes == code)
        starts, ends = windows.starts[rows], windows.ends[rows]
        edges = _edges(np.sort(starts), np.sort(ends), size)
        number = np.searchsorted(edges, starts, side="right")
        reaching += int(
            (number != np.searchsorted(edges, ends - 1, side="right")).sum()
        )
        blocks[rows] = [f"{name}/{at + 1}" for at in number]
    return blocks, reaching


def _edges(
    starts: Int64[np.ndarray, "n"], ends: Int64[np.ndarray, "n"], size: int
) -> Int64[np.ndarray, "edges"]:
    """Where to cut: at the start of a window, over which the fewest others reach.

    Args:
        starts: Of all windows of a contig, in order.
        ends: In order.
        size: Windows between two cuts, about.
    """
    count = len(starts) // size
    if count < 2:
        return np.zeros(0, np.int64)
    # Windows that begin before a start and end behind it.
    open_at = np.searchsorted(starts, starts, "left") - np.searchsorted(
        ends, starts, "right"
    )
    found = []
    for at in np.rint(np.linspace(0, len(starts), count + 1))[1:-1].astype(int):
        low, high = max(at - size // 2, 1), min(at + size // 2 + 1, len(starts))
        among = np.arange(low, high)
        best = among[np.lexsort((np.abs(among - at), open_at[among]))[0]]
        found.append(starts[best])
    return np.unique(np.array(found, np.int64))
