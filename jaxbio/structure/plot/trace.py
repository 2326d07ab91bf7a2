"""The trace of the CA atoms, seen from two sides."""

from typing import TYPE_CHECKING, Any, NamedTuple

import numpy as np
from jaxtyping import Float

from jaxbio.plot.page import FAINT, INK, NORMAL, SMALL, colour_bar

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

_FINE = 6  # points a residue
_BAR, _MARGIN, _BEHIND = 10, 3.5, 1.5  # angstrom


class Pieces(NamedTuple):
    """Short lines between neighbouring points of a trace.

    Attributes:
        ends: Their two ends (angstrom).
        residues: Where along the chain each is, in residues from 0.
    """

    ends: Float[np.ndarray, "pieces 2 3"]
    residues: Float[np.ndarray, "pieces"]


def principal_axes(
    coordinates: Float[np.ndarray, "len 3"],
) -> Float[np.ndarray, "3 3"]:
    """Columns are the axes along which points spread most, second most and least.

    They are right-handed, so that a helix seen along them stays right-handed, and the
    first residue lies on the left of the first axis and above on the second.

    Args:
        coordinates: Angstrom; rows with NaN are left out.

    Returns:
        A rotation: rows of centred coordinates are multiplied by it from the right.

    Example:
        >>> points = np.array([[0.0, 0, -9], [0, 4, 0], [0, -4, 0], [1, 0, 9]])
        >>> np.abs(principal_axes(points)).round().tolist()
        [[0.0, 0.0, 1.0], [0.0, 1.0, 0.0], [1.0, 0.0, 0.0]]
    """
    known = coordinates[np.isfinite(coordinates).all(axis=1)].astype(np.float64)
    centred = known - known.mean(axis=0)
    first, second = np.linalg.svd(centred, full_matrices=True)[2][:2]
    first = -first if centred[0] @ first > 0 else first
    second = -second if centred[0] @ second < 0 else second
    return np.stack([first, second, np.cross(first, second)], axis=1)


def smooth(coordinates: Float[np.ndarray, "len 3"], points: int = _FINE) -> Pieces:
    """A curve through all points (Catmull and Rom), in short straight pieces.

    Args:
        coordinates: Angstrom; there is no line to and from rows with NaN.
        points: Pieces from one residue to the next.

    Returns:
        The pieces in the order of the chain.

    Example:
        >>> line = np.array([[0.0, 0, 0], [1, 0, 0], [2, 0, 0]])
        >>> smooth(line, 2).ends[:, 0, 0].tolist()
        [0.0, 0.5, 1.0, 1.5]
    """
    before, after = np.roll(coordinates, 1, axis=0), np.roll(coordinates, -1, axis=0)
    known = np.isfinite(coordinates).all(axis=1)
    has_before, has_after = np.roll(known, 1), np.roll(known, -1)
    has_before[0] = has_after[-1] = False
    # At an end the point that is lacking is the mirror image of the other one.
    before = np.where(has_before[:, None], before, 2 * coordinates - after)
    after = np.where(has_after[:, None], after, 2 * coordinates - before)
    slopes = (after - before) / 2
    starts = np.flatnonzero(known & has_after)
    t = np.linspace(0, 1, points + 1)[:, None]
    weights = np.concatenate(
        [
            2 * t**3 - 3 * t**2 + 1,
            t**3 - 2 * t**2 + t,
            3 * t**2 - 2 * t**3,
            t**3 - t**2,
        ],
        axis=1,
    )
    knots = [coordinates[starts], slopes[starts]]
    knots += [coordinates[starts + 1], slopes[starts + 1]]
    curve = np.einsum("pk,kns->nps", weights, np.stack(knots))
    ends = np.stack([curve[:, :-1], curve[:, 1:]], axis=2).reshape(-1, 2, 3)
    residues = (starts[:, None] + (np.arange(points) + 0.5) / points).reshape(-1)
    return Pieces(ends, residues)


def draw_trace(
    page: "Figure | SubFigure",
    model: Float[np.ndarray, "len 3"],
    true: Float[np.ndarray, "len 3"] | None,
    confidence: Float[np.ndarray, "len"] | None,
) -> None:
    """Draw a model, laid onto the truth already, from two sides at right angles."""
    from matplotlib.cm import ScalarMappable
    from matplotlib.colors import Normalize

    chosen = model if true is None else true
    middle = np.nanmean(chosen, axis=0)
    turn = principal_axes(chosen)
    traces = [
        (points - middle) @ turn for points in (model, true) if points is not None
    ]
    ends = (1.0, float(len(model))) if confidence is None else (0.0, 100.0)
    colours = ScalarMappable(Normalize(*ends), _colours(confidence is not None))
    values = np.arange(1, len(model) + 1) if confidence is None else confidence
    panels = page.subplots(1, 2)
    views = (
        ("front", traces),
        ("from above", [from_above(points) for points in traces]),
    )
    for panel, (name, seen) in zip(panels, views, strict=True):
        _view(panel, seen, colours.to_rgba(values))
        style = {"va": "top", "fontsize": NORMAL, "color": INK}
        panel.text(0, 1, name, transform=panel.transAxes, **style)
    _same_scale(panels, [seen for _, seen in views])
    ticks = None if confidence is not None else _ticks(len(model))
    label = "residue" if confidence is None else "confidence"
    colour_bar(colours, panels[1], label, ticks)
    if true is not None:
        style = {"ha": "right", "fontsize": SMALL, "color": FAINT}
        panels[0].text(1, 0, "grey: true", transform=panels[0].transAxes, **style)


