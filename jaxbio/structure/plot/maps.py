"""Maps of pairs of residues: distances and contacts."""

from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from jaxbio.plot.page import INK, NORMAL, SMALL, UNKNOWN, colour_bar, style
from jaxbio.structure.chain import CONTACT

if TYPE_CHECKING:
    from matplotlib.figure import Figure, SubFigure

ENDS = (2.0, 22.0)
"""The ends of the colours of distances (angstrom)."""


def contact_triangles(
    contacts: Float[np.ndarray, "len len"], true: Float[np.ndarray, "len len"] | None
) -> Float[np.ndarray, "len len"]:
    """Predicted contacts above the diagonal and true ones below it.

    Args:
        contacts: The probability of each contact.
        true: Distances (angstrom), NaN where not resolved; None leaves the prediction
            in both triangles.

    Returns:
        Probabilities; in the lower triangle 1 for a contact, 0 for none, NaN for
        unknown; NaN on the diagonal, which both halves touch.

    Example:
        >>> true = np.array([[0, 5, 9], [5, 0, np.nan], [9, np.nan, 0]])
        >>> contact_triangles(np.full((3, 3), 0.25), true).tolist()
        [[nan, 0.25, 0.25], [1.0, nan, 0.25], [0.0, nan, nan]]
    """
    both = contacts.astype(np.float64)
    if true is not None:
        lower = np.tril_indices(len(both), -1)
        values = true[lower]
        both[lower] = np.where(np.isnan(values), np.nan, values < CONTACT)
    np.fill_diagonal(both, np.nan)
    return both


def draw_maps(
    page: "Figure | SubFigure",
    predicted: Float[np.ndarray, "len len"],
    contacts: Float[np.ndarray, "len len"] | None,
    true: Float[np.ndarray, "len len"] | None,
) -> None:
    """Draw predicted distances, and true ones and contacts where they are given."""
    shown = [("predicted distance", predicted)]
    if true is not None:
        shown.append(("true distance", true))
    panels = len(shown) + (contacts is not None)
    axes = page.subplots(1, panels, squeeze=False)[0]
    for panel, (name, values) in zip(axes, shown, strict=False):
        image = _map(panel, values, name, _colours("distance"), ENDS)
        if values is shown[-1][1]:
            colour_bar(image, panel, "distance (Å)", [2, 6, 10, 14, 18, 22], "max")
    if contacts is not None:
        panel, both = axes[-1], contact_triangles(contacts, true)
        image = _map(panel, both, "contacts", _colours("contact"), (0.0, 1.0))
        _halves(panel, len(both), true is not None)
        colour_bar(image, panel, "probability", [0, 0.5, 1])
    axes[0].set_ylabel("residue")
    for panel in axes:
        panel.set_xlabel("residue")
        style(panel)


def _map(
    axes: Any, values: np.ndarray, name: str, colours: Any, ends: tuple[float, float]
) -> Any:
    """One map, its residues counted from 1; what is not known is grey."""
    length = len(values)
    edge = length + 0.5
    image = axes.imshow(
        np.ma.masked_invalid(values),
        cmap=colours,
        vmin=ends[0],
        vmax=ends[1],
        extent=(0.5, edge, edge, 0.5),
        interpolation="nearest" if length < 400 else "auto",
    )
    axes.set_title(name, fontsize=NORMAL, color=INK, loc="left")
    ticks = [1, *range(step := _step(length), length + 1, step)]
    axes.set(xticks=ticks, yticks=ticks)
    return image


def _colours(of: str) -> Any:
    """Dark for what is near or likely, grey for what is not known."""
    import matplotlib
    from matplotlib.colors import LinearSegmentedColormap

    if of == "distance":
        return matplotlib.colormaps["magma"].with_extremes(bad=UNKNOWN)
    shades = ["#ffffff", "#6b9dcb", "#0b2e5e"]
    return LinearSegmentedColormap.from_list(of, shades).with_extremes(bad=UNKNOWN)


def _step(length: int) -> int:
    """Residues between two ticks, so that there are at most six."""
    return next(
        (step for step in (1, 5, 10, 20, 50, 100, 200) if length // step <= 6), 500
    )


def _halves(axes: Any, length: int, with_truth: bool) -> None:
    """The diagonal, and which triangle is which."""
    ends = (0.5, length + 0.5)
    axes.plot(ends, ends, color=INK, linewidth=0.6)
    if with_truth:
        boxed = {"facecolor": "white", "edgecolor": "none", "alpha": 0.9, "pad": 1.5}
        style = {"fontsize": SMALL, "color": INK, "bbox": boxed}
        style["transform"] = axes.transAxes
        axes.text(0.97, 0.97, "predicted", ha="right", va="top", **style)
        axes.text(0.03, 0.03, f"true (< {CONTACT:g} Å)", ha="left", **style)
