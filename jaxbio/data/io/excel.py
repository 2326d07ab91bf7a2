"""Spreadsheets: a sheet of an Excel or OpenDocument file as a table."""

import io
from collections.abc import Iterator, Sequence
from typing import Any, NamedTuple

import numpy as np

from jaxbio.data.io.files import split_sheet
from jaxbio.data.io.frames import ROWS, Frame
from jaxbio.data.io.preamble import header_row, titles_note
from jaxbio.data.io.tables import cell_text, frames_of_cells
from jaxbio.errors import DataError, nearest

_MOST_BYTES = 1 << 28  # of a file, which is unpacked as a whole
_MOST_CELLS = 50_000_000  # of a sheet, which takes about 200 bytes for each of them
_BLOCK = 1 << 20  # bytes


def read_excel(
    handle: io.BufferedIOBase, source: str, *, rows: int = ROWS
) -> Iterator[Frame]:
    """Rows of a sheet, as those of a text table.

    Titles above the header, which fill fewer cells than it, are left out, and so are
    rows and columns without a value. Each cell below the header that was merged of
    several has its value in all their rows and columns. Whole numbers have no
    decimals, and dates are written as 2026-01-31.

    Args:
        handle: The bytes of the file.
        source: What messages call it; of several sheets that with the name behind `#`
            is read, or else the first that holds any row.
        rows: The most rows of a frame.

    Yields:
        Frames; the rows' numbers are those of the sheet. A note names the sheet, if
        there are others, and what was left out or filled.

    Raises:
        DataError: For a file that is no spreadsheet, has a password or no rows, for a
            sheet that is not there or too large, or without the package that reads it.
    """
    path, wanted = split_sheet(source)
    sheet = _sheet(_content(handle, path), path, wanted)
    cells = sheet.cells
    filled = [at for at, row in enumerate(cells) if any(row)]
    if not filled:
        raise DataError(f"{path}: sheet {sheet.name!r} is empty")
    notes = []
    if sheet.others and wanted is None:
        notes.append(
            f"{path}: sheet {sheet.name!r} was read; the others were not ("
            f"{', '.join(map(repr, sheet.others))}): name one as in "
            f"'{path}#{sheet.others[0]}'"
        )
    header = filled[header_row([sum(map(bool, cells[at])) for at in filled])]
    if header > filled[0]:
        title = next(cell for cell in cells[filled[0]] if cell)
        notes.append(titles_note(path, header + 1, title))
    merged = _fill(cells, sheet.merged, header)
    if merged:
        notes.append(
            f"{path}: {merged} merged cells below the header: each stands for all the "
            f"rows and columns that it covers"
        )
    kept = [at for at in filled if at >= header]
    used = [
        at
        for at in range(len(cells[header]))
        if any(at < len(cells[row]) and cells[row][at] for row in kept)
    ]
    table = [
        [cells[at][column] if column < len(cells[at]) else "" for column in used]
        for at in kept
    ]
    numbers = np.array(kept, np.int64) + 1
    yield from frames_of_cells(table, numbers, source, rows=rows, notes=notes)


class _Sheet(NamedTuple):
    """The cells of a sheet as texts, by row.

    Attributes:
        name: Its name.
        others: The names of the other sheets with cells.
        cells: The texts.
        merged: The first and last row and column of each cell that was merged.
    """

    name: str
    others: list[str]
    cells: list[list[str]]
    merged: list[tuple[int, int, int, int]]


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


def _sheet(content: bytes, source: str, wanted: str | None) -> _Sheet:
    """The sheet of that name, or the first with cells."""
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
            if wanted is not None and wanted not in names:
                hint = nearest(wanted, names) if names else "it has none"
                raise DataError(f"{source}: no sheet {wanted!r}: {hint}")
            sizes = {name: _size(book, name) for name in names}
            full = [name for name in names if sizes[name]]
            name = wanted or (full[0] if full else names[0] if names else "")
            if not sizes.get(name):
                return _Sheet(name, [], [], [])
            if sizes[name] > _MOST_CELLS:
                raise DataError(
                    f"{source}: sheet {name!r} has {sizes[name]:,} cells, and at most "
                    f"{_MOST_CELLS:,} are read: save the sheet as .csv"
                )
            own = book.get_sheet_by_name(name)
            rows = own.to_python(skip_empty_area=False)
            cells = [[cell_text(cell) for cell in row] for row in rows]
            merged = own.merged_cell_ranges or []
    except DataError:
        raise
    except Exception as error:  # of any kind, from another language
        reason = str(error).lower()
        what = "has a password" if "password" in reason else "is no spreadsheet"
        raise DataError(
            f"{source} {what} ({str(error)[:80]}): save the sheet as .csv"
        ) from None
    ranges = [(top, bottom, left, right) for (top, left), (bottom, right) in merged]
    return _Sheet(name, [other for other in full if other != name], cells, ranges)


def _size(book: Any, name: str) -> int:
    """How many cells a sheet has; 0 for one of charts, or without any."""
    try:
        sheet = book.get_sheet_by_name(name)
    except Exception:  # a sheet of charts is none with cells
        return 0
    return (sheet.end[0] + 1) * (sheet.end[1] + 1) if sheet.end else 0


def _fill(
    cells: list[list[str]], merged: Sequence[tuple[int, int, int, int]], header: int
) -> int:
    """Write merged cells below the header in all places; the number of such cells."""
    count = 0
    for top, bottom, left, right in merged:
        if top <= header or top >= len(cells) or left >= len(cells[top]):
            continue
        value = cells[top][left]
        if not value:
            continue
        count += 1
        for row in cells[top : bottom + 1]:
            row[left : right + 1] = [value] * len(row[left : right + 1])
    return count
