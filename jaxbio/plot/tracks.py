"""Contributions along a sequence that is too long for letters."""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from jaxbio.plot.page import figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLORS = ("#3b76af", "#b5403c")  # what speaks for it, and against


def contribution_track(
    heights: Float[np.ndarray, "len"],
    *,
    title: str = "",
    unit: str = "log-odds",
    ax: "Axes | None" = None,
) -> "Figure":
    """Draw the contribution of each position as a bar; at most 2,000 of them.

    Of longer sequences each bar is the sum of as many neighbours as are needed.

    Args:
        heights: The contributions.
        title: Above the picture.
        unit: That of the prediction.
        ax: The Axes to draw in; None for a new figure.

    Example:
        >>> page = contribution_track(np.array([0.5, -1.0, 0.0]))
        >>> len(page.axes[0].patches)
        3
    """
    width = -(-len(heights) // 2000)
    padded = np.pad(np.asarray(heights, float), (0, -len(heights) % width))
    bars = padded.reshape(-1, width).sum(axis=1)
    if ax is None:
        ax = figure(10, 2.4).subplots()
    place = np.arange(len(bars)) * width + (width + 1) / 2
    colors = np.where(bars >= 0, *_COLORS)
    ax.bar(place, bars, width=width, color=colors.tolist())
    ax.axhline(0, color="0.4", linewidth=0.6)
    ax.margins(x=0.01)
    summed = f", sums of {width}" if width > 1 else ""
    name = f"contribution ({unit})" if unit else "contribution"
    ax.set(xlabel=f"position{summed}", ylabel=name)
    ax.set_title(title, loc="left")
    return ax.figure.figure  # of a SubFigure, too
