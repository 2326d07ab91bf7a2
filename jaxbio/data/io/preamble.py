"""What stands above the header of a table: comments, and titles as of an export."""

import contextlib
import csv
import re
from collections.abc import Sequence
from typing import NamedTuple

_LOOKED_AT = 20  # rows among which the header is
_FEWEST = 3  # columns of a text table with titles: few rows say what has two
_COMMENTS = re.compile(
    r"(?:(?:#[# ].*|#|[ \t]*)\n|#1\.2[ \t]*\n\d+\t\d+[ \t]*\n)*"  # last: those of GCT
)


class Preamble(NamedTuple):
    r"""The lines above a header.

    Attributes:
        text: They, with their ends; what follows begins with the header.
        title: The first of several words, if there are any but comments.
    """

    text: str
    title: str = ""

    @property
    def header(self) -> int:
        """The line of the header, counted from 1."""
        return self.text.count("\n") + 1


def preamble_of(block: str, separators: Sequence[str]) -> Preamble:
    r"""What stands above the header of a text table.

    Args:
        block: The beginning of the file, of whole lines.
        separators: What may separate its columns, the likeliest first.

    Returns:
        Blank lines, lines that begin with `##` or with `#` and a space, the two lines
        above the header of a GCT file, and titles: lines with fewer than half of the
        cells of the lines below, which all have as many as the header.

    Example:
        >>> preamble_of("# by a lab\nseq,label\nACGT,1\n", ",")
        Preamble(text='# by a lab\n', title='')
        >>> above = preamble_of("Ward 3;;\nage;sex;sick\n61;f;1\n47;m;0\n", ";")
        >>> above.title, above.header
        ('Ward 3', 2)
    """
    found = _COMMENTS.match(block)
    comments = found[0] if found else ""
    lines = block[len(comments) :].split("\n")
    some = [line for line in lines[:_LOOKED_AT] if line.strip()]
    for separator in dict.fromkeys(separators) if some else ():
        rows = _cells(some, separator)
        at = header_row([sum(map(bool, row)) for row in rows]) if rows else 0
        widths = {len(row) for row in rows[at:]}
        if at and len(rows) > at + 1 and len(widths) == 1 and max(widths) >= _FEWEST:
            above = lines[: lines.index(some[at])]
            title = next((cell for row in rows[:at] for cell in row if cell), "")
            return Preamble(comments + "".join(f"{line}\n" for line in above), title)
    return Preamble(comments)


def _cells(lines: Sequence[str], separator: str) -> list[list[str]]:
    """The cells of lines of which the first may be a title; none if it cannot be."""
    first = sum(map(bool, map(str.strip, lines[0].split(separator))))
    if 2 * first > max(line.count(separator) for line in lines) + 1:
        return []
    with contextlib.suppress(csv.Error):  # which the reader of the table tells of
        rows = [
            [*map(str.strip, row)] for row in csv.reader(lines, delimiter=separator)
        ]
        if len(rows) == len(lines):  # else a quoted cell goes over several lines
            return rows
    return []


def header_row(filled: Sequence[int]) -> int:
    """Where the names of the columns stand: the first row that is not far from full.

    Args:
        filled: How many cells of each row are filled; the first twenty are looked at.

    Example:
        >>> header_row([1, 0, 5, 4, 5])
        2
    """
    some = filled[:_LOOKED_AT]
    return next(at for at, count in enumerate(some) if 2 * count > max(some))


def titles_note(source: str, header: int, title: str) -> str:
    """The note that lines above the header were left out.

    Args:
        source: The file.
        header: The row of the header, counted from 1.
        title: What stands first above it.
    """
    return (
        f"{source}: row {header} is the header; what stands above it was left out "
        f"({title[:40]!r})"
    )
