"""Estimates from times that may be censored: curves, tests, censoring weights.

A row has a time and an event: 1 if the event was seen at that time, 0 if the row was
censored, that is, last seen without it. Of an event and a censoring at one time the
event comes first. Times are numbers of at least 0 in any one unit.
"""

from dataclasses import dataclass

import numpy as np
from jaxtyping import Float, Int, Num, Shaped

from jaxbio.errors import DataError


@dataclass(frozen=True)
class StepCurve:
    """A curve in steps: each value holds from its time until the next one.

    Args:
        times: The steps, ascending.
        values: The value from each step on.
        at_risk: Rows under observation right before each step.
        events: Rows with the event at each step.
        start: The value before the first step.

    Example:
        >>> curve = kaplan_meier(np.array([1.0, 2, 3]), np.array([1, 0, 1]))
        >>> curve.at(np.array([0.5, 1, 2.5, 9])).round(3).tolist()
        [1.0, 0.667, 0.667, 0.0]
    """

    times: Float[np.ndarray, "steps"]
    values: Float[np.ndarray, "steps"]
    at_risk: Int[np.ndarray, "steps"]
    events: Int[np.ndarray, "steps"]
    start: float

    def at(self, times: Num[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        """The values at these times; after the last step its value."""
        return step_values(self.times, self.values, times, start=self.start)


def check_outcomes(
    time: Num[np.ndarray, "n"], event: Shaped[np.ndarray, "n"]
) -> tuple[Float[np.ndarray, "n"], Int[np.ndarray, "n"]]:
    """Times as numbers, and events as 0 and 1.

    Args:
        time: The times.
        event: 1 or True for an event, 0 or False for a censored row.

    Raises:
        DataError: For no row, lengths that differ, a time that is negative or not
            finite, or an event other than 0 and 1, each with its row (from 0).

    Example:
        >>> check_outcomes(np.array([1, 2]), np.array([True, False]))[1].tolist()
        [1, 0]
    """
    time, event = np.asarray(time, np.float64), np.asarray(event)
    if time.ndim != 1 or time.shape != event.shape:
        raise DataError(
            f"times of shape {time.shape}, events of shape {event.shape}: both are one "
            f"number for each row"
        )
    if not len(time):
        raise DataError("no row with a time: survival needs one at least")
    bad = np.flatnonzero(~np.isfinite(time) | (time < 0))
    if len(bad):
        raise DataError(
            f"row {bad[0]}: the time is {time[bad[0]]:g} ({len(bad)} rows like it): "
            f"times are numbers of at least 0; leave out rows without one"
        )
    bad = np.flatnonzero(~np.isin(event, (0, 1)))
    if len(bad):
        raise DataError(
            f"row {bad[0]}: the event is {event[bad[0]]!s} ({len(bad)} rows like it): "
            f"write 1 for an event and 0 for a censored row"
        )
    return time, event.astype(np.int64)


def check_rows(name: str, values: np.ndarray, shape: tuple[int, ...]):
    """Stop at predictions of another shape, or that are not finite.

    Args:
        name: What they are, for the message.
        values: The predictions.
        shape: What their shape should be.

    Raises:
        DataError: If they are not as they should be.

    Example:
        >>> check_rows("risk", np.array([0.3, 0.1]), (2,))
    """
    if values.shape != shape:
        raise DataError(f"{name} of shape {values.shape}: {shape} is expected")
    bad = np.flatnonzero(~np.isfinite(values).reshape(len(values), -1).all(axis=1))
    if len(bad):
        raise DataError(f"row {bad[0]}: the {name} is not finite ({len(bad)} in all)")


def step_values(
    times: Float[np.ndarray, "steps"],
    values: Float[np.ndarray, "*rows steps"],
    at: Num[np.ndarray, "n"],
    *,
    start: float = 1.0,
) -> Float[np.ndarray, "*rows n"]:
    """Values of curves in steps at given times.

    Args:
        times: The steps, ascending.
        values: From each step on, of one curve or one in each row.
        at: Where to look.
        start: The value before the first step.

    Example:
        >>> step_values(np.array([1.0, 2]), np.array([0.8, 0.5]), np.array([0, 1, 5]))
        array([1. , 0.8, 0.5])
    """
    before = np.full((*values.shape[:-1], 1), start)
    index = np.searchsorted(times, at, side="right")
    return np.concatenate([before, values], axis=-1)[..., index]


def kaplan_meier(
    time: Num[np.ndarray, "n"],
    event: Shaped[np.ndarray, "n"],
    *,
    entry: Num[np.ndarray, "n"] | None = None,
    weights: Num[np.ndarray, "n"] | None = None,
) -> StepCurve:
    """The Kaplan-Meier estimate of the survival function.

    Args:
        time: Of each row.
        event: 1 for an event, 0 for a censored row.
        entry: When each row came under observation (left truncation): it is at risk
            after that time; 0 for all by default.
        weights: Of each row; None where all weigh the same.

    Raises:
        DataError: As `check_outcomes`, and for an entry not before its row's time.

    Source:
        Kaplan EL, Meier P (1958) Journal of the American Statistical Association
        53:457.

    Example:
        >>> curve = kaplan_meier(np.array([1, 2, 2, 4]), np.array([1, 1, 0, 1]))
        >>> curve.times.tolist(), curve.values.tolist()
        ([1.0, 2.0, 4.0], [0.75, 0.5, 0.0])
    """
    times, at_risk, events, _ = _counts(*check_outcomes(time, event), entry)
    if weights is None:
        share = events / at_risk
    else:
        share = _weighted_share(*check_outcomes(time, event), entry, times, weights)
    return StepCurve(times, np.cumprod(1 - share), at_risk, events, 1.0)


def nelson_aalen(
    time: Num[np.ndarray, "n"],
    event: Shaped[np.ndarray, "n"],
    *,
    entry: Num[np.ndarray, "n"] | None = None,
) -> StepCurve:
    """The Nelson-Aalen estimate of the cumulative hazard.

    Args:
        time: Of each row.
        event: 1 for an event, 0 for a censored row.
        entry: As for `kaplan_meier`.

    Raises:
        DataError: As `kaplan_meier`.

    Source:
        Aalen O (1978) Annals of Statistics 6:701.

    Example:
        >>> nelson_aalen(np.array([1, 2, 2, 4]), np.array([1, 1, 0, 1])).values.round(3)
        array([0.25 , 0.583, 1.583])
    """
    times, at_risk, events, _ = _counts(*check_outcomes(time, event), entry)
    return StepCurve(times, np.cumsum(events / at_risk), at_risk, events, 0.0)


def censoring_curve(
    time: Num[np.ndarray, "n"], event: Shaped[np.ndarray, "n"]
) -> StepCurve:
    """The share of rows not yet censored, for inverse probability weights (IPCW).

    The Kaplan-Meier estimate with events and censorings changed over; rows with an
    event at a time are no longer at risk of being censored at that time.

    Args:
        time: Of each row, as a rule of the training rows.
        event: 1 for an event, 0 for a censored row.

    Raises:
        DataError: As `check_outcomes`.

    Source:
        Graf E et al. (1999) Statistics in Medicine 18:2529.

    Example:
        >>> censoring_curve(np.array([1, 2, 2, 4]), np.array([1, 1, 0, 1])).values
        array([1. , 0.5, 0.5])
    """
    times, at_risk, events, censored = _counts(*check_outcomes(time, event), None)
    left = at_risk - events
    share = np.divide(censored, left, out=np.zeros(len(times)), where=left > 0)
    return StepCurve(times, np.cumprod(1 - share), left, censored, 1.0)


def censoring_weights(
    curve: StepCurve, time: Num[np.ndarray, "n"]
) -> Float[np.ndarray, "n"]:
    """Inverse probabilities of not being censored until given times.

    Args:
        curve: What `censoring_curve` gave.
        time: The times.

    Raises:
        DataError: If no row was left uncensored at one of the times.

    Example:
        >>> curve = censoring_curve(np.array([1, 2, 2, 4]), np.array([1, 1, 0, 1]))
        >>> censoring_weights(curve, np.array([1, 3]))
        array([1., 2.])
    """
    left = curve.at(time)
    if (left <= 0).any():
        worst = np.asarray(time)[left <= 0].min()
        raise DataError(
            f"all rows are censored by time {worst:g}, and nothing is known of later "
            f"times: choose earlier ones (`until` or `times`)"
        )
    return 1 / left


def restricted_mean(
    times: Float[np.ndarray, "steps"],
    survival: Float[np.ndarray, "*rows steps"],
    until: float,
) -> Float[np.ndarray, "*rows"]:
    """The restricted mean survival time: the area below the curve up to a time.

    Args:
        times: The steps of the curves, ascending.
        survival: From each step on, of one curve or one in each row.
        until: The end, in the unit of the times.

    Raises:
        DataError: For an end that is not above 0.

    Source:
        Royston P, Parmar MKB (2013) BMC Medical Research Methodology 13:152.

    Example:
        >>> curve = kaplan_meier(np.array([1, 2, 2, 4]), np.array([1, 1, 0, 1]))
        >>> float(restricted_mean(curve.times, curve.values, 3.0))
        2.25
    """
    if not until > 0:
        raise DataError(f"until={until}: a restricted mean ends at a time above 0")
    starts = np.concatenate([[0.0], times[(times > 0) & (times < until)]])
    lengths = np.diff(starts, append=until)
    return np.asarray(step_values(times, survival, starts) @ lengths)


def log_rank(
    time: Num[np.ndarray, "n"],
    event: Shaped[np.ndarray, "n"],
    groups: Shaped[np.ndarray, "n"],
) -> tuple[float, float]:
    """The log-rank test of equal survival in two or more groups.

    Args:
        time: Of each row.
        event: 1 for an event, 0 for a censored row.
        groups: The group of each row, such as the predicted one.

    Returns:
        The chi-squared statistic, of one degree of freedom less than groups, and the
        p value.

    Raises:
        DataError: As `check_outcomes`; for fewer than two groups, or no event.

    Source:
        Mantel N (1966) Cancer Chemotherapy Reports 50:163.

    Example:
        >>> time, event = np.array([1, 2, 3, 4]), np.array([1, 1, 1, 1])
        >>> chi2, p = log_rank(time, event, np.array(["a", "a", "b", "b"]))
        >>> round(chi2, 3), round(p, 3)
        (2.882, 0.09)
    """
    from scipy.stats import chi2  # slow to import

    time, event = check_outcomes(time, event)
    if len(groups) != len(time):
        raise DataError(f"{len(groups)} groups for {len(time)} rows")
    names, codes = np.unique(groups, return_inverse=True)
    if len(names) < 2:
        raise DataError(f"a log-rank test needs two groups; all rows are {names[0]!s}")
    if not event.any():
        raise DataError("no row has an event: a log-rank test needs one at least")
    steps = np.unique(time[event == 1])
    at_risk, dead = np.zeros((2, len(names), len(steps)))
    for group in range(len(names)):
        own = np.sort(time[codes == group])
        at_risk[group] = len(own) - np.searchsorted(own, steps)
        events = time[(codes == group) & (event == 1)]
        dead[group] = np.bincount(np.searchsorted(steps, events), minlength=len(steps))
    total, deaths = at_risk.sum(axis=0), dead.sum(axis=0)
    share = at_risk / total
    surplus = (dead - share * deaths).sum(axis=1)
    # One row at risk has no variance.
    scale = deaths * (total - deaths) / np.maximum(total - 1, 1)
    variance = np.diag((share * scale).sum(axis=1)) - (share * scale) @ share.T
    # The surplus adds up to 0: one group tells nothing beyond the others.
    statistic = float(surplus @ np.linalg.pinv(variance, hermitian=True) @ surplus)
    return statistic, float(chi2.sf(statistic, len(names) - 1))


def _counts(
    time: Float[np.ndarray, "n"],
    event: Int[np.ndarray, "n"],
    entry: Num[np.ndarray, "n"] | None,
) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
    """Distinct times; at each the rows at risk, with the event, and censored."""
    times, index = np.unique(time, return_inverse=True)
    events = np.bincount(index[event == 1], minlength=len(times))
    censored = np.bincount(index[event == 0], minlength=len(times))
    at_risk = len(time) - np.searchsorted(np.sort(time), times)
    if entry is not None:
        entry = np.asarray(entry, np.float64)
        if entry.shape != time.shape:
            raise DataError(f"{len(entry)} entries for {len(time)} rows")
        late = np.flatnonzero(~(entry < time))
        if len(late):
            row = late[0]
            raise DataError(
                f"row {row}: its entry {entry[row]:g} is not before its time "
                f"{time[row]:g} ({len(late)} rows like it): leave out such rows"
            )
        at_risk = at_risk - (len(time) - np.searchsorted(np.sort(entry), times))
    return times, at_risk, events, censored


def _weighted_share(
    time: Float[np.ndarray, "n"],
    event: Int[np.ndarray, "n"],
    entry: Num[np.ndarray, "n"] | None,
    times: Float[np.ndarray, "steps"],
    weights: Num[np.ndarray, "n"],
) -> Float[np.ndarray, "steps"]:
    """The weight of events among that of the rows at risk, at each time."""
    weights = np.asarray(weights, np.float64)
    index = np.searchsorted(times, time)
    events = np.bincount(index, weights * (event == 1), len(times))
    own = np.bincount(index, weights, len(times))
    at_risk = np.cumsum(own[::-1])[::-1]
    if entry is not None:
        late = np.searchsorted(times, np.asarray(entry, np.float64), side="right")
        begun = np.bincount(late, weights, len(times) + 1)[: len(times)]
        at_risk = at_risk - (weights.sum() - np.cumsum(begun))
    return np.divide(events, at_risk, out=np.zeros(len(times)), where=at_risk > 0)
