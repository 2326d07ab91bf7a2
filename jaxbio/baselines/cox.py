"""Ridge Cox regression whose penalty held-out rows choose."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Float64, Int64, Num

from jaxbio.baselines.solvers import PENALTIES

_FOLDS = 3
_STEPS = 100  # of the optimizer
_SELECTION_ROWS = 20_000  # that choose the penalty
_DIRECT = 2000  # rows up to which fewer rows than columns are rotated
_FAR = 30.0  # of a linear predictor


class RiskSets(NamedTuple):
    """Who is at risk at the time of each event, as sums over sorted rows take it.

    Attributes:
        outcomes: Time, event and entry of each row.
        weights: Of each row.
        by_time: The rows by time, descending.
        by_entry: The rows by entry, descending.
        times: The distinct times of events, ascending.
        last: For each of these times how many rows have this time or a later one.
        early: For each how many enter at it or later.
        group: For each event (in the order of `events`) the number of its time.
        events: The rows with an event.
        share: For each event how much of the others of its time are no longer at risk.
        mean: For each event the mean weight of the events of its time.
        reach: For each row how many of the times are not after its own.
        begin: For each row how many of the times are not after its entry.
    """

    outcomes: Float64[np.ndarray, "n 3"]
    weights: Float64[np.ndarray, "n"]
    by_time: Int64[np.ndarray, "n"]
    by_entry: Int64[np.ndarray, "n"]
    times: Float64[np.ndarray, "times"]
    last: Int64[np.ndarray, "times"]
    early: Int64[np.ndarray, "times"]
    group: Int64[np.ndarray, "events"]
    events: Int64[np.ndarray, "events"]
    share: Float64[np.ndarray, "events"]
    mean: Float64[np.ndarray, "events"]
    reach: Int64[np.ndarray, "n"]
    begin: Int64[np.ndarray, "n"]


def risk_sets(
    outcomes: Float[np.ndarray, "n 3"], weights: Num[np.ndarray, "n"]
) -> RiskSets:
    """Sort rows for sums over those at risk, with Efron's way for ties.

    Args:
        outcomes: Time, event and entry of each row, all known.
        weights: Of each row.
    """
    outcomes = np.asarray(outcomes, np.float64)
    weights = np.asarray(weights, np.float64)
    time, event, entry = outcomes.T
    events = np.flatnonzero((event > 0) & (weights > 0))
    events = events[np.argsort(time[events], kind="stable")]
    times, group, counts = np.unique(
        time[events], return_inverse=True, return_counts=True
    )
    first = np.cumsum(counts) - counts
    place = np.arange(len(events)) - first[group]
    total = np.bincount(group, weights[events], len(times))
    rising, entering = np.sort(time), np.sort(entry)
    return RiskSets(
        outcomes,
        weights,
        np.argsort(-time, kind="stable"),
        np.argsort(-entry, kind="stable"),
        times,
        len(time) - np.searchsorted(rising, times, side="left"),
        len(time) - np.searchsorted(entering, times, side="left"),
        group,
        events,
        place / counts[group],
        (total / counts)[group],
        np.searchsorted(times, time, side="right"),
        np.searchsorted(times, entry, side="right"),
    )


def partial_likelihood(
    sets: RiskSets, predictor: Float[np.ndarray, "n"]
) -> tuple[float, Float64[np.ndarray, "n"]]:
    """The logarithm of Cox's partial likelihood, and its derivative.

    Args:
        sets: The rows at risk.
        predictor: The linear predictor (log hazard ratio) of each row.

    Returns:
        The logarithm, and its derivative by the linear predictor of each row, which are
        the martingale residuals.

    Source:
        Cox DR (1972) Journal of the Royal Statistical Society B 34:187; ties: Efron B
        (1977) Journal of the American Statistical Association 72:557.

    Example:
        >>> rows = np.array([[1.0, 1, 0], [2.0, 1, 0], [3.0, 0, 0]])
        >>> value, slopes = partial_likelihood(risk_sets(rows, np.ones(3)), np.zeros(3))
        >>> round(value, 4), slopes.round(3).tolist()
        (-1.7918, [0.667, 0.167, -0.833])
    """
    hazard = sets.weights * np.exp(np.clip(predictor, -_FAR, _FAR))
    later = np.concatenate([[0.0], np.cumsum(hazard[sets.by_time])])[sets.last]
    unborn = np.concatenate([[0.0], np.cumsum(hazard[sets.by_entry])])[sets.early]
    own = np.bincount(sets.group, hazard[sets.events], len(sets.times))
    at_risk = (later - unborn)[sets.group] - sets.share * own[sets.group]
    at_risk = np.maximum(at_risk, 1e-300)
    steps = sets.mean / at_risk
    seen = sets.weights[sets.events]
    value = float(seen @ predictor[sets.events] - sets.mean @ np.log(at_risk))
    each = np.bincount(sets.group, steps, len(sets.times))
    sums = np.concatenate([[0.0], np.cumsum(each)])
    slopes = -hazard * (sums[sets.reach] - sums[sets.begin])
    spared = np.bincount(sets.group, steps * sets.share, len(sets.times))
    slopes[sets.events] += seen + hazard[sets.events] * spared[sets.group]
    return value, slopes


def fit_cox(
    features: Float32[np.ndarray, "n columns"],
    outcomes: Float[np.ndarray, "n 3"],
    *,
    weights: Num[np.ndarray, "n"],
    seed: int = 0,
) -> Float32[np.ndarray, "columns"]:
    """Coefficients of ridge Cox regression on all rows; folds choose the penalty.

    Args:
        features: One row an example, of about equal spread.
        outcomes: Time, event and entry of each row, all known.
        weights: Of each row.
        seed: Which rows make up the three folds.

    Returns:
        The logarithm of the hazard ratio for each unit of a column.

    Source:
        Verweij PJM, van Houwelingen HC (1994) Statistics in Medicine 13:2427 (ridge;
        the cross-validated partial likelihood: 1993, 12:2305).
    """
    n, p = features.shape
    if not p or not (outcomes[:, 1] > 0).any():
        return np.zeros(p, np.float32)
    centred = features - np.average(features, axis=0, weights=weights)
    centred = centred.astype(np.float64)
    rotation = None
    if p > n and n <= _DIRECT:  # a ridge solution lies in the span of the rows
        left, size, rotation = np.linalg.svd(centred, full_matrices=False)
        centred = left * size
    random = np.random.default_rng(seed)
    chosen = random.permutation(n)[:_SELECTION_ROWS]
    penalty = _penalty(centred[chosen], outcomes[chosen], weights[chosen])
    solved = _solve(centred, risk_sets(outcomes, weights), penalty)
    if rotation is not None:
        solved = solved @ rotation
    return solved.astype(np.float32)


def _penalty(features: np.ndarray, outcomes: np.ndarray, weights: np.ndarray) -> float:
    """The penalty with which rows say most of others that come after them."""
    whole = risk_sets(outcomes, weights)
    gains = dict.fromkeys(PENALTIES, 0.0)
    fold = np.arange(len(features)) % _FOLDS
    for part in range(_FOLDS):
        rows = np.flatnonzero(fold != part)
        if not (outcomes[rows, 1] > 0).any():
            continue
        sets, start = risk_sets(outcomes[rows], weights[rows]), None
        for penalty in sorted(PENALTIES, reverse=True):
            start = _solve(features[rows], sets, penalty, start)
            predictor = features @ start
            gains[penalty] += partial_likelihood(whole, predictor)[0]
            gains[penalty] -= partial_likelihood(sets, predictor[rows])[0]
    return max(gains, key=gains.__getitem__)


def _solve(
    features: np.ndarray,
    sets: RiskSets,
    penalty: float,
    start: np.ndarray | None = None,
) -> Float64[np.ndarray, "columns"]:
    from scipy.optimize import minimize  # slow to import

    def loss(coefficients: np.ndarray) -> tuple[float, np.ndarray]:
        value, slopes = partial_likelihood(sets, features @ coefficients)
        square = 0.5 * penalty * float(coefficients @ coefficients)
        return square - value, penalty * coefficients - features.T @ slopes

    zero = np.zeros(features.shape[1]) if start is None else start
    run: Callable = minimize
    found = run(loss, zero, jac=True, method="L-BFGS-B", options={"maxiter": _STEPS})
    return found.x
