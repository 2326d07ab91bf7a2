"""What columns say: importances, and contributions to one prediction or to many."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from jaxbio.plot.page import (
    FAINT,
    HELIX,
    INK,
    NORMAL,
    SMALL,
    STRAND,
    figure,
    heading,
    style,
)

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MORE, LESS = HELIX, STRAND
"""Colours of what raises a prediction, and of what lowers it."""

_SHOWN = 20
_LONGEST = 28  # letters of a name
_ROW = 0.24  # inches
_WIDTH = 5.6


def importance_bars(
    names: Sequence[str],
    values: Float[np.ndarray, "n"],
    *,
    low: Float[np.ndarray, "n"] | None = None,
    high: Float[np.ndarray, "n"] | None = None,
    unit: str = "",
    title: str = "",
    limit: int = _SHOWN,
) -> "Figure":
    """Bars of the greatest values, one a name.

    Args:
        names: Of columns.
        values: Their importances.
        low: Lower ends of intervals.
        high: Upper ends of intervals.
        unit: Of the values.
        title: Above.
        limit: The most that are drawn.

    Example:
        >>> page = importance_bars(["age", "sex"], np.array([0.2, 0.1]))
        >>> [text.get_text() for text in page.axes[0].get_yticklabels()]
        ['age', 'sex']
    """
    order = np.argsort(-np.abs(values))[:limit]
    page, axes = _page(len(order))
    places = np.arange(len(order))
    colours = [MORE if values[at] >= 0 else LESS for at in order]
    axes.barh(places, values[order], color=colours, height=0.7)
    if low is not None and high is not None:
        axes.hlines(places, low[order], high[order], color=INK, linewidth=0.8)
    _named(axes, [str(names[int(at)]) for at in order])
    axes.set_xlabel(unit)
    heading(page, title)
    return page


def waterfall(
    names: Sequence[str],
    contributions: Float[np.ndarray, "n"],
    base: float,
    *,
    texts: Sequence[str] | None = None,
    unit: str = "",
    title: str = "",
    limit: int = 12,
) -> "Figure":
    """How the columns of one row lead from what is usual to its prediction.

    Args:
        names: Of columns.
        contributions: What each adds to the prediction.
        base: What is predicted without the row.
        texts: The values of the columns.
        unit: Of the prediction.
        title: Above.
        limit: The most columns that are drawn; the others are one bar.

    Example:
        >>> page = waterfall(["age", "sex"], np.array([1.0, -0.5]), 0.25)
        >>> len(page.axes[0].patches)
        2
    """
    order = np.argsort(-np.abs(contributions))
    shown = order[:limit] if len(order) > limit + 1 else order
    rest = order[len(shown) :]
    values = [float(contributions[at]) for at in shown]
    labels = [str(names[int(at)]) for at in shown]
    if texts is not None:
        labels = [_with_value(str(names[int(at)]), texts[int(at)]) for at in shown]
    if len(rest):
        values.append(float(contributions[rest].sum()))
        labels.append(f"{len(rest)} others")
    page, axes = _page(len(values))
    ends = base + np.cumsum(values)
    starts = np.concatenate([[base], ends[:-1]])
    places = np.arange(len(values))
    colours = [MORE if value >= 0 else LESS for value in values]
    axes.barh(places, values, left=starts, color=colours, height=0.7)
    span = max(np.ptp([base, *ends]), 1e-9)
    for place, value in zip(places, values, strict=True):
        axes.annotate(
            f"{value:+.3g}",
            (max(starts[place], ends[place]), place),
            (3, 0),
            textcoords="offset points",
            va="center",
            fontsize=SMALL,
            color=INK,
        )
    axes.set_xlim(min(base, *ends) - 0.05 * span, max(base, *ends) + 0.2 * span)
    axes.axvline(base, color=FAINT, linewidth=0.8, linestyle=":")
    axes.axvline(ends[-1], color=INK, linewidth=0.8)
    _named(axes, labels)
    axes.set_xlabel(f"{unit + ': ' if unit else ''}{base:.3g} to {ends[-1]:.3g}")
    heading(page, title)
    return page


def beeswarm(
    names: Sequence[str],
    contributions: Float[np.ndarray, "rows n"],
    values: Float[np.ndarray, "rows n"] | None = None,
    *,
    unit: str = "",
    title: str = "",
    limit: int = _SHOWN,
) -> "Figure":
    """The contributions of columns to many predictions, a point a row.

    Args:
        names: Of columns.
        contributions: By row and column.
        values: What the columns hold, for the colour; NaN for what is no number.
        unit: Of the contributions.
        title: Above.
        limit: The most columns that are drawn.

    Example:
        >>> page = beeswarm(["age", "sex"], np.array([[1.0, 0.1], [-1.0, 0.2]]))
        >>> len(page.axes[0].collections)
        2
    """
    order = np.argsort(-np.abs(contributions).mean(axis=0))[:limit]
    page, axes = _page(len(order))
    points: Any = None
    for place, at in enumerate(order):
        x = contributions[:, at]
        y = place + 0.35 * _spread(x)
        colour = np.full(len(x), np.nan) if values is None else _ranks(values[:, at])
        known = ~np.isnan(colour)
        axes.scatter(x[~known], y[~known], s=7, color=FAINT, linewidths=0)
        if known.any():
            points = axes.scatter(
                x[known], y[known], s=7, c=colour[known], cmap="coolwarm",
                vmin=0, vmax=1, linewidths=0,
            )  # fmt: skip
    axes.axvline(0, color=FAINT, linewidth=0.8)
    _named(axes, [str(names[int(at)]) for at in order])
    axes.set_xlabel(unit)
    if points is not None:
        bar = page.colorbar(points, ax=axes, ticks=[0, 1], fraction=0.03, aspect=30)
        bar.ax.set_yticklabels(["low", "high"], fontsize=SMALL, color=INK)
        bar.set_label("value of the column", fontsize=SMALL, color=INK)
    heading(page, title)
    return page


def _with_value(name: str, text: str) -> str:
    """A name and its value, of which a long name is cut and not the value."""
    if not text:
        return name
    room = max(_LONGEST - len(text) - 3, 8)
    short = name if len(name) <= room else name[: room - 1] + "…"
    return f"{short} = {text}"


def _page(rows: int) -> tuple["Figure", Any]:
    page = figure(_WIDTH, 0.9 + _ROW * max(rows, 2))
    return page, page.subplots()


def _named(axes: Any, names: Sequence[str]) -> None:
    short = [n if len(n) <= _LONGEST else n[: _LONGEST - 1] + "…" for n in names]
    axes.set_yticks(np.arange(len(names)), short)
    axes.invert_yaxis()
    style(axes)
    axes.tick_params(axis="y", labelsize=NORMAL)
    for side in ("top", "right"):
        axes.spines[side].set_visible(False)


def _spread(x: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    """Offsets from -1 to 1 that keep points of like values apart."""
    bins = np.round((x - x.min()) / max(np.ptp(x), 1e-12) * 60).astype(int)
    counts: dict[int, int] = {}
    numbers = []
    for each in bins.tolist():
        counts[each] = counts.get(each, 0) + 1
        numbers.append(counts[each])
    most = max(counts.values())
    signs = np.where(np.array(numbers) % 2, 1, -1)
    return signs * (np.array(numbers) // 2) / max(most / 2, 1)


def _ranks(values: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    """Shares of the rows that are below, NaN for missing ones."""
    found = np.full(len(values), np.nan)
    known = ~np.isnan(values)
    if known.any():
        ordered = np.unique(values[known], return_inverse=True)[1]
        found[known] = ordered / max(ordered.max(), 1)
    return found
