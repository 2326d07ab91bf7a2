"""Maps of what each mutation of a sequence does."""

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from jaxtyping import Float

from jaxbio.errors import DataError
from jaxbio.plot.page import INK, SMALL, UNKNOWN, colour_bar, figure, heading, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

MOST_PLACES = 3000
"""Places of a map, of which more could not be told apart on a page."""

_A_ROW = 100  # places of a row
_WIDTH = 7.2  # inches


def mutation_map(
    scores: Float[np.ndarray, "symbols places"],
    symbols: Sequence[str],
    wild: str,
    *,
    first: int = 1,
    title: str = "",
    name: str = "change",
) -> "Figure":
    """Draw what each mutation of a sequence does, a row a symbol.

    Args:
        scores: Of each symbol in each place; 0 or NaN for the wild type's own, which
            gets a dot, NaN for what is not known.
        symbols: What the rows are called.
        wild: The sequence, of which the letters stand below.
        first: The number of its first place.
        title: Above the map.
        name: What the colours mean.

    Returns:
        The figure, in rows of 100 places.

    Raises:
        DataError: If there are no places, too many, or another number of them than
            letters.

    Example:
        >>> page = mutation_map(np.array([[0.0, 1.0], [-0.5, 0.0]]), "AC", "AC")
        >>> [label.get_text() for label in page.axes[0].get_yticklabels()]
        ['A', 'C']
    """
    places = len(wild)
    if scores.shape != (len(symbols), places) or not places:
        raise DataError(
            f"scores of the shape {scores.shape} for {len(symbols)} symbols and "
            f"{places} places: give a row a symbol and a column a letter"
        )
    if places > MOST_PLACES:
        raise DataError(
            f"{places:,} places are too many for one picture: draw at most "
            f"{MOST_PLACES:,} at once"
        )
    rows = math.ceil(places / _A_ROW)
    width = min(places, _A_ROW)
    tall = 0.5 + 0.11 * len(symbols)
    page = figure(_WIDTH, tall * rows + 0.5)
    heading(page, title)
    limit = float(np.nanmax(np.abs(scores), initial=0.0)) or 1.0
    panels = page.subplots(rows, 1, squeeze=False)[:, 0]
    shown = None
    for row, axes in enumerate(panels):
        start = row * _A_ROW
        part = scores[:, start : start + width]
        letters = wild[start : start + width]
        axes.set_facecolor(UNKNOWN)
        shown = axes.imshow(
            np.ma.masked_invalid(part), cmap="RdBu_r", vmin=-limit, vmax=limit,
            aspect="auto", interpolation="nearest",
        )  # fmt: skip
        own = [(at, symbols.index(x)) for at, x in enumerate(letters) if x in symbols]
        if own:
            axes.scatter(*zip(*own, strict=True), s=2, color=INK, linewidths=0)
        axes.set(xlim=(-0.5, width - 0.5), yticks=range(len(symbols)))
        axes.set_yticklabels(symbols)
        ticks = [at for at in range(len(letters)) if (first + start + at) % 10 == 0]
        axes.set_xticks(ticks, [f"{first + start + at:,}" for at in ticks])
        style(axes)
        if width <= _A_ROW // 2:
            for at, letter in enumerate(letters):
                axes.annotate(
                    letter, (at, len(symbols) - 0.5), (0, -2), ha="center", va="top",
                    textcoords="offset points", fontsize=SMALL, color=INK,
                )  # fmt: skip
            axes.tick_params(axis="x", pad=9)
    assert shown is not None  # there is a place
    colour_bar(shown, panels[0], name)
    return page
