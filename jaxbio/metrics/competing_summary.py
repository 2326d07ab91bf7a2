"""Metrics of predicted cumulative incidences by name, as tables of scores show them."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Num

from jaxbio.metrics.competing_risks import aalen_johansen, incidence_brier_score
from jaxbio.metrics.standard import Metrics
from jaxbio.metrics.survival import censoring_curve
from jaxbio.metrics.survival_curves import at_risk_weights
from jaxbio.metrics.survival_scores import harrell_concordance

_GROUPS = 5
_UNCENSORED = 0.1  # of the rows, until which incidences are scored


def competing_metrics(
    outcomes: Num[np.ndarray, "n columns"],
    incidences: Num[np.ndarray, "n causes times"],
    times: Num[np.ndarray, "times"],
    causes: Sequence[str],
    *,
    hazards: Num[np.ndarray, "times"] | None = None,
    weights: Num[np.ndarray, "n"] | None = None,
) -> Metrics:
    """Order, sharpness and calibration of cumulative incidences.

    Args:
        outcomes: Time and cause of each row, 1 for the first and 0 for none, perhaps
            with more columns; rows with NaN are left out.
        incidences: Of each row and cause at each time of the grid.
        times: The grid, ascending, above 0.
        causes: Their names.
        hazards: Of any event in the cohort, by which the times of the grid weigh in the
            risk; None where all weigh the same.
        weights: Of each row; None where all weigh the same.

    Returns:
        `concordance_CAUSE`: of each row with the event by that cause, and each that was
        followed for longer, the share in the right order of its risk (Harrell);
        `ibs_CAUSE`: the integrated Brier score of its incidence up to the time at which
        a tenth of the rows is not censored; `concordance` and `ibs`, their means over
        causes; `calibration`, the mean difference of predicted and observed incidence
        (Aalen-Johansen) at the middle of the grid, in groups of like predictions;
        `events` of all causes, and `n`. None for what cannot be told of these rows.

    Source:
        Lee C et al. (2018) AAAI 32:2314 (concordance by cause); Schoop R et al. (2011)
        Biometrical Journal 53:88 (Brier score).

    Example:
        >>> outcomes = np.array([[1.0, 1], [2.0, 2], [3.0, 0]])
        >>> given = np.array([[[0.6], [0.2]], [[0.1], [0.7]], [[0.1], [0.1]]])
        >>> scores = competing_metrics(outcomes, given, np.array([2.5]), ("a", "b"))
        >>> scores["concordance"], scores["events"], scores["n"]
        (1.0, 2, 3)
    """
    missing = np.isnan(outcomes[:, :2]).any(axis=1)
    known = ~(missing | np.isnan(incidences).any(axis=(1, 2)))
    if weights is not None:
        known &= np.asarray(weights) > 0
        weights = np.asarray(weights, np.float64)[known]
    time = outcomes[known, 0].astype(np.float64)
    cause = outcomes[known, 1].astype(np.int64)
    given, times = np.asarray(incidences[known], np.float64), np.asarray(times, float)
    each: list[Metrics] = [{} for _ in causes]
    for at, scores in enumerate(each):
        scores |= {"concordance": None, "ibs": None, "calibration": None}
        if (cause == at + 1).any():
            own = given[:, at]
            scores |= _of_cause(time, cause, at + 1, own, times, hazards, weights)
    found: Metrics = {name: _mean([x[name] for x in each]) for name in each[0]}
    for name in ("concordance", "ibs"):
        pairs = zip(causes, each, strict=True)
        found |= {f"{name}_{cause}": scores[name] for cause, scores in pairs}
    return found | {"events": int((cause > 0).sum()), "n": len(time)}


def risks_by_cause(
    incidences: Num[np.ndarray, "n causes times"],
    times: Num[np.ndarray, "times"],
    hazards: Num[np.ndarray, "times"] | None = None,
) -> Float[np.ndarray, "n causes"]:
    """The mean incidence of each cause over the times of a grid.

    Args:
        incidences: Of each row and cause at each time of the grid.
        times: The grid.
        hazards: Of any event in the cohort: times weigh by the rows that are still
            under observation; None where all weigh the same.

    Example:
        >>> given = np.array([[[0.2, 0.4], [0.0, 0.1]]])
        >>> risks_by_cause(given, np.array([1.0, 2.0])).round(2)
        array([[0.3 , 0.05]])
    """
    shares = None if hazards is None else at_risk_weights(times, hazards)
    return np.average(np.asarray(incidences, np.float64), axis=2, weights=shares)


def _of_cause(
    time: np.ndarray,
    cause: np.ndarray,
    of: int,
    given: np.ndarray,
    times: np.ndarray,
    hazards: np.ndarray | None,
    weights: np.ndarray | None,
) -> Metrics:
    """The metrics of one cause of which there is an event at least."""
    risk = risks_by_cause(given[:, None], times, hazards)[:, 0]
    scores: Metrics = {
        "concordance": harrell_concordance(time, cause == of, risk, weights=weights)
    }
    still = censoring_curve(time, cause > 0).at(times) >= _UNCENSORED
    ends = (times < time.max()) & still
    if ends.sum() > 1:
        at = times[ends]
        brier = incidence_brier_score(
            time, cause, given[:, ends], at, of=of, weights=weights
        )
        scores["ibs"] = float(np.trapezoid(brier, at) / (at[-1] - at[0]))
    middle = len(times) // 2
    if times[middle] <= time.max() and weights is None:
        groups = min(_GROUPS, max(int((cause == of).sum()) // 5, 1))
        at = float(times[middle])
        scores["calibration"] = _error(time, cause, of, given[:, middle], at, groups)
    return scores


def _error(
    time: np.ndarray,
    cause: np.ndarray,
    of: int,
    predicted: np.ndarray,
    at: float,
    groups: int,
) -> float:
    """The mean difference of predicted and observed incidence, by group of rows."""
    edges = np.quantile(predicted, np.arange(1, groups) / groups)
    group = np.searchsorted(edges, predicted)
    total = 0.0
    for each in np.unique(group):
        own = group == each
        found = aalen_johansen(time[own], cause[own], int(cause.max()))
        observed = found.at(np.array([at]))[of - 1, 0]
        total += own.mean() * abs(predicted[own].mean() - observed)
    return float(total)


def _mean(values: Sequence[float | None]) -> float | None:
    """The mean of what is known."""
    known = [value for value in values if value is not None]
    return float(np.mean(known)) if known else None
