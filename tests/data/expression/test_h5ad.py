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
from jaxbio.data.learn import learn_schema
from jaxbio.data.reading import read, read_for
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
    with pytest.raises(DataError, match="no var in the file"):
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


def _damage(path, change):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    with h5py.File(path, "r+") as file:
        change(file)


def _replace(name, values):
    def change(file):
        del file[name]
        file[name] = values

    return change


def _claim(name, shape):
    """An array that was never written; it takes no room in the file."""

    def change(file):
        del file[name]
        file.create_dataset(name, shape, "f4", chunks=True)

    return change


def _attribute(name, attribute, value):
    return lambda file: file[name].attrs.__setitem__(attribute, value)


def _delete(name):
    return lambda file: file.__delitem__(name)


@pytest.mark.parametrize("layout", ["csr", "csc"])
@pytest.mark.parametrize(
    "change, message",
    [
        (_replace("X/indices", [0, 1, 99, 0, 1, 2, 0]), "X/indices has 99"),
        (_replace("X/indices", [0, 1, -1, 0, 1, 2, 0]), "X/indices has -1"),
        (_replace("X/indices", np.zeros(7)), "holds values of the type float64"),
        (_replace("X/indices", [0, 1]), "indices has 2"),
        (_replace("X/indptr", [0, 2]), "X/indptr has 2 bounds"),
        (_replace("X/data", np.ones(3)), "data has 3 values"),
        (_replace("X/data", ["a"] * 7), "X/data holds text, not numbers"),
        (_attribute("X", "shape", [4.5, 3.0]), r"has the shape \[4.5, 3.0\]"),
        (_attribute("X", "shape", [1 << 40, 1 << 40]), "bounds for 1099511627776"),
        (_attribute("X", "encoding-type", "coo_matrix"), "stored as 'coo'"),
        (_delete("X/indptr"), "X has no 'indptr'"),
        (_replace("obs/type/codes", [0, 1, 2, 0]), "code 2 in row 3, but there are 2"),
        (_replace("obs/type/codes", [0, 1, -2, 0]), "code -2 in row 3"),
        (_replace("obs/type/codes", [0, 1]), "4 rows, but 2 in the column 'type'"),
        (_delete("obs/type/categories"), "obs/type has no 'categories'"),
        (_replace("obs/depth", np.ones((4, 2))), "obs/depth has 2 dimensions"),
        (_attribute("obs", "_index", "nothere"), "obs has no column 'nothere'"),
        (_delete("obs/depth"), "obs has no column 'depth'"),
        (_replace("obs/barcode", ["a", "b"]), "but 4 in the column 'type'"),
        (_delete("obs"), "no obs in the file"),
        (_replace("var", [1]), "layout of anndata before 0.7"),
        (_claim("X/data", (1_000_000_000,)), "claims 1000000000 values"),
        (_replace("X", np.zeros((2, 2))), "X has 2 rows and 2 columns, but 4 cells"),
        (_claim("X/indptr", (5,)), "claims 5 values"),
    ],
)
def test_what_a_damaged_h5ad_holds_is_never_read(tmp_path, layout, change, message):
    path = _write_h5ad(tmp_path / "x.h5ad", layout=layout)
    _damage(path, change)
    tracemalloc.start()
    with pytest.raises(DataError, match=message) as caught:
        read_h5ad(path)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert str(path) in str(caught.value) and peak < 10e6


@pytest.mark.parametrize("bounds", [[0, 3, 2, 7, 7], [1, 2, 3, 6, 7], [0, 2, 3, 4, 9]])
def test_bounds_of_rows_rise_to_the_end(tmp_path, bounds):
    path = _write_h5ad(tmp_path / "x.h5ad")
    _damage(path, _replace("X/indptr", bounds))
    with pytest.raises(DataError, match=r"X/indptr (does not rise|ends at 9)"):
        read_h5ad(path)


