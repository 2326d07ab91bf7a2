"""Secondary structure along the sequence, with curves beneath."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from jaxbio.plot.page import (
    ACCESS,
    ACCESS_TRUE,
    FAINT,
    HELIX,
    HELIX_BACK,
    HELIX_OTHER,
    INK,
    NORMAL,
    SMALL,
    STRAND,
    STRAND_OTHER,
    UNKNOWN,
)
from jaxbio.structure.dssp import three_states
from jaxbio.structure.plot.strip_layout import (
    CURVES,
    ROW,
    Bands,
    Segment,
    arrow,
    bands,
    ribbon,
    rows,
    segments,
    within,
)

UNIT = 0.14
"""Height of an element (inches)."""

_KEY = 1.0  # units above the first row
_HELICES = {
    "H": (HELIX, HELIX_BACK),
    "G": (HELIX_OTHER, HELIX),
    "I": (HELIX_OTHER,) * 2,
}
_STRANDS = {"E": STRAND, "B": STRAND_OTHER}


class Curve(NamedTuple):
    """A curve beneath the strip.

    Attributes:
        name: For the margin.
        values: Of each residue, from 0 to 100; NaN for unknown.
        colour: Of line and name.
        style: Of the line.
    """

    name: str
    values: Float[np.ndarray, "len"]
    colour: str
    style: str = "-"


def curves(
    confidence: Float[np.ndarray, "len"] | None,
    rsa: Float[np.ndarray, "len"] | None,
    true_rsa: Float[np.ndarray, "len"] | None,
) -> list[Curve]:
    """Take the curves that are given, all from 0 to 100.

    Example:
        >>> [(curve.name, curve.values.tolist()) for curve in curves(
        ...     None, np.array([0.25, 1.1]), None)]
        [('accessibility', [25.0, 100.0])]
    """
    found = []
    if true_rsa is not None:
        percent = np.minimum(true_rsa * 100, 100)
        found.append(Curve("true", percent, ACCESS_TRUE, "--"))
    if rsa is not None:
        found.append(Curve("accessibility", np.minimum(rsa * 100, 100), ACCESS))
    if confidence is not None:
        found.append(Curve("confidence", confidence, INK))
    return found


def strip_height(length: int, with_truth: bool, with_curves: bool) -> float:
    """The height of a strip (inches).

    Example:
        >>> strip_height(81, True, False) > strip_height(80, True, False)
        True
    """
    units = len(rows(length)) * bands(with_truth, with_curves).height
    return UNIT * (units + _KEY)


def draw_strip(
    axes: Any, sequence: str, predicted: str, true: str | None, shown: list[Curve]
) -> None:
    """Draw a strip in rows, with curves beneath each."""
    places, count = bands(true is not None, bool(shown)), len(rows(len(sequence)))
    width = min(len(sequence), ROW)
    axes.set(xlim=(-9, max(width, 40) + 4), ylim=(count * places.height, -_KEY))
    axes.set_axis_off()
    _key(axes, max(width, 40), predicted + (true or ""))
    lines = [("predicted", places.predicted, predicted)]
    if true is not None:
        lines.append(("true", places.true, true))
    for row, (start, stop) in enumerate(rows(len(sequence))):
        top = row * places.height
        _letters(axes, sequence[start:stop], start, top, places)
        if true is not None:
            _differences(axes, predicted, true, (start, stop), top, places)
        for name, place, states in lines:
            _margin(axes, name, top + place)
            for part in within(segments(states), start, stop):
                moved = part._replace(start=part.start - start, stop=part.stop - start)
                draw_element(axes, moved, top + place)
        if shown:
            _curves(axes, shown, (start, stop), top + places.curves)


def _letters(axes: Any, letters: str, first: int, top: float, places: Bands) -> None:
    """The sequence of a row, and the number of every tenth residue."""
    for at, letter in enumerate(letters):
        number = first + at + 1
        style = {"ha": "center", "va": "center", "fontsize": SMALL}
        axes.text(at + 0.5, top + places.letters, letter, color=INK, **style)
        if number % 10 == 0 or number == 1:
            axes.text(at + 0.5, top + places.numbers, number, color=FAINT, **style)


def _margin(axes: Any, text: str, place: float, colour: str = INK) -> None:
    axes.text(-0.8, place, text, ha="right", va="center", fontsize=SMALL, color=colour)


def _differences(
    axes: Any,
    predicted: str,
    true: str,
    ends: tuple[int, int],
    top: float,
    places: Bands,
) -> None:
    """A tint where the prediction is another of three states than the truth."""
    wrong = "".join(
        "x" if b not in ("?", a) else "."
        for a, b in zip(three_states(predicted), three_states(true), strict=True)
    )
    for part in within(segments(wrong), *ends):
        if part.state == "x":
            low, high = top + places.predicted - 0.65, top + places.true + 0.65
            axes.fill_between(
                [part.start - ends[0], part.stop - ends[0]],
                *(low, high),
                color="#f1ede4",
                linewidth=0,
                zorder=0,
            )


def draw_element(axes: Any, part: Segment, axis: float) -> None:
    """Draw a helix, a strand, a turn or a line, about a horizontal axis."""
    from matplotlib.patches import Polygon

    shift = np.array([0.0, axis])
    if part.state in _HELICES:
        front, behind = _HELICES[part.state]
        for turn, corners in enumerate(ribbon(part)):
            colour = behind if turn % 2 else front
            patch = Polygon(corners * [1, 0.9] + shift, facecolor=colour, linewidth=0)
            axes.add_patch(patch).set_zorder(2 if turn % 2 else 3)
    elif part.state in _STRANDS:
        colour = _STRANDS[part.state]
        outline = Polygon(arrow(part) + shift, facecolor=colour, linewidth=0, zorder=3)
        axes.add_patch(outline)
    else:
        known = part.state != "?"
        x = np.linspace(part.start, part.stop, 25)
        bow = 0.35 * np.sin(np.linspace(0, np.pi, 25)) if part.state == "T" else 0.0
        style = {"color": INK, "lw": 1.1} if known else {"color": FAINT, "lw": 0.8}
        style["ls"] = "-" if known else ":"
        axes.plot(x, axis - bow * np.ones(25), solid_capstyle="butt", zorder=1, **style)


def _curves(axes: Any, shown: list[Curve], ends: tuple[int, int], zero: float) -> None:
    """Curves of a row above their zero line, with their names in the margin."""
    start, stop = ends
    x = np.arange(stop - start) + 0.5
    for value in (0, 50, 100):
        height = zero - CURVES * value / 100
        axes.plot([0, stop - start], [height] * 2, color=UNKNOWN, lw=0.6, zorder=0)
        if value != 50:
            name = f"{value} %" if value else "0"
            style = {"va": "center", "fontsize": SMALL - 1, "color": FAINT}
            axes.text(stop - start + 0.5, height, name, **style)
    for at, curve in enumerate(reversed(shown)):
        y = zero - CURVES * curve.values[start:stop] / 100
        style = {"color": curve.colour, "ls": curve.style, "lw": 1.1}
        axes.plot(x, y, marker="." if len(x) == 1 else "", markersize=3, **style)
        place = zero - CURVES * (0.86 - 0.4 * at)
        _margin(axes, curve.name, place, curve.colour)


def _key(axes: Any, right: float, states: str) -> None:
    """Name the colours that are there at the upper right."""
    names = [
        ("helix", HELIX, "H"),
        ("3-10 or π helix", HELIX_OTHER, "GI"),
        ("strand", STRAND, "E"),
        ("bridge", STRAND_OTHER, "B"),
    ]
    x = right
    for name, colour, letters in reversed(names):
        if set(letters) & set(states):
            style = {"ha": "right", "va": "center", "fontsize": NORMAL - 0.5}
            axes.text(x, -_KEY * 0.6, name, color=colour, **style)
            x -= 0.85 * len(name) + 1.2
