"""Spreadsheets: the first sheet of an Excel or OpenDocument file as a table."""

import csv
import dataclasses
import datetime
import io
from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np

from jaxbio.data.io.frames import ROWS, Frame
from jaxbio.data.io.tables import read_text_table
from jaxbio.errors import DataError

_MOST_BYTES = 1 << 28  # of a file, which is unpacked as a whole
_BLOCK = 1 << 20  # bytes
_LOOKED_AT = 20  # rows among which the header is


def read_excel(
    handle: io.BufferedIOBase, source: str, *, rows: int = ROWS
) -> Iterator[Frame]:
    """Rows of the first sheet that holds any, as those of a text table.

    Titles above the header, which fill fewer cells than it, are left out, and so are
    rows and columns without a value. Whole numbers have no decimals, and dates are
    written as 2026-01-31.

    Args:
        handle: The bytes of the file.
        source: What messages call it.
        rows: The most rows of a frame.

    Yields:
        Frames; the rows' numbers are those of the sheet. A note names the sheet, if
        there are others, and what was left out.

    Raises:
        DataError: For a file that is no spreadsheet, has a password or no rows, or
            without the package that reads it.
    """
    name, others, cells = _sheet(_content(handle, source), source)
    filled = [at for at, row in enumerate(cells) if any(row)]
    if not filled:
        raise DataError(f"{source}: sheet {name!r} is empty")
    notes = []
    if others:
        notes.append(
            f"{source}: sheet {name!r} was read; the others were not ("
            f"{', '.join(map(repr, others))}): save one as a file of its own to read it"
        )
    header = _header(cells, filled)
    if header > filled[0]:
        title = next(cell for cell in cells[filled[0]] if cell)
        notes.append(
            f"{source}: row {header + 1} is the header; what stands above it was left "
            f"out ({title[:40]!r})"
        )
    kept = [at for at in filled if at >= header]
    used = [
        at
        for at in range(len(cells[header]))
        if any(at < len(cells[row]) and cells[row][at] for row in kept)
    ]
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    for at in kept:
        row = cells[at]
        writer.writerow([row[column] if column < len(row) else "" for column in used])
    numbers = np.array(kept, np.int64) + 1
    table = io.BytesIO(text.getvalue().encode())
    for frame in read_text_table(table, source, rows=rows):
        own = (*notes, *frame.notes)
        yield dataclasses.replace(frame, rows=numbers[frame.rows - 1], notes=own)


def _content(handle: io.BufferedIOBase, source: str) -> bytes:
    """The whole file, unless it is too large."""
    parts: list[bytes] = []
    size = 0
    while part := handle.read(_BLOCK):
        parts.append(part)
        size += len(part)
        if size > _MOST_BYTES:
            raise DataError(
                f"{source}: spreadsheets of over {_MOST_BYTES >> 20} MiB are not read: "
                f"save the sheet as .csv"
            )
    return b"".join(parts)


def _sheet(content: bytes, source: str) -> tuple[str, list[str], list[list[str]]]:
    """The name of the first sheet with cells, of other such sheets, and its cells."""
    try:
        import python_calamine as calamine
    except ImportError:
        raise DataError(
            f"{source}: reading spreadsheets needs python-calamine: pip install "
            f"'jaxbio[excel]', or save the sheet as .csv"
        ) from None
    try:
        with calamine.CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            names = list(book.sheet_names)
            tables = {name: book.get_sheet_by_name(name).to_python() for name in names}
    except Exception as error:  # of any kind, from another language
        reason = str(error).lower()
        what = "has a password" if "password" in reason else "is no spreadsheet"
        raise DataError(
            f"{source} {what} ({str(error)[:80]}): save the sheet as .csv"
        ) from None
    full = [n for n in names if any(_is_there(c) for row in tables[n] for c in row)]
    name = full[0] if full else names[0] if names else ""
    cells = [[_text(cell) for cell in row] for row in tables.get(name, [])]
    return name, [other for other in full if other != name], cells


def _header(cells: Sequence[Sequence[str]], filled: Sequence[int]) -> int:
    """The row with the names of the columns: the first that is not far from full."""
    counts = [sum(map(bool, cells[at])) for at in filled[:_LOOKED_AT]]
    most = max(counts)
    return next(
        at for at, count in zip(filled, counts, strict=False) if 2 * count > most
    )


def _is_there(cell: Any) -> bool:
    return cell is not None and cell != ""


def _text(cell: Any) -> str:
    """A cell as it would stand in a text table."""
    if cell is None:
        return ""
    if isinstance(cell, bool):
        return str(cell)
    if isinstance(cell, float):
        return str(int(cell)) if cell.is_integer() and abs(cell) < 1e15 else repr(cell)
    if isinstance(cell, datetime.datetime):
        midnight = cell.time() == datetime.time()
        return (cell.date() if midnight else cell).isoformat()
    if isinstance(cell, datetime.date | datetime.time):
        return cell.isoformat()
    return " ".join(str(cell).split())
