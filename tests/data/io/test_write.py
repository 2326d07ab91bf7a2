"""Tables are written whole or not at all, row by row."""

import bz2
import errno
import gzip
import io
import os

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.data.io.write import _write_text, write_table
from jaxbio.data.reading import read
from jaxbio.errors import DataError, JaxbioError

PARTS = [
    pd.DataFrame({"id": ["a", "b"], "y": np.array([0.1, np.nan], np.float32)}),
    pd.DataFrame({"id": ['c,\t"', "é"], "y": np.array([2, 3], np.float32)}),
]
ROWS = [["a", 0.1], ["b", None], ['c,\t"', 2.0], ["é", 3.0]]


def content(path) -> str:
    opener = {".gz": gzip.open, ".bz2": bz2.open}.get(path.suffix, open)
    with opener(path, "rb") as handle:
        return handle.read().decode()


def names(folder) -> list[str]:
    return sorted(item.name for item in folder.iterdir())


@pytest.mark.parametrize("name", ["x.tsv", "x.csv", "x.tsv.gz", "x.CSV.bz2", "x.txt"])
def test_text(tmp_path, name):
    path = tmp_path / name
    assert write_table(iter(PARTS), path) == 4
    separator = "," if "csv" in name.lower() else "\t"
    table = pd.read_csv(path, sep=separator)
    assert table.astype(object).fillna("").values.tolist() == [
        [a, b or ""] for a, b in ROWS
    ]
    assert "\r" not in content(path)
    assert content(path).startswith(f"id{separator}y\na{separator}0.1\nb{separator}\n")
    assert names(tmp_path) == [name]


text = st.text(st.sampled_from('ab ,;\t\n\r"é'), max_size=5)


@given(
    cells=st.lists(
        st.tuples(st.none() | text, st.floats(width=32), st.floats(), text), min_size=1
    ),
    separator=st.sampled_from(",\t"),
    names=st.lists(text.filter(bool), min_size=4, max_size=4, unique=True),
    chosen=st.sets(st.integers(0, 3), min_size=1),
)
@settings(max_examples=150, deadline=None)
def test_columns_are_written_as_pandas_writes_them(cells, separator, names, chosen):
    kinds = (object, np.float32, np.float64, object)
    columns = {
        names[at]: np.array([row[at] for row in cells], kinds[at])
        for at in sorted(chosen)
    }
    ours, theirs = io.StringIO(), io.StringIO()
    assert _write_text([columns, columns], ours, separator) == 2 * len(cells)
    frames = [pd.DataFrame(columns, dtype=object).astype(dict(_types(columns)))] * 2
    assert _write_text(frames, theirs, separator) == 2 * len(cells)
    assert ours.getvalue() == theirs.getvalue()


def _types(columns):
    return ((name, values.dtype) for name, values in columns.items())


def test_columns_to_parquet(tmp_path):
    columns = {name: PARTS[0][name].to_numpy() for name in PARTS[0]}
    assert write_table([columns, PARTS[1]], tmp_path / "x.parquet") == 4
    table = pd.read_parquet(tmp_path / "x.parquet")
    assert table["id"].tolist() == [row[0] for row in ROWS]


def test_the_same_rows_make_the_same_file(tmp_path):
    for name in ("one", "two"):
        write_table(PARTS, tmp_path / name / "x.tsv.gz")
    one, two = ((tmp_path / name / "x.tsv.gz").read_bytes() for name in ("one", "two"))
    assert one == two
    assert one[4:8] == bytes(4), "the time, which gzip would write here, is left out"


def test_parquet(tmp_path):
    path = tmp_path / "x.parquet"
    parts = [part.assign(note=[None, None]) for part in PARTS]
    parts[1]["note"] = ["x", None]
    assert write_table(parts, path) == 4
    table = pd.read_parquet(path)
    assert table["y"].dtype == np.float32
    assert table["note"].fillna("").tolist() == ["", "", "x", ""]
    assert table["id"].tolist() == [row[0] for row in ROWS]


def test_what_is_written_is_read_back(tmp_path):
    for ending in ("csv", "tsv.gz", "parquet"):
        path = tmp_path / f"x.{ending}"
        write_table(PARTS, path)
        data = read(path, inputs={"y": "numeric"}, targets=[])
        expected = np.array([[0.1], [np.nan], [2], [3]], np.float32)
        np.testing.assert_array_equal(data.inputs["y"].values, expected)
        assert data.ids.tolist() == [row[0] for row in ROWS]


def test_standard_output(capsys):
    assert write_table(PARTS[:1], "-") == 2
    assert capsys.readouterr().out == "id\ty\na\t0.1\nb\t\n"


@pytest.mark.parametrize("name", ["x.tsv", "x.csv.gz", "x.parquet"])
@pytest.mark.parametrize("old", [None, "old content"])
def test_an_error_on_the_way_leaves_nothing_behind(tmp_path, name, old):
    path = tmp_path / name
    if old:
        path.write_text(old)

    def parts():
        yield PARTS[0]
        raise DataError("the third row is wrong")

    with pytest.raises(DataError, match="the third row is wrong"):
        write_table(parts(), path)
    assert names(tmp_path) == ([name] if old else [])
    assert not old or path.read_text() == old


@pytest.mark.parametrize("name", ["x.tsv", "x.csv.gz", "x.parquet"])
def test_disk_full(tmp_path, name):
    def parts():
        yield PARTS[0]
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.raises(JaxbioError, match=r"cannot write .*No space left.*free some"):
        write_table(parts(), tmp_path / name)
    assert names(tmp_path) == []


def test_places_that_cannot_be_written_to(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JaxbioError, match="cannot write"):
        write_table(PARTS, tmp_path / "file" / "x.tsv")
    (tmp_path / "x.tsv").mkdir()
    with pytest.raises(JaxbioError, match="cannot write"):
        write_table(PARTS, tmp_path / "x.tsv")
    assert names(tmp_path) == ["file", "x.tsv"]


@pytest.mark.parametrize("name", ["x.xlsx", "x", "x.parquet.gz", "x.json"])
def test_unknown_endings(tmp_path, name):
    with pytest.raises(DataError, match=r"names ending in \.tsv, \.csv"):
        write_table(PARTS, tmp_path / name)


@pytest.mark.parametrize("name", ["x.tsv", "x.parquet"])
def test_tables_that_do_not_fit(tmp_path, name):
    with pytest.raises(DataError, match="there is nothing to write"):
        write_table([], tmp_path / name)
    with pytest.raises(DataError, match="tables with different columns"):
        write_table([PARTS[0], PARTS[1][["y", "id"]]], tmp_path / name)
    assert names(tmp_path) == []


def test_text_that_a_spreadsheet_would_run_is_text(tmp_path):
    cells = ["=1+1", "+x", "-5", "@y", "a=b", "-", None, "-2.5e3"]
    table = {
        "id": np.array(cells, object),
        "y": -np.arange(8.0),
        "ss": np.array(["-HH"] * 8, object),
    }
    expected = ["'=1+1", "'+x", "-5", "'@y", "a=b", "-", "", "-2.5e3"]
    for each in (table, pd.DataFrame(table)):
        write_table([each], tmp_path / "x.tsv", plain=["ss"])
        rows = [x.split("\t") for x in (tmp_path / "x.tsv").read_text().splitlines()]
        assert [row[0] for row in rows[1:]] == expected
        assert rows[3][1:] == ["-2.0", "-HH"]
    write_table([table], tmp_path / "x.tsv", formulas=True)
    assert (tmp_path / "x.tsv").read_text().splitlines()[1].startswith("=1+1\t")
