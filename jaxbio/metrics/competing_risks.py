"""Cumulative incidence of events of several causes that exclude one another."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Int, Num

from jaxbio.errors import DataError
from jaxbio.metrics.survival import (
    censoring_curve,
    censoring_weights,
    check_rows,
    kaplan_meier,
    step_values,
)
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


class Incidence(NamedTuple):
    """Cumulative incidence in steps: each value holds from its time until the next one.

    Attributes:
        times: The steps, ascending.
        values: For each cause the probability of an event by it until each step.
    """

    times: Float[np.ndarray, "steps"]
    values: Float[np.ndarray, "causes steps"]

    def at(self, times: Num[np.ndarray, "n"]) -> Float[np.ndarray, "causes n"]:
        """The values at these times; after the last step its value."""
        return step_values(self.times, self.values, times, start=0.0)


def aalen_johansen(
    time: Num[np.ndarray, "n"],
    cause: Int[np.ndarray, "n"],
    causes: int,
    *,
    entry: Num[np.ndarray, "n"] | None = None,
    weights: Num[np.ndarray, "n"] | None = None,
) -> Incidence:
    """The Aalen-Johansen estimate of the cumulative incidence of each cause.

    At each time the fall of the Kaplan-Meier curve of all events is divided between the
    causes that rows had then.

    Args:
        time: Of each row.
        cause: From 1 on, 0 for a censored row.
        causes: How many causes there are.
        entry: When each row came under observation, as for `kaplan_meier`.
        weights: Of each row; None where all weigh the same.

    Raises:
        DataError: As `kaplan_meier`, and for a cause that is not from 0 to `causes`.

    Source:
        Aalen O, Johansen S (1978) Scandinavian Journal of Statistics 5:141.

    Example:
        >>> found = aalen_johansen(np.array([1, 2, 3, 4]), np.array([1, 2, 0, 1]), 2)
        >>> found.times.tolist(), found.values.tolist()
        ([1.0, 2.0, 3.0, 4.0], [[0.25, 0.25, 0.25, 0.75], [0.0, 0.25, 0.25, 0.25]])
    """
    cause = _checked(cause, causes)
    curve = kaplan_meier(time, cause > 0, entry=entry, weights=weights)
    own = np.ones(len(cause)) if weights is None else np.asarray(weights, np.float64)
    index = np.searchsorted(curve.times, time)
    events = np.stack(
        [
            np.bincount(index, own * (cause == at), len(curve.times))
            for at in range(1, causes + 1)
        ]
    )
    total = events.sum(axis=0)
    share = np.divide(events, total, out=np.zeros_like(events), where=total > 0)
    falls = -np.diff(curve.values, prepend=1.0)
    return Incidence(curve.times, np.cumsum(share * falls, axis=1))


def incidence_values(
    times: Num[np.ndarray, "times"],
    incidences: Num[np.ndarray, "n causes times"],
    at: Num[np.ndarray, "m"],
) -> Float[np.ndarray, "n causes m"]:
    """Cumulative incidences of each row at given times.

    Between two times of the grid the hazard of all events is constant, and each cause
    has its share of them.

    Args:
        times: The grid, ascending, above 0.
        incidences: Of each row and cause at each time of the grid.
        at: The times; after the last of the grid nothing is known (NaN).

    Example:
        >>> given = np.array([[[0.5], [0.25]]])
        >>> incidence_values(np.array([2.0]), given, np.array([0, 1, 2])).round(3)
        array([[[0.   , 0.333, 0.5  ],
                [0.   , 0.167, 0.25 ]]])
    """
    values = np.asarray(incidences, np.float64)
    values = np.concatenate([np.zeros_like(values[..., :1]), values], axis=-1)
    left = np.maximum(1 - values.sum(axis=1), _LEAST)
    grid = np.concatenate([[0.0], np.asarray(times, np.float64)])
    there = curve_values(grid[1:], left[:, 1:], at)
    right = np.clip(np.searchsorted(grid, at), 1, len(grid) - 1)
    fall = left[:, right - 1] - left[:, right]
    gone = left[:, right - 1] - there
    share = np.divide(gone, fall, out=np.zeros_like(gone), where=fall > 0)[:, None]
    before = values[..., right - 1]
    found = before + share * (values[..., right] - before)
    return np.where(np.isnan(there)[:, None], np.nan, found)


def piecewise_incidences(
    log_ratios: Num[np.ndarray, "n causes times"],
    times: Num[np.ndarray, "times"],
    hazards: Num[np.ndarray, "causes times"],
) -> Float[np.ndarray, "n causes times"]:
    """Cumulative incidence at the end of each interval of a grid, by hazards by cause.

    Args:
        log_ratios: For each row, cause and interval the logarithm of the hazard,
            relative to that of the cohort.
        times: The ends of the intervals, ascending.
        hazards: Those of the cohort, for each unit of time.

    Source:
        Prentice RL et al. (1978) Biometrics 34:541.

    Example:
        >>> hazards = np.array([[0.1], [0.3]])
        >>> found = piecewise_incidences(np.zeros((1, 2, 1)), np.array([1.0]), hazards)
        >>> found.round(3).tolist()
        [[[0.082], [0.247]]]
    """
    rates = np.exp(np.minimum(np.asarray(log_ratios, np.float64), 20.0))
    steps = np.asarray(hazards) * np.diff(times, prepend=0.0) * rates
    total = steps.sum(axis=1)
    left = np.exp(-np.cumsum(total, axis=1) + total)
    share = steps / np.maximum(total, 1e-30)[:, None]
    return np.cumsum(share * (-np.expm1(-total) * left)[:, None], axis=2)


def incidence_brier_score(
    time: Num[np.ndarray, "n"],
    cause: Int[np.ndarray, "n"],
    incidence: Float[np.ndarray, "n times"],
    times: Float[np.ndarray, "times"],
    *,
    of: int = 1,
    weights: Num[np.ndarray, "n"] | None = None,
) -> Float[np.ndarray, "times"]:
    """The Brier score of the cumulative incidence of one cause, with censoring weights.

    Args:
        time: Of each row.
        cause: From 1 on, 0 for a censored row.
        incidence: That of the cause for each row at each time.
        times: The times, ascending.
        of: The cause.
        weights: Of each row; None where all weigh the same.

    Returns:
        At each time from 0 (best).

    Raises:
        DataError: For times at which all rows are censored, or incidences of another
            shape.

    Source:
        Schoop R et al. (2011) Biometrical Journal 53:88.

    Example:
        >>> time, cause = np.array([1, 2, 3]), np.array([1, 2, 1])
        >>> given, times = np.array([[0.8], [0.3], [0.1]]), np.array([2.0])
        >>> incidence_brier_score(time, cause, given, times).round(4)
        array([0.0467])
    """
    time, cause = np.asarray(time, np.float64), np.asarray(cause)
    check_rows("incidence", incidence, (len(time), len(times)))
    curve = censoring_curve(time, cause > 0)
    over = (time[:, None] <= times) & (cause > 0)[:, None]
    followed = time[:, None] > times
    inverse, still = np.zeros(len(time)), np.zeros(len(times))
    some, there = over.any(axis=1), followed.any(axis=0)
    inverse[some] = censoring_weights(curve, time[some])
    still[there] = censoring_weights(curve, np.asarray(times)[there])
    happened = over & (cause == of)[:, None]
    loss = (happened - incidence) ** 2 * (over * inverse[:, None] + followed * still)
    return np.average(loss, axis=0, weights=weights)


def _checked(cause: Int[np.ndarray, "n"], causes: int) -> Int[np.ndarray, "n"]:
    """Causes as whole numbers."""
    cause = np.asarray(cause)
    bad = np.flatnonzero(~np.isin(cause, np.arange(causes + 1)))
    if len(bad):
        raise DataError(
            f"row {bad[0]}: the cause is {cause[bad[0]]!s} ({len(bad)} rows like it): "
            f"write 1 to {causes}, and 0 for a censored row"
        )
    return cause.astype(np.int64)
