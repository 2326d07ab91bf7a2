"""'Unknown' as an answer: rows of which no class is probable enough."""

from collections.abc import Sequence

import numpy as np
from jaxtyping import Float, Num

from jaxbio.errors import DataError

UNKNOWN = "unknown"
"""The label of a row of which no class is probable enough."""


def reject(
    probabilities: Float[np.ndarray, "cells classes"],
    classes: Sequence[str],
    *,
    threshold: float = 0.5,
) -> np.ndarray:
    """The most probable class of each row, or `unknown` if it is not probable enough.

    Args:
        probabilities: Of each class; NaN in a row without an answer.
        classes: Their names.
        threshold: The least probability of a class that is named.

    Returns:
        Names, `[cells]`.

    Example:
        >>> probabilities = np.array([[0.9, 0.1], [0.5, 0.5]])
        >>> reject(probabilities, ["T", "B"], threshold=0.8).tolist()
        ['T', 'unknown']
    """
    if UNKNOWN in classes:
        raise DataError(
            f"a class is called {UNKNOWN!r}: give it another name, as this one stands "
            f"for rows that no class fits"
        )
    labels = np.array([*classes, UNKNOWN], object)
    best = np.nan_to_num(probabilities, nan=-1.0).argmax(axis=1)
    sure = probabilities[np.arange(len(best)), best] >= threshold
    return labels[np.where(sure, best, len(classes))]


def threshold_for_precision(
    probabilities: Float[np.ndarray, "cells classes"],
    truth: Num[np.ndarray, "cells"],
    *,
    precision: float = 0.95,
) -> float:
    """The smallest threshold at which named rows are as precise as wanted.

    Args:
        probabilities: Of validation rows, that training has not seen.
        truth: The number of the true class; -1 for a row of none of them.
        precision: The share of named rows that shall be right.

    Returns:
        A threshold for `reject`: 0 if every row may be named.

    Raises:
        DataError: If no threshold reaches the precision.

    Example:
        >>> probabilities = np.array([[0.9, 0.1], [0.8, 0.2], [0.4, 0.6], [0.7, 0.3]])
        >>> threshold_for_precision(probabilities, np.zeros(4, int), precision=1.0)
        0.7
    """
    best = probabilities.max(axis=1)
    right = probabilities.argmax(axis=1) == truth
    order = np.argsort(-best, kind="stable")
    share = np.cumsum(right[order]) / np.arange(1, len(order) + 1)
    # Rows of the same probability are named together.
    last = np.append(np.diff(best[order]) != 0, True)
    enough = np.flatnonzero(last & (share >= precision))
    if not enough.size:
        raise DataError(
            f"no threshold names rows of which {precision:.0%} are right: ask for less "
            f"precision, or train a better model"
        )
    at = int(enough[-1])
    return 0.0 if at == len(order) - 1 else float(best[order][at])
