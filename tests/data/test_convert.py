"""From raw values to columns: kinds, globs, ids, weights and shared sequences."""

import numpy as np
import pandas as pd
import pytest

from jaxbio.alphabet import DNA, PROTEIN, Alphabet
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.convert import to_dataset, with_labels
from jaxbio.data.io.frames import Frame
from jaxbio.data.learn import learn_schema
from jaxbio.data.reading import read
from jaxbio.errors import DataError, JaxbioError
from tests.helpers import frame_of


def test_the_index_of_a_table_names_its_rows():
    table = pd.DataFrame({"seq": ["A", "C", "E"]})

    def ids(index):
        return to_dataset(
            Frame.from_table(table.set_axis(index)[:2]), {"seq": "dna"}
        ).ids

    assert ids(range(3)).tolist() == ["0", "1"]
    assert ids([7, 5, 6]).tolist() == ["7", "5"]
    assert ids(["x", "y", "z"]).tolist() == ["x", "y"]
    for index, row in (([7, 5, 6], 6), (["x", "y", "z"], 2)):
        with pytest.raises(DataError, match=f"row {row}: symbol 'E'"):
            to_dataset(Frame.from_table(table.set_axis(index)), {"seq": "dna"})
    named = Frame.from_table(table.assign(id=["p", "q", "r"]).set_axis([*"abc"])[:2])
    assert to_dataset(named, {"seq": "dna"}).ids.tolist() == ["p", "q"]


def test_every_kind_of_input():
    data = to_dataset(
        frame_of(
            seq=["acgu"], hp=["HPP"], smi=["c1cc1"], pep=["MK*"], x=["3"], sex=["m"]
        ),
        {
            "seq": "rna",
            "hp": "symbols=HPX",
            "smi": "smiles",
            "pep": PROTEIN,
            "x": "numeric",
            "sex": "category",
        },
    )
    assert {name: column.kind for name, column in data.inputs.items()} == {
        "seq": "rna",
        "hp": "symbols=HPX",
        "smi": "smiles",
        "pep": "protein",
        "x": "numeric",
        "sex": "category",
    }
    assert data.inputs["seq"].strings() == ["ACGU"]
    assert data.inputs["hp"].codes.tolist() == [0, 1, 1]
    assert data.inputs["hp"].alphabet == Alphabet("symbols=HPX", "HPX")
    assert (data.ids.tolist(), data.targets, data.source) == (["2"], {}, "x.csv")


def test_every_kind_of_target():
    data = to_dataset(
        frame_of(
            seq=["ACG", "T"],
            y=["1.5", "NA"],
            n=["3", ""],
            c=["NA", ""],
            t1=["0", "1"],
            t2=["1", ""],
            ss=["H?C", ""],
            acc=["1 2,NA", ""],
        ),
        {"seq": "dna"},
        targets={
            "y": "number",
            "n": "count",
            "c": "class",
            "t*": "labels",
            "ss": "positions_class",
            "acc": "positions_number",
        },
    )
    y = data.targets
    np.testing.assert_array_equal(y["y"].values, [[1.5], [np.nan]])
    np.testing.assert_array_equal(y["n"].values, [[3], [np.nan]])
    assert y["c"].values.tolist() == [None, None]
    assert y["t*"].names == ("t1", "t2")
    np.testing.assert_array_equal(y["t*"].values, [[0, 1], [1, np.nan]])
    assert y["ss"].values.tolist() == ["H?C", None]
    np.testing.assert_array_equal(y["acc"].values, [1, 2, np.nan])
    assert y["acc"].offsets.tolist() == [0, 3, 3]


def test_labels_are_the_same_however_numbers_are_written():
    text = to_dataset(
        frame_of(x=["1"] * 3, c=["1", "2.0", "-3.00"]),
        {"x": "numeric"},
        targets={"c": "class"},
    )
    table = pd.DataFrame({"x": [1] * 3, "c": [1.0, 2.0, -3.0]})
    number = to_dataset(
        Frame.from_table(table), {"x": "numeric"}, targets={"c": "class"}
    )
    assert text.targets["c"].values.tolist() == ["1", "2", "-3"]
    assert number.targets["c"].values.tolist() == ["1", "2", "-3"]


def test_a_glob_leaves_out_what_is_used_otherwise():
    cells = frame_of(g_1=["1"], g_2=["2"], g_y=["3"], g_w=["4"], id=["r"], other=["x"])
    data = to_dataset(
        cells, {"g_*": "numeric"}, targets={"g_y": "number"}, weights="g_w"
    )
    assert data.inputs["g_*"].names == ("g_1", "g_2")
    assert data.inputs["g_*"].values.tolist() == [[1, 2]]
    assert (data.weights.tolist(), data.ids.tolist()) == ([4], ["r"])
    with pytest.raises(DataError, match=r"row 2, column other: 'x' is not a number"):
        to_dataset(cells, {"*": "numeric"})
    listed = to_dataset(cells, {"both": ("g_2", "g_1")})
    assert listed.inputs["both"].values.tolist() == [[2, 1]]
    with pytest.raises(DataError, match="no column 'g_3': did you mean"):
        to_dataset(cells, {"both": ("g_1", "g_3")})
    with pytest.raises(DataError, match=r"'g_\*' may match several columns"):
        to_dataset(cells, {"g_*": "category"})
    with pytest.raises(DataError, match=r"no column matches 'h_\*'"):
        to_dataset(cells, {"h_*": "numeric"})


