"""Chains longer than a network should see at once: overlapping windows, and back."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Float32


def window_starts(length: int, window: int) -> list[int]:
    """Starts of the windows over a chain; the last one ends with the chain.

    Two windows share a third or more.

    Example:
        >>> window_starts(1500, 1500), window_starts(2600, 1500)
        ([0], [0, 1000, 1100])
    """
    if length <= window:
        return [0]
    last = length - window
    return [*range(0, last, window - window // 3), last]


def join_positions(
    parts: Sequence[Float[np.ndarray, "window *columns"]],
    starts: Sequence[int],
    length: int,
) -> Float32[np.ndarray, "len *columns"]:
    """Values of positions from those of windows.

    Where windows overlap, each counts the more the further its ends are.

    Args:
        parts: The values of each window.
        starts: Where each begins.
        length: Of the chain.

    Example:
        >>> one, other = np.zeros(3, np.float32), np.ones(3, np.float32)
        >>> join_positions([one, other], [0, 2], 5).tolist()
        [0.0, 0.0, 0.5, 1.0, 1.0]
    """
    if len(parts) == 1:
        return parts[0].astype(np.float32)
    columns = parts[0].shape[1:]
    total = np.zeros((length, *columns), np.float32)
    weights = np.zeros((length, *(1 for _ in columns)), np.float32)
    for part, start in zip(parts, starts, strict=True):
        run = slice(start, start + len(part))
        weight = _from_ends(len(part)).reshape(-1, *weights.shape[1:])
        total[run] += weight * part
        weights[run] += weight
    return total / weights


def join_pairs(
    parts: Sequence[Float[np.ndarray, "window window bins"]],
    starts: Sequence[int],
    length: int,
    uninformed: Float[np.ndarray, "bins"],
) -> Float[np.ndarray, "len len bins"]:
    """Probabilities of pairs from those of windows.

    One copy of the whole is held, in the type of the parts.

    Args:
        parts: The probabilities in each window.
        starts: Where each begins.
        length: Of the chain.
        uninformed: The probabilities of pairs that no window holds.

    Example:
        >>> part = np.tile(np.array([0.75, 0.25], np.float32), (2, 2, 1))
        >>> join_pairs([part, part], [0, 1], 3, np.array([0.5, 0.5]))[0].tolist()
        [[0.75, 0.25], [0.75, 0.25], [0.5, 0.5]]
    """
    if len(parts) == 1:
        return parts[0]
    table = np.empty((length, length, len(uninformed)), parts[0].dtype)
    table[:] = uninformed
    # A pair is taken from the window in which it is further from the ends.
    best = np.zeros((length, length), np.float32)
    for part, start in zip(parts, starts, strict=True):
        run = slice(start, start + len(part))
        ends = _from_ends(len(part))
        far = np.minimum(ends[:, None], ends)
        better = far > best[run, run]
        table[run, run][better] = part[better]
        best[run, run] = np.maximum(best[run, run], far)
    return table


def _from_ends(length: int) -> Float32[np.ndarray, "len"]:
    """Distance of each position from the nearer end, from 1."""
    place = np.arange(1, length + 1, dtype=np.float32)
    return np.minimum(place, place[::-1])
