"""Files side by side by the names of rows."""

import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.data.io.frames import Frame
from jaxbio.data.joined import Tables, join
from jaxbio.errors import DataError


@pytest.fixture
def files(tmp_path):
    clinic = "patient,age,y\np1,40,1.5\np2,51,2.5\np3,62,0.5\np1,41,1.25\n"
    (tmp_path / "clinic.csv").write_text(clinic)
    genes = pd.DataFrame({"patient": ["p3", "p1"], "TP53": [7, 9]})
    genes.to_parquet(tmp_path / "genes.parquet")
    (tmp_path / "snps.tsv").write_text("patient\trs1\np2\tAA\np1\tAG\np3\tAA\n")
    (tmp_path / "seq.fa").write_text(">p1 one\nACGT\n>p2\nGGTT\n>p3\nACCA\n")
    return tmp_path


def test_columns_stand_beside_their_rows(files):
    others = [files / "genes.parquet", files / "snps.tsv"]
    data = jb.read(join(files / "clinic.csv", others), targets=["y"])
    features = data.inputs["features"]
    assert features.names == ("age", "TP53")
    expected = [[40, 9], [51, np.nan], [62, 7], [41, 9]]
    np.testing.assert_array_equal(features.values, expected)
    assert data.inputs["rs1"].values.tolist() == ["AG", "AA", "AA", "AG"]
    assert list(data.inputs) == ["features", "rs1"]  # not who it is
    (note,) = (note for note in data.notes if "genes.parquet" in note)
    assert "1 of 4 rows" in note and note.endswith("p2")


def test_rows_of_one_name_stay_together(files):
    names = [f"p{at // 3}" for at in range(36)]
    visits = pd.DataFrame({"who": names, "age": range(36), "y": np.arange(36) / 7})
    genes = pd.DataFrame({"who": sorted(set(names)), "TP53": range(12)})
    data = jb.read(join(visits, genes), targets=["y"])
    assert data.provenance.groups == "who"
    assert np.asarray(data.groups).tolist() == names


def test_names_are_numbers_in_one_file_and_text_in_the_other():
    visits = pd.DataFrame({"n": ["7", "8", "9"], "y": [0.5, 1.5, 2.5]})
    genes = pd.DataFrame({"n": [9.0, 7.0, np.nan], "g": [1.0, 2.0, 3.0]})
    rows = jb.read(join(visits, genes, on="n"), inputs={"g": "numeric"}, targets=["y"])
    np.testing.assert_array_equal(rows.inputs["g"].values[:, 0], [2, np.nan, 1])


def test_sequences_are_joined_by_their_names(files):
    table = pd.DataFrame({"id": ["p2", "p1"], "y": [1.5, 2.5]})
    rows = jb.read(join(table, files / "seq.fa"), targets=["y"])
    assert rows.inputs["sequence"].strings() == ["GGTT", "ACGT"]
    assert rows.ids.tolist() == ["p2", "p1"]


def test_rows_to_predict_are_joined_part_by_part(files):
    kinds = {"age": "numeric", "TP53": "numeric"}
    source = join(files / "clinic.csv", files / "genes.parquet")
    parts = list(jb.data.stream(source, kinds, rows=3))
    found = [part.inputs["TP53"].values[:, 0].tolist() for part in parts]
    assert [len(each) for each in found] == [3, 1] and found[1] == [9]


@pytest.mark.parametrize(
    ("table", "on", "words"),
    [
        ("person\trs1\np1\tA\n", None, "no column in common"),
        ("person\trs1\np1\tA\n", "patient", "no column 'patient'"),
        ("gene\tage\ty\np1\t1\t2\n", None, "several columns"),
        ("patient\tage\np1\tA\n", None, "several columns in common"),
        ("patient\tage\np1\tA\n", "patient", "both have a column 'age'"),
        ("patient\trs1\np1\tA\np1\tG\n", None, "rows 2 and 3: patient 'p1'"),
        ("patient\trs1\nq1\tA\n", None, "no patient in common (p1, p2, p3"),
    ],
)
def test_files_that_do_not_fit_are_named(files, table, on, words):
    (files / "other.tsv").write_text(table)
    source = join(files / "clinic.csv", files / "other.tsv", on=on)
    with pytest.raises(DataError) as caught:
        jb.read(source, targets=["y"])
    assert words in str(caught.value) and "other.tsv" in str(caught.value)


def test_matrices_are_refused():
    frame = Frame({"id": np.array(["a"])}, "m.h5ad", np.arange(1), arrays={"x": 1})
    with pytest.raises(DataError, match="holds a matrix"):
        Tables([[frame]], None)


def test_genes_by_samples_are_turned(tmp_path):
    (tmp_path / "clinic.csv").write_text("who,y\ns1,1.5\ns2,2.5\ns3,0.5\n")
    table = "gene\tlength\ts2\ts1\ts9\nTP53\t20\t2\t1\t9\nMYC\t30\t4\tNA\t8\n"
    (tmp_path / "genes.tsv").write_text(table)
    rows = join(tmp_path / "clinic.csv", tmp_path / "genes.tsv")
    data = jb.read(rows, targets=["y"])
    features = data.inputs["features"]
    assert features.names == ("TP53", "MYC")
    expected = [[1, np.nan], [2, 4], [np.nan, np.nan]]
    np.testing.assert_array_equal(features.values, expected)
    assert any("has a column for each who" in note for note in data.notes)
    with pytest.raises(DataError, match=r"name .*clinic.csv first and join .*genes"):
        jb.read(join(tmp_path / "genes.tsv", tmp_path / "clinic.csv"), targets=["y"])


def test_counts_of_genes_stand_apart_from_other_numbers():
    rng = np.random.default_rng(0)
    who = [f"p{at}" for at in range(40)]
    clinic = pd.DataFrame(
        {"who": who, "age": rng.normal(60, 9, 40), "y": rng.random(40)}
    )
    values = np.exp(rng.normal(3, 3, (600, 40))).astype(int)
    values[0] = 500_000
    genes = pd.DataFrame(values, columns=who)
    genes.insert(0, "gene", [f"{stem}{at}" for at in range(300) for stem in ("A", "B")])
    inputs = jb.read(join(clinic, genes), targets=["y"]).inputs
    assert list(inputs) == ["counts", "age"]
    assert inputs["counts"].kind == "counts"
    fewer = genes.drop(columns=["p3", "p7"])
    inputs = jb.read(join(clinic, fewer), targets=["y"]).inputs
    assert inputs["counts"].kind == "counts"
    assert np.flatnonzero(inputs["counts"].missing()).tolist() == [3, 7]
