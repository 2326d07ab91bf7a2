"""Figures with their colours and letters; no window and no global state."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.errors import DataError

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

FORMATS = (".png", ".pdf", ".svg")
DPI = 150

INK = "#333333"
FAINT = "#9a9a9a"
UNKNOWN = "#e4e4e4"
HELIX, HELIX_BACK, HELIX_OTHER = "#c4553b", "#7f3323", "#dd9a83"
STRAND, STRAND_OTHER = "#3b6fa8", "#8fb0d3"
ACCESS, ACCESS_TRUE = "#1b9e77", "#8a8a8a"

SMALL, NORMAL, LARGE = 7.0, 8.5, 10.5
"""Sizes of letters (points)."""


def figure(width: float, height: float) -> "Figure":
    """An empty figure of this size (inches), with a constrained layout.

    Example:
        >>> figure(3.4, 3.2).get_size_inches().tolist()
        [3.4, 3.2]
    """
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    page = Figure(figsize=(width, height), layout="constrained")
    FigureCanvasAgg(page)  # no window, no global state
    return page


def save(figure: "Figure", path: str | Path) -> None:
    """Write a figure; the file is whole or not there.

    Args:
        figure: Any figure of Matplotlib.
        path: A name that ends in `.png`, `.pdf` or `.svg`.

    Raises:
        DataError: For another ending.
        JaxbioError: If the file cannot be written.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "empty.svg"
        >>> save(figure(1, 1), path)
        >>> path.read_text()[:5]
        '<?xml'
    """
    check_picture(path)
    with replacing(path) as temporary:
        figure.savefig(temporary, dpi=DPI)
        if temporary.suffix.lower() == ".png":
            _shrink(temporary)


def check_picture(path: str | Path) -> None:
    """Check that pictures can be written to files of that name.

    Raises:
        DataError: For another ending than `.png`, `.pdf` or `.svg`.
    """
    if Path(path).suffix.lower() not in FORMATS:
        raise DataError(
            f"{path}: not the name of a picture; let it end in {', '.join(FORMATS)}"
        )


def _shrink(path: Path) -> None:
    """Give a PNG a palette of 256 colours, which halves it."""
    from PIL import Image  # comes with matplotlib, which writes PNG by it

    with Image.open(path) as image:
        whole = image.convert("RGB")
    palette = whole.quantize(256, method=Image.Quantize.FASTOCTREE)
    colours = np.array(palette.getpalette()).reshape(-1, 3)
    colours[colours.sum(axis=1).argmax()] = 255  # paper stays white
    palette.putpalette(colours.ravel().tolist())
    few = whole.quantize(palette=palette, dither=Image.Dither.FLOYDSTEINBERG)
    few.save(path, optimize=True, dpi=(DPI, DPI))


def heading(page: "Figure | SubFigure", text: str) -> None:
    """A title at the upper left; none for an empty text."""
    if text:
        page.suptitle(text, x=0.01, ha="left", fontsize=LARGE, color=INK)


def style(axes: Any) -> None:
    """Give letters and lines of axes the sizes and the colour of all pictures.

    Example:
        >>> style(axes := figure(2, 2).subplots())
        >>> axes.xaxis.label.get_size()
        8.5
    """
    axes.tick_params(labelsize=SMALL, colors=INK, length=3, width=0.6)
    for spine in axes.spines.values():
        spine.set(linewidth=0.6, edgecolor=INK)
    axes.xaxis.label.set(size=NORMAL, color=INK)
    axes.yaxis.label.set(size=NORMAL, color=INK)


def colour_bar(
    image: Any,
    axes: Any,
    name: str,
    ticks: list[float] | None = None,
    extend: str = "neither",
) -> None:
    """Name the colours of an image at the right of its axes."""
    place = axes.inset_axes((1.04, 0.12, 0.035, 0.76))
    bar = axes.figure.colorbar(image, cax=place, ticks=ticks, extend=extend)
    bar.outline.set(linewidth=0.6, edgecolor=INK)
    bar.ax.tick_params(labelsize=SMALL, colors=INK, length=3, width=0.6)
    bar.set_label(name, fontsize=NORMAL, color=INK)
