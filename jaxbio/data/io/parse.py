"""Raw values of a frame as text and as numbers."""

from collections.abc import Iterable, Sequence
from typing import Any, NoReturn

import numpy as np
from jaxtyping import Bool, Float32

from jaxbio.data.io.frames import Frame, Values
from jaxbio.errors import DataError

MISSING_NUMBERS = frozenset(
    ("", ".", "NA", "N/A", "NaN", "nan", "null", "NULL", "None")
)
"""Spellings of a missing number; of text only an empty cell is missing."""


def texts(frame: Frame, name: str) -> list[str]:
    """A column as text; a missing value is empty.

    Example:
        >>> texts(Frame({"x": np.array(["NA", None])}, "x.csv", np.arange(2)), "x")
        ['NA', '']
    """
    values = frame.column(name).tolist()
    if set(map(type, values)) <= {str}:
        return values
    return ["" if is_missing(value) else str(value).strip() for value in values]


def numbers(frame: Frame, names: Sequence[str]) -> Float32[np.ndarray, "n columns"]:
    """Columns as numbers; NaN stands for a missing one.

    Args:
        frame: The rows.
        names: The columns.

    Raises:
        DataError: For text or an infinite number, with its row, column and value.

    Example:
        >>> cells = {"a": np.array(["1.5", "NA"], object), "b": np.array([2, 3])}
        >>> frame = Frame(cells, "x.csv", np.arange(2))
        >>> numbers(frame, ["a", "b"]).tolist()
        [[1.5, 2.0], [nan, 3.0]]
    """
    columns = [frame.column(name) for name in names]
    values = np.empty((len(frame), len(columns)), np.float32)
    with np.errstate(over="ignore"):
        if all(column.dtype.kind in "biuf" for column in columns):
            for at, column in enumerate(columns):
                values[:, at] = column
        elif columns:
            cells = np.array([column.astype(object) for column in columns], object)
            flat = parse_numbers(cells.ravel().tolist())
            if flat is None:
                _refuse_text(frame, names, cells.T)
            values[:] = flat.reshape(cells.shape).T
    infinite = np.argwhere(np.isinf(values))
    if infinite.size:
        row, at = infinite[0]
        raise DataError(
            f"{frame.source}, row {frame.rows[row]}, column {names[at]}: "
            f"{columns[at][row]} is infinite or beyond what float32 holds: replace "
            f"it or leave the cell empty"
        )
    return values


def parse_numbers(cells: Iterable[Any]) -> Float32[np.ndarray, "n"] | None:
    """Numbers of cells, or None if one of them is neither a number nor missing.

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
    with np.errstate(over="ignore"):
        numbers = _as_floats(cells)
        if numbers is None:
            numbers = _as_floats(
                [np.nan if _is_missing(cell) else cell for cell in cells]
            )
    return numbers


def _as_floats(cells: list) -> Float32[np.ndarray, "n"] | None:
    try:
        numbers = np.fromiter(map(float, cells), np.float64, len(cells))
    except (ValueError, TypeError, OverflowError):
        return None
    return numbers.astype(np.float32)


def _is_missing(cell: Any) -> bool:
    if isinstance(cell, str):
        return cell in MISSING_NUMBERS or cell.strip() in MISSING_NUMBERS
    return is_missing(cell)


def _refuse_text(frame: Frame, names: Sequence[str], cells: np.ndarray) -> NoReturn:
    for row, values in enumerate(cells):
        for name, value in zip(names, values, strict=True):
            if parse_numbers([value]) is None:
                raise DataError(
                    f"{frame.source}, row {frame.rows[row]}, column {name}: "
                    f"{str(value)[:40]!r} is not a number: correct it, leave the cell "
                    f"empty if it is missing, or read the column as a category"
                )
    raise AssertionError("every cell is a number by itself")


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
    return any(isinstance(value, list | tuple | np.ndarray) for value in values)


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
    values: Float32[np.ndarray, "n columns"],
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
