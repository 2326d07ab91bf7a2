"""`read` and its relatives, end to end on small files."""

import dataclasses
import gzip
import io
import json
import re
import sys
import tracemalloc

import numpy as np
import pandas as pd
import pytest

from jaxbio.alphabet import DNA
from jaxbio.data import (
    from_frame,
    from_strings,
    infer,
    learn_schema,
    read,
    read_for,
    read_frames,
    stream,
)
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.io.frames import ROWS
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError, JaxbioError
from tests.helpers import CELL_COUNTS, CELL_GENES, write_cells

CSV = "name,seq,label\na,ACGTAC,1\nb,GGTTAA,0\nc,GGTTAC,1\n"


@pytest.fixture
def csv(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(CSV)
    return path


@pytest.fixture
def fasta(tmp_path):
    path = tmp_path / "x.fa.gz"
    path.write_bytes(gzip.compress(b">a label=pos\nACGT\n>b label=neg\nGGG\nCCC\n"))
    return path


def summary(data):
    inputs = {name: column.kind for name, column in data.inputs.items()}
    return inputs, {name: column.kind for name, column in data.targets.items()}


def test_everything_inferred(csv):
    data = read(csv)
    assert data.inputs["seq"].strings() == ["ACGTAC", "GGTTAA", "GGTTAC"]
    assert data.targets["label"].values.tolist() == ["1", "0", "1"]
    assert data.ids.tolist() == ["a", "b", "c"]  # of the one column that names rows
    assert read(csv, inputs={"seq": "dna"}).ids.tolist() == ["2", "3", "4"]
    assert data.source == str(csv)
    assert infer(csv) == ({"seq": "dna"}, {"label": "class"})


@pytest.mark.parametrize(
    ("targets", "found"),
    [
        (None, {"label": "category"}),
        (["label"], {"label": "category"}),
        ("label", {"label": "category"}),
        ("number", {"label": "numeric"}),
        ({"label": "number"}, {"label": "numeric"}),
        ([], {}),
        ({}, {}),
    ],
)
def test_ways_to_say_the_target(csv, targets, found):
    assert summary(read(csv, targets=targets)) == ({"seq": "dna"}, found)
    assert summary(read(csv, inputs={"seq": None}, targets=targets))[1] == found


def test_all_options(csv):
    data = read(
        csv,
        inputs={"seq": "symbols=ACGT"},
        targets={"label": "count"},
        ids="name",
        groups="seq",
        weights=None,
    )
    assert data.ids.tolist() == ["a", "b", "c"]
    assert data.groups.tolist() == ["ACGTAC", "GGTTAA", "GGTTAC"]
    assert data.targets["label"].values.tolist() == [[1], [0], [1]]
    assert data.inputs["seq"].kind == "symbols=ACGT"


def test_labels_in_headers(fasta):
    data = read(fasta, labels=r"label=(\S+)")
    assert data.inputs["sequence"].strings() == ["ACGT", "GGGCCC"]
    assert data.targets["label"].values.tolist() == ["pos", "neg"]
    assert data.ids.tolist() == ["a", "b"]
    assert summary(read(fasta)) == ({"sequence": "dna"}, {})
    named = read(fasta, inputs={"promoter": "dna"}, labels="label=(p)|", targets=[])
    assert summary(named) == ({"promoter": "dna"}, {})


def test_one_file_for_each_class(fasta, tmp_path):
    other = tmp_path / "other.fasta"
    other.write_text(">z\nTTTT\n")
    data = read({"bound": fasta, "free": str(other)})
    assert data.targets["label"].values.tolist() == ["bound", "bound", "free"]
    assert data.inputs["sequence"].strings() == ["ACGT", "GGGCCC", "TTTT"]
    assert data.source == f"{fasta}, {other}"
    other.write_text(">z\nTTET\n")
    with pytest.raises(
        DataError, match=r"other\.fasta, column sequence, row 1: symbol"
    ):
        read({"bound": fasta, "free": other})


def test_tables_frames_and_standard_input(csv, monkeypatch):
    expected = read(csv).inputs["seq"].strings()
    table = pd.read_csv(csv, index_col="name")
    data = read(table)
    assert (data.inputs["seq"].strings(), data.source) == (expected, "DataFrame")
    frames = list(read_frames(csv, rows=2))
    assert infer(frames) == infer(csv)
    assert read(frames).inputs["seq"].strings() == expected
    assert read(frames[0]).inputs["seq"].strings() == expected[:2]
    for source in ("-", sys.modules["pathlib"].Path("-")):
        buffer = io.BufferedReader(io.BytesIO(CSV.encode()))
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(buffer))
        data = read(source)
        assert data.inputs["seq"].strings() == expected
        assert data.source == "standard input"