def test_a_column_may_have_glob_characters_in_its_name():
    data = to_dataset(frame_of(**{"p[1]": ["AC"], "p1": ["GG"]}), {"p[1]": "dna"})
    assert data.inputs["p[1]"].strings() == ["AC"]


def test_ids_groups_and_weights():
    cells = frame_of(
        seq=["A", "C"], name=["one", "two"], chrom=["1", "X"], w=["0", "2.5"]
    )
    data = to_dataset(cells, {"seq": "dna"}, ids="name", groups="chrom", weights="w")
    assert data.ids.tolist() == ["one", "two"]
    assert data.groups.tolist() == ["1", "X"]
    assert data.weights.tolist() == [0, 2.5]


@pytest.mark.parametrize(
    ("inputs", "options", "message"),
    [
        ({"sec": "dna"}, {}, r"^x\.csv: no column 'sec': did you mean 'seq'\?"),
        ({"seq": "dnaa"}, {}, "no input kind 'dnaa': did you mean 'dna'"),
        ({"seq": "protein"}, {"targets": {"y": "nmber"}}, "did you mean 'number'"),
        ({"seq": "dna"}, {}, r"column seq, row 3: symbol 'E' at position 2 "),
        ({"gap": "dna"}, {}, r"column gap, row 3: the sequence is missing"),
        ({"y": "numeric"}, {"targets": {"y": "number"}}, "y is an input and a target"),
        ({"y": "numeric"}, {"targets": {"neg": "count"}}, "row 2, column neg: -1: a "),
        ({"y": "numeric"}, {"targets": {"neg": "labels"}}, "a label is 0, 1 or"),
        ({"y": "numeric"}, {"weights": "neg"}, "row 2, column neg: -1: a weight"),
        ({"y": "numeric"}, {"weights": "gap"}, "column gap: 'AC' is not a number"),
        ({"y": "numeric"}, {"targets": {"ss": "positions_class"}}, "need a sequence"),
        ({"pep": "protein"}, {"targets": {"ss": "positions_class"}},
         "row 3, column ss: 1 values for a sequence of 2"),
        ({"pep": "protein"}, {"targets": {"acc": "positions_number"}},
         r"row 2, column acc: not finite numbers .*'1 x'"),
        ({"seq": "dna"}, {"unknown": "skip"}, "choose 'error' or 'any'"),
    ],
)  # fmt: skip
def test_bad_values(inputs, options, message):
    cells = frame_of(
        seq=["ACGT", "AEGT"],
        pep=["MK", "MK"],
        gap=["AC", ""],
        y=["1", "2"],
        neg=["-1", "0"],
        ss=["HE", "H"],
        acc=["1 x", "1 2"],
    )
    with pytest.raises(JaxbioError, match=message):
        to_dataset(cells, inputs, **options)


def test_missing_weight():
    with pytest.raises(DataError, match="row 3, column w: nan: a weight must be there"):
        to_dataset(frame_of(x=["1", "1"], w=["1", ""]), {"x": "numeric"}, weights="w")


def records(*headers) -> Frame:
    names = np.array(headers, object)
    sequences = np.full(len(headers), "ACGT", object)
    columns = {"id": names, "description": names, "sequence": sequences}
    return Frame(columns, "x.fa", np.arange(1, 1 + len(headers)), records=True)


def test_the_only_sequence_input_is_that_of_a_fasta_file():
    data = to_dataset(records("a", "b"), {"promoter": "dna"})
    assert data.inputs["promoter"].strings() == ["ACGT", "ACGT"]
    assert data.ids.tolist() == ["a", "b"]
    with pytest.raises(DataError, match="no column 'one'"):
        to_dataset(records("a"), {"one": "dna", "other": "dna"})


@pytest.mark.parametrize(
    ("pattern", "labels"),
    [
        (r"label=(\S+)", ["yes", "no"]),
        (r"\|(\w+)$", ["p", "q"]),
        (r"(x)?.*label=(?P<label>\w)", ["y", "n"]),
    ],
)
def test_labels_from_headers(pattern, labels):
    found = with_labels(records("a label=yes |p", "b label=no |q"), pattern)
    assert found.table["label"].tolist() == labels


