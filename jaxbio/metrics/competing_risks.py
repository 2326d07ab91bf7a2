"""Cumulative incidence of events of several causes that exclude one another."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Num

from jaxbio.metrics.survival_curves import curve_values

_LEAST = 1e-12  # of a survival whose logarithm is taken


def cumulative_incidence(
    causes: Sequence[tuple[Num[np.ndarray, "_"], Num[np.ndarray, "_ _"]]],
    at: Num[np.ndarray, "times"],
) -> list[Float[np.ndarray, "n times"]]:
    """The probability of the event by each cause up to given times.

    Each cause brings the curve of its own hazard, as if there were no other: rows that
    had the event by another cause are censored in it. Here the others take away those
    who could have had the event.

    Args:
        causes: For each cause the grid of its curves and the curve of each row.
        at: The times; after the last of any grid nothing is known (NaN).

    Source:
        Prentice RL et al. (1978) Biometrics 34:541.

    Example:
        >>> grid, one = np.array([10.0]), np.exp(-np.array([[0.1 * 10]]))
        >>> parts = cumulative_incidence([(grid, one), (grid, one)], np.array([10.0]))
        >>> [part.round(3).tolist() for part in parts]
        [[[0.432]], [[0.432]]]
    """
    at = np.asarray(at, np.float64)
    grid = np.unique(np.concatenate([[0.0], at, *(times for times, _ in causes)]))
    last = min(float(times[-1]) for times, _ in causes)
    grid = grid[grid <= last]
    hazards = np.stack(
        [
            -np.log(np.maximum(curve_values(times, curves, grid), _LEAST))
            for times, curves in causes
        ]
    )
    steps = np.diff(hazards, axis=-1)
    total = steps.sum(axis=0)
    falls = -np.diff(np.exp(-hazards.sum(axis=0)), axis=-1)
    # Within a step all hazards are constant: each cause has its share of the fall.
    shares = np.divide(steps, total, out=np.zeros_like(steps), where=total > 0)
    sums = np.cumsum(shares * falls, axis=-1)
    sums = np.concatenate([np.zeros_like(sums[..., :1]), sums], axis=-1)
    place = np.searchsorted(grid, np.minimum(at, last))
    known = (at >= 0) & (at <= last)
    return [np.where(known, each[:, place], np.nan) for each in sums]
