"""Expression: files of every layout, genes by name, bad input, statistics."""

import tracemalloc

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from jaxbio.data.expression import (
    Expression,
    checked,
    count_moments,
    gene_kind,
    match_genes,
    read_counts,
    read_expression,
    read_h5ad,
    read_wide,
    stream_h5ad,
    take_genes,
)
from jaxbio.errors import DataError

COUNTS = np.array([[0, 3, 1], [2, 0, 0], [0, 0, 5], [1, 1, 1]], np.float32)
GENES = ("MYC", "TP53", "KRAS")


def _table(values, genes=GENES, **more):
    values = np.asarray(values, np.float32) if isinstance(values, list) else values
    ids = tuple(f"c{row}" for row in range(values.shape[0]))
    return Expression(values, genes, ids, source="x.csv", **more)


# AnnData files, written here by hand as the published layout says


def _write_matrix(file, name, values, layout):
    if layout == "dense":
        file[name] = values
        return
    matrix = sparse.csr_matrix(values) if layout == "csr" else sparse.csc_matrix(values)
    group = file.create_group(name)
    group.attrs["encoding-type"] = f"{layout}_matrix"
    group.attrs["shape"] = matrix.shape
    for part in ("data", "indices", "indptr"):
        group[part] = getattr(matrix, part)


def _write_h5ad(path, values=COUNTS, *, layout="csr", layers=(), raw=None):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    with h5py.File(path, "w") as file:
        _write_matrix(file, "X", values, layout)
        for name, layer in layers:
            _write_matrix(file, f"layers/{name}", layer, layout)
        obs = file.create_group("obs")
        obs.attrs["_index"] = "barcode"
        obs.attrs["column-order"] = ["type", "depth"]
        obs["barcode"] = [f"cell{row}" for row in range(len(values))]
        obs["depth"] = np.arange(len(values)) * 1.5
        kind = obs.create_group("type")
        kind["categories"] = ["T", "B"]
        kind["codes"] = np.array([0, 1, -1, 0], np.int8)[: len(values)]
        var = file.create_group("var")
        var.attrs["_index"] = "_index"
        var.attrs["column-order"] = ["symbol"]
        var["_index"] = [f"ENSG0000000000{at}" for at in range(values.shape[1])]
        var["symbol"] = list(GENES)
        if raw is not None:
            file.create_group("raw/var").attrs["_index"] = "_index"
            file["raw/var/_index"] = list(GENES)
            _write_matrix(file, "raw/X", raw, layout)
    return path


@pytest.mark.parametrize("layout", ["csr", "csc", "dense"])
def test_h5ad(tmp_path, layout):
    path = _write_h5ad(tmp_path / "x.h5ad", layout=layout)
    table = read_h5ad(path, counts=True, names="symbol")
    assert table.is_sparse and table.values.dtype == np.float32
    np.testing.assert_array_equal(table.values.toarray(), COUNTS)
    assert table.genes == GENES
    assert table.ids == ("cell0", "cell1", "cell2", "cell3")
    assert table.cells["type"].tolist() == ["T", "B", None, "T"]
    assert table.cells["depth"].tolist() == [0.0, 1.5, 3.0, 4.5]
    assert read_expression(path).genes[0] == "ENSG00000000000"
    parts = list(stream_h5ad(path, rows=3))
    assert [len(part) for part in parts] == [3, 1]
    np.testing.assert_array_equal(parts[1].values.toarray(), COUNTS[3:])
    assert parts[1].ids == ("cell3",) and parts[1].cells["type"].tolist() == ["T"]


def test_h5ad_finds_the_counts(tmp_path):
    logs = np.log1p(COUNTS)
    path = _write_h5ad(tmp_path / "layer.h5ad", logs, layers=[("counts", COUNTS)])
    table = read_h5ad(path, counts=True)
    np.testing.assert_array_equal(table.values.toarray(), COUNTS)
    assert table.notes == (
        "X holds no whole numbers: the counts are those of 'counts'",
    )
    np.testing.assert_allclose(read_h5ad(path).values.toarray(), logs)
    path = _write_h5ad(tmp_path / "raw.h5ad", logs, raw=COUNTS)
    assert read_h5ad(path, counts=True).genes == GENES
    path = _write_h5ad(tmp_path / "none.h5ad", logs)
    with pytest.raises(DataError, match="no raw counts in X"):
        read_h5ad(path, counts=True)
    with pytest.raises(DataError, match="no layer 'count': Known: X"):
        read_h5ad(path, layer="count")
    with pytest.raises(DataError, match="no column 'symbols': did you mean 'symbol'"):
        read_h5ad(path, names="symbols")


