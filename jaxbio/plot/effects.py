"""Effects at places, such as of motifs by position or by distance."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from jaxbio.plot.page import FAINT, SMALL, figure, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_NAMED = 10  # curves that a legend tells apart


def effect_curves(
    names: Sequence[str],
    places: Sequence[int],
    effects: Sequence[Float[np.ndarray, "_ _"]],
    *,
    xlabel: str = "position",
    ylabel: str = "effect",
) -> "Figure":
    """Draw mean effects by place, each in a band of two standard errors.

    Args:
        names: Of the curves; ten are told apart by colour, others are grey.
        places: Positions or distances.
        effects: Of each curve, by place and sequence.
        xlabel: What places are.
        ylabel: What effects are, with their unit.

    Example:
        >>> page = effect_curves(["GATA"], [1, 2], [np.ones((2, 3))])
        >>> page.axes[0].lines[1].get_ydata().tolist()
        [1.0, 1.0]
    """
    page = figure(6.4, 3.2)
    axes = page.subplots()
    axes.axhline(0, color=FAINT, linewidth=0.8, linestyle=":")
    for at, (name, table) in enumerate(zip(names, effects, strict=True)):
        mean = table.mean(axis=1)
        about = {"color": f"C{at}" if at < _NAMED else "0.75", "linewidth": 1.4}
        axes.plot(places, mean, label=name if at < _NAMED else None, **about)
        if table.shape[1] > 1:
            error = 2 * table.std(axis=1, ddof=1) / np.sqrt(table.shape[1])
            color = about["color"]
            axes.fill_between(
                places, mean - error, mean + error, color=color, alpha=0.2, linewidth=0
            )
    axes.set(xlabel=xlabel, ylabel=ylabel)
    axes.legend(fontsize=SMALL, frameon=False)
    style(axes)
    return page
