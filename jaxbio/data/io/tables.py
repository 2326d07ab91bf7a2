"""Tables from text files with separated columns, Parquet and npz, frame by frame."""

import csv
import dataclasses
import datetime
import io
import itertools
import math
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int64

from jaxbio.data.io.cells import CellFormat, has_decimal_commas
from jaxbio.data.io.files import text_blocks
from jaxbio.data.io.frames import ROWS, Frame, check_names, rows_at_once
from jaxbio.data.io.npz import NPZ_LAYOUTS, open_npz
from jaxbio.data.io.preamble import preamble_of, titles_note
from jaxbio.errors import DataError

Rows = list[list[str]]

_DSSP = frozenset("HBEGITSPC ")
_FEW = 3  # rows by which names of rows are told
_NUMBER = re.compile(r"[-+.\d]*")
_SEPARATORS = "\t,;"
_CELLS = 1 << 18  # cells of quoted rows that are held at a time


ROW_NAMES = "row_names"
"""The column of the names of rows in tables of R, of which the header has none."""

_UNNAMED = (
    "{source}: rows have one cell more than the header; the first ones are read as "
    "the names of rows, as R writes them"
)


def read_text_table(
    handle: io.BufferedIOBase, source: str, *, rows: int = ROWS, separator: str = "\t"
) -> Iterator[Frame]:
    r"""Rows of a table with columns separated by commas, tabs, semicolons or spaces.

    Every cell is text without spaces around it, `01` is no 1. Blank lines are left
    out, and so are comments and titles above the header (`preamble_of`), titles with a
    note, and the line `sep=;` of spreadsheets. Where commas do not separate columns and
    numbers have them before their decimals, they are read so, with a note.

    Args:
        handle: The bytes of the file.
        source: What messages call it.
        rows: The most rows of a frame.
        separator: What separates the columns, unless the header lacks it and has a
            comma, tab, semicolon or spaces instead.

    Yields:
        Frames; the rows' numbers are the lines of the file, the header being line 1.

    Raises:
        DataError: For a file that is empty, has no rows, or has rows with more or fewer
            cells than the header.

    Example:
        >>> import io
        >>> text = b"seq,label\nACGT,NA\n"
        >>> next(read_text_table(io.BytesIO(text), "x.csv")).columns["label"].tolist()
        ['NA']
    """
    blocks = text_blocks(handle, source)
    first = next(blocks)
    above = preamble_of(first, (separator, *_SEPARATORS))
    first, line = first.removeprefix(above.text), above.header
    titles = (titles_note(source, line, above.title),) if above.title else ()
    named = re.match(r"sep=(.)\n", first)
    if named:
        separator, first, line = named[1], first[named.end() :], line + 1
    separator = _separator(first, separator, source)
    parts = _split(itertools.chain([first], blocks), separator, line, source)
    names: list[str] = []
    look, notes = CellFormat(), ()
    pending: Rows = []
    lines: list[int] = []
    any_rows = False
    for cells, numbers in parts:
        if not names and cells:
            names = check_names(cells.pop(0), source)
            del numbers[0]
            look, notes = _look(cells, separator, source)
            notes = (*titles, *notes)
            if _has_row_names(cells, names, separator):
                names = check_names([ROW_NAMES, *names], source)
                notes += (_UNNAMED.format(source=source),)
            rows = rows_at_once(rows, len(names))
        _check_width(cells, numbers, names, source)
        pending += cells
        lines += numbers
        while len(pending) >= rows:
            any_rows = True
            frame = _frame(pending[:rows], lines[:rows], names, source)
            yield dataclasses.replace(frame, format=look, notes=notes)
            del pending[:rows], lines[:rows]
    if pending:
        frame = _frame(pending, lines, names, source)
        yield dataclasses.replace(frame, format=look, notes=notes)
    elif not any_rows:
        raise DataError(f"{source}: there is a header but no rows below it")


def frames_of_cells(
    cells: Sequence[Sequence[str]],
    numbers: Int64[np.ndarray, "n"],
    source: str,
    *,
    rows: int = ROWS,
    notes: Sequence[str] = (),
) -> Iterator[Frame]:
    """Rows of a table whose cells are at hand, read as those of a text file.

    Args:
        cells: The header and the rows, each with as many texts.
        numbers: What each of them is called in messages.
        source: What messages call the table.
        rows: The most rows of a frame.
        notes: What was noticed before.
    """
    text = io.StringIO()
    csv.writer(text, delimiter="\t", lineterminator="\n").writerows(cells)
    table = io.BytesIO(text.getvalue().encode())
    for frame in read_text_table(table, source, rows=rows):
        own = (*notes, *frame.notes)
        yield dataclasses.replace(frame, rows=numbers[frame.rows - 1], notes=own)


