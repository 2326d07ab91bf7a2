import numpy as np
import pytest

from jaxbio.data.expression import read_h5ad
from jaxbio.data.expression.write import add_to_h5ad, write_h5ad
from jaxbio.errors import DataError
from tests.helpers import CELL_COUNTS, CELL_GENES, write_cells

h5py = pytest.importorskip("h5py", reason="h5py is not installed")


@pytest.fixture
def cells(tmp_path):
    return write_cells(tmp_path / "x.h5ad", CELL_COUNTS, CELL_GENES, "aabbabb")


def test_a_copy_has_what_the_file_has_and_the_results(cells, tmp_path):
    latent = np.arange(14, dtype=np.float32).reshape(7, 2)
    found = np.array(["c1", "c0", "c0", "c1", "c1", "c1", "c0"])
    add_to_h5ad(cells, tmp_path / "y.h5ad", obs={"k": found}, obsm={"X_z": latent})
    table = read_h5ad(tmp_path / "y.h5ad", counts=True)
    assert table.cells["k"].tolist() == found.tolist()
    assert (table.values.toarray() == CELL_COUNTS).all()
    assert "k" not in read_h5ad(cells, counts=True).cells
    # Again, in place of what has the name.
    add_to_h5ad(tmp_path / "y.h5ad", tmp_path / "z.h5ad", obs={"k": found[::-1]})
    with h5py.File(tmp_path / "z.h5ad") as file:
        assert (file["obsm/X_z"][()] == latent).all()
        names = [str(name) for name in file["obs"].attrs["column-order"]]
        assert names == ["cell_type", "k"]
    table = read_h5ad(tmp_path / "z.h5ad", counts=True)
    assert table.cells["k"].tolist() == found[::-1].tolist()


def test_anndata_reads_the_copy(cells, tmp_path):
    anndata = pytest.importorskip("anndata", reason="anndata is not installed")
    with h5py.File(cells, "r+") as file:  # what anndata asks of files
        for name in ("obs", "var"):
            file[name].attrs["encoding-type"] = "dataframe"
            file[name].attrs["encoding-version"] = "0.2.0"
        file["X"].attrs["encoding-version"] = "0.1.0"
        for name in ("obs/barcode", "obs/cell_type", "var/gene"):
            file[name].attrs["encoding-type"] = "string-array"
            file[name].attrs["encoding-version"] = "0.2.0"
        file.attrs.update({"encoding-type": "anndata", "encoding-version": "0.1.0"})
    found = np.array(["c1", "c0", "c0", "c1", "c1", "c1", "c0"])
    latent = np.arange(14, dtype=np.float32).reshape(7, 2)
    add_to_h5ad(cells, tmp_path / "y.h5ad", obs={"k": found}, obsm={"X_z": latent})
    table = anndata.read_h5ad(tmp_path / "y.h5ad")
    assert table.obs["k"].tolist() == found.tolist()
    assert table.obs["k"].dtype == "category" and (table.obsm["X_z"] == latent).all()


def test_values_of_other_cells_are_refused_and_nothing_is_left(cells, tmp_path):
    with pytest.raises(DataError, match="7 cells, and 3 values of k"):
        add_to_h5ad(cells, tmp_path / "y.h5ad", obs={"k": np.array(["a", "b", "c"])})
    assert [path.name for path in tmp_path.iterdir()] == ["x.h5ad"]
    with h5py.File(cells, "r+") as file:
        del file["obs"]
        file["obs"] = np.zeros(7)
    with pytest.raises(DataError, match=r"before anndata 0\.7"):
        add_to_h5ad(cells, tmp_path / "y.h5ad", obs={"k": np.array(["a"] * 7)})


def test_a_new_file_is_one_of_anndata(tmp_path):
    path = tmp_path / "a.h5ad"
    rows = [np.ones((2, 3), np.float32), np.zeros((1, 3), np.float32)]
    names = {"obs_names": np.array(["a", "b", "c"]), "var_names": np.array([*"xyz"])}
    write_h5ad(path, iter(rows), **names)
    with h5py.File(path) as file:
        assert file["X"][()].sum() == 6 and file["X"].shape == (3, 3)
        assert file["obs/_index"].asstr()[()].tolist() == ["a", "b", "c"]
        assert dict(file.attrs)["encoding-type"] == "anndata"
    anndata = pytest.importorskip("anndata", reason="anndata is not installed")
    found = anndata.read_h5ad(path)
    assert found.obs_names.tolist() == ["a", "b", "c"] and found.shape == (3, 3)
