"""Items that rows refer to by name: drugs, proteins and cells in files of their own."""

import numpy as np
import pandas as pd
import pytest

from jaxbio.alphabet import PROTEIN, SMILES
from jaxbio.data import read
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.io.frames import Frame
from jaxbio.data.lookup import Lookup, as_library, read_items, read_lookups
from jaxbio.data.reading import stream
from jaxbio.errors import DataError
from tests.helpers import CELL_COUNTS, CELL_GENES, write_cells

PAIRS = "drug,target,affinity\nd2,P1,5.5\nd1,P2,6\nd2,P2,7.25\n,P1,5\n"
DRUGS = "drug,smiles,mass\nd1,CCO,46\nd2,c1ccccc1O,94\nd3,CC(=O)N,59\n"
PROTEINS = ">P1 first\nMKVLAAGIKGGS\nTW\n>P2\nMKKRLAWWYEFPQ\n"


@pytest.fixture
def files(tmp_path):
    """A file of pairs, one of drugs and one of proteins."""
    (tmp_path / "pairs.csv").write_text(PAIRS)
    (tmp_path / "drugs.csv").write_text(DRUGS)
    (tmp_path / "proteins.fasta").write_text(PROTEINS)
    return tmp_path


@pytest.mark.parametrize(
    ("text", "name", "expected"),
    [
        ("drug=drugs.csv", "drug", Lookup("drugs.csv")),
        ("drug=drugs.csv:smiles", "drug", Lookup("drugs.csv", "smiles")),
        ("drug=drugs.csv:can:smiles", "drug", Lookup("drugs.csv", "smiles", "can")),
        ("x@cell=c.csv:numeric", "x", Lookup("c.csv", "numeric", key="cell")),
        ("x@a=b=c.csv", "x", Lookup("b=c.csv", key="a")),
    ],
)
def test_parse(text, name, expected):
    assert Lookup.parse(text) == (name, expected)


@pytest.mark.parametrize(
    "text", ["drug", "=f.csv", "drug=", "drug=:smiles", "a=b:c:d:e"]
)
def test_what_is_no_lookup(text):
    with pytest.raises(DataError, match="write INPUT=FILE, INPUT=FILE:KIND or"):
        Lookup.parse(text)


def test_rows_refer_to_a_table_and_to_a_fasta_file(files):
    data = read(
        files / "pairs.csv",
        targets={"affinity": "number"},
        lookups={
            "drug": Lookup(files / "drugs.csv", "smiles"),
            "target": files / "proteins.fasta",
        },
    )
    drug, target = data.inputs["drug"], data.inputs["target"]
    assert isinstance(drug, DictionaryColumn) and isinstance(target, DictionaryColumn)
    assert drug.values.strings() == ["CCO", "Oc1ccccc1", "CC(N)=O"]
    assert drug.indices.tolist() == [1, 0, 1, -1]  # the last cell is empty
    assert target.values.strings() == ["MKVLAAGIKGGSTW", "MKKRLAWWYEFPQ"]
    assert target.indices.tolist() == [0, 1, 1, 0]
    assert (drug.kind, target.kind) == ("smiles", "protein")
    np.testing.assert_array_equal(
        data.targets["affinity"].values[:, 0], [5.5, 6, 7.25, 5]
    )


def test_a_target_is_inferred_among_the_other_columns(files):
    lookups = {"drug": Lookup(files / "drugs.csv", "smiles"),
               "target": files / "proteins.fasta"}  # fmt: skip
    data = read(files / "pairs.csv", lookups=lookups)
    assert set(data.inputs) == {"drug", "target"}
    assert set(data.targets) == {"affinity"}
    data = read(files / "pairs.csv", inputs={"target": "category"}, lookups={
        "drug": lookups["drug"]})  # fmt: skip
    assert data.inputs["target"].values.tolist() == ["P1", "P2", "P2", "P1"]


def test_vectors_of_another_column(tmp_path):
    cells = pd.DataFrame(
        {"name": ["A", "B"], "g1": [0.5, np.nan], "g2": [1, 2], "tissue": ["x", "y"]}
    )
    rows = pd.DataFrame({"cell": ["B", "A", "B"], "y": [1.0, 2, 3]})
    name, lookup = Lookup.parse("expression@cell=cells.csv:numeric")
    lookup = Lookup(cells, lookup.kind, lookup.column, lookup.key)
    column = read(rows, targets=["y"], lookups={name: lookup}).inputs["expression"]
    assert column.kind == "numeric" and column.values.names == ("g1", "g2")
    np.testing.assert_array_equal(
        column.expanded().values, [[np.nan, 2], [0.5, 1], [np.nan, 2]]
    )