def test_damaged_h5ad(tmp_path):
    path = _write_h5ad(tmp_path / "x.h5ad")
    (tmp_path / "cut.h5ad").write_bytes(path.read_bytes()[:1000])
    with pytest.raises(DataError, match="not a whole HDF5 file"):
        read_h5ad(tmp_path / "cut.h5ad")
    with pytest.raises(DataError, match="no such file"):
        read_h5ad(tmp_path / "none.h5ad")
    import h5py

    with h5py.File(tmp_path / "other.h5ad", "w") as file:
        file["X"] = np.zeros((2, 2))
    with pytest.raises(DataError, match="no obs and no var"):
        read_h5ad(tmp_path / "other.h5ad")


def test_h5ad_as_anndata_writes_it(tmp_path):
    anndata = pytest.importorskip("anndata", reason="anndata is not installed")
    pandas = pytest.importorskip("pandas")
    if hasattr(anndata.settings, "allow_write_nullable_strings"):
        anndata.settings.allow_write_nullable_strings = True  # those of pandas 3
    obs = pandas.DataFrame(
        {
            "type": pandas.Categorical(["T", None, "B", "T"]),
            "batch": ["a", "b", "a", "b"],
            "age": pandas.array([1, None, 3, 4], dtype="Int64"),
        },
        index=list("wxyz"),
    )
    var = pandas.DataFrame(index=list(GENES))
    for values in (sparse.csr_matrix(COUNTS), sparse.csc_matrix(COUNTS), COUNTS):
        data = anndata.AnnData(values, obs=obs, var=var)
        data.write_h5ad(tmp_path / "x.h5ad")
        table = read_h5ad(tmp_path / "x.h5ad", counts=True)
        np.testing.assert_array_equal(table.values.toarray(), COUNTS)
        assert (table.genes, table.ids) == (GENES, tuple("wxyz"))
        assert table.cells["type"].tolist() == ["T", None, "B", "T"]
        assert table.cells["batch"].tolist() == list("abab")
        assert table.cells["age"].tolist() == [1, None, 3, 4]


def _sparse(cells, genes, each=50):
    """Counts of 1 and more of `each` genes in every cell."""
    rng = np.random.default_rng(0)
    columns = np.sort(rng.integers(0, genes - each, (cells, each)), axis=1)
    columns += np.arange(each)  # none occurs twice
    counts = 1 + rng.poisson(1.0, cells * each).astype(np.float32)
    bounds = np.arange(cells + 1) * each
    return sparse.csr_matrix((counts, columns.ravel(), bounds), (cells, genes))


def test_large_h5ad_is_never_dense(tmp_path):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    matrix = _sparse(20_000, 5000)
    with h5py.File(tmp_path / "x.h5ad", "w") as file:
        group = file.create_group("X")
        group.attrs["encoding-type"], group.attrs["shape"] = "csr_matrix", matrix.shape
        for part in ("data", "indices", "indptr"):
            group[part] = getattr(matrix, part)
        for name, size in zip(("obs", "var"), matrix.shape, strict=True):
            file.create_group(name).attrs["_index"] = "_index"
            file[name]["_index"] = [str(at) for at in range(size)]
    dense, stored = 4 * 20_000 * 5000, 8 * matrix.nnz
    tracemalloc.start()
    for _ in stream_h5ad(tmp_path / "x.h5ad", rows=1000):
        pass
    streamed = tracemalloc.get_traced_memory()[1]
    tracemalloc.reset_peak()
    table = read_h5ad(tmp_path / "x.h5ad")
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert streamed < stored  # a part and the names alone
    assert peak < 1.8 * stored < dense / 10
    assert (table.values != matrix).nnz == 0


