import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import holds_words, numbers, parse_numbers, texts
from jaxbio.errors import DataError
from tests.helpers import frame_of


@given(st.lists(st.floats(width=32, allow_nan=False, allow_infinity=False), min_size=1))
@settings(max_examples=50, deadline=None)
def test_numbers_survive_text(values):
    np.testing.assert_array_equal(
        parse_numbers(list(map(repr, values))), np.array(values, np.float32)
    )


@pytest.mark.parametrize(
    "cell",
    [
        "",
        ".",
        "?",
        "-",
        "NA",
        "#N/A",
        "n/a",
        "<NA>",
        "nan",
        "null",
        " NA ",
        None,
        pd.NA,
    ],
)
def test_missing_numbers(cell):
    values = numbers(frame_of(a=["1", cell, "2"]), ["a"])[:, 0]
    np.testing.assert_array_equal(values, [1, np.nan, 2])


@pytest.mark.parametrize("cell", ["one", "1_2", "0x1", "1 2", [1], "--", "ND", "1.2.3"])
def test_text_in_a_numeric_column(cell):
    with pytest.raises(
        DataError, match=r"^x\.csv, row 3, column a: .* is not a number"
    ):
        numbers(frame_of(a=["1", cell, "2"]), ["a"])


@pytest.mark.parametrize("cell", ["inf", "-Infinity", "1e39", "1e400", float("inf")])
def test_infinite_values(cell):
    with pytest.raises(DataError, match=r"^x\.csv, row 4, column b: .* is infinite"):
        numbers(frame_of(a=["1", "", "2"], b=["1", "", cell]), ["a", "b"])


def test_numbers_of_any_type():
    table = pd.DataFrame(
        {
            "bool": [True, False],
            "int": [1, 2],
            "nullable": pd.array([1, None], dtype="Int64"),
            "float": [np.nan, 0.5],
            "text": pd.array(["3", None], dtype="string"),
            "category": pd.Categorical(["7", "8"]),
        }
    )
    values = numbers(Frame.from_table(table), list(table.columns))
    expected = [[1, 1, 1, np.nan, 3, 7], [0, 2, np.nan, 0.5, np.nan, 8]]
    np.testing.assert_array_equal(values, expected)
    with pytest.raises(DataError, match="row 0, column a"):
        numbers(Frame.from_table(pd.DataFrame({"a": [1 + 2j]})), ["a"])
    with pytest.raises(DataError, match="row 0, column a"):
        numbers(Frame.from_table(pd.DataFrame({"a": [pd.Timestamp("2020")]})), ["a"])


def test_lists_of_words_are_written_as_cells():
    cells = np.array([["a", "b"], (), None], object)
    frame = Frame({"x": cells}, "x.parquet", np.arange(3))
    assert texts(frame, "x") == ["a; b", "", ""]
    assert holds_words(cells) and not holds_words(np.array([[1, 2], None], object))
