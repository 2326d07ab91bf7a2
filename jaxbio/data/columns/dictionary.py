"""Items that stand once, and rows that refer to them."""

import dataclasses

import numpy as np
from jaxtyping import Bool, Int32, Num

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track

Item = Sequences | Numeric | Category | Images | SparseCounts
"""Columns that inputs are made of."""


@dataclasses.dataclass(frozen=True)
class DictionaryColumn:
    """Items that stand once and rows that refer to them: 379 proteins in 30,000 pairs.

    Attributes:
        items: Each distinct item.
        rows: The number of the item of each row; -1 where it is missing.

    Example:
        >>> from jaxbio.alphabet import PROTEIN
        >>> proteins = Sequences.from_strings(["MKV", "GG"], PROTEIN)
        >>> column = DictionaryColumn(proteins, np.array([1, 1, 0], np.int32))
        >>> column.kind, len(column), column.expanded().strings()
        ('protein', 3, ['GG', 'GG', 'MKV'])
    """

    items: Item
    rows: Int32[np.ndarray, "n"]

    @property
    def kind(self) -> str:
        """That of the items."""
        return self.items.kind

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, indices: Num[np.ndarray, "m"]) -> "DictionaryColumn":
        """The chosen rows; all items stay."""
        return DictionaryColumn(self.items, self.rows[indices])

    def expanded(self) -> Item:
        """The item of each row; of a missing one nothing: no symbols, NaN, zeros."""
        items, present = self.items, self.rows >= 0
        if present.all():
            return items.take(self.rows)
        match items:
            case Sequences():
                runs = np.append(items.offsets, items.offsets[-1])  # and an empty one
                empty = Sequences(items.codes, runs, items.alphabet)
                return empty.take(np.where(present, self.rows, len(items)))
            case Numeric():
                values = items.values[self.rows]
                values[~present] = np.nan
                return dataclasses.replace(items, values=values)
            case Category():
                return items.take(np.where(present, self.rows, 0))._without(~present)
            case Images():
                pixels = items.values[self.rows] * present[:, None, None, None]
                return dataclasses.replace(items, values=pixels)
        table = items.matrix[self.rows]
        return SparseCounts(
            table.multiply(present[:, None]).tocsr(), items.names, items.absent
        )


Column = Item | Track | DictionaryColumn


def nothing_in(column: "Item | DictionaryColumn | Track") -> Bool[np.ndarray, "n"]:
    """Mask of rows with nothing of an input: no symbol, number, category or item.

    Example:
        >>> nothing_in(Numeric(np.array([[1, np.nan], [np.nan] * 2], "f4"), ("a", "b")))
        array([False,  True])
    """
    match column:
        case DictionaryColumn():
            nothing = np.append(nothing_in(column.items), True)  # -1 is the last
            return nothing[column.rows]
        case Sequences():
            return column.lengths == 0
        case Numeric():
            return np.asarray(np.isnan(column.values).all(axis=1))
        case Category():
            return np.array([value is None for value in column.values], bool)
    return np.zeros(len(column), bool)
