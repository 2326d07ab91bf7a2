"""Places of a structure's residues in the sequence that was studied."""

import numpy as np
from jaxtyping import Bool, Int64
from numpy.lib.stride_tricks import sliding_window_view

_AGREEMENT = 0.9
"""The share of residues that must agree for a sequence to be that of a structure."""

_AS_NUMBERED = 0.5
"""Score of a gap that is as long as the numbers say, in agreeing residues."""


def place(
    shown: str,
    whole: str,
    begins: Bool[np.ndarray, "len"],
    numbers: Int64[np.ndarray, "len"],
) -> Int64[np.ndarray, "len"] | None:
    """Find the residues of a structure in the whole sequence.

    The structure is cut where the chain is broken or its numbers jump. The pieces go,
    in order and without overlap, where most letters agree; of equal places that one
    is taken that leaves a gap as long as the numbers say.

    Args:
        shown: The letters of the residues in the structure.
        whole: The letters of all residues.
        begins: Whether a residue is not bound to the one before.
        numbers: The numbers of the residues in the file.

    Returns:
        The 0-based place of each residue, ascending; None if the sequence is not that
        of the structure (less than 90 % of the letters agree).

    Example:
        >>> numbers = np.array([1, 2, 6, 7])
        >>> begins = np.array([True, False, True, False])
        >>> place("MKGA", "MKLLLGA", begins, numbers).tolist()
        [0, 1, 5, 6]
    """
    if not shown or len(shown) > len(whole):
        return None
    jumps = np.diff(numbers, prepend=numbers[0] - 1) != 1
    starts = np.flatnonzero(begins | jumps)
    if starts[0] != 0:
        starts = np.concatenate([[0], starts])
    lengths = np.diff(starts, append=len(shown))
    gaps = np.where(begins[starts[1:]], np.diff(numbers)[starts[1:] - 1] - 1, 0)
    letters, all_letters = _codes(shown), _codes(whole)
    best, earlier = np.zeros(len(whole) + 1), []
    for at, (start, length) in enumerate(zip(starts, lengths, strict=True)):
        # best[p]: the most that the pieces so far agree, all ending before p.
        piece = letters[start : start + length]
        windows = sliding_window_view(all_letters, length)
        agree = (windows == piece).sum(axis=1)
        reach, origin = _running_best(best)
        reach, origin = reach[: len(agree)], origin[: len(agree)]
        if at:
            gap = int(gaps[at - 1])
            if 0 <= gap < len(agree):
                by_number = best[: len(agree) - gap] + _AS_NUMBERED
                better = by_number > reach[gap:]
                reach[gap:][better] = by_number[better]
                origin[gap:][better] = np.flatnonzero(better)
        earlier.append(origin)
        best = np.full(len(whole) + 1, -np.inf)
        best[length:] = agree + reach
    return _trace(best, earlier, starts, lengths, shown, whole)


def _running_best(
    best: np.ndarray,
) -> tuple[np.ndarray, Int64[np.ndarray, "places"]]:
    """The best up to each place, and where it is."""
    reach = np.maximum.accumulate(best)
    first = np.concatenate([[True], reach[1:] > reach[:-1]])
    return reach, np.maximum.accumulate(np.where(first, np.arange(len(best)), 0))


def _trace(
    best: np.ndarray,
    earlier: list[np.ndarray],
    starts: np.ndarray,
    lengths: np.ndarray,
    resolved: str,
    whole: str,
) -> Int64[np.ndarray, "len"] | None:
    """The places of all pieces, from the last back to the first."""
    if not np.isfinite(best).any():
        return None
    places = np.zeros(len(resolved), np.int64)
    end = int(np.argmax(best))
    pieces = list(zip(starts, lengths, earlier, strict=True))
    for start, length, origin in reversed(pieces):
        places[start : start + length] = np.arange(end - length, end)
        end = int(origin[end - length])
    agree = (_codes(whole)[places] == _codes(resolved)).mean()
    return places if agree >= _AGREEMENT else None


def _codes(text: str) -> np.ndarray:
    return np.frombuffer(text.encode("ascii"), np.uint8)
