"""Scores of predicted risks and survival curves against times that may be censored.

`time` and `event` are as in `survival`. A score is None where no pair of rows can be
compared. `censoring` is the `censoring_curve` of the training rows; by default that of
the rows at hand.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int, Num, Shaped

from jaxbio.errors import DataError
from jaxbio.metrics.survival import (
    StepCurve,
    censoring_curve,
    censoring_weights,
    check_outcomes,
    check_rows,
    kaplan_meier,
    step_values,
)

_BLOCK = 256  # rows compared with all others at once, which bounds the memory


class DynamicAUC(NamedTuple):
    """Time-dependent areas under the ROC curve.

    Args:
        auc: At each time; NaN without a row with an event before, or one after.
        mean: Over times, weighted by the fall of the Kaplan-Meier curve between them;
            None if one of them is NaN, or the curve does not fall.
    """

    auc: Float[np.ndarray, "times"]
    mean: float | None


class Calibration(NamedTuple):
    """Predicted and observed survival at a time, in groups of like predictions.

    Args:
        predicted: The mean of the predictions of each group, ascending.
        observed: The Kaplan-Meier estimate of each group.
        rows: The rows of each group.
        error: The mean of |predicted - observed| over rows.
    """

    predicted: Float[np.ndarray, "groups"]
    observed: Float[np.ndarray, "groups"]
    rows: Shaped[np.ndarray, "groups"]
    error: float


def harrell_concordance(
    time: Num[np.ndarray, "n"],
    event: Shaped[np.ndarray, "n"],
    risk: Num[np.ndarray, "n"],
    *,
    weights: Num[np.ndarray, "n"] | None = None,
) -> float | None:
    """Harrell's concordance: the share of comparable pairs in the right order of risk.

    A pair is comparable if the row with the earlier time had the event; at equal times,
    if one row had the event and the other did not. Equal risks count half.

    Args:
        time: Of each row.
        event: 1 for an event, 0 for a censored row.
        risk: The higher, the earlier the event is expected.
        weights: Of each row; a pair counts with the product of both. None for 1.

    Returns:
        From 0 to 1, 0.5 for no order at all; None without a comparable pair.

    Raises:
        DataError: As `check_outcomes`, and for risks that are not finite.

    Source:
        Harrell FE et al. (1996) Statistics in Medicine 15:361.

    Example:
        >>> time, event = np.array([1, 2, 3]), np.array([1, 0, 1])
        >>> harrell_concordance(time, event, np.array([0.5, 0.9, 0.1]))
        0.5
    """
    time, event = check_outcomes(time, event)
    own = np.ones(len(time)) if weights is None else np.asarray(weights, np.float64)
    return _ranked(time, event, np.asarray(risk, np.float64), event * own, own)


def uno_concordance(
    time: Num[np.ndarray, "n"],
    event: Shaped[np.ndarray, "n"],
    risk: Num[np.ndarray, "n"],
    *,
    until: float | None = None,
    censoring: StepCurve | None = None,
) -> float | None:
    """Uno's concordance, which does not depend on how many rows are censored.

    As Harrell's, but each pair counts with the squared censoring weight of the earlier
    row.

    Args:
        time: Of each row.
        event: 1 for an event, 0 for a censored row.
        risk: The higher, the earlier the event is expected.
        until: Only events before this time count; all by default.
        censoring: See the module.

    Returns:
        From 0 to 1, 0.5 for no order at all; None without a comparable pair.

    Raises:
        DataError: As `harrell_concordance`, and if an event that counts lies where all
            rows are censored: choose an earlier `until`.

    Source:
        Uno H et al. (2011) Statistics in Medicine 30:1105.

    Example:
        >>> time, event = np.array([1, 2, 3, 4]), np.array([1, 0, 1, 1])
        >>> round(uno_concordance(time, event, np.array([0.5, 0.9, 0.7, 0.1])), 4)
        0.619
    """
    time, event = check_outcomes(time, event)
    curve = censoring_curve(time, event) if censoring is None else censoring
    counted = event == 1 if until is None else (event == 1) & (time < until)
    # No row can stand after the last: it needs no weight, which may not exist.
    counted &= _followed(time, event)
    weights = np.zeros(len(time))
    weights[counted] = censoring_weights(curve, time[counted]) ** 2
    each = np.ones(len(time))
    return _ranked(time, event, np.asarray(risk, np.float64), weights, each)


def concordant_pairs(
    time: Num[np.ndarray, "n"],
    event: Shaped[np.ndarray, "n"],
    risk: Num[np.ndarray, "n"],
    counts: Num[np.ndarray, "draws n"],
) -> tuple[Float[np.ndarray, "draws"], Float[np.ndarray, "draws"]]:
    """Pairs in the right order of risk and pairs that can be compared, by draw of rows.

    Args:
        time: Of each row.
        event: 1 for an event, 0 for a censored row.
        risk: The higher, the earlier the event is expected.
        counts: How often each draw has each row.

    Raises:
        DataError: As `harrell_concordance`.

    Example:
        >>> time, event = np.array([1, 2, 3]), np.array([1, 0, 1])
        >>> risk, counts = np.array([0.5, 0.9, 0.1]), np.array([[1, 1, 1], [2, 0, 1]])
        >>> [pairs.tolist() for pairs in concordant_pairs(time, event, risk, counts)]
        [[1.0, 2.0], [2.0, 2.0]]
    """
    time, event = check_outcomes(time, event)
    check_rows("risk", risk, (len(time),))
    counts = np.asarray(counts, np.float32)
    right, pairs = np.zeros((2, len(counts)))
    cases = np.flatnonzero(event)
    for start in range(0, len(cases), _BLOCK):
        rows = cases[start : start + _BLOCK]
        later, own = _later(time, event, rows), risk[rows][:, None]
        order = ((risk < own) + 0.5 * (risk == own)) * later
        for total, table in ((right, order), (pairs, later)):
            sums = counts @ table.T.astype(np.float32)
            total += (counts[:, rows] * sums).sum(axis=1, dtype=np.float64)
    return right, pairs


def antolini_concordance(
    time: Num[np.ndarray, "n"],
    event: Shaped[np.ndarray, "n"],
    survival: Float[np.ndarray, "n times"],
    times: Float[np.ndarray, "times"],
    *,
    weights: Num[np.ndarray, "n"] | None = None,
) -> float | None:
    """Antolini's time-dependent concordance of survival curves, which may cross.

    At the time of the event of the earlier row of a comparable pair its survival should
    be the lower of both. Equal values count half (the paper counts them not at all), so
    that curves of a coarse grid of times are not punished for it.

    Args:
        time: Of each row.
        event: 1 for an event, 0 for a censored row.
        survival: The curve of each row, which holds from each time until the next.
        times: The times of the curves, ascending; before the first the survival is 1.
        weights: Of each row; a pair counts with the product of both. None for 1.

    Returns:
        From 0 to 1, 0.5 for no order at all; None without a comparable pair.

    Raises:
        DataError: As `check_outcomes`; for curves that are not finite or of another
            shape, and times that do not ascend.

    Source:
        Antolini L et al. (2005) Statistics in Medicine 24:3927.

    Example:
        >>> curves = np.array([[0.5, 0.4], [0.9, 0.1]])
        >>> time, event = np.array([1, 2]), np.array([1, 1])
        >>> antolini_concordance(time, event, curves, np.array([1.0, 2.0]))
        1.0
    """
    time, event = check_outcomes(time, event)
    times = _check_times(times)
    check_rows("survival", survival, (len(time), len(times)))
    right = pairs = 0.0
    each = np.ones(len(time)) if weights is None else np.asarray(weights, np.float64)
    cases = np.flatnonzero(event)
    for start in range(0, len(cases), _BLOCK):
        rows = cases[start : start + _BLOCK]
        at = step_values(times, survival, time[rows])
        own = at[rows, np.arange(len(rows))]
        later = _later(time, event, rows) * each
        better = (own[:, None] < at.T) + 0.5 * (own[:, None] == at.T)
        right += float(each[rows] @ (better * later).sum(axis=1))
        pairs += float(each[rows] @ later.sum(axis=1))
    return right / pairs if pairs else None


def survival_brier_score(
    time: Num[np.ndarray, "n"],
    event: Shaped[np.ndarray, "n"],
    survival: Float[np.ndarray, "n times"],
    times: Float[np.ndarray, "times"],
    *,
    censoring: StepCurve | None = None,
    weights: Num[np.ndarray, "n"] | None = None,
) -> Float[np.ndarray, "times"]:
    """The Brier score of survival at given times, with censoring weights.

    Args:
        time: Of each row.
        event: 1 for an event, 0 for a censored row.
        survival: The predicted survival of each row at each time.
        times: The times, ascending.
        censoring: See the module.
        weights: Of each row; None where all weigh the same.

    Returns:
        At each time from 0 (best); 0.25 for a survival of one half throughout.

    Raises:
        DataError: As `antolini_concordance`, and for times at which all rows are
            censored.

    Source:
        Graf E et al. (1999) Statistics in Medicine 18:2529.

    Example:
        >>> time, event = np.array([1, 3]), np.array([1, 1])
        >>> curves, times = np.array([[0.2], [0.9]]), np.array([2.0])
        >>> survival_brier_score(time, event, curves, times).round(3)
        array([0.025])
    """
    time, event = check_outcomes(time, event)
    times = _check_times(times)
    check_rows("survival", survival, (len(time), len(times)))
    curve = censoring_curve(time, event) if censoring is None else censoring
    cases, controls, inverse = _status(time, event, times, curve)
    still = np.zeros(len(times))
    followed = controls.any(axis=0)
    still[followed] = censoring_weights(curve, times[followed])
    loss = survival**2 * cases * inverse[:, None]
    loss += (1 - survival) ** 2 * controls * still
    return np.average(loss, axis=0, weights=weights)


def integrated_brier_score(
    time: Num[np.ndarray, "n"],
    event: Shaped[np.ndarray, "n"],
    survival: Float[np.ndarray, "n times"],
    times: Float[np.ndarray, "times"],
    *,
    censoring: StepCurve | None = None,
    weights: Num[np.ndarray, "n"] | None = None,
) -> float:
    """The mean of the Brier score over time, by the trapezoidal rule.

    Args:
        time: Of each row.
        event: 1 for an event, 0 for a censored row.
        survival: The predicted survival of each row at each time.
        times: The times, ascending, two at least.
        censoring: See the module.
        weights: Of each row; None where all weigh the same.

    Raises:
        DataError: As `survival_brier_score`, and for fewer than two times.

    Source:
        Graf E et al. (1999) Statistics in Medicine 18:2529.

    Example:
        >>> time, event = np.array([1, 5]), np.array([1, 1])
        >>> half, times = np.full((2, 3), 0.5), np.array([1.0, 2, 4])
        >>> integrated_brier_score(time, event, half, times)
        0.25
    """
    if len(times) < 2:
        raise DataError(f"{len(times)} time: an integral needs two at least")
    scores = survival_brier_score(
        time, event, survival, times, censoring=censoring, weights=weights
    )
    return float(np.trapezoid(scores, times) / (times[-1] - times[0]))


def dynamic_auc(
    time: Num[np.ndarray, "n"],
    event: Shaped[np.ndarray, "n"],
    risk: Num[np.ndarray, "n"] | Num[np.ndarray, "n times"],
    times: Float[np.ndarray, "times"],
    *,
    censoring: StepCurve | None = None,
) -> DynamicAUC:
    """The cumulative/dynamic area under the ROC curve at given times.

    At each time rows with an event until then, each with its censoring weight, against
    rows still under observation after it. Equal risks count half.

    Args:
        time: Of each row.
        event: 1 for an event, 0 for a censored row.
        risk: The higher, the earlier the event is expected; one for each row, or one
            for each row and time.
        times: The times, ascending.
        censoring: See the module.

    Raises:
        DataError: As `survival_brier_score`.

    Source:
        Uno H et al. (2007) Journal of the American Statistical Association 102:527; the
        mean: Lambert J, Chevret S (2016) Statistical Methods in Medical Research
        25:2088.

    Example:
        >>> time, event = np.array([1, 2, 3]), np.array([1, 1, 1])
        >>> result = dynamic_auc(time, event, np.array([3, 1, 2]), np.array([1.0, 2.0]))
        >>> result.auc.tolist(), result.mean
        ([1.0, 0.5], 0.75)
    """
    time, event = check_outcomes(time, event)
    times, risk = _check_times(times), np.asarray(risk, np.float64)
    one = risk.ndim == 1
    check_rows("risk", risk, (len(time),) if one else (len(time), len(times)))
    risk = np.broadcast_to(risk[:, None] if one else risk, (len(time), len(times)))
    curve = censoring_curve(time, event) if censoring is None else censoring
    cases, controls, weights = _status(time, event, times, curve)
    auc = np.full(len(times), np.nan)
    for index, scores in enumerate(risk.T):
        case, control = cases[:, index], np.sort(scores[controls[:, index]])
        if case.any() and len(control):
            below = np.searchsorted(control, scores[case], side="left")
            upto = np.searchsorted(control, scores[case], side="right")
            auc[index] = np.average((below + upto) / 2, weights=weights[case])
            auc[index] /= len(control)
    left = kaplan_meier(time, event).at(times)
    falls = -np.diff(left, prepend=1.0)
    mean = None
    if falls.sum() > 0 and np.isfinite(auc).all():
        mean = float(np.average(auc, weights=falls))
    return DynamicAUC(auc, mean)


def survival_calibration(
    time: Num[np.ndarray, "n"],
    event: Shaped[np.ndarray, "n"],
    survival: Float[np.ndarray, "n"],
    at: float,
    *,
    groups: int = 10,
) -> Calibration:
    """Calibration of predicted survival at one time.

    Rows are put into groups of about equal size by their prediction; rows with equal
    predictions stay together, so that there may be fewer groups.

    Args:
        time: Of each row.
        event: 1 for an event, 0 for a censored row.
        survival: The predicted survival of each row at that time.
        at: The time; not beyond the last row.
        groups: How many, at most.

    Raises:
        DataError: As `check_outcomes`; for predictions that are not finite, a number of
            groups below 1, or a time beyond all rows.

    Source:
        D'Agostino RB, Nam BH (2003) Handbook of Statistics 23:1.

    Example:
        >>> time, event = np.array([1, 3, 3, 3]), np.array([1, 0, 0, 0])
        >>> survival = np.array([0.5, 0.5, 0.9, 0.9])
        >>> result = survival_calibration(time, event, survival, at=2, groups=2)
        >>> result.observed.tolist(), round(result.error, 3)
        ([0.5, 1.0], 0.05)
    """
    time, event = check_outcomes(time, event)
    survival = np.asarray(survival, np.float64)
    check_rows("survival", survival, (len(time),))
    if groups < 1:
        raise DataError(f"groups={groups}: one at least")
    if at > time.max():
        raise DataError(f"at={at:g} lies beyond the last time, {time.max():g}")
    edges = np.quantile(survival, np.arange(1, groups) / groups)
    codes = np.unique(np.searchsorted(edges, survival), return_inverse=True)[1]
    rows = np.bincount(codes)
    predicted = np.bincount(codes, weights=survival) / rows
    curves = (
        kaplan_meier(time[codes == group], event[codes == group])
        for group in range(len(rows))
    )
    observed = np.array([curve.at(np.array([at]))[0] for curve in curves])
    error = float(np.average(np.abs(predicted - observed), weights=rows))
    return Calibration(predicted, observed, rows, error)


def _check_times(times: Num[np.ndarray, "times"]) -> Float[np.ndarray, "times"]:
    times = np.asarray(times, np.float64)
    ascending = times.ndim == 1 and len(times) > 0 and (np.diff(times) > 0).all()
    if not (ascending and np.isfinite(times).all()):
        raise DataError(
            f"times={times.tolist()}: give them in ascending order, each once"
        )
    return times


def _later(
    time: np.ndarray, event: np.ndarray, rows: np.ndarray
) -> Bool[np.ndarray, "rows n"]:
    """Which rows had their event after that of each of these, as far as is known."""
    own = time[rows][:, None]
    return (time > own) | ((time == own) & (event == 0))


def _followed(time: np.ndarray, event: np.ndarray) -> Bool[np.ndarray, "n"]:
    """Which rows have one to be compared with after their time."""
    last_censored = time[event == 0].max(initial=-1.0)
    return (time < time.max()) | (time <= last_censored)


def _status(
    time: np.ndarray, event: np.ndarray, times: np.ndarray, curve: StepCurve
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """At each time the rows with an event so far, those after it; weights of events."""
    cases = (time[:, None] <= times) & (event == 1)[:, None]
    controls = time[:, None] > times
    weights, counted = np.zeros(len(time)), cases.any(axis=1)
    weights[counted] = censoring_weights(curve, time[counted])
    return cases, controls, weights


def _ranked(
    time: np.ndarray,
    event: np.ndarray,
    risk: np.ndarray,
    earlier: np.ndarray,
    later_weights: np.ndarray,
) -> float | None:
    """Concordance of risks, each pair with the weights of its two rows."""
    check_rows("risk", risk, (len(time),))
    ranks = np.unique(risk, return_inverse=True)[1].ravel()
    order = np.lexsort((ranks, 1 - event, time))
    time, event, ranks = time[order], event[order], ranks[order]
    earlier, weights = earlier[order], later_weights[order]
    lower, equal = _after(ranks, weights)
    sums = np.concatenate([[0.0], np.cumsum(weights)])
    places = np.arange(1, len(time) + 1)
    later = sums[-1] - sums[places]
    # Events at one time are no pairs; they stand together, by rank.
    same = event * (sums[_ends(time, event)] - sums[places])
    alike = event * (sums[_ends(time, event, ranks)] - sums[places])
    pairs = float(earlier @ (later - same))
    right = float(earlier @ (lower + 0.5 * (equal - alike)))
    return right / pairs if pairs > 0 else None


def _after(
    ranks: Int[np.ndarray, "n"], weights: Float[np.ndarray, "n"]
) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
    """The weights of later rows of a lower and of the same rank, by halves of halves.

    Two rows are counted where one stands in a left block and the other in the block
    beside it: the steps grow hardly faster than the rows.
    """
    lower, equal = np.zeros((2, len(ranks)))
    places, most = np.arange(len(ranks)), int(ranks.max(initial=0)) + 1
    for level in range(max(len(ranks) - 1, 0).bit_length()):
        block = places >> level
        keys = block * most + ranks
        order = np.argsort(keys, kind="stable")
        sums = np.concatenate([[0.0], np.cumsum(weights[order])])
        left = np.flatnonzero(block % 2 == 0)
        begin = (block[left] + 1) * most
        found = (
            np.searchsorted(keys[order], begin),
            np.searchsorted(keys[order], begin + ranks[left]),
            np.searchsorted(keys[order], begin + ranks[left], side="right"),
        )
        start, below, upto = (sums[each] for each in found)
        lower[left] += below - start
        equal[left] += upto - below
    return lower, equal


def _ends(*columns: np.ndarray) -> Int[np.ndarray, "n"]:
    """Where the run of equal neighbours of each row ends."""
    changes = np.any([np.diff(column) != 0 for column in columns], axis=0)
    ends = np.append(np.flatnonzero(changes) + 1, len(columns[0]))
    return ends[np.searchsorted(ends, np.arange(len(columns[0])), side="right")]
