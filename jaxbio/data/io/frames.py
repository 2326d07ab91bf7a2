"""Frames: some rows of a file at a time, as they stand there."""

import dataclasses
import itertools
import sys
from collections.abc import Iterable, Mapping, Sequence
from fnmatch import fnmatchcase
from typing import TYPE_CHECKING, Any, TypeGuard

import numpy as np
from jaxtyping import Int64, Shaped

from jaxbio.data.io.cells import USUAL, CellFormat
from jaxbio.errors import DataError, nearest

if TYPE_CHECKING:
    import pandas  # at run time only where it is needed: it is slow to import

ROWS = 8192
"""The number of rows that are held at a time."""

_MOST_CELLS = 1 << 21

Values = Shaped[np.ndarray, "n"]
"""Text and other objects, booleans, or real numbers."""


@dataclasses.dataclass(frozen=True)
class Frame:
    """Some rows of a table with raw values.

    Attributes:
        columns: The values by the name of the column; those of text files are all text,
            nothing is read into them.
        source: The file, for messages.
        rows: The number of each row in its file: the line of a text table, where the
            header is line 1, or the number of the record.
        records: Whether the rows are sequence records (FASTA, FASTQ, GenBank), with
            the columns `id`, `description` and `sequence`.
        format: How cells are written; of records none is a mark of nothing.
        vectors: Names that stand for several columns, as for 2-D arrays of npz files.
        arrays: What is no text: pixels uint8 `[n height width channels]`, or a sparse
            matrix of counts, whose genes stand in `vectors`.
        notes: What was done in reading that is worth knowing.
        key: The column by which files were joined, if they were.
        described: Columns that tell of the rows beside what was measured, and are
            inputs only where they are named.
        orders: The words of grades, from the least to the greatest, by column.
    """

    columns: Mapping[str, Values]
    source: str
    rows: Int64[np.ndarray, "n"]
    records: bool = False
    format: CellFormat = USUAL
    vectors: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)
    arrays: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    notes: tuple[str, ...] = ()
    key: str = ""
    described: frozenset[str] = frozenset()
    orders: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_table(
        cls, table: "pandas.DataFrame", source: str = "DataFrame"
    ) -> "Frame":
        """A frame of a DataFrame.

        The index gives the rows' numbers if it holds whole numbers; else it is the
        column `id`, if there is none yet, and rows count from 0.

        Raises:
            DataError: For column names that occur twice.

        Example:
            >>> import pandas as pd
            >>> Frame.from_table(pd.DataFrame({"seq": ["ACGT"]})).rows.tolist()
            [0]
        """
        columns, orders = _columns_of(table, source), _orders_of(table)
        if table.index.dtype.kind in "iu":
            rows = table.index.to_numpy(np.int64)
            return cls(columns, source, rows, orders=orders)
        if "id" not in columns:
            names = [str(name) for name in table.index]
            columns = {**columns, "id": np.array(names, object)}
        return cls(columns, source, np.arange(len(table)), orders=orders)

    @property
    def table(self) -> "pandas.DataFrame":
        """The rows as a DataFrame."""
        import pandas

        return pandas.DataFrame(dict(self.columns))

    def __len__(self) -> int:
        return len(self.rows)

    def column(self, name: str) -> Values:
        """The column of that name.

        Raises:
            DataError: If there is none, with the nearest name.
        """
        if name not in self.columns:
            hint = nearest(name, self.columns)
            raise DataError(f"{self.source}: no column {name!r}: {hint}")
        return self.columns[name]

    def matching(
        self, name: str, used: frozenset[str] = frozenset()
    ) -> tuple[str, ...]:
        """The columns that a name or glob stands for.

        Args:
            name: A column, an array of an npz file, or a glob such as `gene_*`.
            used: Columns that a glob leaves out, because they are used otherwise.

        Raises:
            DataError: If there are none.

        Example:
            >>> import pandas as pd
            >>> table = pd.DataFrame({"g_1": [0], "g_2": [0], "y": [1]})
            >>> Frame.from_table(table).matching("g_*")
            ('g_1', 'g_2')
        """
        columns = list(self.columns)
        if name in columns:
            return (name,)
        if name in self.vectors:
            return self.vectors[name]
        if not is_pattern(name):
            self.column(name)  # says that there is none and which is nearest
        matches = [c for c in columns if fnmatchcase(c, name) and c not in used]
        if not matches:
            raise DataError(
                f"{self.source}: no column matches {name!r}: {nearest(name, columns)}"
            )
        return tuple(matches)

    def take(self, indices: np.ndarray | slice) -> "Frame":
        """The chosen rows."""
        if isinstance(indices, slice):
            indices = np.arange(len(self))[indices]
        columns = {name: values[indices] for name, values in self.columns.items()}
        arrays = {name: values[indices] for name, values in self.arrays.items()}
        rows = self.rows[indices]
        return dataclasses.replace(self, columns=columns, rows=rows, arrays=arrays)

    def with_column(self, name: str, values: Iterable) -> "Frame":
        """The frame with one more column, or another in place of one."""
        column = np.array(list(values), dtype=object)
        return dataclasses.replace(self, columns={**self.columns, name: column})


