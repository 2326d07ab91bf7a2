"""Tables: cells as they stand there, with the lines of the file as row numbers."""

import builtins
import csv
import io

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.data.formats import read_frames
from jaxbio.data.io.tables import read_text_table
from jaxbio.errors import DataError, JaxbioError


def read(text: str | bytes, **options) -> pd.DataFrame:
    return pd.concat([frame.table for frame in frames(text, **options)])


def frames(text: str | bytes, **options):
    raw = text.encode() if isinstance(text, str) else text
    return list(read_text_table(io.BytesIO(raw), "x.csv", **options))


def test_cells_are_never_interpreted():
    text = "seq,label,n\nNA,nan,01\nINF,NULL,1e5\nTRUE,,1_0\n"
    assert read(text).values.tolist() == [
        ["NA", "nan", "01"],
        ["INF", "NULL", "1e5"],
        ["TRUE", "", "1_0"],
    ]


def test_row_numbers_are_lines_of_the_file():
    text = '# a, comment\n\nseq,note\nAC,x\n\nGG,"two\nlines"\n  \nTT,y\n'
    assert [frame.rows.tolist() for frame in frames(text)] == [[4, 6, 9]]
    plain = text.replace('"two\nlines"', "z")
    assert frames(plain)[0].rows.tolist() == [4, 6, 8]
    assert [part.rows.tolist() for part in frames(plain, rows=2)] == [[4, 6], [8]]


def test_spaces_around_cells_and_names():
    table = read(" seq , label \n AC ,\t1\n")
    assert list(table.columns) == ["seq", "label"]
    assert table.values.tolist() == [["AC", "1"]]


@pytest.mark.parametrize(
    ("text", "columns"),
    [
        ("a,b\n1,2\n", ["a", "b"]),
        ("a\tb\n1\t2\n", ["a", "b"]),
        ("a;b\n1;2\n", ["a", "b"]),
        ("a b\n1  2\n", ["a", "b"]),
        ("a b\n1\n", ["a b"]),
        ("sep=;\na;b\n1;2\n", ["a", "b"]),
        (",b\n1,2\n", ["column_1", "b"]),
        ("#chrom\tend\n1\t2\n", ["#chrom", "end"]),
    ],
)
def test_separators_and_names(text, columns):
    assert list(read(text).columns) == columns


def test_the_expected_separator_wins():
    text = "a,b\tc\n1,2\t3\n"
    assert list(read(text, separator=",").columns) == ["a", "b\tc"]
    assert list(read(text, separator="\t").columns) == ["a,b", "c"]


cell = st.text("AC,\t\"'\nx é", max_size=5).map(str.strip)
cells = st.lists(st.lists(cell, min_size=2, max_size=2), min_size=1, max_size=8)


@given(cells=cells, rows=st.integers(1, 9))
@settings(max_examples=100, deadline=None)
def test_what_the_csv_module_writes_is_read_back(cells, rows):
    written = io.StringIO()
    writer = csv.writer(written, lineterminator="\n")
    writer.writerows([["first", "second"], *cells])
    assert read(written.getvalue(), rows=rows).values.tolist() == cells


@given(table=st.lists(st.lists(st.text("ACN 1.", max_size=4), min_size=3, max_size=3)))
@settings(max_examples=60, deadline=None)
def test_quotes_change_nothing(table):
    lines = [",".join(cells) for cells in table]
    plain = "\n".join(["a,b,c", *lines, "x,y,z"])
    quoted = plain.replace("x,y", '"x",y')
    first, second = frames(plain), frames(quoted)
    assert first[0].table.values.tolist() == second[0].table.values.tolist()
    assert first[0].rows.tolist() == second[0].rows.tolist()


def test_quoted_tables_as_r_writes_them(monkeypatch):
    monkeypatch.setattr("jaxbio.data.io.tables._CELLS", 5)
    text = '"","g1", "g,2"\n' + "".join(f'"r{at}",{at}, "x,y"\n' for at in range(9))
    table = read(text)
    assert list(table.columns) == ["column_1", "g1", "g,2"]
    assert table.values.tolist() == [[f"r{at}", str(at), "x,y"] for at in range(9)]
    long = "A" * 200_000
    assert read(f"seq,n\n{long},1\n").values.tolist() == [[long, "1"]]
    with pytest.raises(
        DataError, match=r"row 2: .* very long sequences without quotes"
    ):
        read(f'seq,n\n"{long}",1\n')


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a,b\n", "there is a header but no rows"),
        ("a,b\n1,2\n3\n", "row 3: 1 cells .*the header has 2 columns"),
        ("a,b\n1,2,3\n", "row 2: 3 cells .*the header has 2 columns"),
        ('a,b\n"1",2\n3\n', "row 3: 1 cells"),
        ("a,b,a\n1,2,3\n", "the column name 'a' occurs 2 times"),
        ('a,b\n1,"2\n3,4\n', "row 2: the quotes cannot be read"),
        ('a,b\n1,2\n"3"x,4\n', "row 3: the quotes cannot be read"),
        (">id\nACGT\n", r"begins with '>', as FASTA does"),
        (b"a,b\n1,\x002\n", "binary, not text"),
    ],
)
def test_bad_tables(text, message):
    with pytest.raises(DataError, match=f"^x.csv.*{message}"):
        frames(text)


