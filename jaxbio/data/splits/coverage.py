"""What parts of a data set lack, so that scores on them say little."""

from collections import Counter
from collections.abc import Mapping

from jaxbio.data.columns.category import Category
from jaxbio.data.dataset import Dataset
from jaxbio.errors import option

_FEW_ROWS = 20
_LISTED = 5


def coverage(parts: Mapping[str, Dataset]) -> list[str]:
    """Sentences on classes that parts lack, and on parts of few rows.

    Args:
        parts: The rows of `train`, `valid` and perhaps `test`.

    Example:
        >>> import numpy as np
        >>> from jaxbio.data import Numeric
        >>> def part(labels):
        ...     x = Numeric(np.zeros((len(labels), 1), np.float32), ("x",))
        ...     return Dataset({"x": x}, {"y": Category.from_values(labels)})
        >>> for line in coverage({"train": part("ab" * 20), "test": part("a" * 20)}):
        ...     print(line)
        test: no row of class b of y: what depends on it has a dash in the scores; \
by='stratified' gives each part its share
    """
    lines = []
    for name, part in parts.items():
        if name != "train" and len(part) < _FEW_ROWS:
            rows = "1 row" if len(part) == 1 else f"{len(part)} rows"
            lines.append(f"{name}: {rows}, too few to tell a good model from a bad one")
    for target, column in parts["train"].targets.items():
        if not isinstance(column, Category) or column.per_position:
            continue
        known = _classes(column)
        for name, part in parts.items():
            absent = sorted(known.keys() - _classes(part.targets.get(target)).keys())
            if absent and len(part):
                lines.append(
                    f"{name}: no row of {'class' if len(absent) == 1 else 'classes'} "
                    f"{_listed(absent)} of {target}: what depends on it has a dash in "
                    f"the scores; {option('by', 'stratified')} gives each part its "
                    f"share"
                )
            lines += [f"{name}: {line}" for line in _unseen(target, known, part)]
    return lines


def _unseen(target: str, known: Counter, part: Dataset) -> list[str]:
    """A sentence on rows of classes that training rows lack."""
    column = part.targets.get(target)
    unseen = column.unseen(known) if isinstance(column, Category) else {}
    return [unseen_classes(target, unseen)] if unseen else []


def unseen_classes(target: str, unseen: Mapping[str, int]) -> str:
    """A sentence on rows of classes that no training row has.

    Args:
        target: The name of the target.
        unseen: The number of rows of each such class.

    Example:
        >>> unseen_classes("site", {"testis": 1})
        '1 row of class testis of site, which no training row has, is not scored: no \
prediction of it can be right'
    """
    count = sum(unseen.values())
    rows, are, them = ("row", "is", "it") if count == 1 else ("rows", "are", "them")
    classes = "class" if len(unseen) == 1 else "classes"
    return (
        f"{count} {rows} of {classes} {_listed(sorted(unseen))} of {target}, which no "
        f"training row has, {are} not scored: no prediction of {them} can be right"
    )


def _classes(column: object) -> Counter:
    values = column.values if isinstance(column, Category) else ()
    return Counter(value for value in values if value is not None)


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _LISTED} more" if len(names) > _LISTED else ""
    return ", ".join(names[:_LISTED]) + more
