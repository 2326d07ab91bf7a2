"""Survival: curves of rows beside their cohort, groups of risk, and calibration."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Num

from jaxbio.plot.page import FAINT, INK, NORMAL, SMALL, figure, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

COLOURS = ("#3b6fa8", "#1b9e77", "#d9a441", "#c4553b", "#7f3323")
"""From the lowest risk to the highest."""


def survival_curves(
    times: Float[np.ndarray, "times"],
    curves: Float[np.ndarray, "n times"],
    names: Sequence[str],
    *,
    cohort: tuple[Num[np.ndarray, "steps"], Num[np.ndarray, "steps"]] | None = None,
    unit: str = "time",
) -> "Figure":
    """Draw the predicted survival of some rows, beside that of the cohort.

    Args:
        times: The grid of the curves, ascending.
        curves: The survival of each row at each time.
        names: Of the rows.
        cohort: Times and values of the steps of a Kaplan-Meier curve.
        unit: What the times are.

    Example:
        >>> page = survival_curves(np.array([1.0, 2]), np.array([[0.9, 0.5]]), ["a"])
        >>> page.axes[0].lines[0].get_ydata().tolist()
        [1.0, 0.9, 0.5]
    """
    page = figure(4.4, 3.2)
    axes = page.subplots()
    if cohort is not None:
        _steps(axes, *cohort, color=FAINT, linewidth=2, label="cohort")
    grid = np.concatenate([[0.0], times])
    for at, (name, curve) in enumerate(zip(names, curves, strict=True)):
        values = np.concatenate([[1.0], curve])
        colour = COLOURS[at % len(COLOURS)]
        axes.plot(grid, values, color=colour, linewidth=1.4, label=name)
    _finish(axes, unit, "predicted survival")
    return page


def risk_groups(
    observed: Mapping[str, tuple[Num[np.ndarray, "_"], Num[np.ndarray, "_"]]],
    predicted: Mapping[str, Float[np.ndarray, "times"]],
    times: Float[np.ndarray, "times"],
    *,
    p: float | None = None,
    unit: str = "time",
    incidence: bool = False,
) -> "Figure":
    """Draw the observed survival of groups of like risk, and the predicted one.

    Args:
        observed: For each group, from the lowest risk to the highest, times and values
            of the steps of its Kaplan-Meier or Aalen-Johansen curve.
        predicted: For each group the mean of the predicted curves.
        times: Their grid.
        p: The p value of a log-rank test of the groups; None for none.
        unit: What the times are.
        incidence: Whether curves are cumulative incidences, which begin at 0.

    Example:
        >>> low, high = (np.ones(1), np.array([0.9])), (np.ones(1), np.zeros(1))
        >>> means = {"low": np.array([0.8]), "high": np.array([0.2])}
        >>> page = risk_groups({"low": low, "high": high}, means, np.ones(1), p=0.01)
        >>> len(page.axes[0].lines)
        4
    """
    page = figure(4.4, 3.2)
    axes = page.subplots()
    grid, start = np.concatenate([[0.0], times]), 0.0 if incidence else 1.0
    for at, (name, steps) in enumerate(observed.items()):
        colour = COLOURS[round(at * (len(COLOURS) - 1) / max(len(observed) - 1, 1))]
        _steps(axes, *steps, start, color=colour, linewidth=1.6, label=name)
        values = np.concatenate([[start], predicted[name]])
        axes.plot(grid, values, color=colour, linewidth=1, linestyle=":")
    what = "cumulative incidence" if incidence else "survival"
    _finish(
        axes, unit, f"{what} (dotted: predicted)", "upper" if incidence else "lower"
    )
    if p is not None:
        text = "log-rank p < 0.001" if p < 1e-3 else f"log-rank p = {p:.3f}"
        axes.set_title(text, fontsize=NORMAL, color=INK, loc="right")
    return page


def survival_calibration_points(
    predicted: Float[np.ndarray, "groups"],
    observed: Float[np.ndarray, "groups"],
    rows: Num[np.ndarray, "groups"],
    *,
    at: str = "",
) -> "Figure":
    """Draw predicted against observed survival at one time, by group of rows.

    Args:
        predicted: The mean prediction of each group.
        observed: The Kaplan-Meier estimate of each.
        rows: How many rows each has; the size of its point.
        at: The time, in words.

    Example:
        >>> page = survival_calibration_points(
        ...     np.array([0.2, 0.8]), np.array([0.3, 0.7]), np.array([10, 20]))
        >>> page.axes[0].get_xlabel()
        'predicted survival'
    """
    page = figure(3.4, 3.2)
    axes = page.subplots()
    axes.plot([0, 1], [0, 1], color=FAINT, linewidth=0.8)
    sizes = 15 + 60 * np.asarray(rows, float) / max(float(np.max(rows)), 1.0)
    axes.scatter(predicted, observed, s=sizes, color=COLOURS[0], edgecolor="white")
    axes.set(xlim=(0, 1), ylim=(0, 1), aspect="equal")
    axes.set_xlabel("predicted survival")
    axes.set_ylabel("observed survival")
    if at:
        axes.set_title(at, fontsize=NORMAL, color=INK, loc="right")
    style(axes)
    return page


def _steps(
    axes: Any, times: np.ndarray, values: np.ndarray, start: float = 1.0, **how: Any
) -> None:
    """A curve that holds from each time until the next."""
    axes.step(np.append(0.0, times), np.append(start, values), where="post", **how)


def _finish(axes: Any, unit: str, label: str, legend: str = "lower") -> None:
    axes.set(xlim=(0, None), ylim=(0, 1.02))
    axes.set_xlabel(unit)
    axes.set_ylabel(label)
    axes.legend(fontsize=SMALL, frameon=False, loc=f"{legend} left")
    axes.spines[["top", "right"]].set_visible(False)
    style(axes)
