"""Columns of Parquet files that are no plain numbers or text."""

import datetime
import decimal

import numpy as np
import pytest

from jaxbio.data.formats import read_frames
from jaxbio.data.reading import infer, read
from jaxbio.errors import DataError

pa = pytest.importorskip("pyarrow", reason="pyarrow is not installed")
pq = pytest.importorskip("pyarrow.parquet", reason="pyarrow is not installed")

PLAIN = {"a": pa.array([1.5, 2.5, 3.5]), "y": pa.array([0, 1, 0])}


def _write(path, columns, metadata=None):
    table = pa.table({**PLAIN, **columns})
    pq.write_table(table.replace_schema_metadata(metadata), path)
    return path


@pytest.mark.parametrize(
    "column, words",
    [
        (pa.array([{"b": 1}] * 3), "left out, as no numbers or text: x (struct"),
        (pa.array([b"a", b"b", None]), "left out, as no numbers or text: x (binary)"),
        (pa.array([[("k", 1)]] * 3, pa.map_(pa.string(), pa.int64())), "x (map"),
        (pa.array([[[1]]] * 3), "left out, as no numbers or text: x (list"),
        (pa.array([[1.0, 2.0]] * 3), "used only where they are named: x"),
        (pa.array([[1, 2]] * 3, pa.list_(pa.int8(), 2)), "only where they are named"),
    ],
)
def test_what_is_no_cell_is_left_out_with_a_word(tmp_path, column, words):
    path = _write(tmp_path / "x.parquet", {"x": column})
    data = read(path, targets="y")
    assert words in " ".join(data.notes)
    assert list(data.inputs) == ["a"] and infer(path)[0] == {"a": "numeric"}


def test_lists_of_words_are_codes(tmp_path):
    path = _write(tmp_path / "x.parquet", {"x": pa.array([["a", "b"], None, ["a"]])})
    data = read(path, targets="y")
    assert data.inputs["x"].values.tolist() == [[1, 1], [0, 0], [1, 0]]


def test_decimals_and_durations_are_numbers(tmp_path):
    seconds = [datetime.timedelta(seconds=90), None, datetime.timedelta(days=1)]
    price = pa.array([decimal.Decimal("1.25"), None, decimal.Decimal("-3")])
    columns = {"price": price, "time": pa.array(seconds, pa.duration("us"))}
    path = _write(tmp_path / "x.parquet", columns)
    data = read(path, inputs={"price": "numeric", "time": "numeric"}, targets="y")
    np.testing.assert_array_equal(data.inputs["price"].values[:, 0], [1.25, np.nan, -3])
    np.testing.assert_array_equal(data.inputs["time"].values[:, 0], [90, np.nan, 86400])
    assert any("durations are in seconds: time" in note for note in data.notes)
    packed = {"price": price.dictionary_encode()}
    (frame,) = read_frames(_write(tmp_path / "y.parquet", packed))
    assert frame.columns["price"][0] == 1.25


def test_lists_are_targets_by_position(tmp_path):
    columns = {
        "seq": pa.array(["ACGT", "AC", "ACG"]),
        "x": pa.array([[1, 2, 3, 4]] * 3),
    }
    path = _write(tmp_path / "x.parquet", columns)
    with pytest.raises(DataError, match="column x: lists that are not one number"):
        read(path, inputs={"seq": "dna"}, targets="x")
    columns["x"] = pa.array([[1, 2, 3, 4], [5, 6], [7, 8, 9]])
    path = _write(tmp_path / "x.parquet", columns)
    data = read(path, inputs={"seq": "dna"}, targets="x")
    assert len(data.targets["x"]) == 3


@pytest.mark.parametrize("notes", [b"{not json", b"[]", b"\xff", b""])
def test_notes_of_pandas_are_not_looked_at(tmp_path, notes):
    path = _write(tmp_path / "x.parquet", {}, {b"pandas": notes})
    assert read(path, targets="y").inputs["a"].values.ravel().tolist() == [
        1.5,
        2.5,
        3.5,
    ]


def test_nothing_but_structs(tmp_path):
    pq.write_table(pa.table({"x": pa.array([{"b": 1}])}), tmp_path / "x.parquet")
    with pytest.raises(DataError, match="no column holds numbers or text"):
        read(tmp_path / "x.parquet")