def test_many_small_rows_over_several_blocks():
    count = 300_000
    text = "n\n" + "\n".join(map(str, range(count))) + "\n"
    parts = frames(text)
    assert sum(map(len, parts)) == count and max(map(len, parts)) == 8192
    last = parts[-1]
    assert last.table["n"].iloc[-1] == str(count - 1) and last.rows[-1] == count + 1


def test_wide_tables_get_fewer_rows():
    text = ",".join(f"g{at}" for at in range(1 << 19)) + "\n"
    parts = frames(text + ("0," * ((1 << 19) - 1) + "0\n") * 6)
    assert [len(part) for part in parts] == [4, 2]


def test_parquet(tmp_path):
    path = tmp_path / "x.parquet"
    table = pd.DataFrame({"seq": ["AC", None, "GG"], "y": [1.5, 2.5, np.nan]})
    table.index = pd.Index(["p", "q", "r"], name="kept")
    table.to_parquet(path)
    parts = list(read_frames(path, rows=2))
    assert [part.rows.tolist() for part in parts] == [[1, 2], [3]]
    assert set(parts[0].table.columns) == {"seq", "y", "kept"}
    assert parts[0].table["seq"].isna().tolist() == [False, True]


def test_parquet_errors(tmp_path, monkeypatch):
    path = tmp_path / "x.parquet"
    path.write_bytes(b"no such thing" * 9)
    with pytest.raises(DataError, match="not a readable Parquet file"):
        list(read_frames(path))
    pd.DataFrame({"a": []}).to_parquet(path)
    with pytest.raises(DataError, match="has no rows"):
        list(read_frames(path))
    found = builtins.__import__

    def absent(name, *rest, **options):
        if name.startswith("pyarrow"):
            raise ImportError(name)
        return found(name, *rest, **options)

    monkeypatch.setattr(builtins, "__import__", absent)
    with pytest.raises(JaxbioError, match=r"pip install 'jaxbio\[data\]'"):
        list(read_frames(path))


def test_npz(tmp_path):
    path = tmp_path / "x.npz"
    x = np.arange(6, dtype=np.float32).reshape(3, 2)
    np.savez(path, x=x, y=np.arange(3), s=np.array(["A", "CC", "G"]), b=[b"\xe9"] * 3)
    parts = list(read_frames(path, rows=2))
    assert [len(part) for part in parts] == [2, 1]
    frame = parts[0]
    assert frame.vectors == {"x": ("x_0", "x_1")}
    assert frame.table[["s", "b"]].values.tolist() == [["A", "é"], ["CC", "é"]]
    assert frame.table[["x_0", "x_1"]].to_numpy().tolist() == [[0, 1], [2, 3]]


@pytest.mark.parametrize(
    ("arrays", "message"),
    [
        ({"x": np.zeros((2, 2)), "y": np.zeros(3)}, r"x \[2, 2\], y \[3\]"),
        ({"x": np.zeros((2, 2, 2))}, r"x \[2, 2, 2\]"),
        ({"x": np.array(1.0)}, r"x \[\]"),
        ({"x": np.zeros((0, 2))}, "no rows"),
        ({"x": np.array([object()])}, "of Python objects|no arrays"),
        ({}, "the file has none"),
    ],
)
def test_bad_npz(tmp_path, arrays, message):
    path = tmp_path / "x.npz"
    np.savez(path, **arrays)
    with pytest.raises(DataError, match=message):
        list(read_frames(path))


def test_npz_that_is_not_one(tmp_path):
    path = tmp_path / "x.npz"
    for content in (b"", b"junk", b"PK\x03\x04junk"):
        path.write_bytes(content)
        with pytest.raises(DataError, match="not a whole npz file"):
            list(read_frames(path))
    np.save(tmp_path / "y.npy", np.zeros(3))
    (tmp_path / "y.npy").rename(path)
    with pytest.raises(DataError, match="not a whole npz file"):
        list(read_frames(path))


@pytest.mark.parametrize(
    ("text", "names"),
    [
        ('"a","b"\n"1",5,6\n"2",7,8\n"3",9,0\n', ["1", "2", "3"]),
        ("a\tb\np1\t5\t6\np2\t7\t8\nq\t9\t0\n", ["p1", "p2", "q"]),
        ("a b\np1 5 6\np2 7 8\np3 9 0\n", ["p1", "p2", "p3"]),
        ("a\tb\n85\t5\t6\n87\t7\t8\n4\t9\t0\n", ["85", "87", "4"]),
    ],
)
def test_names_of_rows_that_r_leaves_out_of_the_header(text, names):
    table = read(text)
    assert table["row_names"].tolist() == names
    assert table[["a", "b"]].values.tolist() == [["5", "6"], ["7", "8"], ["9", "0"]]


@pytest.mark.parametrize(
    "text",
    [
        "a,b\n1,5,2\n3,5,4\n2,5,1\n",  # decimal commas
        "a,b\n1,5,2\n2,5,4\n4,5,1\n",
        "a\tb\n85\t5\t2\n87\t5\t4\n87\t5\t1\n",  # which occur twice
        "a,b\np,2,\nq,4,\nr,1,\n",  # separators at the ends
        "a,b\np,2,3\np,4,3\nr,1,3\n",  # names that occur twice
    ],
)
def test_other_cells_too_many_are_errors(text):
    with pytest.raises(DataError, match="3 cells"):
        read(text)
