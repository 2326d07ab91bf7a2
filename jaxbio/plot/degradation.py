"""Scores of models while more and more of the cells of a table are missing."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from jaxbio.errors import DataError
from jaxbio.plot.page import FAINT, INK, NORMAL, figure, heading, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

Curve = Mapping[float, float]
"""The score at each share of cells that were removed."""

# Okabe & Ito's colours, which all eyes tell apart, with a shape for each.
_STYLES = (
    ("#0072b2", "o"),
    ("#d55e00", "s"),
    ("#009e73", "^"),
    ("#cc79a7", "D"),
    ("#e69f00", "v"),
)
_WIDTH, _HEIGHT = 2.9, 2.5
"""Of a panel (inches)."""


def degradation_curves(
    panels: Mapping[str, Mapping[str, Curve]],
    *,
    score: str = "AUROC",
    title: str = "",
    least: float | None = None,
) -> "Figure":
    """Draw how the scores of models fall while cells of a table are taken away.

    Args:
        panels: For each data set the curve of each model; all have the same axis.
        score: What is scored.
        title: Above all.
        least: A score that a guess would have, drawn as a line; None for none.

    Returns:
        The figure, a panel a data set.

    Raises:
        DataError: If there is nothing to draw, or there are more than five models.

    Example:
        >>> curves = {"networks": {0.0: 0.9, 0.2: 0.87}, "boosting": {0.0: 0.88}}
        >>> page = degradation_curves({"heart": curves})
        >>> [line.get_label() for line in page.axes[0].lines]
        ['networks', 'boosting']
    """
    models = list(dict.fromkeys(name for curves in panels.values() for name in curves))
    if not models or not all(
        curve for each in panels.values() for curve in each.values()
    ):
        raise DataError(
            "no scores to draw: give each model a score at one share or more"
        )
    if len(models) > len(_STYLES):
        raise DataError(
            f"{len(models)} models: at most {len(_STYLES)} can be told apart"
        )
    page = figure(_WIDTH * len(panels) + 0.3, _HEIGHT + 0.3 * bool(title))
    heading(page, title)
    grid = page.subplots(1, len(panels), sharex=True, sharey=True, squeeze=False)[0]
    styles = dict(zip(models, _STYLES, strict=False))
    for axes, (name, curves) in zip(grid, panels.items(), strict=True):
        for model, curve in curves.items():
            _draw(axes, model, curve, styles[model])
        if least is not None:
            axes.axhline(least, color=FAINT, linewidth=0.8, linestyle=":")
        axes.set_title(name, fontsize=NORMAL, color=INK, loc="left")
        axes.set_xlabel("cells removed")
        axes.xaxis.set_major_formatter(lambda share, _: f"{100 * share:g} %")
        axes.spines[["top", "right"]].set_visible(False)
        style(axes)
    grid[0].set_ylabel(score)
    style(grid[0])
    grid[0].legend(loc="lower left", frameon=False, fontsize=NORMAL, labelcolor=INK)
    return page


def _draw(axes: Any, model: str, curve: Curve, style: tuple[str, str]) -> None:
    colour, marker = style
    shares = sorted(curve)
    axes.plot(
        shares,
        [curve[share] for share in shares],
        color=colour,
        marker=marker,
        markersize=4.5,
        linewidth=1.6,
        label=model,
    )
    axes.set_xticks(sorted({*axes.get_xticks(), *shares} & {*shares}))
