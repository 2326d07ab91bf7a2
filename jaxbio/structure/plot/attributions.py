"""What residues contribute, along the chain and beneath its secondary structure."""

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from jaxbio.errors import DataError
from jaxbio.plot.page import HELIX, INK, SMALL, STRAND, figure, heading, style
from jaxbio.structure.plot.strip import draw_element
from jaxbio.structure.plot.strip_layout import rows, segments, within

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_ROW = 80  # residues of a row
_WIDE = 250  # of a row of chains with more than `_MANY`
_MANY = 800
_WIDTH = 7.2  # inches


def attribution_strip(
    values: Float[np.ndarray, "len"],
    sequence: str,
    states: str,
    *,
    title: str = "",
    unit: str = "",
) -> "Figure":
    """Draw the contribution of each residue beneath its secondary structure.

    Args:
        values: The contributions.
        sequence: One letter a residue; drawn up to 800 residues.
        states: Secondary structure as `Chain.ss8` has it; `?` for unknown.
        title: Above.
        unit: Of the contributions.

    Returns:
        The figure, in rows of 80 residues, or of 250 for more than 800.

    Raises:
        DataError: If the three have not one length, or there is no residue.

    Example:
        >>> page = attribution_strip(np.array([0.5, -1.0]), "GA", "HH")
        >>> len(page.axes)
        2
    """
    length = len(sequence)
    if not length or len(values) != length or len(states) != length:
        raise DataError(
            f"{len(values)} contributions, {length} residues and {len(states)} states: "
            f"give one of each for every residue"
        )
    width = _ROW if length <= _MANY else _WIDE
    parts = rows(length, width)
    page = figure(_WIDTH, 1.35 * len(parts) + 0.5)
    heading(page, title)
    grid: Any = page.add_gridspec(2 * len(parts), 1, height_ratios=[1, 3] * len(parts))
    limits = (min(values.min(), 0.0), max(values.max(), 0.0))
    room = 0.05 * (limits[1] - limits[0]) or 1.0
    across = (0, min(length, width))
    for row, (start, stop) in enumerate(parts):
        above = page.add_subplot(grid[2 * row])
        above.set(xlim=across, ylim=(1, -1))
        above.set_axis_off()
        for part in within(segments(states), start, stop):
            moved = part._replace(start=part.start - start, stop=part.stop - start)
            draw_element(above, moved, 0.0)
        axes = page.add_subplot(grid[2 * row + 1])
        part = values[start:stop]
        colours = np.where(part >= 0, HELIX, STRAND)
        axes.bar(np.arange(len(part)) + 0.5, part, width=0.9, color=colours.tolist())
        axes.axhline(0, color=INK, linewidth=0.6)
        axes.set(xlim=across, ylim=(limits[0] - room, limits[1] + room))
        numbers = [at for at in range(start, stop) if at == start or (at + 1) % 10 == 0]
        if width == _WIDE:
            numbers = [at for at in range(start, stop) if (at + 1) % 25 == 0]
        axes.set_xticks(
            [at - start + 0.5 for at in numbers], [str(at + 1) for at in numbers]
        )
        axes.spines[["top", "right"]].set_visible(False)
        style(axes)
        if width == _ROW:
            for at, letter in enumerate(sequence[start:stop]):
                axes.annotate(
                    letter, (at + 0.5, 1), (0, 1), ha="center", va="bottom",
                    xycoords=("data", "axes fraction"), textcoords="offset points",
                    fontsize=SMALL - 1, color=INK,
                )  # fmt: skip
    name = f"contribution ({unit})" if unit else "contribution"
    page.supylabel(name, fontsize=SMALL + 1, color=INK)
    return page
