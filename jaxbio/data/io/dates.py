"""Dates as people write them, as numbers of days."""

import datetime
import re
from collections.abc import Iterable

_YEAR_FIRST = re.compile(r"(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})(?:[ T](.*))?")
_YEAR_LAST = re.compile(r"(\d{1,2})([-/.])(\d{1,2})\2(\d{4}|\d{2})(?: (.*))?")
_CLOCK = re.compile(r"(\d{1,2}):(\d{2})(?::(\d{2})(?:\.\d+)?)?(?:Z|[+-]\d{2}:?\d{2})?")
_EPOCH = datetime.date(1970, 1, 1).toordinal()
_CENTURY = 69  # two digits from here on are of the 20th century, as in POSIX

UNCLEAR = "dates of which day and month cannot be told apart: write them as 2026-01-31"
"""What is said of such as 03/04/2026."""

CLOCK = re.compile(r"\d{1,2}:\d{2}(?::\d{2}(?:\.\d+)?)?")
"""A time of day alone."""


def is_date(cell: str) -> bool:
    """Check that text has the form of a date, with a time of day or without.

    Example:
        >>> [is_date(x) for x in ("2026-01-31", "31.1.26", "2026-01-31 08:30", "1.5")]
        [True, True, True, False]
    """
    found = _YEAR_FIRST.fullmatch(cell) or _YEAR_LAST.fullmatch(cell)
    return found is not None and (
        not found.groups()[-1] or _CLOCK.fullmatch(found.groups()[-1]) is not None
    )


def days_of(cells: Iterable[str]) -> dict[str, float] | None:
    """Days from the beginning of 1970 to each of some dates.

    Whether the day or the month stands first follows from all of them; before points
    it is the day.

    Args:
        cells: Dates.

    Returns:
        The number of each; None if one of them is no date, or if day and month cannot
        be told apart.

    Example:
        >>> days_of(["1970-01-02", "1970-01-01 12:00"])
        {'1970-01-02': 1.0, '1970-01-01 12:00': 0.5}
        >>> days_of(["13/01/1970", "2/1/70"]), days_of(["1/2/1970"])
        ({'13/01/1970': 12.0, '2/1/70': 1.0}, None)
    """
    parsed = {cell: _parts(cell) for cell in cells}
    if not parsed or any(parts is None for parts in parsed.values()):
        return None
    last = [parts for parts in parsed.values() if parts and parts[0] != "y"]
    day_first = any(mark == "." or first > 12 for mark, first, *_ in last)
    month_first = any(second > 12 for _, _, second, *_ in last)
    if last and day_first == month_first:
        return None
    found = {}
    for cell, parts in parsed.items():
        assert parts
        mark, first, second, third, time = parts
        if mark == "y":
            date = (first, second, third)
        else:
            date = (third, second, first) if day_first else (third, first, second)
        try:
            found[cell] = datetime.date(*date).toordinal() - _EPOCH + time
        except ValueError:  # such as the 31st of June
            return None
    return found


def is_unclear(cells: Iterable[str]) -> bool:
    """Check for dates that `days_of` cannot read as day and month may be exchanged.

    Example:
        >>> [is_unclear([x]) for x in ("1/2/1970", "2/30/1970", "1.2.1970")]
        [True, False, False]
    """
    parsed = [_parts(cell) for cell in cells]
    return bool(parsed) and all(
        parts and parts[0] in "/-" and max(parts[1:3]) <= 12 for parts in parsed
    )


def _parts(cell: str) -> tuple[str, int, int, int, float] | None:
    """The mark, or y where the year stands first; three numbers; the time in days."""
    found = _YEAR_FIRST.fullmatch(cell)
    if found:
        year, month, day = (int(found[at]) for at in (1, 2, 3))
        time = _time(found[4])
        return None if time is None else ("y", year, month, day, time)
    found = _YEAR_LAST.fullmatch(cell)
    if not found:
        return None
    first, second, year = (int(found[at]) for at in (1, 3, 4))
    if len(found[4]) == 2:
        year += 1900 if year >= _CENTURY else 2000
    time = _time(found[5])
    return None if time is None else (found[2], first, second, year, time)


def _time(text: str | None) -> float | None:
    if not text:
        return 0.0
    found = _CLOCK.fullmatch(text)
    if found is None:
        return None
    hours, minutes, seconds = (int(found[at] or 0) for at in (1, 2, 3))
    return (hours + minutes / 60 + seconds / 3600) / 24