def test_a_schema_reads_what_the_model_takes(csv, tmp_path):
    schema = learn_schema(read(csv), {"label": ("class", False)})
    moved = tmp_path / "moved.tsv"
    moved.write_text("label\tx\tseq\n0\t1\tACG\n")
    data = read_for(moved, schema)
    assert summary(data) == ({"seq": "dna"}, {"label": "category"})
    (part,) = stream(moved, schema)
    assert summary(part) == ({"seq": "dna"}, {})
    assert from_frame(pd.DataFrame({"seq": ["AC"]}), schema).inputs["seq"].kind == "dna"
    moved.write_text("label\tsek\n0\tACG\n")
    with pytest.raises(
        DataError, match=r"moved\.tsv: no column 'seq': did you mean 'se"
    ):
        next(stream(moved, schema))


def test_a_schema_takes_only_the_columns_that_its_glob_found(tmp_path):
    table = pd.DataFrame({"g_1": [1, 2], "g_2": [3, 5], "y": [0.5, 1.5]})
    data = read(table, inputs={"g_*": "numeric"}, targets=["y"])
    schema = learn_schema(data, {"y": ("number", False)})
    path = tmp_path / "x.csv"
    path.write_text("g_note,g_2,g_1\nhello,8,9\n")
    (part,) = stream(path, schema)
    assert part.inputs["g_*"].values.tolist() == [[9, 8]]
    path.write_text("g_note,g_2\nhello,8\n")
    with pytest.raises(DataError, match="no column 'g_1': did you mean 'g_2'"):
        next(stream(path, schema))


def test_streaming_gives_the_rows_in_order(tmp_path):
    path = tmp_path / "x.csv"
    table = pd.DataFrame({"seq": ["ACGT"[at % 4 :] + "A" for at in range(999)]})
    table.to_csv(path, index=False)
    parts = list(stream(path, {"seq": "dna"}, rows=100))
    assert max(map(len, parts)) == 100
    found = [text for part in parts for text in part.inputs["seq"].strings()]
    assert found == table["seq"].tolist()
    ids = [name for part in parts for name in part.ids]
    assert ids == [str(line) for line in range(2, 1001)]


