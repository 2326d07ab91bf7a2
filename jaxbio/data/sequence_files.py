"""Names and letters of the sequences of a file, or of the only one."""

from collections.abc import Iterator
from pathlib import Path

from jaxbio.data.formats import read_frames
from jaxbio.data.io.parse import texts
from jaxbio.errors import DataError, nearest, option

SEQUENCE_COLUMNS = ("sequence", "seq")
"""Columns of tables in which sequences are looked for."""


def read_sequence(path: str | Path, name: str | None = None) -> tuple[str, str]:
    """The name and the letters of one sequence of a file.

    Args:
        path: The file.
        name: Which, if there are several.

    Raises:
        DataError: If there is none, or several and none is named.
    """
    found = dict(read_sequences(path))
    if name is not None and name not in found:
        raise DataError(f"{path} has no sequence {name!r}: {nearest(name, found)}")
    if name is None and len(found) > 1:
        raise DataError(
            f"{path} has {len(found):,} sequences: say which, as in "
            f"{option('id', next(iter(found)))}"
        )
    if not found:
        raise DataError(f"{path} has no sequence")
    name = name or next(iter(found))
    return name, found[name]


def read_sequences(path: str | Path) -> Iterator[tuple[str, str]]:
    """The names and letters of the sequences of a file.

    Args:
        path: A file of sequences, or a table with the column `sequence` or `seq`.

    Raises:
        DataError: For a table without such a column.
    """
    for frame in read_frames(path):
        column = next((x for x in SEQUENCE_COLUMNS if x in frame.columns), None)
        if column is None:
            raise DataError(
                f"{path}: there is no column {SEQUENCE_COLUMNS[0]!r}: "
                f"{nearest(SEQUENCE_COLUMNS[0], frame.columns)}"
            )
        letters = ["".join(text.split()) for text in texts(frame, column)]
        names = frame.rows.astype(str).tolist()
        if "id" in frame.columns:
            names = texts(frame, "id")
        yield from zip(names, letters, strict=True)
