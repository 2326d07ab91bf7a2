"""Raw values of a frame as text and as numbers."""

from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple, NoReturn

import numpy as np
from jaxtyping import Bool, Float, Float64

from jaxbio.data.io.cells import USUAL, CellFormat, same_unit
from jaxbio.data.io.dates import days_of
from jaxbio.data.io.frames import Frame, Values
from jaxbio.data.io.not_numbers import NotNumbersError, Word
from jaxbio.errors import DataError, option

_LISTS = (list, tuple, np.ndarray)
_EXACT = 1 << 24  # up to here float32 holds every whole number


def texts(frame: Frame, name: str) -> list[str]:
    """A column as text; a missing value is empty.

    Example:
        >>> texts(Frame({"x": np.array(["NA", None, "a"])}, "x.csv", np.arange(3)), "x")
        ['', '', 'a']
    """
    missing = frame.format.missing
    values = words(frame, name)
    if missing.isdisjoint(values):
        return values
    return ["" if value in missing else value for value in values]


def words(frame: Frame, name: str) -> list[str]:
    """A column as text, marks of missing values too, as names of rows are read.

    A list of words is written as `one; two`.
    """
    column = frame.column(name)
    values = column.tolist()
    if set(map(type, values)) <= {str}:
        return values
    if holds_words(column):
        values = [
            "; ".join(map(str, value)) if isinstance(value, _LISTS) else value
            for value in values
        ]
    return ["" if is_missing(value) else str(value).strip() for value in values]


def numbers(frame: Frame, names: Sequence[str]) -> Float[np.ndarray, "n columns"]:
    """Columns as numbers; NaN stands for a missing one.

    Args:
        frame: The rows.
        names: The columns.

    Returns:
        In float32; in float64 if a column has whole numbers, such as dates without
        dashes, that float32 would round.

    Raises:
        DataError: For text or an infinite number, with its row, column and value.

    Example:
        >>> cells = {"a": np.array(["1.5", "NA"], object), "b": np.array([2, 3])}
        >>> frame = Frame(cells, "x.csv", np.arange(2))
        >>> numbers(frame, ["a", "b"]).tolist()
        [[1.5, 2.0], [nan, 3.0]]
    """
    values = _parsed(frame, names)
    if values is None:
        cells = [frame.column(name).astype(object) for name in names]
        _refuse_text(frame, names, np.array(cells, object).T)
    return _finite(frame, names, values)


DATES = "days since 1970-01-01"
"""The unit of dates."""


class Measurements(NamedTuple):
    """Columns of numbers that may stand with units, as bounds, or as dates.

    Attributes:
        values: The numbers; NaN for a missing one.
        units: The unit of each column; empty for one without.
        bounds: How many cells of each column are bounds, such as `<0.5`.
    """

    values: Float[np.ndarray, "n columns"]
    units: tuple[str, ...] = ()
    bounds: tuple[int, ...] = ()


def measurements(frame: Frame, names: Sequence[str]) -> Measurements:
    """Columns as numbers, also with units, with bounds in place of values, or dates.

    Args:
        frame: The rows.
        names: The columns.

    Returns:
        The numbers as from `numbers`; `units` and `bounds` are empty where no column
        has any.

    Raises:
        DataError: As from `numbers`, and for a column of several units.

    Example:
        >>> cells = np.array(["68 kg", "70", "<40kg"], object)
        >>> found = measurements(Frame({"w": cells}, "x.csv", np.arange(3)), ["w"])
        >>> found.values[:, 0].tolist(), found.units, found.bounds
        ([68.0, 70.0, 40.0], ('kg',), (1,))
    """
    values = _parsed(frame, names)
    if values is not None:
        return Measurements(_finite(frame, names, values))
    units, bounds = [""] * len(names), [0] * len(names)
    for at, name in enumerate(names):
        if _parsed(frame, [name]) is None:
            own, units[at], bounds[at] = _measured(frame, name)
            frame = frame.with_column(name, own)
    return Measurements(numbers(frame, names), tuple(units), tuple(bounds))


