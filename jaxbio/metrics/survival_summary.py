"""Metrics of predicted survival curves by name, as tables of scores show them."""

import numpy as np
from jaxtyping import Num

from jaxbio.metrics.standard import Metrics
from jaxbio.metrics.survival import censoring_curve
from jaxbio.metrics.survival_curves import at_risk_weights, curve_values, risks
from jaxbio.metrics.survival_scores import (
    antolini_concordance,
    harrell_concordance,
    integrated_brier_score,
    survival_calibration,
)

_MOST_TIMES = 100  # at which curves are compared
_MOST_PAIRED = 4000  # rows of which each is compared with each
_GROUPS = 5
_UNCENSORED = 0.1  # of the rows, until which curves are scored


def survival_metrics(
    outcomes: Num[np.ndarray, "n columns"],
    curves: Num[np.ndarray, "n times"],
    times: Num[np.ndarray, "times"],
    *,
    hazards: Num[np.ndarray, "times"] | None = None,
    weights: Num[np.ndarray, "n"] | None = None,
) -> Metrics:
    """Order, sharpness and calibration of survival curves.

    Args:
        outcomes: Time and event of each row, perhaps with more columns; rows with NaN
            are left out.
        curves: The survival of each row at each time of the grid.
        times: The grid, ascending, above 0.
        hazards: Those of the cohort on the grid, by which its times weigh in the risk;
            None where all weigh the same.
        weights: Of each row; None where all weigh the same.

    Returns:
        `concordance` (Harrell) of the risks and `antolini` of the curves (of 4,000 rows
        at most), both 0.5 for no order; `ibs`, the integrated Brier score up to the
        time at which a tenth of the rows is not censored, and `calibration`, the mean
        difference of predicted and observed survival at the middle of the grid, both
        best at 0; `events` and `n`. None for what cannot be told of these rows.

    Example:
        >>> outcomes = np.array([[1.0, 1], [2.0, 1], [3.0, 0]])
        >>> curves = np.array([[0.2, 0.1], [0.6, 0.3], [0.9, 0.8]])
        >>> scores = survival_metrics(outcomes, curves, np.array([1.5, 3.0]))
        >>> scores["concordance"], scores["n"], scores["events"]
        (1.0, 3, 2)
    """
    known = ~(np.isnan(outcomes[:, :2]).any(axis=1) | np.isnan(curves).any(axis=1))
    if weights is not None:
        known &= np.asarray(weights) > 0
        weights = np.asarray(weights, np.float64)[known]
    time, event = outcomes[known, :2].T.astype(np.float64)
    curves, times = np.asarray(curves[known], np.float64), np.asarray(times, np.float64)
    names = ("concordance", "antolini", "ibs", "calibration")
    scores: Metrics = dict.fromkeys(names)
    count = int(event.sum()) if len(time) else 0
    scores |= {"events": count, "n": len(time)}
    if not count:
        return scores
    shares = None if hazards is None else at_risk_weights(times, hazards)
    risk = risks(curves, shares)
    scores["concordance"] = harrell_concordance(time, event, risk, weights=weights)
    at = _some(np.unique(time[(event > 0) & (time <= times[-1])]))
    if len(at):
        values = curve_values(times, curves, at)
        rows = _some_rows(len(time))
        own = None if weights is None else weights[rows]
        scores["antolini"] = antolini_concordance(
            time[rows], event[rows], values[rows], at, weights=own
        )
    ends = times[(times < time.max()) & _seen(time, event, times)]
    if len(ends) > 1:
        values = curves[:, np.isin(times, ends)]
        scores["ibs"] = integrated_brier_score(
            time, event, values, ends, weights=weights
        )
    middle = float(times[len(times) // 2])
    if middle <= time.max() and weights is None:
        values = curves[:, len(times) // 2]
        groups = min(_GROUPS, max(count // 5, 1))
        found = survival_calibration(time, event, values, middle, groups=groups)
        scores["calibration"] = found.error
    return scores


def _some_rows(count: int) -> np.ndarray:
    """All rows; of very many, of which each is compared with each, some."""
    if count <= _MOST_PAIRED:
        return np.arange(count)
    return np.random.default_rng(0).choice(count, _MOST_PAIRED, replace=False)


def _some(times: np.ndarray) -> np.ndarray:
    """Times spread over all of them."""
    if len(times) <= _MOST_TIMES:
        return times
    return times[np.linspace(0, len(times) - 1, _MOST_TIMES).round().astype(int)]


def _seen(time: np.ndarray, event: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Which times come before nearly all rows are censored.

    Beyond them the few that are left would weigh more than all others.
    """
    return censoring_curve(time, event).at(at) >= _UNCENSORED
