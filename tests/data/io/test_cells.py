"""Marks of missing values, decimal commas, and what is wrong with a number."""

import pytest

from jaxbio.data.io.cells import (
    MISSING,
    CellFormat,
    fault_of_number,
    has_decimal_commas,
    is_nearly_number,
    same_unit,
)
from jaxbio.errors import DataError


def test_the_marks_of_pandas_are_missing():
    parsers = pytest.importorskip("pandas._libs.parsers")
    assert parsers.STR_NA_VALUES <= MISSING
    assert {"?", "-", "."} == MISSING - parsers.STR_NA_VALUES


def test_marks_are_added_and_taken_away():
    format = CellFormat.of(missing=["-999", "unknown"], present="NA")
    assert {"-999", "unknown", "?"} <= format.missing and "NA" not in format.missing
    assert format.numbers.tolist() == [-999.0]
    assert CellFormat.of(missing=["-9,5"], decimal=",").numbers.tolist() == [-9.5]
    with pytest.raises(DataError, match="a decimal mark is"):
        CellFormat.of(decimal=";")


@pytest.mark.parametrize(
    ("cell", "number"),
    [
        ("1,5", 1.5),
        ("-1.234,5", -1234.5),
        ("1.234.567", 1234567.0),
        ("12", 12.0),
        (",5", 0.5),
        ("1,5e3", 1500.0),
        ("1.5", None),
        ("1.23,4", None),
        ("1,2,3", None),
    ],
)
def test_decimal_commas(cell, number):
    plain = CellFormat(decimal=",").plain(cell)
    if number is None:
        with pytest.raises(ValueError, match=r"not a number|could not convert"):
            float(plain)
    else:
        assert float(plain) == number


def test_decimal_commas_are_seen_where_no_number_has_a_point():
    assert has_decimal_commas(["a", "0,5", "3", "12.05.2021"])
    assert not has_decimal_commas(["a,b", "3"])
    assert not has_decimal_commas(["0,5", "0.5"])


@pytest.mark.parametrize(
    ("cell", "fault"),
    [
        (">4", "censored"),
        ("<= 0.5", "censored"),
        ("~12 nM", "censored"),
        ("0,5", "decimal comma"),
        ("12 mg", "with its unit"),
        ("7.5%", "with its unit"),
        ("03/04/2026", "day and month cannot be told apart"),
        ("2026-01-31", "dates where numbers are expected"),
        ("X", ""),
        ("A42", ""),
    ],
)
def test_what_is_wrong_is_named(cell, fault):
    found = fault_of_number(cell, CellFormat())
    assert fault in found and bool(fault) is bool(found)
    mark = bool(fault) and "date" not in fault
    assert is_nearly_number(cell) is (mark and "told apart" not in fault)


def test_points_among_decimal_commas_are_told():
    text = fault_of_number("1.5", CellFormat(decimal=","))
    assert "decimal point where other numbers have commas" in text


@pytest.mark.parametrize(
    ("cell", "value", "unit", "bound"),
    [
        ("68 kg", 68, "kg", ""),
        ("12mg/dL", 12, "mg/dL", ""),
        ("55%", 55, "%", ""),
        ("<0.5", 0.5, "", "<"),
        (">= 100 mm Hg", 100, "mm Hg", ">="),
        ("4.5 x/10", None, "", ""),
        ("5 d", 5, "d", ""),
    ],
)
def test_measurements_have_units_and_bounds(cell, value, unit, bound):
    found = CellFormat().measurement(cell)
    assert found == (None if value is None else (value, unit, bound))


@pytest.mark.parametrize("cell", ["3a", "2d", "T2", "5-10", "1,5 mg", "120/80", "12 Q"])
def test_what_is_no_measurement(cell):
    assert CellFormat().measurement(cell) is None


def test_units_are_one_whatever_their_case_but_for_molar_ones():
    assert same_unit("KG", "kg") and same_unit("ng/mL", "NG/ml")
    assert not same_unit("mM", "mm") and not same_unit("kg", "lb")
