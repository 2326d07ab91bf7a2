"""The few forms in which encoded rows are stored; batches and devices know no others.

A table of numbers, runs in a flat buffer, sparse rows, or any of these once for each
distinct value. Types of columns are many, and each says in which form its rows go.
"""

import dataclasses
import itertools
from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float32, Int32, Int64, Num, Shaped

from jaxbio.data.batching import scratch

_AT_ONCE = 1 << 22  # values of runs that are copied together


@dataclasses.dataclass(frozen=True)
class Ragged:
    """Runs of any lengths as one flat buffer with offsets, as in Arrow.

    Attributes:
        values: The runs, one after the other.
        offsets: Where each begins, and where the last one ends.
        fill: What pads a run.

    Example:
        >>> runs = Ragged(np.array([1, 2, 3]), np.array([0, 2, 3]), -1)
        >>> runs.padded(np.array([1, 0]), 3).tolist()
        [[3, -1, -1], [1, 2, -1]]
    """

    values: Shaped[np.ndarray, "total *axes"]
    offsets: Int64[np.ndarray, "n_plus_1"]
    fill: float

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Int64[np.ndarray, "n"]:
        """The length of each run."""
        return np.diff(self.offsets)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Ragged":
        """The chosen rows."""
        return Ragged(*gather_ragged(self.values, self.offsets, indices), self.fill)

    def padded(
        self, indices: Num[np.ndarray, "m"], length: int
    ) -> Shaped[np.ndarray, "m length *axes"]:
        """The chosen rows side by side, each filled up to `length`."""
        return pad_ragged(self.values, self.offsets, indices, length, self.fill)


@dataclasses.dataclass(frozen=True)
class SparseRows:
    """Rows of numbers that are mostly 0, written out in batches only.

    Attributes:
        matrix: A sparse matrix of SciPy in rows (CSR), float32 `[n columns]`.
        names: The columns.
        absent: Columns of which nothing is known, which is not 0.
    """

    matrix: Any
    names: tuple[str, ...]
    absent: frozenset[str] = frozenset()

    def __len__(self) -> int:
        return self.matrix.shape[0]

    def take(self, indices: Num[np.ndarray, "m"]) -> "SparseRows":
        """The chosen rows."""
        return dataclasses.replace(self, matrix=self.matrix[indices])

    def dense(self, indices: Num[np.ndarray, "m"]) -> Float32[np.ndarray, "m columns"]:
        """The chosen rows with all zeros written out; NaN for absent columns."""
        table = self.matrix[indices].toarray()
        if self.absent:
            table[:, [name in self.absent for name in self.names]] = np.nan
        return table


Plain = Ragged | SparseRows | Num[np.ndarray, "..."]
"""Rows one by one: runs, sparse rows, or a table of float32 (NaN missing), int32 (-1
missing or unknown) or uint8 (pixels)."""


@dataclasses.dataclass(frozen=True)
class DictionaryArray:
    """Encoded values that stand once and rows that refer to them; see `Dictionary`.

    Attributes:
        values: The encoded values.
        indices: The value of each row; -1 where it is missing.
        distinct: By padded length the most different values that its rows refer to.
    """

    values: Plain
    indices: Int32[np.ndarray, "n"]
    distinct: Mapping[int, int] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.indices)

    def take(self, indices: Num[np.ndarray, "m"]) -> "DictionaryArray":
        """The chosen rows; all values stay."""
        return dataclasses.replace(self, indices=self.indices[indices])

    def expanded(self) -> Plain:
        """The value of each row; of a missing one no symbols, NaN, -1 or zeros."""
        values, present = self.values, self.indices >= 0
        if present.all():
            return take_rows(values, self.indices)
        if isinstance(values, Ragged):
            runs = np.append(values.offsets, values.offsets[-1])  # and an empty one
            empty = dataclasses.replace(values, offsets=runs)
            return empty.take(np.where(present, self.indices, len(values)))
        if isinstance(values, SparseRows):
            rows = values.matrix[self.indices].multiply(present[:, None])
            return dataclasses.replace(values, matrix=rows.tocsr())
        rows = values[self.indices]
        rows[~present] = {"f": np.nan, "i": -1}.get(rows.dtype.kind, 0)
        return rows

    def referred(self) -> Plain:
        """The values to which rows refer."""
        return take_rows(self.values, self.among(np.arange(len(self)))[0])

    def with_distinct(self, padded: Int64[np.ndarray, "n"]) -> "DictionaryArray":
        """The same that knows how many values rows of each padded length refer to."""
        distinct = {
            length: len(np.unique(self.indices[padded == length]))
            for length in np.unique(padded).tolist()
        }
        return dataclasses.replace(self, distinct=distinct)

    def most(self, length: int, batch: int) -> int:
        """Largest number of different values in a batch.

        Args:
            length: The padded length of its rows.
            batch: Its number of rows.
        """
        return max(min(batch, self.distinct.get(length, len(self.values))), 1)

    def among(
        self, rows: Num[np.ndarray, "batch"]
    ) -> tuple[Int64[np.ndarray, "values"], Int32[np.ndarray, "batch"]]:
        """The different values of some rows, and the place of each row's among them."""
        numbers = self.indices[rows]
        used = np.unique(numbers[numbers >= 0]).astype(np.int64)
        place = np.where(numbers >= 0, np.searchsorted(used, numbers), -1)
        return used, place.astype(np.int32)