def _ticks(length: int) -> list[float]:
    """The two ends of the chain and three places between them."""
    return [float(at) for at in np.unique(np.linspace(1, length, 5).round())]


def _colours(of_confidence: bool) -> Any:
    """Colours that keep their order for every eye and stay dark enough on white."""
    import matplotlib
    from matplotlib.colors import ListedColormap

    name, ends = ("viridis_r", (0.12, 1.0)) if of_confidence else ("plasma", (0, 0.87))
    return ListedColormap(matplotlib.colormaps[name](np.linspace(*ends, 256)))


def from_above(points: Float[np.ndarray, "len 3"]) -> Float[np.ndarray, "len 3"]:
    """Points turned about the horizontal axis so that one looks from above.

    The axes are to the right, up and towards the one who looks.

    Example:
        >>> from_above(np.array([[1.0, 2.0, 3.0]])).tolist()
        [[1.0, -3.0, 2.0]]
    """
    return points[:, [0, 2, 1]] * [1, -1, 1]


def _view(axes: Any, traces: list[np.ndarray], colours: np.ndarray) -> None:
    """Traces seen along the third axis; what is near is drawn last, wide and strong."""
    from matplotlib.collections import LineCollection
    from matplotlib.colors import to_rgb

    drawn = [smooth(points) for points in traces]
    own = [colours[np.rint(drawn[0].residues).astype(int), :3]]
    own += [np.full((len(part.ends), 3), to_rgb("#8c8c8c")) for part in drawn[1:]]
    thick = [
        2.8 if at == 0 else 1.4 for at, part in enumerate(drawn) for _ in part.ends
    ]
    ends, shades = np.concatenate([part.ends for part in drawn]), np.concatenate(own)
    depths = ends[:, :, 2].mean(axis=1)
    near = (depths - depths.min()) / max(float(np.ptp(depths)), 1e-9)
    widths = np.array(thick) * (0.55 + 0.75 * near)
    shades = shades + (1 - shades) * 0.5 * (1 - near)[:, None]
    # Coloured lines are a little longer than the pieces, so that bends have no gaps.
    flat, longer = ends[:, :, :2], np.array([[1.3, -0.3], [-0.3, 1.3]])
    lines = np.concatenate([flat, np.einsum("ab,nbk->nak", longer, flat)])
    of_model = np.arange(len(ends)) < len(drawn[0].ends)
    white = np.where(of_model, widths + 2.0, 0.0)
    # A white line some way behind the model's tells which of two that cross is in
    # front, and leaves the model's own neighbours alone.
    order = np.argsort(np.concatenate([depths - _BEHIND, depths]), kind="stable")
    axes.add_collection(
        LineCollection(
            list(lines[order]),
            linewidths=np.concatenate([white, widths])[order],
            colors=np.concatenate([np.ones_like(shades), shades])[order],
            capstyle="butt",
        )
    )
    _ends(axes, traces[0])


def _ends(axes: Any, points: np.ndarray) -> None:
    """N and C at the two ends of the model, outside of the fold."""
    known = np.flatnonzero(np.isfinite(points).all(axis=1))
    middle = points[known].mean(axis=0)
    for letter, at in (("N", known[0]), ("C", known[-1])):
        away = points[at, :2] - middle[:2]
        x, y = points[at, :2] + 2.2 * away / max(float(np.linalg.norm(away)), 1e-9)
        style = {"ha": "center", "va": "center", "fontsize": NORMAL, "weight": "bold"}
        axes.text(x, y, letter, color=INK, zorder=5, **style)


def _same_scale(panels: Any, views: list[list[np.ndarray]]) -> None:
    """An angstrom is as long in both views; a bar says how long."""
    points = [np.concatenate(seen)[:, :2] for seen in views]
    low = np.array([np.nanmin(seen, axis=0) for seen in points])
    high = np.array([np.nanmax(seen, axis=0) for seen in points])
    half = (high - low).max(axis=0) / 2 + _MARGIN
    for axes, middle in zip(panels, (low + high) / 2, strict=True):
        axes.set(xlim=(middle[0] - half[0], middle[0] + half[0]), aspect="equal")
        axes.set(ylim=(middle[1] - half[1], middle[1] + half[1]))
        axes.set_axis_off()
    left, foot = ((low + high) / 2)[0] - half + 0.5
    panels[0].plot([left, left + _BAR], [foot, foot], color=INK, linewidth=1.2)
    text = f"{_BAR} Å"
    panels[0].text(left + _BAR + 1, foot, text, va="center", fontsize=SMALL, color=INK)
