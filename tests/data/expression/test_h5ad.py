"""AnnData files, written here by hand as the published layout says."""

import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from jaxbio.data.expression import (
    read_expression,
    read_h5ad,
    stream_h5ad,
)
from jaxbio.errors import DataError
from tests.helpers import sparse_counts

COUNTS = np.array([[0, 3, 1], [2, 0, 0], [0, 0, 5], [1, 1, 1]], np.float32)
GENES = ("MYC", "TP53", "KRAS")


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


def test_large_h5ad_is_never_dense(tmp_path):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    matrix = sparse_counts(20_000, 5000)
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
