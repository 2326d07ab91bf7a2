"""How the cells of a table are written: marks of missing values, the decimal mark."""

import re
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float64

from jaxbio.data.io.dates import UNCLEAR, is_date, is_unclear
from jaxbio.errors import DataError, option

MISSING = frozenset(
    (
        *("", "NA", "N/A", "n/a", "<NA>", "#N/A", "#NA", "#N/A N/A", "nan", "NaN"),
        *("-nan", "-NaN", "null", "NULL", "None", "?", "-", "."),
        *("1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"),
    )
)
"""Marks of missing values: those of pandas, and `?`, `-` and `.`."""

_NUMBER = r"[-+]?(?:\d+(?:[.,]\d+)*|[.,]\d+)(?:[eE][-+]?\d+)?"
_COMMA = re.compile(r"[-+]?(?:\d+|\d{1,3}(?:\.\d{3})+)?(?:,\d+)?(?:[eE][-+]?\d+)?")
_CENSORED = re.compile(rf"(?:[<>≤≥~≈]|[<>]=)\s*{_NUMBER}(?:\s.*)?")
_WITH_COMMA = re.compile(r"[-+]?\d*,\d+(?:[eE][-+]?\d+)?")
_WITH_POINT = re.compile(r"[-+]?\d*\.\d+(?:[eE][-+]?\d+)?")
_WITH_UNIT = re.compile(
    rf"{_NUMBER}\s*(?:%|[^\W\d_][^\W\d_]{{0,4}}(?:/[^\W\d_]{{1,4}})?)"
)

MUTATION = re.compile(
    r"(?:p\.)?[\[(]?(?:[A-Z][a-z]{2}|[A-Z*])-?\d+(?:[A-Z][a-z]{2}|[A-Z*=]|del|fs)"
    r"[\])]?(?:[:,;/_ +].*)?|(?:[cgmnr]\.)\[?-?\d+[ACGTUacgtu]>[ACGTUacgtu].*"
)
"""Mutations as they are written, such as A42G, p.Ala42Gly or A42G:L50P."""


_MEASURED = re.compile(
    rf"(?P<bound>[<>]=?|[≤≥~≈])?\s*(?P<number>{_NUMBER})(?P<space>\s*)(?P<unit>[^\s\d+-].*)?"
)
_UNITS = frozenset(
    (
        *("%", "‰", "kg", "g", "mg", "ug", "µg", "μg", "ng", "pg", "lb", "lbs"),
        *("oz", "km", "m", "cm", "mm", "um", "µm", "μm", "nm", "in", "inch"),
        *("inches", "ft", "l", "dl", "ml", "ul", "µl", "μl", "fl", "mmhg", "cmh2o"),
        *("kpa", "pa", "bar", "bpm", "hz", "khz", "rpm", "y", "yr", "yrs", "year"),
        *("years", "mo", "month", "months", "wk", "week", "weeks", "d", "day"),
        *("days", "h", "hr", "hrs", "hour", "hours", "min", "mins", "minute"),
        *("minutes", "s", "sec", "secs", "second", "seconds", "ms", "°c", "°f"),
        *("mol", "mmol", "umol", "µmol", "μmol", "nmol", "pmol", "meq", "iu"),
        *("miu", "mu", "ku", "u", "cells", "copies", "kcal", "cal", "kj", "mv"),
        *("bp", "kb", "mb", "kda", "da", "gy", "mgy", "msv", "sv"),
    )
)
"""Units in lower case, alone or parted by a slash, as in `mg/dl` and `kg/m2`."""

_MOLAR = frozenset(("M", "mM", "uM", "µM", "μM", "nM", "pM"))
_PER = re.compile(r"(?:10[\^*]?\d+|[a-zµμ°%]+)\d?[²³]?")


class Measurement(NamedTuple):
    """A number as people write it beside its unit.

    Attributes:
        value: The number.
        unit: What stands behind it; empty for nothing.
        bound: The mark of a bound or of about right, as in `<0.5`; empty for none.
    """

    value: float
    unit: str
    bound: str


