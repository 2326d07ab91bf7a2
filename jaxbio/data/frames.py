"""Frames: some rows of a file at a time, as they stand there."""

import dataclasses
import itertools
from collections.abc import Iterable, Mapping
from typing import cast

import numpy as np
import pandas as pd
from jaxtyping import Int64

from jaxbio.errors import DataError, nearest

ROWS = 8192
"""The number of rows that are held at a time."""

_MOST_CELLS = 1 << 21


@dataclasses.dataclass(frozen=True)
class Frame:
    """Some rows of a table with raw values.

    Attributes:
        table: The values; those of text files are all text, nothing is read into them.
        source: The file, for messages.
        rows: The number of each row in its file: the line of a text table, where the
            header is line 1, or the number of the record.
        records: Whether the rows are sequence records (FASTA, FASTQ, GenBank), with
            the columns `id`, `description` and `sequence`.
        vectors: Names that stand for several columns, as for 2-D arrays of npz files.
    """

    table: pd.DataFrame
    source: str
    rows: Int64[np.ndarray, "n"]
    records: bool = False
    vectors: Mapping[str, tuple[str, ...]] = dataclasses.field(default_factory=dict)

    @classmethod
    def from_table(cls, table: pd.DataFrame, source: str = "DataFrame") -> "Frame":
        """A frame of a DataFrame.

        The index gives the rows' numbers if it holds whole numbers; else it is the
        column `id`, if there is none yet, and rows count from 0.

        Raises:
            DataError: For column names that occur twice.

        Example:
            >>> Frame.from_table(pd.DataFrame({"seq": ["ACGT"]})).rows.tolist()
            [0]
        """
        names = check_names(list(table.columns), source)
        index, table = table.index, table.set_axis(names, axis=1)
        if pd.api.types.is_integer_dtype(index.dtype):
            return cls(table, source, index.to_numpy(np.int64))
        if "id" not in names:
            table = table.assign(id=[str(name) for name in index])
        return cls(table, source, np.arange(len(table)))

    def __len__(self) -> int:
        return len(self.table)

    def column(self, name: str) -> pd.Series:
        """The column of that name.

        Raises:
            DataError: If there is none, with the nearest name.
        """
        if name not in self.table.columns:
            hint = nearest(name, self.table.columns)
            raise DataError(f"{self.source}: no column {name!r}: {hint}")
        return cast(pd.Series, self.table[name])

    def take(self, indices: np.ndarray | slice) -> "Frame":
        """The chosen rows."""
        return dataclasses.replace(
            self, table=self.table.iloc[indices], rows=self.rows[indices]
        )

    def with_column(self, name: str, values: Iterable) -> "Frame":
        """The frame with one more column, or another in place of one."""
        values = np.array(list(values), dtype=object)
        return dataclasses.replace(self, table=self.table.assign(**{name: values}))


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
        seen: set[str] = set()
        again = next(name for name in names if name in seen or seen.add(name))
        raise DataError(
            f"{source}: the column name {again!r} occurs {names.count(again)} times: "
            f"give each column a name of its own, or add a header if there is none"
        )
    return names


def rows_at_once(rows: int, columns: int) -> int:
    """How many rows of a table to hold, fewer where there are very many columns."""
    return max(1, min(rows, _MOST_CELLS // max(columns, 1)))


def thinned(frames: Iterable[Frame], most: int = 2 * ROWS) -> Frame:
    """About `most` rows spread evenly over all frames, in bounded memory.

    Args:
        frames: The frames of one or several files with the same columns.
        most: The number of rows at which every second one is dropped.

    Raises:
        DataError: If there are no frames.

    Example:
        >>> frame = Frame.from_table(pd.DataFrame({"n": range(10)}))
        >>> thinned([frame], most=5).table["n"].tolist()
        [0, 2, 4, 6, 8]
    """
    kept: list[Frame] = []
    step, start = 1, 0
    for frame in frames:
        chosen = np.arange(-start % step, len(frame), step)
        start += len(frame)
        kept.append(frame.take(chosen))
        limit = rows_at_once(most, frame.table.shape[1])
        while sum(map(len, kept)) > limit:
            # Every second of the rows kept so far, counted over the frames.
            bounds = itertools.accumulate(map(len, kept), initial=0)
            kept = [
                part.take(slice(at % 2, None, 2))
                for part, at in zip(kept, bounds, strict=False)
            ]
            step *= 2
    if not kept:
        raise DataError("no rows to read")
    first = kept[0]
    table = pd.concat([part.table for part in kept], ignore_index=True)
    rows = np.concatenate([part.rows for part in kept])
    return dataclasses.replace(first, table=table, rows=rows)
