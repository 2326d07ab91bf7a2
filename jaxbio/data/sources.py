"""Where rows come from: files, tables, and several files side by side."""

import dataclasses
from collections.abc import Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Union

from jaxbio.data.convert import LABEL
from jaxbio.data.expression.table import Duplicates
from jaxbio.data.formats import read_frames
from jaxbio.data.io.files import STANDARD_INPUT
from jaxbio.data.io.frames import ROWS, Frame, is_table
from jaxbio.data.joined import JoinedFiles, Tables
from jaxbio.errors import DataError

if TYPE_CHECKING:
    import pandas

Data = Union[
    *(str, Path, "pandas.DataFrame", Frame, Mapping[str, str | Path]),
    *(Sequence[Frame], JoinedFiles),
]
"""A file, `-`, a DataFrame, a file for each class, frames that were read already, or
files that are joined."""


def held(data: Data) -> Data:
    """Standard input as its frames, as it can be read only once; else the same."""
    if isinstance(data, JoinedFiles):
        return dataclasses.replace(data, data=held(data.data))
    if isinstance(data, str | Path) and str(data) == STANDARD_INPUT:
        return list(read_frames(STANDARD_INPUT))
    return data


def frames_of(
    data: Data,
    rows: int = ROWS,
    layer: str | None = None,
    duplicates: Duplicates = "error",
) -> Generator[Frame, None, None]:
    """Rows as they stand, some at a time.

    Args:
        data: Where they come from.
        rows: The most rows of a frame.
        layer: As for `jaxbio.read`.
        duplicates: As for `jaxbio.read`.

    Raises:
        DataError: For what is none of these, and files that cannot be read.

    Example:
        >>> import pandas as pd
        >>> frames = frames_of(pd.DataFrame({"x": [1, 2, 3]}), rows=2)
        >>> [len(frame) for frame in frames]
        [2, 1]
    """

    def read_file(path: str | Path) -> Iterator[Frame]:
        return read_frames(path, rows=rows, layer=layer, duplicates=duplicates)

    match data:
        case _ if is_table(data):
            if not len(data):
                raise DataError("the DataFrame has no rows")
            yield from _pieces(Frame.from_table(data), rows)
        case JoinedFiles():
            others = [list(frames_of(file)) for file in data.others]
            tables = Tables(others, data.on)
            for frame in frames_of(data.data, rows, layer, duplicates):
                yield tables.add(frame)
        case Frame():
            yield from _pieces(data, rows)
        case str() | Path():
            yield from read_file(data)
        case Mapping() if data:
            for name, path in data.items():
                for frame in read_file(path):
                    yield frame.with_column(LABEL, [str(name)] * len(frame))
        case [Frame(), *_]:
            yield from data  # which may be made as they are asked for
        case _:
            raise DataError(
                f"{data!r:.60} cannot be read: give a file, a DataFrame or a mapping "
                f"of class names to files"
            )


def _pieces(frame: Frame, rows: int) -> Iterator[Frame]:
    for start in range(0, len(frame), rows):
        yield frame.take(slice(start, start + rows))