def test_labels_that_are_not_found():
    with pytest.raises(
        DataError, match=r"^x\.fa, row 2: the header 'b' does not match"
    ):
        with_labels(records("a label=yes", "b"), r"label=(\S+)")
    with pytest.raises(JaxbioError, match="no regular expression"):
        with_labels(records("a"), "(")
    with pytest.raises(JaxbioError, match="has no group"):
        with_labels(records("a"), "a")
    with pytest.raises(DataError, match="needs headers"):
        with_labels(frame_of(a=["1"]), "(a)")


def test_take_of_codes_is_unknown_as_any():
    data = to_dataset(frame_of(seq=["AEG"]), {"seq": DNA}, unknown="any")
    assert data.inputs["seq"].strings() == ["ANG"]


def test_sequences_that_many_rows_share_stand_once():
    data = to_dataset(
        frame_of(a=["CCO", "CN", "CCO", "CCO"], b=["MK", "ML", "MI", "MK"]),
        {"a": "smiles", "b": "protein"},
    )
    a, b = data.inputs["a"], data.inputs["b"]
    assert isinstance(a, DictionaryColumn) and isinstance(b, Sequences)
    assert a.values.strings() == ["CCO", "CN"] and a.indices.tolist() == [0, 1, 0, 0]
    alone = to_dataset(frame_of(a=["CCO"] * 4), {"a": "smiles"}).inputs["a"]
    assert isinstance(alone, Sequences)


def test_of_several_inputs_a_sequence_may_be_missing():
    cells = frame_of(a=["CCO", "", "CN"], b=["", "MK", ""], x=["1", "2", ""])
    data = to_dataset(cells, {"a": "smiles", "b": "protein", "x": "numeric"})
    assert data.inputs["a"].indices.tolist() == [0, -1, 1]
    assert data.inputs["b"].indices.tolist() == [-1, 0, -1]
    assert data.inputs["a"].expanded().strings() == ["CCO", "", "CN"]
    with pytest.raises(DataError, match="row 3: the sequence is missing"):
        to_dataset(cells, {"a": "smiles"})
    none = to_dataset(cells.take(np.array([0, 2])), {"a": "smiles", "b": "protein"})
    assert none.inputs["b"].indices.tolist() == [-1, -1]
    assert none.inputs["b"].expanded().strings() == ["", ""]
    with pytest.raises(DataError, match="b: every value is missing"):
        learn_schema(none)
    targets = {"y": "positions_number"}
    track = frame_of(a=["AC", ""], x=["1", "2"], y=["1 2", ""])
    with pytest.raises(DataError, match="row 3: the sequence is missing"):
        to_dataset(track, {"a": "dna", "x": "numeric"}, targets=targets)


def test_invalid_smiles_are_refused_or_left_out():
    cells = frame_of(
        drug=["CCO", "C(C", "CN", "C1CC", "CC", ""],
        x=["1", "2", "3", "4", "5", "6"],
        y=["1", "2", "3", "4", "5", "6"],
    )
    kinds, targets = {"drug": "smiles", "x": "numeric"}, {"y": "number"}
    with pytest.raises(
        DataError, match=r"^x\.csv, column drug: 2 of 5 SMILES .*row 3, 'C\(C': .*row 5"
    ):
        to_dataset(cells, kinds, targets=targets)
    data = to_dataset(cells, kinds, targets=targets, skip_invalid=True)
    assert data.targets["y"].values[:, 0].tolist() == [1, 3, 5, 6]
    assert data.inputs["drug"].expanded().strings() == ["CCO", "CN", "CC", ""]
    assert data.ids.tolist() == ["2", "4", "6", "7"]
    (note,) = data.notes
    assert note.startswith("x.csv: 2 rows without valid inputs left out (row 3, col")
    alone = to_dataset(cells, {"drug": "smiles"}, skip_invalid=True)
    assert alone.inputs["drug"].strings() == ["CCO", "CN", "CC"]
    assert alone.notes[0].startswith("x.csv: 3 rows")
    assert not to_dataset(cells.take(np.array([0])), kinds, skip_invalid=True).notes


def test_nothing_is_left_when_all_smiles_are_bad(tmp_path):
    rows = "drug,y\n" + "C(C,1\n" * 5
    (tmp_path / "x.csv").write_text(rows)
    with pytest.raises(DataError, match=r"x\.csv: no row with valid inputs is left"):
        read(tmp_path / "x.csv", inputs={"drug": "smiles"}, skip_invalid=True)


def test_counts_of_a_table():
    data = to_dataset(frame_of(g_a=["0", "3"], g_b=["2", "0"]), {"g_*": "counts"})
    column = data.inputs["g_*"]
    assert isinstance(column, SparseCounts) and column.names == ("g_a", "g_b")
    np.testing.assert_array_equal(column.matrix[[1, 0]].toarray(), [[3, 0], [0, 2]])
    for cell in ("-1", ""):
        with pytest.raises(DataError, match=r"row 3, column g_b: .* a count is there"):
            to_dataset(frame_of(g_a=["0", "3"], g_b=["2", cell]), {"g_*": "counts"})