def _measured(frame: Frame, name: str) -> tuple[list[Any], str, int]:
    """The cells of a column without units and marks, the unit, and how many bounds.

    What is no measurement is left as it is, to be refused with its row.
    """
    cells, unit, first, bounds = texts(frame, name), "", "", 0
    days = days_of(dict.fromkeys(cell for cell in cells if cell))
    if days is not None:
        return [days.get(cell) for cell in cells], DATES, 0
    found: list[Any] = []
    sides: dict[float, str] = {}
    for row, cell in enumerate(cells):
        known = frame.format.measurement(cell) if cell else None
        if known is None:
            found.append(cell or None)
            continue
        if known.unit and unit and not same_unit(known.unit, unit):
            raise DataError(
                f"{frame.source}, row {frame.rows[row]}, column {name}: {cell!r} has "
                f"another unit than {first!r}: write all values in one"
            )
        if known.unit and not unit:
            unit, first = known.unit, cell
        if known.bound:
            bounds += 1
            side = sides.setdefault(known.value, known.bound[0])
            if side != known.bound[0]:
                raise DataError(
                    f"{frame.source}, row {frame.rows[row]}, column {name}: {cell!r} "
                    f"and {side}{known.value:g} would be one number: if the column "
                    f"holds classes, {option('kinds', {name: 'category'})}"
                )
        found.append(known.value)
    return found, unit, bounds


def _parsed(
    frame: Frame, names: Sequence[str]
) -> Float[np.ndarray, "n columns"] | None:
    """Columns as numbers, or None if a cell is text."""
    columns = [frame.column(name) for name in names]
    if all(column.dtype.kind in "biuf" for column in columns):
        values = np.empty((len(frame), len(columns)), _joint_type(columns))
        with np.errstate(over="ignore"):
            for at, column in enumerate(columns):
                values[:, at] = column
        if frame.format.numbers.size:
            values[frame.format.blank(values)] = np.nan
        return values
    cells = np.array([column.astype(object) for column in columns], object)
    flat = parse_numbers(cells.ravel().tolist(), frame.format)
    return None if flat is None else flat.reshape(cells.shape).T


def _finite(
    frame: Frame, names: Sequence[str], values: Float[np.ndarray, "n columns"]
) -> Float[np.ndarray, "n columns"]:
    """Numbers in float32 where that holds them, none of them infinite."""
    narrow = _narrow(values)
    infinite = np.argwhere(np.isinf(narrow))
    if infinite.size:
        row, at = map(int, infinite[0])
        cell = frame.column(names[at])[row]
        raise DataError(
            f"{frame.source}, row {frame.rows[row]}, column {names[at]}: {cell} is "
            f"infinite or beyond what float32 holds: replace it or leave the cell empty"
        )
    return narrow


def _joint_type(columns: Sequence[np.ndarray]) -> type[np.floating]:
    """Float32, if it holds every number of these types about as well."""
    small = all(
        column.dtype.itemsize <= 2 or column.dtype == np.float32 for column in columns
    )
    return np.float32 if small else np.float64


def _narrow(values: Float[np.ndarray, "n columns"]) -> Float[np.ndarray, "n columns"]:
    """In float32, unless that changes whole numbers."""
    if values.dtype == np.float32:
        return np.ascontiguousarray(values)
    with np.errstate(over="ignore", invalid="ignore"):
        narrow = values.astype(np.float32, order="C")
        beyond = (np.abs(values) > _EXACT) & np.isfinite(narrow)
        changed = beyond & (narrow != values) & (values == np.round(values))
    if not changed.any():
        return narrow
    wide = narrow.astype(np.float64)
    exact = changed.any(axis=0)
    wide[:, exact] = values[:, exact]
    return wide