def test_a_file_serves_two_inputs(tmp_path):
    (tmp_path / "proteins.fasta").write_text(PROTEINS)
    rows = pd.DataFrame({"a": ["P1", "P2"], "b": ["P2", "P2"], "y": [0.5, 1.5]})
    path = tmp_path / "proteins.fasta"
    data = read(rows, targets=["y"], lookups={"a": path, "b": path})
    assert data.inputs["a"].indices.tolist() == [0, 1]
    assert data.inputs["b"].indices.tolist() == [1, 1]


def test_numbers_are_names_however_they_are_read(tmp_path):
    """`1` in a text table and 1 or 1.0 in a DataFrame are the same item."""
    drugs = pd.DataFrame({"id": [1, 2], "smiles": ["CCO", "c1ccccc1O"]})
    for names in ([2, 1, 2], [2.0, 1.0, None], ["2", "1", "2"]):
        rows = pd.DataFrame({"drug": names, "y": [0.5, 1, 2]})
        data = read(rows, targets=["y"], lookups={"drug": Lookup(drugs, "smiles")})
        assert data.inputs["drug"].indices.tolist()[:2] == [1, 0]


def test_a_model_says_what_the_items_are():
    """At prediction the kind is an alphabet, and the items may be few and short."""
    drugs = pd.DataFrame({"drug": ["a", "b"], "smiles": ["CCO", "CN"]})
    for kind in ("smiles", SMILES):
        items = read_lookups({"drug": drugs}, {"drug": kind})["drug"].values
        assert items.strings() == ["CCO", "CN"]
    cells = pd.DataFrame({"cell": ["A"], "g2": [1], "g1": [2], "age": [60]})
    found = read_lookups({"x": Lookup(cells, key="cell")}, {"x": ("g1", "g2")})["x"]
    assert found.values.values.tolist() == [[2, 1]]
    one = pd.DataFrame({"target": ["p"], "sequence": ["MKV"]})
    assert read_lookups({"target": one}, {"target": PROTEIN})[
        "target"
    ].values.strings() == ["MKV"]


def test_a_column_called_like_the_input_holds_names():
    table = pd.DataFrame({"protein": ["A", "B"], "sequence": ["MKVLAW", "MKKRLF"]})
    items = read_items("protein", Lookup(table, "protein"))
    assert items.values.strings() == ["MKVLAW", "MKKRLF"]
    assert items.places == {"A": 0, "B": 1}


def test_streams_have_the_same_items_in_all_parts(files):
    parts = list(
        stream(
            files / "pairs.csv",
            {"drug": "smiles", "target": "protein"},
            lookups={"drug": files / "drugs.csv", "target": files / "proteins.fasta"},
            rows=3,
        )
    )
    assert [len(part) for part in parts] == [3, 1]
    assert parts[0].inputs["drug"].values is parts[1].inputs["drug"].values


def test_items_of_many_frames(tmp_path):
    """More items than a reader holds at a time."""
    texts = [f"d{at},{'C' * (1 + at % 7)}O" for at in range(9000)]
    (tmp_path / "drugs.csv").write_text("drug,smiles\n" + "\n".join(texts) + "\n")
    items = read_items("drug", Lookup(tmp_path / "drugs.csv", "smiles"))
    assert len(items.values) == len(items.places) == 9000
    assert items.values.strings()[8999] == "C" * (1 + 8999 % 7) + "O"


def test_images_of_a_table(tmp_path):
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    for name, grey in (("a", 10), ("b", 200)):
        image.new("L", (4, 3), grey).save(tmp_path / f"{name}.png")
    (tmp_path / "scans.csv").write_text("scan,file\ns1,a.png\ns2,b.png\n")
    for kind, size in ((None, (3, 4, 1)), ("image=2x2x1", (2, 2, 1))):
        items = read_items("scan", Lookup(tmp_path / "scans.csv", kind)).values
        assert items.values.shape == (2, *size)
        assert items.values[:, 0, 0, 0].tolist() == [10, 200]