def test_other_files_are_never_opened(tmp_path):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    secret = tmp_path / "secret.txt"
    secret.write_text("do not tell" * 4)

    def external(file):
        del file["obs/barcode"]
        where = [(str(secret), 0, h5py.h5f.UNLIMITED)]
        file.create_dataset("obs/barcode", (4,), "S8", external=where)

    def linked(file):
        del file["obs/barcode"]
        file["obs/barcode"] = h5py.ExternalLink(str(other), "obs/barcode")

    def soft(file):
        file["far"] = h5py.ExternalLink(str(other), "obs")
        del file["obs/barcode"]
        file["obs/barcode"] = h5py.SoftLink("/far/barcode")

    def virtual(file):
        del file["obs/barcode"]
        layout = h5py.VirtualLayout((4,), "f8")
        layout[:] = h5py.VirtualSource(str(other), "obs/depth", (4,))
        file.create_virtual_dataset("obs/barcode", layout)

    other = _write_h5ad(tmp_path / "other.h5ad")
    for at, change in enumerate((external, linked, soft, virtual)):
        path = _write_h5ad(tmp_path / f"{at}.h5ad")
        _damage(path, change)
        with pytest.raises(DataError, match="another file"):
            read_h5ad(path)


def test_packed_values_are_compared_with_their_claim(tmp_path):
    path = _write_h5ad(tmp_path / "x.h5ad", np.zeros((4, 3)), layout="dense")

    def packed(shape, chunk):
        def change(file):
            del file["X"]
            made = file.create_dataset("X", shape, "f4", chunks=chunk, compression=9)
            if chunk == shape:
                made[...] = 1

        return change

    _damage(path, packed((4, 3), (4, 3)))
    assert read_h5ad(path).values.sum() == 12
    _damage(path, packed((1 << 26, 3), (1 << 16, 3)))
    with pytest.raises(DataError, match=r"does not hold|claims 67108864 x 3"):
        read_h5ad(path)


def test_logicals_of_r(tmp_path):
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    path = _write_h5ad(tmp_path / "x.h5ad")
    logical = h5py.enum_dtype({"FALSE": 0, "TRUE": 1, "NA": 2}, "u1")

    def change(codes):
        def write(file):
            del file["obs/depth"]
            file.create_dataset("obs/depth", data=codes, dtype=logical)

        return write

    _damage(path, change([0, 1, 2, 0]))
    assert read_h5ad(path).cells["depth"].tolist() == ["FALSE", "TRUE", None, "FALSE"]
    _damage(path, change([0, 1, 7, 0]))
    with pytest.raises(DataError, match="code 7, which has no name"):
        read_h5ad(path)


def test_counts_of_a_layer_without_x(tmp_path):
    path = _write_h5ad(tmp_path / "x.h5ad", layers=[("counts", COUNTS)])
    _damage(path, _delete("X"))
    table = read_h5ad(path, counts=True)
    assert table.notes == ("there is no X: the counts are those of 'counts'",)
    np.testing.assert_array_equal(table.values.toarray(), COUNTS)
    with pytest.raises(DataError, match=r"no X in the file .*layer='NAME'"):
        read_h5ad(path)


def test_the_same_entry_twice_is_added_up(tmp_path):
    path = _write_h5ad(tmp_path / "x.h5ad")
    _damage(path, _replace("X/indices", [1, 1, 0, 2, 0, 1, 2]))
    table = read_h5ad(path, counts=True)
    assert table.values.toarray()[0].tolist() == [0, 4, 0]


def test_genes_that_occur_twice_can_be_added_up_in_a_stream(tmp_path):
    path = _write_h5ad(tmp_path / "x.h5ad")
    _damage(path, _replace("var/symbol", ["MYC", "MYC", "KRAS"]))
    parts = list(stream_h5ad(path, names="symbol", rows=3, duplicates="sum"))
    assert [part.genes for part in parts] == [("MYC", "KRAS")] * 2
    assert parts[0].values.toarray().tolist() == [[3, 1], [2, 0], [0, 5]]


def test_values_of_a_layer_are_read_as_numbers(tmp_path):
    path = _write_h5ad(tmp_path / "x.h5ad", np.log1p(COUNTS))
    with pytest.raises(DataError, match=r"layer='NAME'.*inputs=.*counts"):
        read(path, targets="type")
    with pytest.raises(DataError, match="not a whole number"):
        read(path, targets="type", layer="X")
    data = read(path, inputs={"counts": "numeric"}, targets="type", layer="X")
    np.testing.assert_allclose(data.inputs["counts"].values, np.log1p(COUNTS))
    schema = learn_schema(data, {"type": ("class", False)})
    again = read_for(path, schema, layer="X")
    np.testing.assert_array_equal(
        again.inputs["counts"].values, data.inputs["counts"].values
    )
    table = tmp_path / "x.csv"
    table.write_text("a,type\n1,x\n2,y\n")
    for options in ({"layer": "X"}, {"duplicates": "sum"}):
        with pytest.raises(DataError, match="is for AnnData files"):
            read(table, **options)