class CellFormat(NamedTuple):
    """How cells are written, the same for every kind of column.

    Attributes:
        missing: Marks that stand for nothing.
        decimal: What stands before the decimals: `.` or `,`.

    Example:
        >>> CellFormat.of(missing=["-999"], present=["NA"]).missing >= {"-999", "?"}
        True
    """

    missing: frozenset[str] = MISSING
    decimal: str = "."

    @classmethod
    def of(
        cls,
        *,
        missing: Iterable[str] = (),
        present: Iterable[str] = (),
        decimal: str = ".",
    ) -> "CellFormat":
        """The usual format with further marks, fewer, or decimal commas.

        Args:
            missing: Marks that stand for nothing beside `MISSING`.
            present: Marks of `MISSING` that are values here.
            decimal: `.` or `,`.

        Raises:
            DataError: For another decimal mark.
        """
        if decimal not in (".", ","):
            raise DataError(f"a decimal mark is '.' or ',', not {decimal!r}")
        added, kept = (_words(given) for given in (missing, present))
        return cls((MISSING | added) - kept, decimal)

    def measurement(self, cell: str) -> Measurement | None:
        """A number with a unit that is in use, or with a mark of a bound.

        Example:
            >>> CellFormat().measurement("68 kg"), CellFormat().measurement("3a")
            (Measurement(value=68.0, unit='kg', bound=''), None)
            >>> CellFormat(decimal=",").measurement("<0,5 mg/l").value
            0.5
        """
        found = _MEASURED.fullmatch(cell)
        if found is None or not is_unit(unit := (found["unit"] or "").strip()):
            return None
        if len(unit) == 1 and unit.isalpha() and not found["space"]:
            return None  # 2d, 3c and the like are more likely names of kinds
        try:
            value = float(self.plain(found["number"]))
        except ValueError:  # a comma where the others have points
            return None
        return Measurement(value, unit, found["bound"] or "")

    @property
    def numbers(self) -> Float64[np.ndarray, "n"]:
        """The marks that are numbers, such as -999."""
        own = (mark for mark in self.missing - MISSING if re.fullmatch(_NUMBER, mark))
        return np.array([float(self.plain(mark)) for mark in own])

    def blank(self, values: np.ndarray) -> Bool[np.ndarray, "..."]:
        """Mask of the numbers that stand for nothing."""
        return np.isin(values, self.numbers)

    def plain(self, cell: str) -> str:
        """A number as Python writes it; other text as it is.

        Example:
            >>> CellFormat(decimal=",").plain("1.234,5"), CellFormat().plain("1.5")
            ('1234.5', '1.5')
        """
        if self.decimal == ".":
            return cell
        if not _COMMA.fullmatch(cell):
            return f"not a number: {cell}"  # 1.5 beside 1,5 is not to be guessed at
        return cell.replace(".", "").replace(",", ".")


USUAL = CellFormat()


def _words(given: Iterable[str]) -> frozenset[str]:
    return frozenset((given,) if isinstance(given, str) else map(str, given))


def has_decimal_commas(cells: Iterable[str]) -> bool:
    """Check that numbers have commas before their decimals and none a point.

    Args:
        cells: Cells of a table whose columns are not separated by commas.

    Example:
        >>> has_decimal_commas(["1,5", "x", "3"]), has_decimal_commas(["1,5", "1.5"])
        (True, False)
    """
    commas = False
    for cell in cells:
        if "," in cell:
            commas = commas or _WITH_COMMA.fullmatch(cell) is not None
        elif "." in cell and _WITH_POINT.fullmatch(cell):
            return False
    return commas


def is_unit(text: str) -> bool:
    """Check that text is a unit of measurement, or nothing.

    Example:
        >>> [is_unit(text) for text in ("", "mg/dL", "mmHg", "nM", "10^9/L", "a", "+")]
        [True, True, True, True, True, False, False]
    """
    if not text or text in _MOLAR:
        return True
    parts = text.lower().replace(" ", "").split("/")
    names = [part for part in parts if not part.startswith("10")]
    known = [part.rstrip("0123456789²³") in _UNITS for part in names]
    return bool(names) and all(known) and all(map(_PER.fullmatch, parts))


def same_unit(one: str, other: str) -> bool:
    """Check that two units are one, whatever the case of their letters.

    Example:
        >>> same_unit("Kg", "kg"), same_unit("mM", "mm"), same_unit("mg/dl", "mg / dL")
        (True, False, True)
    """
    if {one, other} & _MOLAR:
        return one == other
    return one.lower().replace(" ", "") == other.lower().replace(" ", "")


def is_nearly_number(cell: str) -> bool:
    """Check that text is a number with a mark, a comma or a unit.

    Example:
        >>> [is_nearly_number(cell) for cell in (">4", "0,5", "12 mg", "X", "A42")]
        [True, True, True, False, False]
    """
    return any(
        pattern.fullmatch(cell) for pattern in (_CENSORED, _WITH_COMMA, _WITH_UNIT)
    )


def fault_of_number(cell: str, format: CellFormat) -> str:
    """What a number is marked with that cannot be read, and what to do.

    Args:
        cell: Text in the place of a number.
        format: How cells are written.

    Returns:
        A clause; empty for text that is no number at all.

    Example:
        >>> fault_of_number(">4", CellFormat()).partition(":")[0]
        "'>4' is censored, only a bound of what was measured"
        >>> fault_of_number("unclear", CellFormat())
        ''
    """
    shown = repr(cell[:40])
    if _CENSORED.fullmatch(cell):
        return (
            f"{shown} is censored, only a bound of what was measured: leave the row "
            f"out, or write the bound alone if it may count as the value"
        )
    if format.decimal == "." and _WITH_COMMA.fullmatch(cell):
        return (
            f"{shown} has a decimal comma: if all numbers are written so, "
            f"{option('decimal', ',')}; else write a point"
        )
    if format.decimal == "," and _WITH_POINT.fullmatch(cell):
        return (
            f"{shown} has a decimal point where other numbers have commas: write all "
            f"alike, and say {option('decimal', ',')} if points part thousands"
        )
    if is_date(cell):
        told = UNCLEAR if is_unclear([cell]) else "dates where numbers are expected"
        return f"{shown} is one of {told}"
    if _WITH_UNIT.fullmatch(cell):
        return f"{shown} is a number with its unit: write the number alone"
    return ""