def cell_text(value: Any) -> str:
    """A value as it would stand in a text table.

    Example:
        >>> cell_text(2.0), cell_text(None), cell_text(datetime.date(2026, 1, 31))
        ('2', '', '2026-01-31')
    """
    if value is None:
        return ""
    if isinstance(value, bool):
        return str(value)
    if isinstance(value, float):
        if math.isnan(value):
            return ""
        whole = value.is_integer() and abs(value) < 1e15
        return str(int(value)) if whole else repr(float(value))
    if isinstance(value, datetime.datetime):
        midnight = value.time() == datetime.time()
        return (value.date() if midnight else value).isoformat()
    if isinstance(value, datetime.date | datetime.time):
        return value.isoformat()
    return " ".join(str(value).split())


def _separator(block: str, expected: str, source: str) -> str:
    header = block.lstrip().partition("\n")[0]
    if header.startswith(">"):
        raise DataError(
            f"{source}: the file begins with '>', as FASTA does: rename it, so that it "
            f"ends in .fa"
        )
    marks = [mark for mark in (expected, *_SEPARATORS) if mark in header]
    rows = [line.split() for line in block.lstrip().split("\n")[:2]]
    # One cell more with the names of rows that R leaves out of the header.
    fit = len(rows) == 2 and len(rows[1]) - len(rows[0]) in (0, 1)
    if not marks and fit and len(rows[0]) > 1:
        return " "
    return marks[0] if marks else expected


def _look(
    cells: Rows, separator: str, source: str
) -> tuple[CellFormat, tuple[str, ...]]:
    """How the cells are written, by the first rows, and a note if it is not usual."""
    some = itertools.islice(itertools.chain.from_iterable(cells), _CELLS)
    if separator == "," or not has_decimal_commas(some):
        return CellFormat(), ()
    note = f"{source}: numbers have decimal commas: 0,5 is read as one half"
    return CellFormat(decimal=","), (note,)


def _split(
    blocks: Iterable[str], separator: str, line: int, source: str
) -> Iterator[tuple[Rows, list[int]]]:
    """Rows of cells with their line numbers, blank lines left out.

    Quotes are rare and slow: until the first one, splitting at separators is enough.
    """
    blocks = iter(blocks)
    for block in blocks:
        if '"' in block:
            rest = itertools.chain([block], blocks)
            yield from _split_quoted(rest, separator, line, source)
            return
        texts = block.split("\n")
        if not texts[-1]:
            texts.pop()
        words = None if separator == " " else separator  # spaces come in runs
        cells = [text.split(words) for text in texts]
        trim = str.strip if " " in block else None
        yield _tidy(cells, list(range(line, line + len(texts))), trim)
        line += len(texts)


def _split_quoted(
    blocks: Iterable[str], separator: str, line: int, source: str
) -> Iterator[tuple[Rows, list[int]]]:
    # `splitlines` would also split at signs that are not line ends here.
    texts = (
        text + "\n" for block in blocks for text in block.removesuffix("\n").split("\n")
    )
    reader = csv.reader(texts, delimiter=separator, strict=True, skipinitialspace=True)
    while True:
        cells: Rows = []
        numbers: list[int] = []
        count = 0
        while count < _CELLS:
            start = line + reader.line_num
            try:
                row = next(reader, None)
            except csv.Error as error:
                raise DataError(
                    f"{source}, row {start}: the quotes cannot be read ({error}): "
                    f"close each quote, double those inside of a quoted cell, and "
                    f"write very long sequences without quotes"
                ) from None
            if row is None:
                yield _tidy(cells, numbers, _trim)
                return
            cells.append(row)
            numbers.append(start)
            count += len(row)
        yield _tidy(cells, numbers, _trim)