def is_pattern(name: str) -> bool:
    """Check that a name has glob characters, as `gene_*` has."""
    return any(mark in name for mark in "*?[")


def is_table(value: Any) -> "TypeGuard[pandas.DataFrame]":
    """Check that something is a DataFrame, without importing pandas to find out."""
    pandas = sys.modules.get("pandas")
    return pandas is not None and isinstance(value, pandas.DataFrame)


def _columns_of(table: "pandas.DataFrame", source: str) -> dict[str, Values]:
    names = check_names(list(table.columns), source)
    arrays = (_array_of(column) for _, column in table.items())
    return dict(zip(names, arrays, strict=True))


def _orders_of(table: "pandas.DataFrame") -> dict[str, tuple[str, ...]]:
    """The categories of columns of ordered ones."""
    return {
        str(name).strip(): tuple(map(str, column.cat.categories))
        for name, column in table.items()
        if getattr(column.dtype, "ordered", False)
    }


def _array_of(column: "pandas.Series") -> Values:
    values = column.to_numpy()
    if isinstance(column.dtype, np.dtype) and values.dtype.kind in "biuf":
        return values
    if values.dtype.kind == "m":  # durations, in seconds as those of Parquet files
        seconds = values / np.timedelta64(1, "s")
        return np.where(np.isnat(values), np.nan, seconds)
    # Types of pandas' own: numbers if none is missing; else as they print.
    numbers = values.dtype.kind in "biuf" and not column.isna().any()
    return values if numbers else column.to_numpy(object)


def check_names(names: list, source: str) -> list[str]:
    """Column names without spaces around them; one without a name is `column_NUMBER`.

    Raises:
        DataError: For a name that occurs twice.

    Example:
        >>> check_names(["", " seq "], "x.csv")
        ['column_1', 'seq']
    """
    names = [str(name).strip() or f"column_{at}" for at, name in enumerate(names, 1)]
    if len(set(names)) < len(names):
        earlier: set[str] = set()
        again = next(name for name in names if name in earlier or earlier.add(name))
        raise DataError(
            f"{source}: the column name {again!r} occurs {names.count(again)} times: "
            f"give each column a name of its own, or add a header if there is none"
        )
    return names


def rows_at_once(rows: int, columns: int) -> int:
    """Number of rows of a table to hold, fewer where there are very many columns."""
    return max(1, min(rows, _MOST_CELLS // max(columns, 1)))


def thinned(frames: Iterable[Frame], most: int = 2 * ROWS) -> Frame:
    """About `most` rows spread evenly over all frames, in bounded memory.

    Args:
        frames: The frames of one or several files with the same columns.
        most: The number of rows at which every second one is dropped.

    Raises:
        DataError: If there are no frames.

    Example:
        >>> frame = Frame({"n": np.arange(10)}, "x.csv", np.arange(10))
        >>> thinned([frame], most=5).columns["n"].tolist()
        [0, 2, 4, 6, 8]
    """
    parts: list[Frame] = []
    step, start = 1, 0
    for frame in frames:
        places = slice(-start % step, None, step)
        start += len(frame)
        parts.append(frame if step == 1 else frame.take(places))
        limit = rows_at_once(most, len(frame.columns))
        while sum(map(len, parts)) > limit:
            # Every second of the rows kept so far, counted over the frames.
            bounds = itertools.accumulate(map(len, parts), initial=0)
            parts = [
                part.take(slice(at % 2, None, 2))
                for part, at in zip(parts, bounds, strict=False)
            ]
            step *= 2
    return joined(parts)


def joined(frames: Sequence[Frame]) -> Frame:
    """The rows of frames with the same columns, without their `arrays`.

    Raises:
        DataError: If there are no frames.
    """
    if not frames:
        raise DataError("no rows to read")
    first = frames[0]
    if len(frames) == 1:
        return first
    columns = {
        name: np.concatenate([part.column(name) for part in frames])
        for name in first.columns
    }
    rows = np.concatenate([part.rows for part in frames])
    return dataclasses.replace(first, columns=columns, rows=rows)
