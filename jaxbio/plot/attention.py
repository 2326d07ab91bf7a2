"""At what a network looks: weights along a sequence, of pairs, and of inputs."""

import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from jaxbio.errors import DataError
from jaxbio.plot.page import INK, NORMAL, STRAND, colour_bar, figure, heading, style

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_BARS = 1000  # of a track; of more positions each bar is the greatest of several
_CELLS = 500  # of a map along each side, likewise
_LETTERS = 100  # positions up to which symbols stand below a track
_WIDTH = 7.2  # inches
_COLUMNS = 3  # maps in a row


def attention_page(
    tracks: Mapping[str, Float[np.ndarray, "_"]],
    maps: Mapping[str, Float[np.ndarray, "_ _"]] | None = None,
    shares: Mapping[str, Mapping[str, float]] | None = None,
    *,
    symbols: Mapping[str, Sequence[str]] | None = None,
    title: str = "",
) -> "Figure":
    """Draw weights of attention of one row.

    Args:
        tracks: By name the weight of each position.
        maps: By name the weight of each position (across) to each other one (down).
        shares: By name weights of whole inputs, a bar each.
        symbols: Of tracks the symbols, which stand below them up to 100 positions.
        title: Above the page.

    Returns:
        The figure. Of more than 1,000 positions a bar, and of more than 500 a cell of a
        map is the greatest weight of as many neighbours as are needed.

    Raises:
        DataError: If there is nothing to draw.

    Example:
        >>> tracks = {"pooling of seq": np.array([0.2, 0.8])}
        >>> page = attention_page(tracks, symbols={"pooling of seq": "AC"})
        >>> [text.get_text() for text in page.axes[0].get_xticklabels()]
        ['A', 'C']
    """
    maps, shares, symbols = maps or {}, shares or {}, symbols or {}
    if not (tracks or maps or shares):
        raise DataError("there are no weights of attention to draw")
    rows = math.ceil(len(maps) / _COLUMNS)
    heights = [1.3] * len(tracks) + [0.5 + 0.22 * len(each) for each in shares.values()]
    heights += [2.5 * rows] if rows else []
    page = figure(_WIDTH, sum(heights) + 0.5)
    heading(page, title)
    parts: Any = page.subfigures(len(heights), 1, height_ratios=heights, squeeze=False)
    parts = iter(parts[:, 0])
    for name, weights in tracks.items():
        _track(next(parts).subplots(), name, weights, symbols.get(name, ""))
    for name, each in shares.items():
        _bars(next(parts).subplots(), name, each)
    if maps:
        panels = next(parts).subplots(rows, _COLUMNS, squeeze=False).ravel()
        for panel, (name, weights) in zip(panels, maps.items(), strict=False):
            _map(panel, name, weights)
        for panel in panels[len(maps) :]:
            panel.set_axis_off()
    return page


def _track(axes: Any, name: str, weights: np.ndarray, symbols: Sequence[str]) -> None:
    width, bars = _greatest(weights, _BARS)
    place = np.arange(len(bars)) * width + (width + 1) / 2
    axes.bar(place, bars, width=width, color=STRAND)
    axes.set(xlim=(0.5, len(weights) + 0.5), ylim=(0, None), ylabel="weight")
    _titled(axes, name, width)
    style(axes)
    if symbols and len(weights) <= _LETTERS:
        axes.set_xticks(np.arange(1, len(weights) + 1), list(symbols))
        axes.tick_params(axis="x", length=0)
    else:
        axes.set_xlabel("position")


def _bars(axes: Any, name: str, shares: Mapping[str, float]) -> None:
    places = np.arange(len(shares))
    axes.barh(places, list(shares.values()), color=STRAND, height=0.7)
    axes.set_yticks(places, list(shares))
    axes.set(xlim=(0, 1), xlabel="weight")
    axes.invert_yaxis()
    _titled(axes, name, 1)
    style(axes)


def _map(axes: Any, name: str, weights: np.ndarray) -> None:
    width, first = _greatest(weights, _CELLS)
    width, cells = _greatest(first.T, _CELLS)
    size = len(weights)
    image = axes.imshow(
        cells.T, cmap="Blues", vmin=0, vmax=float(cells.max(initial=0)) or 1,
        extent=(0.5, size + 0.5, size + 0.5, 0.5), interpolation="nearest",
        aspect="equal",
    )  # fmt: skip
    of = f", greatest of {width}" if width > 1 else ""
    axes.set(xlabel=f"seen{of}", ylabel="looks")
    axes.set_title(name, loc="left", fontsize=NORMAL, color=INK)
    axes.locator_params(nbins=4)
    style(axes)
    most = float(f"{image.norm.vmax:.1g}")
    most = most if most <= image.norm.vmax else most / 2
    colour_bar(image, axes, "", ticks=[0, most])


def _titled(axes: Any, name: str, width: int) -> None:
    of = f" (greatest of {width})" if width > 1 else ""
    axes.set_title(f"{name}{of}", loc="left", fontsize=NORMAL, color=INK)


def _greatest(values: np.ndarray, most: int) -> tuple[int, np.ndarray]:
    """Along the first axis the greatest of so many neighbours that few are left."""
    width = max(-(-len(values) // most), 1)
    more = [(0, -len(values) % width), *[(0, 0)] * (values.ndim - 1)]
    padded = np.pad(np.asarray(values, float), more)
    return width, padded.reshape(-1, width, *values.shape[1:]).max(axis=1)