@pytest.mark.parametrize(
    ("value", "message"),
    [
        (np.nan, r"row 4 \(cell3\), gene 'TP53': nan is not a finite number"),
        (-1.0, r"row 4 \(cell3\), gene 'TP53': -1 is negative"),
        (0.5, r"row 4 \(cell3\), gene 'TP53': 0.5 is not a whole number"),
    ],
)
def test_a_stream_is_checked_to_its_end(tmp_path, value, message):
    values = COUNTS.copy()
    values[3, 1] = value
    _write_h5ad(tmp_path / "x.h5ad", values)
    options = {"layer": "X", "names": "symbol", "counts": True, "rows": 2}
    with pytest.raises(DataError, match=message):
        list(stream_h5ad(tmp_path / "x.h5ad", **options))


def test_genes_that_occur_twice_stop_a_stream(tmp_path):
    _write_h5ad(tmp_path / "x.h5ad")
    with pytest.importorskip("h5py").File(tmp_path / "x.h5ad", "a") as file:
        file["var/symbol"][2] = "MYC"
    with pytest.raises(DataError, match=r"1 gene occurs more than once \('MYC' 2"):
        next(stream_h5ad(tmp_path / "x.h5ad", names="symbol"))


# npz files


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
    with pytest.raises(DataError, match="not an npz file"):
        read_counts(tmp_path / "z.npz")
    parts = {"data": [1.0], "indices": [7], "indptr": [0, 1], "shape": [1, 3]}
    np.savez(tmp_path / "w.npz", **{n: np.array(v) for n, v in parts.items()})
    with pytest.raises(DataError, match="do not make a matrix"):
        read_counts(tmp_path / "w.npz")


# Wide tables


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


# Values


def test_bad_counts_are_pointed_out():
    for wrap in (sparse.csr_matrix, np.asarray):
        values = COUNTS.copy()
        values[1, 0] = -2
        place = r"x.csv, row 2 \(c1\), gene 'MYC': -2 is negative \(1 such"
        with pytest.raises(DataError, match=place):
            checked(_table(wrap(values)), counts=True)
        values[1, 0] = 0.5
        with pytest.raises(DataError, match=r"0\.5 is not a whole number"):
            checked(_table(wrap(values)), counts=True)
        assert checked(_table(wrap(values))).genes == GENES
        values[1, 0] = np.inf
        with pytest.raises(DataError, match="inf is not a finite number"):
            checked(_table(wrap(values)))
    values[1, 0] = np.nan
    with pytest.raises(DataError, match="nan is not a finite number"):
        checked(_table(sparse.csr_matrix(values)))
    assert np.isnan(checked(_table(values), counts=True).values[1, 0])
    empty = COUNTS * np.array([[1], [0], [1], [1]], np.float32)
    assert "1 of 4 cells have no counts" in checked(_table(empty), counts=True).notes[0]


def test_genes_that_occur_twice():
    for wrap in (sparse.csr_matrix, np.asarray):
        table = _table(wrap(COUNTS), ("A", "B", "A"))
        with pytest.raises(DataError, match=r"1 gene occurs more than once \('A' 2"):
            checked(table)
        summed = checked(table, duplicates="sum")
        values = summed.values.toarray() if summed.is_sparse else summed.values
        np.testing.assert_array_equal(values, [[1, 3], [2, 0], [5, 0], [2, 1]])
        assert summed.genes == ("A", "B") and "added up" in summed.notes[0]


# Genes by name


def test_genes_are_matched_by_name_version_and_case():
    have = ["ENSG00000141510.18", "tp53", "MYC ", "Actb", "ACTB", "X"]
    want = ["ENSG00000141510.11", "TP53", "MYC", "actb", "KRAS"]
    match = match_genes(have, want)
    # Both spellings of actin fit: neither is taken.
    assert match.positions.tolist() == [0, 1, 2, -1, -1]
    assert match.missing == ("actb", "KRAS") and match.unknown == ("Actb", "ACTB", "X")
    assert (match.share, match.respelt) == (0.6, 1)
    assert "3 of 5 genes found (60 %)" in match.summary
    match.check(least=0.6)
    with pytest.raises(DataError, match="at least 70 % are needed"):
        match.check(least=0.7)


