"""Encoded rows, from which batches of static shape are taken."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64, Num

from jaxbio.data.batching.layouts import (
    Dictionary,
    DictionaryArray,
    Layout,
    Ragged,
    rows_of,
    take_rows,
)

Table = Num[np.ndarray, "n ..."]


@dataclasses.dataclass(frozen=True)
class Arrays:
    """Rows in the form that compiled steps take; sequences still ragged.

    Attributes:
        inputs: `Ragged` sequences, `SparseRows` of counts, float32 `[n columns]` (NaN
            missing), int32 `[n]` (-1 missing or unknown), uint8
            `[n height width channels]`, or any of these as a `DictionaryArray`.
        targets: float32 `[n columns]` (NaN missing), int32 `[n]` (-1 missing), or, per
            position, `Ragged` (classes as numbers, NaN missing; points as three).
        weights: One weight a row.
        lengths: The length of the sequence of each row that sets the pace of batches
            (see `Schema.paced`); 0 without sequences.
        widths: The padded lengths of all other sequence inputs, by name.
    """

    inputs: Mapping[str, Layout]
    targets: Mapping[str, Ragged | Table]
    weights: Float32[np.ndarray, "n"]
    lengths: Int64[np.ndarray, "n"]
    widths: Mapping[str, int] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.weights)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Arrays":
        """The chosen rows."""
        return dataclasses.replace(
            self,
            inputs={name: take_rows(x, indices) for name, x in self.inputs.items()},
            targets={name: take_rows(x, indices) for name, x in self.targets.items()},
            weights=self.weights[indices],
            lengths=self.lengths[indices],
        )

    def expanded(self) -> "Arrays":
        """The same rows, each with its own copy of what several share."""
        inputs = {
            name: layout.expanded() if isinstance(layout, DictionaryArray) else layout
            for name, layout in self.inputs.items()
        }
        return dataclasses.replace(self, inputs=inputs)

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
            target per position is float32 `[batch len]`, points are `[batch len 3]`.
            Values that rows share are a `Dictionary`, sequences of nothing but padding
            filling them up.
        """
        weights = self.weights[rows]
        if counted is not None:
            weights[counted:] = 0
        return {
            "inputs": {name: self._input(name, rows, length) for name in self.inputs},
            "targets": {n: rows_of(x, rows, length) for n, x in self.targets.items()},
            "weights": weights,
            "index": np.asarray(rows, np.int32),
        }

    def _input(self, name: str, rows: np.ndarray, length: int) -> Any:
        layout, width = self.inputs[name], self.widths.get(name, length)
        if not isinstance(layout, DictionaryArray):
            return rows_of(layout, rows, width)
        numbers, place = layout.among(rows)
        values = rows_of(layout.values, numbers, width)
        # More only where rows are padded further than they need.
        missing = max(layout.most(length, len(rows)) - len(numbers), 0)
        fill = layout.values.fill if isinstance(layout.values, Ragged) else 0
        padding = ((0, missing), *((0, 0),) * (values.ndim - 1))
        return Dictionary(np.pad(values, padding, constant_values=fill), place)
