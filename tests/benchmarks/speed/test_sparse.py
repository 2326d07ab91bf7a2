import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

from jaxbio.data.expression import read_h5ad

pytest.importorskip("h5py", reason="h5py is not installed")


def _script():
    """Under another name: SciPy asks a module called `sparse` for what PyData's has."""
    path = Path(__file__).parents[3] / "benchmarks" / "speed" / "sparse.py"
    spec = importlib.util.spec_from_file_location("benchmark_sparse", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


sparse = _script()


def test_cells_are_as_sparse_as_asked_and_the_same_again(tmp_path):
    sparse.write_cells(tmp_path / "a.h5ad", 1500, 400)
    table = read_h5ad(tmp_path / "a.h5ad", counts=True)
    assert table.values.shape == (1500, 400)
    assert table.values.has_canonical_format and table.values.data.min() == 1
    about = sparse.sizes(tmp_path / "a.h5ad")
    assert about["not_zero"] == pytest.approx(sparse.SHARE, rel=0.1)
    assert about["dense_gb"] == pytest.approx(1500 * 400 * 4e-9)
    assert set(table.cells["cell_type"]) == {f"type{at}" for at in range(sparse.TYPES)}
    sparse.write_cells(tmp_path / "b.h5ad", 1500, 400)
    again = read_h5ad(tmp_path / "b.h5ad", counts=True)
    assert (again.values != table.values).nnz == 0


def test_types_differ_in_genes_of_their_own(tmp_path):
    sparse.write_cells(tmp_path / "x.h5ad", 2000, 400)
    table = read_h5ad(tmp_path / "x.h5ad", counts=True)
    kind = table.cells["cell_type"]
    means = np.array([table.values[kind == each].mean(axis=0) for each in set(kind)])
    more = means.squeeze() > 2 * np.median(means.squeeze(), axis=0)
    frequent = np.median(means.squeeze(), axis=0) > 0.02
    own = more[:, frequent].mean(axis=1)
    assert (own > 0.25 * sparse.MARKERS).all() and own.max() < 0.2


def test_the_peak_is_that_of_the_process_itself(tmp_path):
    held = np.ones(60_000_000, np.uint8)  # of this process, which it does not count
    small = sparse.launch(sys.executable, "-c", "pass")
    large = sparse.launch(sys.executable, "-c", "x = bytearray(50_000_000)")
    assert small.peak < held.nbytes
    assert large.peak - small.peak == pytest.approx(50e6, rel=0.1)
    assert small.seconds > 0
    with pytest.raises(RuntimeError, match="ended with 3"):
        sparse.launch(sys.executable, "-c", "raise SystemExit(3)")


def test_accuracy_is_that_of_names(tmp_path):
    sparse.write_cells(tmp_path / "x.h5ad", 50, 40)
    names = read_h5ad(tmp_path / "x.h5ad").cells["cell_type"].tolist()
    names[:10] = ["none"] * 10
    text = "\n".join(["id\tcell_type", *(f"c\t{name}" for name in names), ""])
    (tmp_path / "x.tsv").write_text(text)
    assert sparse.accuracy(tmp_path / "x.h5ad", tmp_path / "x.tsv") == 0.8