def test_kinds_of_identifiers_are_told_apart():
    kinds = {
        "Ensembl gene identifiers": ["ENSMUSG00000059552", "ENSG00000141510.2"],
        "Ensembl transcript identifiers": ["ENST00000269305"],
        "Entrez gene numbers": ["7157", "4609"],
        "RefSeq identifiers": ["NM_000546.6"],
        "Affymetrix probes": ["1007_s_at", "AFFX-BioB-5_at"],
        "gene symbols": ["TP53", "Myc", "HLA-A", "1-Mar"],
    }
    for kind, names in kinds.items():
        assert gene_kind(names) == kind
    match = match_genes(kinds["Ensembl gene identifiers"], ["TP53", "MYC"])
    with pytest.raises(DataError) as error:
        match.check(source="new.h5ad")
    said = "new.h5ad has Ensembl gene identifiers ('ENSMUSG00000059552', 'ENSG"
    assert said in str(error.value)
    assert "the model gene symbols ('TP53', 'MYC'): convert them" in str(error.value)


_NAMES = st.lists(st.sampled_from("abcdefgh"), unique=True)


@given(have=_NAMES, want=_NAMES, cells=st.integers(1, 4))
@settings(max_examples=60, deadline=None)
def test_taken_genes_stand_as_wanted(have, want, cells):
    match = match_genes(have, want)
    values = np.arange(cells * len(have), dtype=np.float32).reshape(cells, len(have))
    taken = take_genes(values, match)
    alike = take_genes(sparse.csr_matrix(values), match).toarray()
    for at, name in enumerate(want):
        if name in have:
            np.testing.assert_array_equal(taken[:, at], values[:, have.index(name)])
            np.testing.assert_array_equal(alike[:, at], taken[:, at])
        else:
            assert np.isnan(taken[:, at]).all() and not alike[:, at].any()
    assert set(match.missing) == set(want) - set(have)
    assert set(match.unknown) == set(have) - set(want)


# Statistics


def test_moments_are_those_of_the_dense_matrix():
    rng = np.random.default_rng(0)
    counts = rng.poisson(0.5, (50, 30)).astype(np.float32)
    counts[7] = counts[-1] = 0  # no counts: not a cell to learn from
    counts[:, 3] = 0
    kept = counts[counts.sum(1) > 0]
    shares = kept / kept.sum(1, keepdims=True)
    logs = np.log1p(1e4 * shares)
    moments = count_moments(sparse.csr_matrix(counts))
    np.testing.assert_allclose(moments.mean, logs.mean(0), rtol=1e-5)
    np.testing.assert_allclose(moments.scale, logs.std(0), rtol=1e-4)
    np.testing.assert_allclose(moments.share, shares.mean(0), rtol=1e-5)
    assert moments.scale[3] == 0
    with pytest.raises(DataError, match="none of 2 cells has any counts"):
        count_moments(sparse.csr_matrix((2, 3), dtype=np.float32))


@pytest.mark.parametrize("at_once", [1, 7, 100])
def test_moments_do_not_depend_on_the_parts(monkeypatch, at_once):
    counts = np.random.default_rng(0).poisson(0.3, (60, 20)).astype(np.float32)
    counts[[0, 20, -1]] = 0
    matrix = sparse.csr_matrix(counts)
    whole = count_moments(matrix)
    monkeypatch.setattr("jaxbio.data.expression.moments._AT_ONCE", at_once)
    for part, same in zip(count_moments(matrix), whole, strict=True):
        np.testing.assert_allclose(part, same, rtol=1e-6)


def test_moments_take_hardly_any_memory(monkeypatch):
    matrix = _sparse(20_000, 500)
    monkeypatch.setattr("jaxbio.data.expression.moments._AT_ONCE", 1 << 14)
    tracemalloc.start()
    count_moments(matrix)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.3 * (matrix.data.nbytes + matrix.indices.nbytes)


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