TWO = "drug,smiles\nd1,CCO\nd2,CN\n"
UNCLEAR = "drug,a,b\nd1,c1ccccc1O,c1ccccc1N\nd2,CC(=O)CCN,CCCC(=O)O\n"


@pytest.mark.parametrize(
    ("items", "lookup", "message"),
    [
        (
            "drug,smiles\nd1,CCO\n",
            {},
            r"rows\.csv, row 2, column drug: 'd2' is not in .*drugs\.csv \(2 of 4 rows "
            r".* did you mean 'd1'",
        ),
        (TWO + "d1,CC\n", {}, "column drug: 'd1' occurs 2 times"),
        (TWO + "d3,C(C\n", {}, r"drugs\.csv, column smiles: 1 .*row 4.*not closed"),
        (TWO + "d3,\n", {}, r"row 4: the sequence is missing"),
        (UNCLEAR, {}, r"several columns could be the smiles \(a, b\): say which"),
        (TWO, {"kind": "image"}, "no column could be the image"),
        (TWO, {"kind": "numeric"}, "no column could be the numeric"),
        (TWO, {"kind": "smilez"}, "no input kind 'smilez'"),
        (TWO, {"column": "smile"}, "no column 'smile': did you mean 'smiles'"),
    ],
)
def test_bad_items(tmp_path, items, lookup, message):
    (tmp_path / "rows.csv").write_text("drug,y\nd2,1\nd1,2\nd2,3\n,4\n")
    (tmp_path / "drugs.csv").write_text(items)
    given = Lookup(tmp_path / "drugs.csv", **{"kind": "smiles", **lookup})
    with pytest.raises(DataError, match=message):
        read(tmp_path / "rows.csv", targets={"y": "number"}, lookups={"drug": given})


def test_wrong_names_of_columns_and_files(files):
    rows, drugs = files / "pairs.csv", files / "drugs.csv"
    with pytest.raises(DataError, match="no column 'drugg': did you mean 'drug'"):
        read(rows, targets=["affinity"], lookups={"drugg": Lookup(drugs, "smiles")})
    with pytest.raises(DataError, match=r"none\.csv: no such file"):
        read(rows, targets=["affinity"], lookups={"drug": files / "none.csv"})
    unclear = {"drug": drugs}  # smiles or mass
    with pytest.raises(DataError, match="say which, as INPUT=FILE:COLUMN:KIND"):
        read(rows, targets=["affinity"], lookups=unclear)


def test_the_first_frame_says_where_a_library_has_its_sequences():
    """The last frame may hold so few letters that they look like something else."""
    first = {"drug": ["d1", "d2", "d3"], "smiles": ["CC(=O)N", "c1ccccc1O", "CCO"]}
    last = {"drug": ["d4"], "smiles": ["C"]}
    frames = [Frame.from_table(pd.DataFrame(part)) for part in (first, last)]
    named = list(as_library(frames, "drug", SMILES))
    assert [list(part.columns["drug"]) for part in named] == [first["smiles"], ["C"]]
    assert [list(part.columns["id"]) for part in named] == [first["drug"], ["d4"]]


def test_rows_refer_to_cells_of_a_file(tmp_path):
    path = write_cells(tmp_path / "x.h5ad", CELL_COUNTS, CELL_GENES, "TBTBTBT")
    rows = pd.DataFrame({"cell": ["c6", "c0"], "y": [1.5, 2]})
    data = read(rows, targets=["y"], lookups={"counts": Lookup(path, key="cell")})
    found = data.inputs["counts"].expanded()
    np.testing.assert_array_equal(found.matrix.toarray(), CELL_COUNTS[[6, 0]])


def test_images_of_a_folder_are_found_with_and_without_their_endings(tmp_path):
    image = pytest.importorskip("PIL.Image", reason="Pillow is not installed")
    (tmp_path / "scans").mkdir()
    for name, grey in (("a", 10), ("b", 20)):
        image.new("L", (4, 4), grey).save(tmp_path / "scans" / f"{name}.png")
    table = pd.DataFrame({"scan": ["b", "a.png", "b"], "y": [0.5, 1.5, 2.5]})
    data = read(table, lookups={"scan": tmp_path / "scans"}, targets=["y"])
    column = data.inputs["scan"]
    assert column.values.values[column.indices, 0, 0, 0].tolist() == [20, 10, 20]
