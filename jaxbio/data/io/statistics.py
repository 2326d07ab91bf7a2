"""Files of SPSS, Stata and SAS as tables."""

import io
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.data.io.frames import ROWS, Frame
from jaxbio.data.io.tables import cell_text, frames_of_cells
from jaxbio.errors import DataError

_READERS = {
    ".sav": "read_sav",
    ".zsav": "read_sav",
    ".dta": "read_dta",
    ".sas7bdat": "read_sas7bdat",
    ".xpt": "read_xport",
}
_MOST_CELLS = 50_000_000  # which are held as a whole, about 200 bytes for each of them
_LISTED = 3


def read_statistics(
    handle: io.BufferedIOBase, source: str, *, rows: int = ROWS
) -> Iterator[Frame]:
    """Rows of a data set of SPSS, Stata or SAS; they count from 1.

    Where each value of a variable has a label, such as 1 for male, its labels are read.
    What the file declares to be missing is missing, and dates are written as
    2026-01-31.

    Args:
        handle: The bytes of the file.
        source: Its name, whose ending says of which program it is.
        rows: The most rows of a frame.

    Yields:
        Frames. A note names the variables whose labels were read, or were not, as some
        values have none.

    Raises:
        DataError: For a file that is damaged, empty or too large, or without the
            package that reads it.
    """
    columns, labels = _content(handle, source)
    count = len(next(iter(columns.values()), ()))
    if not count:
        raise DataError(f"{source}: there are no rows")
    if count * len(columns) > _MOST_CELLS:
        raise DataError(
            f"{source}: {count:,} rows of {len(columns):,} variables are over "
            f"{_MOST_CELLS:,} cells: export them as .csv or .parquet"
        )
    texts, notes = [], []
    for name, values in columns.items():
        cells, told = _labelled(values, labels.get(name, {}))
        texts.append(cells)
        notes += [f"{source}: {name} is read by {told}"] if told else []
    table = [list(columns), *map(list, zip(*texts, strict=True))]
    numbers = np.arange(len(table))
    yield from frames_of_cells(table, numbers, source, rows=rows, notes=notes)


def _content(
    handle: io.BufferedIOBase, source: str
) -> tuple[Mapping[str, Sequence[Any]], Mapping[str, Mapping[Any, str]]]:
    """The values of each variable, and its labels."""
    try:
        import pyreadstat
    except ImportError:
        raise DataError(
            f"{source}: reading files of SPSS, Stata and SAS needs pyreadstat: pip "
            f"install 'jaxbio[spss]', or export the data as .csv"
        ) from None
    ending = next(x for x in reversed(Path(source).suffixes) if x.lower() in _READERS)
    try:
        read = getattr(pyreadstat, _READERS[ending.lower()])
        columns, about = read(io.BytesIO(handle.read()), output_format="dict")
    except Exception as error:  # of any kind, from another language
        raise DataError(
            f"{source} cannot be read ({str(error)[:80]}): export the data as .csv"
        ) from None
    return columns, about.variable_value_labels


def _labelled(
    values: Sequence[Any], labels: Mapping[Any, str]
) -> tuple[list[str], str]:
    """The cells of a variable, and by what they are read if values have labels."""
    cells = [cell_text(value) for value in values]
    named = {cell_text(value): cell_text(label) for value, label in labels.items()}
    used = set(cells) - {""}
    if not used & named.keys():
        return cells, ""
    if used <= named.keys():
        shown = _listed(named, used)
        return [named.get(cell, "") for cell in cells], f"its labels: {shown}"
    return cells, f"its values, as some have no label: {_listed(named, used)}"


def _listed(labels: Mapping[str, str], used: set[str]) -> str:
    """Some labels, with the values that they stand for."""
    some = [(value, label) for value, label in labels.items() if value in used]
    more = ", …" if len(some) > _LISTED else ""
    return ", ".join(f"{value} {label!r}" for value, label in some[:_LISTED]) + more
