"""Encoded rows, from which batches of static shape are taken."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float32, Int32, Int64, Num

from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track

Table = Num[np.ndarray, "n ..."]


@dataclasses.dataclass(frozen=True)
class Repeated:
    """Items that stand once and rows that refer to them; encoded once a batch.

    Attributes:
        items: The encoded items.
        rows: The item of each row; -1 where it is missing.
        distinct: By padded length the most different items that its rows refer to.
    """

    items: Sequences | SparseCounts | Num[np.ndarray, "items ..."]
    rows: Int32[np.ndarray, "n"]
    distinct: Mapping[int, int] = dataclasses.field(default_factory=dict)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Repeated":
        """The chosen rows; all items stay."""
        return dataclasses.replace(self, rows=self.rows[indices])

    def expanded(self) -> Any:
        """The item of each row; of a missing one no symbols, NaN, -1 or zeros."""
        items, mask = self.items, self.rows >= 0
        if not isinstance(items, np.ndarray):
            return DictionaryColumn(items, self.rows).expanded()
        values = items[self.rows]
        fill = {"f": np.nan, "i": -1}.get(items.dtype.kind, 0)
        values[~mask] = fill
        return values

    def most(self, length: int, batch: int) -> int:
        """Largest number of different items in a batch.

        Args:
            length: The padded length of its rows.
            batch: Its number of rows.
        """
        return max(min(batch, self.distinct.get(length, len(self.items))), 1)

    def among(
        self, rows: Num[np.ndarray, "batch"]
    ) -> tuple[Int64[np.ndarray, "items"], Int32[np.ndarray, "batch"]]:
        """The different items of some rows, and the place of each row's among them."""
        numbers = self.rows[rows]
        items = np.unique(numbers[numbers >= 0]).astype(np.int64)
        place = np.where(numbers >= 0, np.searchsorted(items, numbers), -1)
        return items, place.astype(np.int32)


@dataclasses.dataclass(frozen=True)
class Arrays:
    """Rows in the form that compiled steps take; sequences still ragged.

    Attributes:
        inputs: `Sequences`, `SparseCounts`, float32 `[n columns]` (NaN missing), int32
            `[n]` (-1 missing or unknown), uint8 `[n height width channels]`, or any of
            these `Repeated`.
        targets: float32 `[n columns]` (NaN missing), int32 `[n]` (-1 missing), or, per
            position, a `Track` (classes as numbers, NaN missing; points as three).
        weights: One weight a row.
        lengths: The length of the sequence of each row that sets the pace of batches
            (see `Schema.paced`); 0 without sequences.
        widths: The padded lengths of all other sequence inputs, by name.
    """

    inputs: Mapping[str, Any]
    targets: Mapping[str, Track | Table]
    weights: Float32[np.ndarray, "n"]
    lengths: Int64[np.ndarray, "n"]
    widths: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.weights)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Arrays":
        """The chosen rows."""

        def chosen(column):
            table = isinstance(column, np.ndarray)
            return column[indices] if table else column.take(indices)

        return dataclasses.replace(
            self,
            inputs={name: chosen(column) for name, column in self.inputs.items()},
            targets={name: chosen(column) for name, column in self.targets.items()},
            weights=self.weights[indices],
            lengths=self.lengths[indices],
        )

    def batch(
        self, rows: Num[np.ndarray, "batch"], length: int, *, counted: int | None = None
    ) -> dict:
        """A batch of static shape.

        Args:
            rows: Row numbers.
            length: The length to which the sequences that set the pace are padded.
            counted: How many of the rows count; those after them fill the batch up and
                have weight 0. None if all do.

        Returns:
            `inputs` and `targets` by name, `weights` `[batch]` and `index` `[batch]`,
            the row numbers that key the augmentation. Tokens are uint8 `[batch len]`; a
            target per position is float32 `[batch len]`, points are `[batch len 3]`. A
            repeated input has its `items`, sequences of nothing but padding filling
            them up, and `rows` `[batch]`, which say whose item is which (-1: missing).
        """
        weights = self.weights[rows]
        if counted is not None:
            weights[counted:] = 0
        return {
            "inputs": {name: self._input(name, rows, length) for name in self.inputs},
            "targets": {n: _chosen(c, rows, length) for n, c in self.targets.items()},
            "weights": weights,
            "index": np.asarray(rows, np.int32),
        }

    def _input(self, name: str, rows: np.ndarray, length: int) -> Any:
        column, width = self.inputs[name], self.widths.get(name, length)
        if not isinstance(column, Repeated):
            return _chosen(column, rows, width)
        numbers, place = column.among(rows)
        items = _chosen(column.items, numbers, width)
        # More only where rows are padded further than they need.
        missing = max(column.most(length, len(rows)) - len(numbers), 0)
        fill = column.items.alphabet.pad if isinstance(column.items, Sequences) else 0
        padding = ((0, missing), *((0, 0),) * (items.ndim - 1))
        items = np.pad(items, padding, constant_values=fill)
        return {"items": items, "rows": place}


def _chosen(column: Any, rows: np.ndarray, length: int) -> np.ndarray:
    if isinstance(column, Sequences | Track):
        return column.padded(rows, length)
    return column.dense(rows) if isinstance(column, SparseCounts) else column[rows]
