"""Labels that cells list, several in one: `Nucleus|Cytoplasm`."""

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from jaxtyping import Float32

_SEPARATOR = re.compile(r"\s*[|;]\s*")
_SHARE = 0.02  # of the cells that list several, at least
_MOST = 200  # labels


def look_listed(cells: Sequence[str]) -> bool:
    """Check that cells of a column look like lists of labels.

    Some hold a `|` or `;`, and most of what stands between comes again, alone or in
    other company, so that there are fewer labels than cells that differ.

    Args:
        cells: Text.

    Example:
        >>> look_listed(["Nucleus", "Cytoplasm|Nucleus", "Cytoplasm"])
        True
        >>> look_listed(["a;b", "c;d"])
        False
    """
    several = sum(_SEPARATOR.search(cell) is not None for cell in cells)
    if several <= _SHARE * len(cells):
        return False
    distinct = set(cells)
    uses = Counter(label for cell in distinct for label in set(_labels(cell)))
    again = sum(count > 1 for count in uses.values())
    return len(uses) <= min(_MOST, len(distinct)) and 2 * again > len(uses)


def listed_labels(
    cells: Sequence[str],
) -> tuple[tuple[str, ...], Float32[np.ndarray, "n labels"]]:
    """Labels that cells list, and which of them rows have.

    Args:
        cells: Text, empty where nothing is known.

    Returns:
        The labels in alphabetical order, and 1 for those that a row has, 0 for others,
        NaN where a cell is empty.

    Example:
        >>> listed_labels(["Nucleus", "Cytoplasm|Nucleus", ""])[0]
        ('Cytoplasm', 'Nucleus')
        >>> listed_labels(["Nucleus", "Cytoplasm|Nucleus", ""])[1].tolist()
        [[0.0, 1.0], [1.0, 1.0], [nan, nan]]
    """
    several = [_labels(cell) for cell in cells]
    labels = tuple(sorted({label for own in several for label in own}))
    place = {label: at for at, label in enumerate(labels)}
    table = np.zeros((len(cells), len(labels)), np.float32)
    for row, own in enumerate(several):
        table[row, [place[label] for label in own]] = 1
        if not own:
            table[row] = np.nan
    return labels, table


def _labels(cell: str) -> list[str]:
    return [label for label in _SEPARATOR.split(cell.strip()) if label]