def test_streaming_takes_bounded_memory(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("seq,y\n" + ("ACGT" * 100 + ",0.5\n") * 100_000)
    assert path.stat().st_size > 40e6
    tracemalloc.start()
    count = sum(len(part) for part in stream(path, {"seq": "dna"}, rows=1000))
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == 100_000 and peak < 15e6


def test_npz_vectors(tmp_path):
    path = tmp_path / "x.npz"
    x = np.array([[1, np.nan], [3, 4], [5, 6]], np.float32)
    np.savez(path, x=x, y=np.array([0.5, 1.5, 2.5]))
    data = read(path, inputs={"x": "numeric"}, targets=["y"])
    np.testing.assert_array_equal(data.inputs["x"].values, x)
    assert data.inputs["x"].names == ("x_0", "x_1")
    schema = learn_schema(data, {"y": ("number", False)})
    np.testing.assert_array_equal(read_for(path, schema).inputs["x"].values, x)
    assert summary(read(path)) == ({"features": "numeric"}, {"y": "numeric"})


def test_strings():
    spec = SequenceSpec("seq", "dna", DNA)
    assert from_strings(["acgt", "AN"], spec).inputs["seq"].strings() == ["ACGT", "AN"]
    assert from_strings(["AE"], spec, unknown="any").inputs["seq"].strings() == ["AN"]
    with pytest.raises(DataError, match="input seq, row 2: symbol 'E' at position 3"):
        from_strings(["A", "ACE"], spec)
    with pytest.raises(DataError, match="input seq, row 2: None is no sequence"):
        from_strings(["A", None], spec)
    with pytest.raises(DataError, match="no sequences were given"):
        from_strings([], spec)
    with pytest.raises(DataError, match="row 1: the sequence is missing"):
        from_strings([""], spec)
    with pytest.raises(DataError, match="input x is numeric, not a sequence"):
        from_strings(["A"], NumericSpec("x", "numeric"))


@pytest.mark.parametrize("data", [[], {}])
def test_what_cannot_be_read(data):
    with pytest.raises(DataError, match="cannot be read: give a file"):
        read(data)


BAD = {
    "x.csv": [
        ("", "the file is empty"),
        ("seq,label\n", "a header but no rows"),
        ("seq,label\nACGT\n", "row 2: 1 cells"),
        ("seq,label,seq\nA,1,A\n", "'seq' occurs 2 times"),
        ("seq,lab\nACGT,1\n", "no column 'label': did you mean 'lab'"),
        ("seq,label\nACGT,1\nACGT,x\n", "row 3, column label: 'x' is not a number"),
        ("seq,label\nACGT,inf\n", "row 2, column label: inf is infinite"),
        ("seq,label\nAC7T,1\n", "column seq, row 2: symbol '7' at position 3"),
        ("seq,label\nACGT,1\n,1\n", "column seq, row 3: the sequence is missing"),
        ("seq,label\nACGT,1\nMKVL,1\n", "column seq, row 3: symbol 'L' at position 4"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary, not text"),
        (">a\nACGT\n", "begins with '>', as FASTA does"),
    ],
    "x.fasta": [
        ("seq,label\nACGT,1\n", "begins with 'seq,label"),
        (">a\nACG1T\n", "row 1: symbol '1' at position 4"),
        (">a\nACGT\n>b\n", r"row 2 \(b\): the record has no sequence"),
    ],
    "x.xlsx": [("PK", r"x\.xlsx is no spreadsheet")],
    "x.csv.gz": [(gzip.compress(CSV.encode(), mtime=0)[:-9], "cut off or damaged")],
}


CASES = [(name, *case) for name, cases in BAD.items() for case in cases]


@pytest.mark.parametrize(("name", "content", "message"), CASES)
def test_bad_files_name_file_row_column_and_value(tmp_path, name, content, message):
    path = tmp_path / name
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    inputs = {"sequence" if "fasta" in name else "seq": "dna"}
    with pytest.raises(JaxbioError) as caught:
        read(path, inputs=inputs, targets={"label": "number"} if "csv" in name else [])
    assert str(path) in str(caught.value)
    caught.match(message)


@pytest.mark.parametrize(
    "text",
    [
        "seq,label\r\nACGT,1\r\nGG,\r\n",
        "\ufeffseq,label\nACGT,1\nGG,NA\n",
        "seq,label\nACGT,1\n\nGG,\n\n",
        '"seq","label"\n"ACGT",1\nGG,""\n',
        " seq ,label\n ACGT,1 \nGG ,nan",
    ],
)
def test_harmless_variations(tmp_path, text):
    path = tmp_path / "x.csv"
    path.write_bytes(text.encode())
    data = read(path, inputs={"seq": "dna"}, targets={"label": "number"})
    assert data.inputs["seq"].strings() == ["ACGT", "GG"]
    np.testing.assert_array_equal(data.targets["label"].values, [[1], [np.nan]])


def test_latin_1(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes("seq,gène\nACGT,é\n".encode("latin-1"))
    data = read(path, inputs={"seq": "dna"}, targets={"gène": "class"})
    assert data.targets["gène"].values.tolist() == ["é"]


def test_a_small_file_is_read_once(csv, monkeypatch):
    opened = []

    def counted(path, **options):
        opened.append(path)
        return read_frames(path, **options)

    monkeypatch.setattr(sys.modules["jaxbio.data.sources"], "read_frames", counted)
    data = read(csv)
    assert (len(opened), len(data), data.ids.tolist()) == (1, 3, ["a", "b", "c"])
    monkeypatch.setattr(sys.modules["jaxbio.data.reading"], "ROWS", 2)
    again = read(csv)
    assert len(opened) == 3
    assert again.digest() == data.digest()


def test_frames_of_one_file_may_differ_in_what_they_share(tmp_path):
    """Rows of the first frame share sequences, those of the second do not."""
    first = [f"CCO,{at}" for at in range(ROWS)]
    second = [f"{'C' * (1 + at)}N,{at}" for at in range(30)]
    kinds = {"drug": "smiles", "x": "numeric"}
    path = tmp_path / "x.csv"
    path.write_text("drug,x\n" + "\n".join(first + second) + "\n")
    column = read(path, inputs=kinds, targets=[]).inputs["drug"]
    texts = [row.split(",")[0] for row in first + second]
    assert isinstance(column, DictionaryColumn) and column.expanded().strings() == texts
    unlike = [f"{'C' * (1 + at % 90)}{'N' * (1 + at // 90)},1" for at in range(ROWS)]
    path.write_text("drug,x\n" + "\n".join(unlike + first[:30]) + "\n")
    column = read(path, inputs=kinds, targets=[]).inputs["drug"]
    texts = [row.split(",")[0] for row in unlike + first[:30]]
    assert isinstance(column, DictionaryColumn) and column.expanded().strings() == texts


def test_bad_rows_are_counted_over_all_frames(tmp_path):
    rows = ["CCO,1"] * (ROWS + 10)
    rows[5] = rows[-2] = rows[-3] = "C(,1"
    (tmp_path / "x.csv").write_text("drug,y\n" + "\n".join(rows) + "\n")
    data = read(tmp_path / "x.csv", inputs={"drug": "smiles"}, skip_invalid=True)
    assert len(data) == ROWS + 7
    counts = [re.search(r"(\d+) rows without", note)[1] for note in data.notes]
    assert counts == ["1", "2"]


def test_a_frame_of_bad_rows_alone_is_left_out(tmp_path):
    rows = ["CCO,1,1"] * ROWS + ["C(C,1,1"] * 10
    (tmp_path / "x.csv").write_text("drug,x,y\n" + "\n".join(rows) + "\n")
    kinds = {"drug": "smiles", "x": "numeric"}
    data = read(tmp_path / "x.csv", inputs=kinds, targets="number", skip_invalid=True)
    assert len(data) == ROWS and "10 rows without" in data.notes[0]


def test_cells(tmp_path):
    path = write_cells(tmp_path / "x.h5ad", CELL_COUNTS, CELL_GENES, "TBTBTBT")
    data = read(path, targets=["cell_type"])
    column = data.inputs["counts"]
    assert isinstance(column, SparseCounts) and column.names == CELL_GENES
    np.testing.assert_array_equal(column.matrix.toarray(), CELL_COUNTS)
    assert data.targets["cell_type"].values.tolist() == list("TBTBTBT")
    assert data.ids.tolist() == [f"c{at}" for at in range(7)]
    parts = list(stream(path, {"counts": "counts"}, rows=3))
    assert [len(part) for part in parts] == [3, 3, 1]
    assert parts[2].ids.tolist() == ["c6"]


def test_cells_with_other_genes(tmp_path):
    schema = learn_schema(
        read(
            write_cells(tmp_path / "x.h5ad", CELL_COUNTS, CELL_GENES, "TBTBTBT"),
            targets=["cell_type"],
        ),
        {"cell_type": ("class", False)},
    )
    other = write_cells(
        tmp_path / "y.h5ad", CELL_COUNTS[:, [2, 0, 1]], ("KRAS", "MYC", "TP53"), "T" * 7
    )
    (data,) = stream(other, schema)
    dense = schema.encode(data, targets=False).inputs["counts"].dense(np.arange(7))
    np.testing.assert_array_equal(dense[:, :3], CELL_COUNTS[:, :3])
    assert np.isnan(dense[:, 3]).all()
    none = write_cells(tmp_path / "z.h5ad", CELL_COUNTS[:, :2], ("AAA", "BBB"), "T" * 7)
    (data,) = stream(none, schema)
    with pytest.raises(DataError, match="gene"):
        schema.encode(data, targets=False)


def test_one_rule_for_missing_marks_in_every_kind_of_column():
    table = pd.DataFrame(
        {
            "seq": ["ACGTAC", "NA", "GGTTAA"],
            "other": ["ACGTAC", "ACGGGT", "GGTTAA"],
            "site": ["n/a", "b", "None"],
            "dose": ["1.5", "?", "-"],
            "label": ["1", "nan", "0"],
        }
    )
    inputs = {"seq": "dna", "other": "dna", "site": "category", "dose": "numeric"}
    data = read(table, inputs=inputs, targets=["label"])
    assert data.inputs["seq"].missing().tolist() == [False, True, False]
    assert data.inputs["site"].values.tolist() == [None, "b", None]
    assert np.isnan(data.inputs["dose"].values[:, 0]).tolist() == [False, True, True]
    assert data.targets["label"].values.tolist() == ["1", None, "0"]
    kept = read(table, inputs={"site": "category"}, targets=[], present=["None", "n/a"])
    assert kept.inputs["site"].values.tolist() == ["n/a", "b", "None"]


def test_marks_of_ones_own_and_decimal_commas_go_into_the_schema(tmp_path):
    path = tmp_path / "lab.csv"
    rows = "".join(f"s{at};{at},5;{at % 2}\n" for at in range(20))
    path.write_text(
        "subject;crp;label\n" + rows + "s20;-999;1\ns21;-999;0\ns22;-999;0\n"
    )
    odd = read(path, ids="subject")
    assert any("3 values are -999" in note for note in odd.notes)
    assert any("decimal commas" in note for note in odd.notes)
    data = read(path, ids="subject", missing=["-999"])
    assert np.isnan(data.inputs["crp"].values[-3:]).all()
    assert data.inputs["crp"].values[1] == 1.5
    schema = learn_schema(data, {"label": ("class", False)})
    assert schema.reading == {"missing": ["-999"], "ids": "subject"}
    assert Schema.from_dict(json.loads(json.dumps(schema.to_dict()))) == schema
    again = next(stream(path, schema))
    assert np.isnan(again.inputs["crp"].values[-3:]).all()
    frame = pd.DataFrame({"crp": [-999.0, 2.0]})
    assert np.isnan(from_frame(frame, schema).inputs["crp"].values[0]).all()


def test_whole_numbers_beyond_float32_stay_what_they_are():
    table = pd.DataFrame(
        {"visit": [str(20240101 + at) for at in range(28)], "x": ["0.1"] * 28}
    )
    inputs = {"features": ("visit", "x")}
    data = read(table, inputs=inputs, targets=[])
    values = data.inputs["features"].values
    assert len(np.unique(values[:, 0])) == 28
    assert values[0, 1] == np.float32(0.1)
    schema = learn_schema(data)
    encoded = schema.encode(data).inputs["features"]
    assert encoded.dtype == np.float32
    assert (encoded[:, 0] - encoded[0, 0]).tolist() == list(range(28))
    np.testing.assert_allclose(encoded.mean(axis=0), schema.inputs[0].mean, atol=1e-5)


def test_true_and_false_are_labels():
    table = pd.DataFrame({"seq": ["ACGTAC", "GG"], "a": [True, False], "b": ["1", "?"]})
    data = read(table, inputs={"seq": "dna"}, targets={"[ab]": "labels"})
    np.testing.assert_array_equal(data.targets["[ab]"].values, [[1, 1], [0, np.nan]])


def test_missing_sequences_can_be_left_out():
    table = pd.DataFrame({"seq": ["ACGTAC", "NA", "GGTTAA"], "label": [0, 1, 0]})
    with pytest.raises(
        DataError, match=r"row 1: the sequence is missing \(1 of 3 rows"
    ):
        read(table, inputs={"seq": "dna"})
    assert len(read(table, inputs={"seq": "dna"}, skip_invalid=True)) == 2


def test_blanks_of_dssp_are_coil(tmp_path):
    path = tmp_path / "states.csv"
    path.write_text('seq,ss\nMKVLAE,"  EH  "\nMKVLA,"HHHHH"\n')
    data = read(path, inputs={"seq": "protein"}, targets={"ss": "positions_class"})
    assert data.targets["ss"].values.tolist() == ["CCEHCC", "HHHHH"]


MOLECULES = {
    "smiles": ["OCC", "CCO", "c1ccccc1C", "CC(C)(C)(C)C", "NCC"],
    "y": [1, 2, 3, 4, 5],
}


def test_molecules_have_one_spelling_also_when_they_are_predicted():
    pytest.importorskip("rdkit", reason="rdkit is not installed")
    table = pd.DataFrame(MOLECULES)
    data = read(table, inputs={"smiles": "smiles"}, targets=["y"])
    spelt = ["CCO", "CCO", "Cc1ccccc1", "CC(C)(C)(C)C", "CCN"]
    assert data.inputs["smiles"].strings() == spelt
    (note,) = data.notes
    assert "RDKit cannot read 1 SMILES, which stay as they are (such as row 3" in note
    schema = learn_schema(data, {"y": ("number", False)})
    assert schema.reading == {"canonical": True}
    assert from_frame(table, schema).inputs["smiles"].strings() == spelt
    assert next(stream(table, schema)).inputs["smiles"].strings() == spelt
    as_written = read(table, inputs={"smiles": "smiles"}, targets=[], canonical=False)
    assert as_written.inputs["smiles"].strings() == MOLECULES["smiles"]
    assert (
        from_frame(table, learn_schema(as_written)).inputs["smiles"].strings()
        == (MOLECULES["smiles"])
    )


def test_without_rdkit_spellings_stay_and_that_is_said(monkeypatch):
    monkeypatch.setattr("jaxbio.data.reading.has_rdkit", lambda: False)
    table = pd.DataFrame(MOLECULES)
    data = read(table, inputs={"smiles": "smiles"}, targets=["y"])
    assert data.inputs["smiles"].strings() == MOLECULES["smiles"]
    assert "rdkit" in data.notes[0] and data.provenance.options == {}
    schema = dataclasses.replace(learn_schema(data), reading={"canonical": True})
    with pytest.raises(JaxbioError, match="trained on canonical SMILES"):
        from_frame(table, schema)


def test_rows_to_evaluate_have_names_and_labels_as_those_of_training(tmp_path):
    path = tmp_path / "rows.fa"
    path.write_text(">a label=p\nACGT\n>b label=q\nGGTT\n")
    data = read(path, labels=r"label=(\S+)")
    schema = learn_schema(data, {"label": ("class", False)})
    assert read_for(path, schema).targets["label"].values.tolist() == ["p", "q"]
    halves = {"p": tmp_path / "p.fa", "q": tmp_path / "q.fa"}
    for name, half in halves.items():
        half.write_text(f">{name}1\nACGT\n")
    assert read_for(halves, schema).targets["label"].values.tolist() == ["p", "q"]
    table = pd.DataFrame({"sequence": ["AC"], "label": ["q"], "who": ["z"]})
    assert read_for(table, schema).targets["label"].values.tolist() == ["q"]
    both = pd.concat([table, table.assign(label="p")])
    named = read(both, inputs={"sequence": "dna"}, targets=["label"], ids="who")
    schema = learn_schema(named, {"label": ("class", False)})
    assert list(read_for(table, schema).ids) == ["z"]
    other = read_for(table.drop(columns="who"), schema)
    assert list(other.ids) == ["0"] and "no column 'who'" in other.notes[0]


def test_a_kind_that_is_given_wins_over_what_a_column_looks_like():
    codes = pd.DataFrame({"ward": [1, 2, 3, 1] * 5, "y": [0.5, 1.5, 2.5, 0.1] * 5})
    data = read(codes, targets=["y"], kinds={"ward": "category"})
    assert data.inputs["ward"].kind == "category"


def test_inputs_and_left_out_columns_are_named_by_themselves():
    table = pd.DataFrame(
        {"name": ["m1", "m2"], "smiles": ["CCO", "CCN"], "a": [0, 1], "b": [1, 0]}
    )
    for inputs in ("smiles", ["smiles"], {"smiles": "smiles"}):
        data = read(table, inputs=inputs, targets={"*": "labels"}, drop="name")
        assert data.targets["*"].names == ("a", "b") and list(data.inputs) == ["smiles"]
    with pytest.raises(DataError, match="column name: 'm1' is not a number"):
        read(table, inputs="smiles", targets={"*": "labels"})
    # Rows that are read for the model leave the same out, or lack it.
    schema = learn_schema(data, {"*": ("labels", False)})
    for later in (table, table.drop(columns="name")):
        assert read_for(later, schema).targets["*"].names == ("a", "b")


def test_repeated_names_of_rows_are_units_that_belong_together():
    table = pd.DataFrame(
        {
            "visit": [f"v{at // 2}" for at in range(40)],
            "patient": [f"p{at // 2}" for at in range(40)],
            "x": np.linspace(0, 1, 40),
            "y": np.linspace(1, 2, 40),
        }
    )
    visits = table.drop(columns="patient")
    named = read(visits, targets="y", ids="visit")
    assert named.groups.tolist() == named.ids.tolist()
    assert named.provenance.groups == "visit"
    found = read(table, targets="y", drop="visit")
    assert found.groups[3] == "p1" and found.provenance.groups == "patient"
    gaps = table.assign(patient=table["patient"].where(table.index > 1, None))
    unknown = read(gaps, targets="y", drop="visit")
    assert unknown.groups is None and unknown.provenance.groups == ""
    assert "patient is not known of all rows: none are kept together" in unknown.notes
    single = visits.assign(visit=[f"v{at}" for at in range(40)])
    assert read(single, targets="y", ids="visit").groups is None
