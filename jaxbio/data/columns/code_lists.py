"""Lists of codes as inputs, such as diagnoses: `E11.9; I10`."""

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32

from jaxbio.data.columns.base import Column, Origin, Reading, Summary, column_of, listed
from jaxbio.data.columns.label_lists import LabelLists, look_listed
from jaxbio.data.columns.numeric import Numeric, NumericSpec
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import texts
from jaxbio.data.specs import InputKind
from jaxbio.errors import DataError

_SEPARATORS = "|;,"
_MOST = 2000  # codes
_FEWEST = 2  # training rows with a code that is learned of


class CodesSpec(NumericSpec):
    """Codes that more than one training row lists, with their shares."""


@dataclasses.dataclass(frozen=True)
class CodeLists(LabelLists):
    """Codes that the cells of one column list: 1 where a row has one, and 0 elsewhere.

    An empty cell lists none. Cells separate codes by `|`, `;` or a comma.
    """

    name = "codes"
    spec = CodesSpec
    target_kinds = ()

    @classmethod
    def accepts(cls, kind: InputKind) -> bool:
        return isinstance(kind, str) and kind == cls.name

    @classmethod
    def read(cls, frame: Frame, name: str, kind: InputKind, how: Reading) -> Column:
        """The codes that cells list."""
        found = cls.from_cells(texts(frame, column_of(frame, name)), _SEPARATORS)
        return dataclasses.replace(found, values=np.nan_to_num(found.values))

    @property
    def reading_kind(self) -> InputKind:
        return self.name

    def cells(self) -> list[str]:
        """The codes of each row, as text."""
        names = np.array(self.names, object)
        return ["; ".join(names[row > 0]) for row in self.values]

    def nothing(self, rows: int) -> Numeric:
        values = np.zeros((rows, len(self.names)), np.float32)
        return dataclasses.replace(self, values=values)

    def missing(self) -> Bool[np.ndarray, "n"]:
        return np.zeros(len(self), bool)  # a list may be empty

    def gaps(self, name: str) -> dict[str, int]:
        return {}

    def aligned(self, like: Column) -> Numeric:
        return self

    def describe(self) -> str:
        return f"lists of {len(self.names)} codes ({listed(self.names)})"

    def summary(self, name: str) -> tuple[Summary, ...]:
        return (Summary(name, self.kind, self.describe()),)

    def notice(self, name: str) -> tuple[str, ...]:
        return ()

    def learn(self, name: str, origin: Origin) -> NumericSpec:
        often = self.values.sum(axis=0) >= _FEWEST
        if not often.any():
            raise DataError(
                f"{origin.source}, column {name}: no code is listed by {_FEWEST} of "
                f"{len(self)} training rows: leave the column out"
            )
        names = np.array(self.names, object)[often].tolist()
        kept = Numeric(self.values[:, often], tuple(names)).learn(name, origin)
        return CodesSpec(**{**vars(kept), "kind": self.kind})

    def check(self, spec: Any, origin: Origin, unknown: str) -> tuple[str, ...]:
        """Codes that training rows did not list."""
        if not isinstance(spec, CodesSpec):
            return ()
        known = set(spec.columns)
        strange = [name for name in self.names if name not in known]
        if not strange:
            return ()
        return (
            f"{origin.source}, column {spec.name}: {len(strange)} codes are not those "
            f"of two training rows or more, and are left out ({listed(strange)})",
        )

    def encode(self, spec: Any, origin: Origin) -> Float32[np.ndarray, "n k"]:
        """Zeros and ones for the codes of training."""
        return self._with_labels(spec.columns).values.astype(np.float32)


def look_coded(cells: list[str]) -> bool:
    """Check that cells of a column look like lists of codes, of which most come again.

    Lists are of different lengths: names of persons and places are not.

    Example:
        >>> look_coded(["I10, E11.9", "E11.9", "I10", "I10, E11.9, N18"])
        True
        >>> look_coded(["I10", "E11.9", "I10"])
        False
    """
    lengths = {1 + sum(map(cell.count, _SEPARATORS)) for cell in cells}
    return len(lengths) > 1 and look_listed(cells, _SEPARATORS, _MOST)