def _tidy(
    cells: Rows, numbers: list[int], trim: Callable[[str], str] | None
) -> tuple[Rows, list[int]]:
    if trim is not None:
        cells = [[trim(cell) for cell in row] for row in cells]
    keep = [len(row) > 1 or row not in ([], [""]) for row in cells]
    if all(keep):
        return cells, numbers
    return list(itertools.compress(cells, keep)), list(
        itertools.compress(numbers, keep)
    )


def _trim(cell: str) -> str:
    """A quoted cell without spaces around it, unless these may be residues.

    DSSP has a blank for those without secondary structure, also at the ends of a chain.
    """
    text = cell.strip()
    states = len(text) < len(cell) > 3 and text and set(text) <= _DSSP
    return cell if states else text


def _check_width(
    cells: Rows, numbers: list[int], names: list[str], source: str
) -> None:
    if set(map(len, cells)) <= {len(names)}:
        return
    at = next(at for at, row in enumerate(cells) if len(row) != len(names))
    text = ", ".join(cells[at])
    raise DataError(
        f"{source}, row {numbers[at]}: {len(cells[at])} cells ({text[:40]!r}), the "
        f"header has {len(names)} columns: give every row one cell a column, and every "
        f"column a name (in tables from R, the row names too)"
    )


def _has_row_names(cells: Rows, names: list[str], separator: str) -> bool:
    """Check that rows begin with a name that the header leaves out, as R writes them.

    Names are words or whole numbers, all different. Between commas they count up: any
    other numbers may be halves of numbers with decimal commas, which make one more
    cell, too. So do separators at the ends of rows, of which the last cell is empty.
    """
    if len(cells) < _FEW or set(map(len, cells)) != {len(names) + 1}:
        return False
    first = [row[0] for row in cells]
    counted = first == [str(number) for number in range(1, len(first) + 1)]
    words = not any(_NUMBER.fullmatch(name) for name in first)
    numbered = separator != "," and all(name.isdecimal() for name in first)
    differ = len(set(first)) == len(first)
    named = counted or ((words or numbered) and differ)
    return named and any(row[-1] for row in cells)


def _frame(cells: Rows, numbers: list[int], names: list[str], source: str) -> Frame:
    columns = dict(zip(names, np.array(cells, object).T, strict=True))
    return Frame(columns, source, np.array(numbers, np.int64))


def read_npz(
    file: io.BufferedIOBase, source: str, *, rows: int = ROWS
) -> Iterator[Frame]:
    """Rows of the arrays of an npz file; they count from 1.

    An array `[n]` is a column. An array `[n k]` stands for columns `NAME_0`, `NAME_1`
    and so on, and its name for all of them.

    Args:
        file: A seekable binary file.
        source: What messages call it.
        rows: The most rows of a frame.

    Raises:
        DataError: For arrays that are not rows of one table.
    """
    with open_npz(file, source) as archive:
        arrays = {name: archive[name] for name in archive.names}
    whole = _frame_of(arrays, source)
    rows = rows_at_once(rows, len(whole.columns))
    for start in range(0, len(whole), rows):
        yield whole.take(slice(start, start + rows))
    if not len(whole):
        raise DataError(f"{source}: the arrays have no rows")


def _frame_of(arrays: dict[str, np.ndarray], source: str) -> Frame:
    shapes = {name: array.shape for name, array in arrays.items()}
    listed = ", ".join(f"{name} {list(shape)}" for name, shape in shapes.items())
    firsts = {shape[0] for shape in shapes.values() if shape}
    if len(firsts) != 1 or any(len(shape) not in (1, 2) for shape in shapes.values()):
        raise DataError(
            f"{source}: arrays [n] and [n k] with the same n are wanted, the file has "
            f"{listed or 'none'}: npz files may hold {NPZ_LAYOUTS}"
        )
    names: list[str] = []
    columns: list[np.ndarray] = []
    vectors: dict[str, tuple[str, ...]] = {}
    for name, array in arrays.items():
        if array.dtype.kind == "S":
            array = np.char.decode(array, "latin-1")
        if array.dtype.kind not in "biuf":
            array = array.astype(object)
        if array.ndim == 1:
            names.append(name)
            columns.append(array)
            continue
        vectors[name] = tuple(f"{name}_{at}" for at in range(array.shape[1]))
        names += vectors[name]
        columns += list(array.T)
    table = dict(zip(check_names(names, source), columns, strict=True))
    (count,) = firsts
    return Frame(table, source, np.arange(1, count + 1), vectors=vectors)