Layout = Plain | DictionaryArray
"""Encoded rows of one input or target."""


class Dictionary(NamedTuple):
    """Values that stand once in a batch and rows that refer to them, as a pytree.

    Attributes:
        values: The values, or what an encoder made of them.
        indices: `[batch]`, the value of each row; -1 where it is missing.
    """

    values: Any
    indices: Any


def are_same(one: Any, other: Layout) -> bool:
    """Check that two layouts are of the very same arrays, without a look at these."""
    if isinstance(one, Ragged) and isinstance(other, Ragged):
        return one.values is other.values and one.offsets is other.offsets
    if isinstance(one, SparseRows) and isinstance(other, SparseRows):
        return one.matrix is other.matrix and one.absent == other.absent
    return one is other


def take_rows(layout: Layout, indices: Num[np.ndarray, "m"]) -> Any:
    """The chosen rows, in the same form."""
    return layout[indices] if isinstance(layout, np.ndarray) else layout.take(indices)


def rows_of(layout: Plain, rows: Num[np.ndarray, "m"], length: int) -> np.ndarray:
    """The chosen rows as one array of static shape.

    Args:
        layout: The encoded rows.
        rows: Row numbers.
        length: The length to which runs are padded.
    """
    if isinstance(layout, Ragged):
        return layout.padded(rows, length)
    return layout.dense(rows) if isinstance(layout, SparseRows) else layout[rows]


def gather_ragged(
    values: np.ndarray, offsets: Int64[np.ndarray, "n_plus_1"], indices: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The chosen runs of a flat buffer, again as a flat buffer and its offsets."""
    sizes = np.diff(offsets)
    lengths = sizes[indices]
    bounds = offsets_of(lengths)
    if len(lengths) and lengths[0] and (sizes == sizes[0]).all():
        # A table; a number for each value, as below, would take eight times as much.
        table = values[offsets[0] : offsets[-1]].reshape(
            -1, sizes[0], *values.shape[1:]
        )
        rows = scratch.taken(table, np.asarray(indices))
        return rows.reshape(-1, *values.shape[1:]), bounds
    flat = scratch.buffer((int(bounds[-1]), *values.shape[1:]), values.dtype)
    starts = offsets[:-1][indices]
    for some in parts_of(bounds):  # a number for each value takes eight times as much
        low, high = int(bounds[some.start]), int(bounds[some.stop])
        source = np.repeat(starts[some] - bounds[:-1][some], lengths[some])
        flat[low:high] = values[source + np.arange(low, high)]
    return flat, bounds


def parts_of(bounds: Int64[np.ndarray, "n_plus_1"]) -> list[slice]:
    """Runs that follow one another, of about `_AT_ONCE` values together.

    Example:
        >>> parts_of(offsets_of([_AT_ONCE - 1, 2, 3]))
        [slice(0, 2, None), slice(2, 3, None)]
    """
    cuts = np.arange(_AT_ONCE, bounds[-1], _AT_ONCE)
    inner = np.searchsorted(bounds, cuts, side="left").tolist()
    ends = np.unique([0, *inner, len(bounds) - 1]).tolist()
    return [slice(low, high) for low, high in itertools.pairwise(ends)]


def offsets_of(lengths: Any) -> Int64[np.ndarray, "n_plus_1"]:
    """Where runs of these lengths begin in a flat buffer, and where the last one ends.

    Example:
        >>> offsets_of([2, 0, 1]).tolist()
        [0, 2, 2, 3]
    """
    bounds = np.zeros(len(lengths) + 1, np.int64)
    np.cumsum(lengths, out=bounds[1:])
    return bounds


def pad_ragged(
    values: np.ndarray, offsets: np.ndarray, indices: np.ndarray, length: int, fill: Any
) -> np.ndarray:
    """The chosen runs side by side, each filled up to `length`."""
    lengths = offsets[1:][indices] - offsets[:-1][indices]
    table_shape = (len(indices), length, *values.shape[1:])
    if _side_by_side(indices) and (lengths == length).all():
        start = offsets[indices[0]]
        whole = values[start : start + len(indices) * length]
        return whole.reshape(table_shape).copy()
    table = np.full(table_shape, fill, values.dtype)
    if len(indices) and (lengths == lengths[0]).all():
        columns = np.arange(lengths[0])
        table[:, : lengths[0]] = values[offsets[:-1][indices][:, None] + columns]
        return table
    flat, _ = gather_ragged(values, offsets, indices)
    table[np.arange(length) < lengths[:, None]] = flat
    return table


def _side_by_side(indices: np.ndarray) -> bool:
    """Check that these are rows one after the other, as when a file is predicted."""
    return bool(len(indices) and indices[0] >= 0 and (np.diff(indices) == 1).all())
