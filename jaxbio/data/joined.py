"""Files side by side: more columns for the same rows, by the name of each row."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int64, Shaped

from jaxbio.data.io.frames import Frame, Values, joined
from jaxbio.data.io.parse import is_missing
from jaxbio.errors import DataError, nearest, option

_SHOWN = 3


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
    further file lacks has nothing in its columns, which is told.

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
            self._rows[number] = _places(table, key)
        found = self._rows[number]
        names = _names(frame.columns[key])
        rows = np.array([found.get(name, -1) for name in names], np.int64)
        if (rows >= 0).any():
            self._met.add(number)
        elif number not in self._met:
            raise DataError(
                f"{frame.source} and {table.source} have no {key} in common "
                f"({_listed(names)}; there {_listed(found)}): are they of one study?"
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
    about = f"{frame.source} ({_listed(frame.columns)})"
    other = f"{table.source} ({_listed(table.columns)})"
    if both:
        raise DataError(
            f"{about} and {other} have several columns in common ({_listed(both)}): "
            f"say which one names the rows, as in {option('join_on', both[0])}, and "
            f"rename the others in one of the files"
        )
    turned = _turned(frame, table) or _turned(table, frame)
    raise DataError(
        f"{about} and {other} have no column in common: "
        + (turned or "give the column that names the rows one name in both files")
    )


def _turned(frame: Frame, table: Frame) -> str:
    """What to do where names in one file are columns in the other; else nothing.

    So are tables of genes by samples, with a gene a row.
    """
    for name, values in table.columns.items():
        if len(frame.columns.keys() & set(_names(values))) > 1:
            return (
                f"what {name} of {table.source} names are columns of {frame.source}: "
                f"turn that table, so that they are rows, and call their column "
                f"{name}, as by pandas.read_csv(…, index_col=0).T.rename_axis({name!r})"
            )
    return ""


def _places(table: Frame, key: str) -> dict[str, int]:
    """The row of each name."""
    found: dict[str, int] = {}
    for at, name in enumerate(_names(table.columns[key])):
        if name in found:
            raise DataError(
                f"{table.source}, rows {table.rows[found[name]]} and {table.rows[at]}: "
                f"{key} {name!r} occurs twice, and a joined file has one row for each: "
                f"leave one out"
            )
        if name:
            found[name] = at
    return found


def _names(values: Values) -> list[str]:
    """What rows are called, whether files hold text or numbers."""
    if values.dtype.kind == "f":
        whole = np.where(np.isnan(values), 0, values)
        if (whole == whole.astype(np.int64)).all():
            texts = [str(int(value)) for value in whole]
            missing = np.isnan(values).tolist()
            return [
                "" if gone else text for text, gone in zip(texts, missing, strict=True)
            ]
    return [
        "" if is_missing(value) else str(value).strip() for value in values.tolist()
    ]


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
    shown = _listed([names[at] or "(empty)" for at in lacking.tolist()])
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


def _listed(names: Iterable[str]) -> str:
    each = list(names)
    return ", ".join(each[:_SHOWN]) + (", …" if len(each) > _SHOWN else "")
