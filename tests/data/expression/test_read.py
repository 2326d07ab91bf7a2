import numpy as np
import pytest
from scipy import sparse

from jaxbio.data.expression import (
    gene_kind,
    match_genes,
    read_counts,
    read_expression,
    read_wide,
)
from jaxbio.errors import DataError

COUNTS = np.array([[0, 3, 1], [2, 0, 0], [0, 0, 5], [1, 1, 1]], np.float32)
GENES = ("MYC", "TP53", "KRAS")


def test_npz_with_names(tmp_path):
    path = tmp_path / "counts.npz"
    matrix = sparse.csr_matrix(COUNTS.astype(np.uint16))
    np.savez(
        path, data=matrix.data, indices=matrix.indices.astype(np.uint16),
        indptr=matrix.indptr, shape=matrix.shape, genes=np.array(GENES),
        label=np.array(list("abab")),
    )  # fmt: skip
    table = read_expression(path, counts=True)
    np.testing.assert_array_equal(table.values.toarray(), COUNTS)
    assert table.genes == GENES and table.cells["label"].tolist() == list("abab")
    (tmp_path / "genes.csv").write_text("gene,name\n0,A\n1,B\n2,C\n")
    (tmp_path / "cells.csv").write_text("cell,label\n0,x\n1,y\n2,x\n3,y\n")
    table = read_counts(
        path, genes=tmp_path / "genes.csv", cells=tmp_path / "cells.csv"
    )
    assert table.genes == ("A", "B", "C")
    assert table.cells["label"].tolist() == list("xyxy")
    assert read_counts(path, genes=f"{tmp_path}/genes.csv:gene").genes == tuple("012")
    with pytest.raises(DataError, match="no column 'names'"):
        read_counts(path, genes=f"{tmp_path}/genes.csv:names")
    with pytest.raises(DataError, match="4 rows for 3 genes"):
        read_counts(path, genes=tmp_path / "cells.csv")
    with pytest.raises(DataError, match="3 columns, but 2 names"):
        read_counts(path, genes=["A", "B"])


def test_names_of_genes_say_nothing_about_as_many_cells(tmp_path):
    matrix = sparse.csr_matrix(np.eye(3, dtype=np.float32))
    parts = {part: getattr(matrix, part) for part in ("data", "indices", "indptr")}
    about = {"genes": np.array(GENES), "label": np.array(list("abc"))}
    np.savez(tmp_path / "x.npz", shape=matrix.shape, **parts, **about)
    table = read_counts(tmp_path / "x.npz")
    assert table.genes == GENES and list(table.cells) == ["label"]


def test_npz_of_scipy_and_what_is_none(tmp_path):
    for make in (sparse.csr_matrix, sparse.csc_matrix):
        sparse.save_npz(tmp_path / "x.npz", make(COUNTS))
        table = read_counts(tmp_path / "x.npz")
        np.testing.assert_array_equal(table.values.toarray(), COUNTS)
        assert table.genes == ("0", "1", "2") and "numbered" in table.notes[0]
    np.savez(tmp_path / "y.npz", x=COUNTS)
    with pytest.raises(DataError, match="no array 'data'"):
        read_counts(tmp_path / "y.npz")
    (tmp_path / "z.npz").write_text("gene")
    with pytest.raises(DataError, match="not a whole npz file"):
        read_counts(tmp_path / "z.npz")
    parts = {"data": [1.0], "indices": [7], "indptr": [0, 1], "shape": [1, 3]}
    np.savez(tmp_path / "w.npz", **{n: np.array(v) for n, v in parts.items()})
    with pytest.raises(DataError, match="do not make a matrix"):
        read_counts(tmp_path / "w.npz")


def test_wide_table(tmp_path):
    path = tmp_path / "x.csv"
    path.write_text("sample,MYC,TP53,stage\ns1,1.5,,I\ns2,2,4,II\n")
    table = read_expression(path)
    assert (table.genes, table.ids) == (("MYC", "TP53"), ("s1", "s2"))
    np.testing.assert_array_equal(table.values, [[1.5, np.nan], [2, 4]])
    assert table.cells["stage"].tolist() == ["I", "II"]
    assert table.notes == ("taken as labels, not genes, for their words: stage",)
    path.write_text("MYC,TP53,label\n1,2,0\n3,4,1\n")
    table = read_wide(path, cells=["label"], counts=True)
    assert (table.genes, table.ids) == (("MYC", "TP53"), ("1", "2"))
    assert table.cells["label"].tolist() == ["0", "1"]


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("s,MYC,MYC\na,1,2\n", "the column name 'MYC' occurs 2 times"),
        ("s,MYC\na,1\nb,x\n", "row 3, column MYC: 'x' is not a number"),
        ("s,MYC\na,1\nb,inf\n", "column MYC: inf is infinite"),
        ("s,MYC,P\na,1,\nb,2,\n", "1 gene without any value ('P')"),
        ("s,MYC,P\na,,\nb,2,1\n", "1 row without any value ('a')"),
        ("s,MYC\na,x\nb,y\n", "no column holds numbers"),
    ],
)
def test_bad_wide_table(tmp_path, text, message):
    (tmp_path / "x.csv").write_text(text)
    with pytest.raises(DataError) as error:
        read_wide(tmp_path / "x.csv")
    assert message in str(error.value) and "x.csv" in str(error.value)


@pytest.mark.data
@pytest.mark.parametrize(
    ("name", "shape", "stored"),
    [
        ("worm_neuron", (4186, 13488), 780212),
        ("mouse_bladder_2100", (2100, 20670), 2214875),
        ("spleen_actinn", (1000, 14063), 1459617),
        ("pbmc68k_reduced", (700, 765), 174400),
    ],
)
def test_real_counts(real_data, name, shape, stored):
    folder = real_data(f"expression/{name}")
    genes = folder / "genes.csv"
    table = read_counts(
        folder / "counts.npz", genes=genes if genes.exists() else None, counts=True
    )
    assert table.values.shape == shape and table.values.nnz == stored
    if genes.exists():
        assert gene_kind(table.genes) == "gene symbols"
        assert {"pbmc68k_reduced": "HES4"}.get(name, table.genes[0]) == table.genes[0]


@pytest.mark.data
def test_real_wide_table(real_data):
    folder = real_data("expression/breast_tcga")
    train = read_wide(folder / "train_mrna.csv.gz")
    test = read_wide(folder / "test_mrna.csv.gz")
    assert train.values.shape == (150, 200) and train.ids[0] == "A0FJ"
    assert match_genes(test.genes, train.genes).share == 1