def parse_numbers(
    cells: Iterable[Any], format: CellFormat = USUAL
) -> Float64[np.ndarray, "n"] | None:
    """Numbers of cells, or None if one of them is neither a number nor missing.

    Args:
        cells: Text, numbers, or nothing.
        format: How they are written.

    Example:
        >>> parse_numbers(["1e3", ".", "-2"]).tolist()
        [1000.0, nan, -2.0]
        >>> parse_numbers(["1", "one"]) is None
        True
    """
    cells = list(cells)
    try:
        text = "".join(cells)
    except TypeError:
        text = "".join(cell for cell in cells if isinstance(cell, str))
    if "_" in text:
        return None  # Python reads 1_2 as 12; in a table it is more likely a name
    numbers = _as_floats(cells) if format.decimal == "." else None
    if numbers is None:
        numbers = _as_floats([_plain(cell, format) for cell in cells])
    if numbers is not None and format.numbers.size:
        numbers[format.blank(numbers)] = np.nan
    return numbers


def _as_floats(cells: list) -> Float64[np.ndarray, "n"] | None:
    try:
        return np.fromiter(map(float, cells), np.float64, len(cells))
    except (ValueError, TypeError, OverflowError):
        return None


def _plain(cell: Any, format: CellFormat) -> Any:
    """A cell that `float` reads: NaN if it stands for nothing."""
    if isinstance(cell, str):
        text = cell.strip()
        return np.nan if text in format.missing else format.plain(text)
    if isinstance(cell, list | tuple | np.ndarray):
        return cell
    return np.nan if is_missing(cell) else cell


def _refuse_text(frame: Frame, names: Sequence[str], cells: np.ndarray) -> NoReturn:
    words: list[Word] = []
    for name, column in zip(names, cells.T, strict=True):
        texts = [str(value).strip() for value in column]
        first: dict[str, int] = {}
        for at, (text, value) in enumerate(zip(texts, column, strict=True)):
            if text not in first and parse_numbers([value], frame.format) is None:
                first[text] = at
        counts = Counter(texts)
        words += [
            Word(int(frame.rows[at]), name, text, counts[text])
            for text, at in first.items()
        ]
    words.sort(key=lambda word: word.row)
    raise NotNumbersError(frame.source, frame.format, words)


def split_numbers(cell: Any) -> list:
    """The parts of one cell with several numbers; a list or array as it is."""
    if isinstance(cell, str):
        return cell.replace(",", " ").split()
    if isinstance(cell, list | tuple | np.ndarray):
        return list(cell)
    return [] if is_missing(cell) else [cell]


def holds_lists(values: Values) -> bool:
    """Check that a cell of a column is a list, as Parquet files have them.

    Example:
        >>> holds_lists(np.array([None, [1]], object)), holds_lists(np.array(["a"]))
        (True, False)
    """
    if values.dtype != object:
        return False
    return any(isinstance(value, _LISTS) for value in values)


def holds_words(values: Values) -> bool:
    """Check that the cells of a column are lists, and that these hold text.

    Example:
        >>> [holds_words(np.array([cell, None], object)) for cell in (["a"], [1], "a")]
        [True, False, False]
    """
    lists = [value for value in values if isinstance(value, _LISTS)]
    return any(isinstance(item, str) for value in lists for item in value)


def is_missing(value: Any) -> bool:
    """Check that a cell of a table holds nothing: None, NaN, or pandas' NA.

    Example:
        >>> [is_missing(value) for value in (None, np.nan, "", 0)]
        [True, True, False, False]
    """
    if isinstance(value, list | tuple | np.ndarray | dict):
        return False  # what several values are, one of them does not say
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas' NA is neither true nor false
        return True


def refuse(
    frame: Frame,
    names: Sequence[str],
    values: Float[np.ndarray, "n columns"],
    wrong: Bool[np.ndarray, "n columns"],
    rule: str,
) -> None:
    """Refuse numbers that a rule forbids.

    Args:
        frame: The rows.
        names: The columns.
        values: Their numbers.
        wrong: Which of them break the rule.
        rule: The rule in words.

    Raises:
        DataError: With the row, column and value of the first.
    """
    faults = np.argwhere(wrong)
    if faults.size:
        row, at = faults[0]
        raise DataError(
            f"{frame.source}, row {frame.rows[row]}, column {names[at]}: "
            f"{values[row, at]:g}: {rule}; correct it"
        )
