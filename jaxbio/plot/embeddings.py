"""Cells as points in a plane, coloured by what is said of them."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
import threadpoolctl
from jaxtyping import Float32, Int64, Num

from jaxbio.errors import DataError
from jaxbio.plot.page import INK, NORMAL, SMALL, figure, heading

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# Tol's muted and vibrant colours, those that most eyes tell apart first.
_COLOURS = (
    *("#332288", "#ddcc77", "#117733", "#cc6677", "#88ccee", "#882255", "#44aa99"),
    *("#999933", "#aa4499", "#ee7733", "#0077bb", "#555555", "#ee3377", "#009988"),
)
_REST = "#bbbbbb"
_SIDE = 2.5
"""Of a panel (inches)."""


def plane(
    latent: Num[np.ndarray, "cells dims"], *, seed: int = 0, perplexity: float = 30.0
) -> Float32[np.ndarray, "cells 2"]:
    """Places in a plane that keep neighbours together: t-SNE.

    Distances between groups and the sizes of groups in the plane mean nothing (van der
    Maaten & Hinton 2008, JMLR 9, 2579; begun from principal components, as Kobak &
    Berens 2019, Nat. Commun. 10, 5416, advise).

    Args:
        latent: A description of each cell, as from an autoencoder or
            `jaxbio.singlecell.clustering.components`.
        seed: Of the search.
        perplexity: About how many neighbours of each cell are looked at; fewer where
            there are few cells.

    Returns:
        Places, without a unit.

    Raises:
        DataError: For fewer than three cells.

    Example:
        >>> plane(np.random.default_rng(0).normal(size=(30, 5))).shape
        (30, 2)
    """
    from sklearn.manifold import TSNE

    if len(latent) < 3:
        raise DataError(f"{len(latent)} cells: three are the least to lay out")
    most = (len(latent) - 1) / 3
    found = TSNE(
        2,
        perplexity=min(perplexity, most),
        init="pca",
        learning_rate="auto",
        random_state=seed,
    )
    # One thread: several wait on a busy machine, and sums would depend on their order.
    with threadpoolctl.threadpool_limits(limits=1):
        return found.fit_transform(np.asarray(latent, np.float32)).astype(np.float32)


def embedding(
    points: Num[np.ndarray, "cells 2"],
    labels: Mapping[str, Sequence[Any] | np.ndarray],
    *,
    title: str = "",
) -> "Figure":
    """Draw the same points once for each way to name them, side by side.

    Groups of the later panels have the colour of that group of the first with which
    they share most cells, so that what agrees looks alike.

    Args:
        points: Where each cell is, as from `plane`.
        labels: For each panel, under its title, the group of each cell; None or NaN
            for a cell without one.
        title: Above all.

    Returns:
        The figure, a panel for each way.

    Raises:
        DataError: If there are no panels, or not as many labels as points.

    Example:
        >>> points = np.array([[0.0, 0.0], [1.0, 1.0], [2.0, 0.0]])
        >>> page = embedding(points, {"type": ["T", "B", "T"], "cluster": [1, 2, 1]})
        >>> [axes.get_title(loc="left") for axes in page.axes]
        ['type', 'cluster']
    """
    if not labels:
        raise DataError("no labels to colour the points by: give a panel at least")
    for name, values in labels.items():
        if len(values) != len(points):
            raise DataError(f"{len(points)} points, but {len(values)} labels of {name}")
    coded = {name: _codes(values) for name, values in labels.items()}
    width = sum(_SIDE + _room(groups) for groups, _ in coded.values())
    page = figure(width, _SIDE + 0.3 + 0.3 * bool(title))
    heading(page, title)
    grid = page.subplots(1, len(labels), squeeze=False)[0]
    first = next(iter(coded.values()))
    order = np.random.default_rng(0).permutation(len(points))  # no group hides another
    size = float(np.clip(6000 / max(len(points), 1), 1.5, 20.0))
    for axes, (name, (groups, code)) in zip(grid, coded.items(), strict=True):
        colours = np.array([*_matched(code, len(groups), *first), _REST], object)
        axes.scatter(
            *points[order].T, s=size, c=colours[code[order]].tolist(), linewidths=0
        )
        axes.set_title(name, fontsize=NORMAL, color=INK, loc="left")
        axes.set(xticks=[], yticks=[])
        axes.set_box_aspect(1)
        axes.spines[:].set(linewidth=0.6, edgecolor=_REST)
        _legend(axes, groups, colours)
    return page


def _room(groups: list[str]) -> float:
    """For the names at the right of a panel (inches)."""
    return 0.4 + max(map(len, groups), default=0) * 0.6 * SMALL / 72


def _codes(values: Any) -> tuple[list[str], Int64[np.ndarray, "cells"]]:
    """The groups, numbers and words in their order, and the group of each cell."""
    plain = [None if v is None or v != v else v for v in np.asarray(values).tolist()]
    groups = sorted(
        {v for v in plain if v is not None}, key=lambda v: (str(type(v)), v)
    )
    place = {value: at for at, value in enumerate(groups)}
    code = [-1 if value is None else place[value] for value in plain]
    return [str(group) for group in groups], np.array(code, np.int64)


def _matched(
    code: Int64[np.ndarray, "cells"],
    count: int,
    groups: list[str],
    known: Int64[np.ndarray, "cells"],
) -> list[str]:
    """A colour for each group, that of the known group with which it shares most."""
    from scipy.optimize import linear_sum_assignment

    shared = np.zeros((count, max(count, len(groups))))
    both = (code >= 0) & (known >= 0)
    np.add.at(shared, (code[both], known[both]), 1)
    place = linear_sum_assignment(-shared)[1]
    return [_COLOURS[at] if at < len(_COLOURS) else _REST for at in place.tolist()]


def _legend(axes: Any, groups: list[str], colours: np.ndarray) -> None:
    handles = [
        axes.plot([], [], "o", color=colour, markersize=4, label=group)[0]
        for group, colour in zip(groups, colours, strict=False)
    ]
    axes.legend(
        handles=handles,
        loc="center left",
        bbox_to_anchor=(1.0, 0.5),
        frameon=False,
        fontsize=SMALL,
        labelcolor=INK,
        handletextpad=0.1,
        borderaxespad=0.3,
    )
