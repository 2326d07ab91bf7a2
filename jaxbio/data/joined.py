"""Files side by side: more columns for the same rows, by the name of each row."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int64, Shaped

from jaxbio.data.io.frames import Frame, joined
from jaxbio.data.keys import listed, names_of, places
from jaxbio.data.turned import named_by, turned
from jaxbio.errors import DataError, nearest, option


@dataclasses.dataclass(frozen=True)
class JoinedFiles:
    """A file and the files that have more columns of its rows; see `join`.

    Attributes:
        data: The file whose rows are kept.
        others: The files with more columns.
        on: The column that all have; None for the one that a file shares with `data`.
    """

    data: Any
    others: tuple[Any, ...]
    on: str | None = None


def join(data: Any, others: Any, *, on: str | None = None) -> JoinedFiles:
    """Put columns of further files beside the rows of a file.

    All rows of the first file are kept, in their order, and no others. A row that a
    further file lacks has nothing in its columns, which is told. A table of genes by
    samples, with a column for each row of the first file, is turned, with a note.

    Args:
        data: The file whose rows are kept: whatever `jaxbio.read` takes.
        others: A file with one row for each name, or several.
        on: The column that names what a row is about, such as `patient`, in all files;
            None for the only column that a file shares with `data`.

    Returns:
        What `jaxbio.read` and predictors take in place of a file.

    Example:
        >>> import jaxbio as jb, pandas as pd
        >>> visits = pd.DataFrame({"patient": ["a", "b"], "y": [0.5, 1.5]})
        >>> genes = pd.DataFrame({"patient": ["b", "a"], "TP53": [2.5, 1.25]})
        >>> rows = jb.read(jb.data.join(visits, genes), targets=["y"])
        >>> rows.inputs["TP53"].values.tolist()
        [[1.25], [2.5]]
    """
    several = isinstance(others, Sequence) and not isinstance(others, str | bytes)
    return JoinedFiles(data, tuple(others) if several else (others,), on)


class Tables:
    """Further files in memory, from which rows of the first one are filled up."""

    def __init__(self, files: Iterable[Sequence[Frame]], on: str | None):
        """Hold the files.

        Args:
            files: The frames of each.
            on: The column that names the rows; None to find it.
        """
        self._on = on
        self._tables = [_whole(frames) for frames in files]
        self._rows: dict[int, dict[str, int]] = {}
        self._met: set[int] = set()  # files that some row was in

    def add(self, frame: Frame) -> Frame:
        """A part of the first file with the columns of all others.

        Raises:
            DataError: For no column that both have, a name that occurs twice, a column
                in several files, or no row in common.
        """
        for number, table in enumerate(self._tables):
            frame = self._beside(frame, number, table)
        return frame

    def _beside(self, frame: Frame, number: int, table: Frame) -> Frame:
        if number not in self._rows:
            table = self._tables[number] = _upright(frame, table, self._on)
        key = self._on or _shared(frame, table)
        for side in (frame, table):
            if key not in side.columns:
                raise DataError(
                    f"{side.source} has no column {key!r}, by which files are joined: "
                    f"{nearest(key, side.columns)}"
                )
        twice = [
            name for name in table.columns if name in frame.columns and name != key
        ]
        if twice:
            raise DataError(
                f"{frame.source} and {table.source} both have a column {twice[0]!r}: "
                f"rename it in one of them"
            )
        if number not in self._rows:
            self._rows[number] = places(table, key)
        found = self._rows[number]
        names = names_of(frame.columns[key])
        rows = np.array([found.get(name, -1) for name in names], np.int64)
        if (rows >= 0).any():
            self._met.add(number)
        elif number not in self._met:
            raise DataError(
                f"{frame.source} and {table.source} have no {key} in common "
                f"({listed(names)}; there {listed(found)}): are they of one study?"
            )
        note = _unmatched(frame, table, names, rows)
        columns = {
            name: _taken(values, rows)
            for name, values in table.columns.items()
            if name != key
        }
        return dataclasses.replace(
            frame,
            columns={**frame.columns, **columns},
            vectors={**frame.vectors, table.source: tuple(columns)},
            records=False,
            key=key,
            notes=(*frame.notes, *table.notes, *note),
        )


def _whole(frames: Sequence[Frame]) -> Frame:
    """A file as one frame."""
    whole = joined(frames)
    if whole.arrays:
        raise DataError(
            f"{whole.source} holds a matrix: only tables and sequences are joined; "
            f"write it as a table with a column of names, such as .parquet"
        )
    if whole.records:  # what is not the sequence tells nothing
        kept = {name: whole.columns[name] for name in ("id", "sequence")}
        whole = dataclasses.replace(whole, columns=kept)
    return whole


def _shared(frame: Frame, table: Frame) -> str:
    """The only column that two files have in common."""
    both = [name for name in frame.columns if name in table.columns]
    if len(both) == 1:
        return both[0]
    if "id" in both:
        return "id"
    about = f"{frame.source} ({listed(frame.columns)})"
    other = f"{table.source} ({listed(table.columns)})"
    if both:
        raise DataError(
            f"{about} and {other} have several columns in common ({listed(both)}): "
            f"say which one names the rows, as in {option('join_on', both[0])}, and "
            f"rename the others in one of the files"
        )
    if named_by(frame, table):
        raise DataError(
            f"{about} has a column for each row of {other}: name {table.source} first "
            f"and join {frame.source} to it"
        )
    raise DataError(
        f"{about} and {other} have no column in common: give the column that names the "
        f"rows one name in both files"
    )


def _upright(frame: Frame, table: Frame, on: str | None) -> Frame:
    """The table with a row for what each row of the frame is about."""
    key = on or named_by(table, frame)
    alike = key in table.columns if on else frame.columns.keys() & table.columns.keys()
    if alike or key not in frame.columns:
        return table
    return turned(table, names_of(frame.columns[key]), key)


def _unmatched(
    frame: Frame,
    table: Frame,
    names: Sequence[str],
    rows: Int64[np.ndarray, "n"],
) -> tuple[str, ...]:
    """A note on rows that the other file lacks."""
    lacking = np.flatnonzero(rows < 0)
    if not lacking.size:
        return ()
    shown = listed([names[at] or "(empty)" for at in lacking.tolist()])
    return (
        f"{lacking.size:,} of {len(names):,} rows of {frame.source} are not in "
        f"{table.source} and have nothing in its columns: {shown}",
    )


def _taken(
    values: Shaped[np.ndarray, "rows"], rows: Int64[np.ndarray, "n"]
) -> Shaped[np.ndarray, "n"]:
    """The values of some rows; nothing where there is none."""
    lacking = rows < 0
    if not lacking.any():
        return values[rows]
    if values.dtype.kind in "iuf":
        found = values[rows].astype(np.float64)
        found[lacking] = np.nan
        return found
    found = values[rows].astype(object)
    found[lacking] = None
    return found
