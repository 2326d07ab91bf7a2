"""Survival curves as columns of a table: the risk, and times read off the curves."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from jaxbio.data.columns.time_to_event import parse_outcome
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, option
from jaxbio.metrics.competing_risks import cumulative_incidence
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
    for time in at:
        if not 0 <= time <= times[-1]:
            raise DataError(
                f"{option('at', time)}: {spec.name} is known from 0 to {times[-1]:g}, "
                f"the last event of the training rows"
            )
    found = {
        f"{name}_risk": risks(curves, at_risk_weights(times, np.asarray(spec.hazards))),
        f"{name}_median": median_times(times, curves),
        f"{name}_rmst": mean_times(times, curves),
    }
    values = curve_values(times, curves, np.asarray(at, np.float64))
    found |= {f"{name}_at_{time:g}": values[:, k] for k, time in enumerate(at)}
    known = ~np.isnan(curves).any(axis=1)
    return {key: np.where(known, column, np.nan) for key, column in found.items()}


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
