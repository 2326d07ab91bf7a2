"""Survival curves on a grid of times, and what is read off them.

Between two times of the grid the hazard is constant, so that the logarithm of the
curve is a straight line; at time 0 the survival is 1.
"""

import numpy as np
from jaxtyping import Float, Num

from jaxbio.errors import DataError

_LEAST = 1e-12  # of a survival whose logarithm is taken


def piecewise_curves(
    log_ratios: Num[np.ndarray, "n times"],
    times: Num[np.ndarray, "times"],
    hazards: Num[np.ndarray, "times"],
) -> Float[np.ndarray, "n times"]:
    """Survival at the end of each interval of a grid, by its hazards.

    Args:
        log_ratios: For each row and interval the logarithm of its hazard, relative to
            that of the cohort.
        times: The ends of the intervals, ascending.
        hazards: Those of the cohort, for each unit of time.

    Source:
        Friedman M (1982) Annals of Statistics 10:101.

    Example:
        >>> ratios = np.log([[1.0, 1.0], [2.0, 2.0]])
        >>> piecewise_curves(ratios, np.array([1, 3]), np.array([0.1, 0.2])).round(3)
        array([[0.905, 0.607],
               [0.819, 0.368]])
    """
    steps = np.asarray(hazards) * np.diff(times, prepend=0.0)
    rates = np.exp(np.minimum(np.asarray(log_ratios, np.float64), 20.0))
    return np.exp(-np.cumsum(steps * rates, axis=1))


def curve_values(
    times: Num[np.ndarray, "times"],
    curves: Num[np.ndarray, "n times"],
    at: Num[np.ndarray, "m"],
) -> Float[np.ndarray, "n m"]:
    """Survival of each row at given times.

    Args:
        times: The grid of the curves, ascending, above 0.
        curves: The survival of each row at each time of the grid.
        at: The times; after the last of the grid the curve is not known (NaN).

    Example:
        >>> curve_values(np.array([2.0]), np.array([[0.25]]), np.array([0, 1, 2, 3]))
        array([[1.  , 0.5 , 0.25,  nan]])
    """
    logs, grid = _logs(times, curves), np.concatenate([[0.0], times])
    at = np.asarray(at, np.float64)
    right = np.clip(np.searchsorted(grid, at), 1, len(grid) - 1)
    share = (at - grid[right - 1]) / (grid[right] - grid[right - 1])
    values = np.exp(logs[:, right - 1] * (1 - share) + logs[:, right] * share)
    return np.where((at > grid[-1]) | (at < 0), np.nan, values)


def median_times(
    times: Num[np.ndarray, "times"], curves: Num[np.ndarray, "n times"]
) -> Float[np.ndarray, "n"]:
    """The time at which the survival of each row falls to one half.

    Args:
        times: The grid of the curves, ascending, above 0.
        curves: The survival of each row at each time of the grid.

    Returns:
        The times; NaN where the survival stays above one half.

    Example:
        >>> median_times(np.array([1.0, 2.0]), np.array([[0.8, 0.5], [0.9, 0.8]]))
        array([ 2., nan])
    """
    logs, grid = _logs(times, curves), np.concatenate([[0.0], times])
    half, rows = np.log(0.5), np.arange(len(logs))
    below = logs <= half
    right = np.maximum(np.argmax(below, axis=1), 1)
    before, after = logs[rows, right - 1], logs[rows, right]
    step = np.where(after < before, before - after, 1.0)
    share = np.clip((before - half) / step, 0, 1)
    medians = grid[right - 1] + share * (grid[right] - grid[right - 1])
    return np.where(below.any(axis=1), medians, np.nan)


def mean_times(
    times: Num[np.ndarray, "times"],
    curves: Num[np.ndarray, "n times"],
    until: float | None = None,
) -> Float[np.ndarray, "n"]:
    """The restricted mean survival time of each row: the area below its curve.

    Args:
        times: The grid of the curves, ascending, above 0.
        curves: The survival of each row at each time of the grid.
        until: The end; None for the last time of the grid.

    Raises:
        DataError: For an end that is not above 0, or after the last time.

    Source:
        Royston P, Parmar MKB (2013) BMC Medical Research Methodology 13:152.

    Example:
        >>> curves = np.array([[1.0, 1.0], [0.5, 0.5]])
        >>> mean_times(np.array([2.0, 4.0]), curves).round(3)
        array([4.   , 2.443])
    """
    last = float(times[-1])
    until = last if until is None else until
    if not 0 < until <= last:
        raise DataError(
            f"until={until:g}: a restricted mean ends at a time above 0 and not after "
            f"{last:g}, the last event that is known"
        )
    inner = np.asarray(times, np.float64)
    ends = np.append(inner[inner < until], until)
    logs = np.log(np.maximum(curve_values(times, curves, ends), _LEAST))
    logs = np.concatenate([np.zeros((len(logs), 1)), logs], axis=1)
    falls = logs[:, :-1] - logs[:, 1:]
    # The mean of an exponential piece: (start - end) / fall, the start if it is level.
    level = falls < 1e-6
    heights = np.exp(logs[:, :-1])
    pieces = np.where(level, heights, -np.expm1(-falls) * heights)
    means = np.where(level, heights, pieces / np.where(level, 1.0, falls))
    return means @ np.diff(ends, prepend=0.0)


def risks(
    curves: Num[np.ndarray, "n times"], weights: Num[np.ndarray, "times"] | None = None
) -> Float[np.ndarray, "n"]:
    """The mean probability of the event by the times of a grid, from 0 to 1.

    Where curves cross, which row comes first depends on when one looks; this looks at
    all times of the grid.

    Args:
        curves: The survival of each row at each time of the grid.
        weights: Of each time, such as `at_risk_weights`; None where all weigh the same.

    Example:
        >>> risks(np.array([[1.0, 1.0], [0.5, 0.25]])).tolist()
        [0.0, 0.625]
    """
    return 1 - np.average(np.asarray(curves, np.float64), axis=1, weights=weights)


def at_risk_weights(
    times: Num[np.ndarray, "times"], hazards: Num[np.ndarray, "times"]
) -> Float[np.ndarray, "times"]:
    """Weights of the times of a grid by the rows that are still under observation.

    With as many events in each interval, as `event_grid` has them, the cohort's hazards
    tell how many rows were at risk. Concordance weighs times alike: each event is
    compared with the rows that are still there.

    Args:
        times: The ends of the intervals, ascending.
        hazards: Those of the cohort, for each unit of time.

    Example:
        >>> at_risk_weights(np.array([1.0, 3.0]), np.array([0.1, 0.2])).round(3)
        array([0.8, 0.2])
    """
    steps = np.asarray(hazards) * np.diff(times, prepend=0.0)
    return (1 / steps) / (1 / steps).sum()


def _logs(
    times: Num[np.ndarray, "times"], curves: Num[np.ndarray, "n times"]
) -> Float[np.ndarray, "n steps"]:
    """Logarithms of the survival at 0 and at the times of the grid."""
    values = np.asarray(curves, np.float64)
    start = np.ones((len(values), 1))
    return np.log(np.maximum(np.concatenate([start, values], axis=1), _LEAST))
