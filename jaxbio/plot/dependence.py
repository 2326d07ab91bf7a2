"""Curves of partial dependence, a panel a column."""

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from jaxbio.plot.page import figure

if TYPE_CHECKING:
    from matplotlib.figure import Figure

_THIN = 40  # curves of single rows in a panel


def dependence_curves(
    columns: Sequence[str],
    values: Sequence[Sequence[Any]],
    curves: Sequence[Float[np.ndarray, "_ _"]],
    *,
    unit: str = "",
) -> "Figure":
    """Draw how predictions depend on columns: each row thin, their mean thick.

    Args:
        columns: Their names.
        values: The values of each: numbers, or names, which stand side by side.
        curves: The predictions with these.
        unit: Of the predictions.

    Example:
        >>> page = dependence_curves(["age"], [[20.0, 40.0]], [np.eye(2)])
        >>> page.axes[0].get_xlabel()
        'age'
    """
    across = min(len(columns), 3)
    down = -(-len(columns) // across)
    page = figure(3.2 * across, 2.4 * down)
    axes = page.subplots(down, across, squeeze=False, sharey=True).ravel()
    for at, ax in enumerate(axes):
        if at >= len(columns):
            ax.axis("off")
            continue
        table = np.asarray(curves[at], float)
        numbers = [isinstance(x, float | int) for x in values[at]]
        known = np.flatnonzero(numbers)
        if len(known) > 1:
            place = [float(x) for x in values[at] if not isinstance(x, str)]
            ax.plot(place, table[:_THIN, known].T, color="0.8", linewidth=0.6)
            ax.plot(place, table[:, known].mean(axis=0), color="#3b76af", linewidth=2)
            for name, mean in zip(values[at], table.mean(axis=0), strict=True):
                if isinstance(name, str):
                    ax.axhline(mean, color="#b5403c", linestyle=":", label=name)
                    ax.legend(fontsize=7)
        else:
            place = np.arange(len(values[at]))
            ax.plot(place, table[:_THIN].T, ".", color="0.8", markersize=3)
            ax.plot(place, table.mean(axis=0), "o", color="#3b76af")
            ax.set_xticks(place, [str(x) for x in values[at]], rotation=30, ha="right")
        ax.set_xlabel(columns[at])
        if at % across == 0:
            ax.set_ylabel(f"prediction ({unit})" if unit else "prediction")
    return page
