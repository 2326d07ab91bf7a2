"""Labels of which a row may have several, as cells list them: `Nucleus|Cytoplasm`."""

import dataclasses
import re
from collections import Counter
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32

from jaxbio.data.columns.base import Column, Origin, Reading, listed
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import numbers, parse_numbers, refuse, texts
from jaxbio.errors import DataError, nearest, option, spelled

_SEPARATORS = "|;"

_SHARE = 0.02  # of the cells that list several, at least
_MOST = 200  # labels
_TRUTHS = {"false": "0", "true": "1"}


@dataclasses.dataclass(frozen=True)
class LabelLists(Numeric):
    """Labels that the cells of one column list: 1 where a row has one.

    What no cell lists is 0; NaN where a cell is empty. Its kind, `labels`, is also read
    from columns of zeros and ones, a label each, as `Numeric`.
    """

    name = "labels"
    spec = None
    target_kinds = ("labels",)

    @classmethod
    def accepts(cls, kind: Any) -> bool:
        return False

    @classmethod
    def takes(cls, array: Any) -> bool:
        return False

    @classmethod
    def read_target(cls, frame: Frame, name: str, kind: str, how: Reading) -> Column:
        """Lists of labels, or columns of zeros and ones."""
        names = frame.matching(name, how.used)
        cells = texts(frame, names[0])
        if len(names) == 1 and not _has_numbers(frame, cells):
            return cls.from_cells(cells)
        frame = _with_truths(frame, names)
        values = numbers(frame, names)
        valid = (values == 0) | (values == 1) | np.isnan(values)
        refuse(frame, names, values, ~valid, "a label is 0, 1 or missing")
        return Numeric(values, names)

    @classmethod
    def from_cells(
        cls, cells: Sequence[str], separators: str = _SEPARATORS
    ) -> "LabelLists":
        """The labels that cells list.

        Args:
            cells: Text, empty where nothing is known.
            separators: The signs between labels.

        Example:
            >>> found = LabelLists.from_cells(["Nucleus", "Cytoplasm|Nucleus", ""])
            >>> found.names, found.values.tolist()
            (('Cytoplasm', 'Nucleus'), [[0.0, 1.0], [1.0, 1.0], [nan, nan]])
        """
        several = [_labels(cell, separators) for cell in cells]
        labels = tuple(sorted({label for own in several for label in own}))
        place = {label: at for at, label in enumerate(labels)}
        table = np.zeros((len(cells), len(labels)), np.float32)
        for row, own in enumerate(several):
            table[row, [place[label] for label in own]] = 1
            if not own:
                table[row] = np.nan
        return cls(table, labels)

    @classmethod
    def concatenate(cls, columns: Sequence[Any]) -> Any:
        every = sorted({name for column in columns for name in column.names})
        return super().concatenate([column._with_labels(every) for column in columns])

    def notice(self, name: str) -> tuple[str, ...]:
        """That rows may have several labels, and which list none."""
        classes = option("targets", {name: spelled("class", "multiclass")})
        unknown = int(self.missing().sum())
        notes = [
            f"{name}: {len(self.names)} labels, of which a row may have several "
            f"({listed(self.names)}); {classes} takes each combination as a class"
        ]
        if unknown:
            notes.append(
                f"{name}: {unknown} rows list no label and are not learned from: "
                f"if they have none of them, write a word such as none"
            )
        return tuple(notes)

    def encode(self, spec: Any, origin: Origin) -> Float32[np.ndarray, "n k"]:
        """The labels of training, of which other files may list fewer."""
        new = sorted(set(self.names) - set(spec.columns))
        if new:
            raise DataError(
                f"{origin.source}: {spec.name} lists {new[0]!r}, which no training row "
                f"has: {nearest(new[0], spec.columns)}"
            )
        return self._with_labels(spec.columns).values.astype(np.float32)

    def _with_labels(self, names: Sequence[str]) -> "LabelLists":
        """The rows with other labels, of which they have those that they listed."""
        known = ~np.isnan(self.values).all(axis=1, keepdims=True)
        rest = np.where(known, 0, np.nan).astype(np.float32)
        values = np.concatenate([self.values, rest], axis=1)
        place = {name: at for at, name in enumerate(self.names)}
        at = [place.get(name, len(self.names)) for name in names]
        return dataclasses.replace(self, values=values[:, at], names=tuple(names))


def look_listed(
    cells: Sequence[str], separators: str = _SEPARATORS, most: int = _MOST
) -> bool:
    """Check that cells of a column look like lists of labels.

    Some hold a separator, and most of what stands between comes again, alone or in
    other company, so that there are fewer labels than cells that differ.

    Args:
        cells: Text.
        separators: The signs between labels.
        most: The most labels.

    Example:
        >>> look_listed(["Nucleus", "Cytoplasm|Nucleus", "Cytoplasm"])
        True
        >>> look_listed(["a;b", "c;d"])
        False
    """
    several = sum(any(sign in cell for sign in separators) for cell in cells)
    if several <= _SHARE * len(cells):
        return False
    distinct = set(cells)
    uses = Counter(x for cell in distinct for x in set(_labels(cell, separators)))
    again = sum(count > 1 for count in uses.values())
    return len(uses) <= min(most, len(distinct)) and 2 * again > len(uses)


def _labels(cell: str, separators: str) -> list[str]:
    parts = re.split(f"[{re.escape(separators)}]", cell)
    return [label for label in map(str.strip, parts) if label]


def _has_numbers(frame: Frame, cells: Sequence[str]) -> bool:
    """Check that half of the cells of labels or more are numbers or truths."""
    present = [cell for cell in cells if cell]
    known = [
        cell.lower() in _TRUTHS or parse_numbers([cell], frame.format) is not None
        for cell in dict.fromkeys(present)
    ]
    return 2 * sum(known) >= len(known)


def _with_truths(frame: Frame, names: Sequence[str]) -> Frame:
    """The frame with 0 for False and 1 for True in some columns."""
    for name in names:
        cells = texts(frame, name)
        if any(cell.lower() in _TRUTHS for cell in cells):
            frame = frame.with_column(
                name, [_TRUTHS.get(cell.lower(), cell) for cell in cells]
            )
    return frame
