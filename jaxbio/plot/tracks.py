"""Contributions along a sequence that is too long for letters."""

from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from jaxbio.plot.page import figure

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure

_COLORS = ("#3b76af", "#b5403c")  # what speaks for it, and against
_ROW = 500  # bars


def contribution_track(
    heights: Float[np.ndarray, "len"],
    *,
    title: str = "",
    unit: str = "log-odds",
    ax: "Axes | None" = None,
) -> "Figure":
    """Draw the contribution of each position as a bar; at most 2,000 of them.

    Of longer sequences each bar is the sum of as many neighbours as are needed. A new
    figure has rows of 500 bars.

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
    count = max(-(-len(bars) // _ROW), 1) if ax is None else 1
    if ax is not None:
        panels = [ax]
        page = ax.figure.figure  # of a SubFigure, too
    else:
        page = figure(10, 2.4 if count == 1 else 1.4 * count + 0.5)
        panels = page.subplots(count, 1, squeeze=False)[:, 0].tolist()
    place = np.arange(len(bars)) * width + (width + 1) / 2
    colors = np.where(bars >= 0, *_COLORS)
    reach = max(float(np.abs(bars).max(initial=0)) * 1.05, 1e-12)
    for row, axes in enumerate(panels):
        some = slice(row * _ROW, (row + 1) * _ROW) if count > 1 else slice(None)
        axes.bar(place[some], bars[some], width=width, color=colors[some].tolist())
        axes.axhline(0, color="0.4", linewidth=0.6)
        if count == 1:
            axes.margins(x=0.01)
        else:
            start = row * _ROW * width
            axes.set(xlim=(start, start + _ROW * width + 1), ylim=(-reach, reach))
    summed = f", sums of {width}" if width > 1 else ""
    name = f"contribution ({unit})" if unit else "contribution"
    panels[-1].set_xlabel(f"position{summed}")
    if count == 1:
        panels[0].set_ylabel(name)
    else:
        page.supylabel(name, fontsize="medium")
    panels[0].set_title(title, loc="left")
    return page
