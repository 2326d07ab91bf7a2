"""Survival curves as columns of a table: the risk, and times read off the curves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from jaxbio.data.columns.time_to_event import parse_outcome
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, option
from jaxbio.metrics.competing_risks import cumulative_incidence, incidence_values
from jaxbio.metrics.competing_summary import risks_by_cause
from jaxbio.metrics.survival_curves import (
    at_risk_weights,
    curve_values,
    mean_times,
    median_times,
    risks,
)


def survival_columns(
    spec: TargetSpec, curves: Float[np.ndarray, "n times"], at: Sequence[float] = ()
) -> dict[str, np.ndarray]:
    """What is read off survival curves, by name.

    Args:
        spec: A survival target; names begin with its column of times.
        curves: The survival of each row at each time of the grid; NaN for no answer.
        at: Further times.

    Returns:
        `TIME_risk`, the mean probability of the event by the times of the grid, each
        weighed by the rows that were still under observation; `TIME_median` (NaN where
        more than half survive the last time of the grid), `TIME_rmst`, the mean time up
        to the last of the grid, and for each of `at` the survival `TIME_at_T`.

    Raises:
        DataError: For times below 0, or beyond the last event of the training rows.

    Example:
        >>> spec = TargetSpec("days,died", "survival", columns=("days", "died"),
        ...                   times=(10.0, 20.0), hazards=(0.1, 0.1))
        >>> columns = survival_columns(spec, np.array([[0.5, 0.25]]), at=[5])
        >>> {name: round(float(column[0]), 2) for name, column in columns.items()}
        {'days_risk': 0.62, 'days_median': 10.0, 'days_rmst': 10.82, 'days_at_5': 0.71}
    """
    times, name = np.asarray(spec.times), spec.columns[0]
    _check_times(spec, at)
    found = {
        f"{name}_risk": risks(curves, at_risk_weights(times, np.asarray(spec.hazards))),
        f"{name}_median": median_times(times, curves),
        f"{name}_rmst": mean_times(times, curves),
    }
    values = curve_values(times, curves, np.asarray(at, np.float64))
    found |= {f"{name}_at_{time:g}": values[:, k] for k, time in enumerate(at)}
    known = ~np.isnan(curves).any(axis=1)
    return {key: np.where(known, column, np.nan) for key, column in found.items()}


def competing_columns(
    spec: TargetSpec,
    incidences: Float[np.ndarray, "n causes times"],
    at: Sequence[float] = (),
) -> dict[str, np.ndarray]:
    """What is read off cumulative incidences, by name.

    Args:
        spec: A target of competing risks; names begin with its column of times.
        incidences: Of each row and cause at each time of the grid; NaN for no answer.
        at: Further times.

    Returns:
        `TIME_CAUSE_risk`, the mean incidence of each cause over the times of the grid,
        weighed as for survival; `TIME_median`, `TIME_rmst` and `TIME_at_T` of no event
        by any cause, as for survival; `TIME_CAUSE_incidence_at_T` for each of `at`,
        which with `TIME_at_T` sum to 1.

    Raises:
        DataError: As `survival_columns`.

    Example:
        >>> spec = TargetSpec("days,c", "competing", columns=("days", "c"),
        ...                   times=(10.0,), hazards=(0.1, 0.1), causes=("a", "b"))
        >>> columns = competing_columns(spec, np.array([[[0.3], [0.2]]]), at=[10])
        >>> {name: round(float(column[0]), 2) for name, column in columns.items()
        ...  if "at" in name or "risk" in name}
        {'days_a_risk': 0.3, 'days_b_risk': 0.2, 'days_at_10': 0.5, \
'days_a_incidence_at_10': 0.3, 'days_b_incidence_at_10': 0.2}
    """
    whole, name = spec.of_cause(None), spec.columns[0]
    known = ~np.isnan(incidences).any(axis=(1, 2))
    times, hazards = np.asarray(whole.times), np.asarray(whole.hazards)
    risk = risks_by_cause(incidences, times, hazards)
    names = [f"{name}_{cause}" for cause in spec.causes]
    found = {f"{each}_risk": risk[:, k] for k, each in enumerate(names)}
    free = survival_columns(whole, event_free(spec, incidences), at)
    del free[f"{name}_risk"]
    values = incidence_values(times, incidences, np.asarray(at, np.float64))
    by_cause = {
        f"{each}_incidence_at_{time:g}": np.where(known, values[:, k, place], np.nan)
        for place, time in enumerate(at)
        for k, each in enumerate(names)
    }
    return found | free | by_cause


def event_free(
    spec: TargetSpec, predicted: Float[np.ndarray, "n *causes times"]
) -> Float[np.ndarray, "n times"]:
    """The probability of no event by each time of the grid.

    Args:
        spec: A target of survival or of competing risks.
        predicted: Its curves, or the cumulative incidences of its causes.
    """
    values = np.asarray(predicted, np.float64)
    if spec.kind == "survival":
        return values
    return np.clip(1 - values.sum(axis=1), 0.0, 1.0)


def _check_times(spec: TargetSpec, at: Sequence[float]) -> None:
    for time in at:
        if not 0 <= time <= spec.times[-1]:
            raise DataError(
                f"{option('at', time)}: {spec.name} is known from 0 to "
                f"{spec.times[-1]:g}, the last event of the training rows"
            )


def incidence_columns(
    specs: Sequence[TargetSpec],
    curves: Mapping[str, Any],
    at: Sequence[float],
) -> dict[str, np.ndarray]:
    """The probability of the event by each of several causes, by name.

    Args:
        specs: The targets of a model.
        curves: The survival of each row, by target.
        at: The times.

    Returns:
        `TIME_CAUSE_incidence_at_T` for targets `TIME,EVENT=CAUSE` that differ in the
        cause alone; nothing for others.

    Example:
        >>> specs = [TargetSpec(f"days,status={cause}", "survival", times=(10.0,),
        ...                     columns=(f"days_{cause}", "status")) for cause in "ab"]
        >>> curves = {spec.name: np.exp([[-1.0]]) for spec in specs}
        >>> columns = incidence_columns(specs, curves, at=[10])
        >>> {name: round(float(column[0]), 3) for name, column in columns.items()}
        {'days_a_incidence_at_10': 0.432, 'days_b_incidence_at_10': 0.432}
    """
    groups: dict[tuple[str, ...], list[TargetSpec]] = {}
    for spec in specs:
        outcome = parse_outcome(spec.name) if spec.kind == "survival" else None
        if outcome is not None and outcome.value:
            groups.setdefault(outcome.columns, []).append(spec)
    columns: dict[str, np.ndarray] = {}
    for causes in groups.values():
        if len(causes) < 2 or not len(at):
            continue
        given = [(np.asarray(x.times), np.asarray(curves[x.name])) for x in causes]
        found = cumulative_incidence(given, np.asarray(at, np.float64))
        for spec, values in zip(causes, found, strict=True):
            for place, time in enumerate(at):
                name = f"{spec.columns[0]}_incidence_at_{time:g}"
                columns[name] = values[:, place]
    return columns
