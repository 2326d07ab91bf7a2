"""npz files that claim what they do not hold."""

import io
import tracemalloc
import zipfile

import numpy as np
import pytest

from jaxbio.data import read_expression
from jaxbio.data.io.npz import open_npz
from jaxbio.data.reading import read
from jaxbio.errors import DataError


def _header(shape, dtype="'|u1'", version=b"\x01\x00"):
    text = f"{{'descr': {dtype}, 'fortran_order': False, 'shape': {shape}, }}\n"
    return b"\x93NUMPY" + version + len(text).to_bytes(2, "little") + text.encode()


def _archive(path, members):
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return path


@pytest.mark.parametrize(
    "name, content, message",
    [
        ("x.npy", _header((10**15,)) + bytes(4), "x: claims 1000000000000000 values"),
        ("x.npy", _header((2**62, 2**62)), "x: claims"),
        ("x.npy", _header((-1,)), "x: claims -1 values"),
        ("x.npy", _header((4,))[:40], "x: not a whole npz file"),
        ("x.npy", _header("(4,"), "x: not a whole npz file"),
        ("x.npy", _header((1,), dtype="'|O'") + b"\x80", "Python objects"),
        ("x.npy", _header((1,), dtype="'nothing'"), "x: not a whole npz file"),
        ("x.npy", _header((1,), version=b"\x09\x00"), "x: a version"),
        ("x.npy", b"", "x: not a whole npz file"),
        ("x", b"text", "'x' in it is no array"),
    ],
)
@pytest.mark.parametrize("read_file", [read, read_expression])
def test_members_that_are_no_arrays(tmp_path, name, content, message, read_file):
    path = _archive(tmp_path / "x.npz", {name: content})
    tracemalloc.start()
    with pytest.raises(DataError, match=message) as caught:
        read_file(path)
    assert tracemalloc.get_traced_memory()[1] < 10e6
    tracemalloc.stop()
    assert str(path) in str(caught.value)


def test_arrays_are_those_that_were_saved():
    file = io.BytesIO()
    arrays = {"a": np.arange(6.0).reshape(2, 3), "b": np.array(["x", "y"])}
    np.savez_compressed(file, **arrays, zeros=np.zeros(100_000))
    with open_npz(file, "x.npz") as found:
        assert found.names == ["a", "b", "zeros"] and "a" in found
        for name, values in arrays.items():
            np.testing.assert_array_equal(found[name], values)
        assert found["zeros"].shape == (100_000,)
        with pytest.raises(DataError, match=r"x.npz: no array 'c': .*Known: a, b"):
            found["c"]


def test_the_layouts_are_told(tmp_path):
    np.savez(tmp_path / "x.npz", a=np.ones((2, 3, 4)))
    with pytest.raises(DataError, match=r"train_images.*scipy.sparse.save_npz"):
        read(tmp_path / "x.npz")


def test_a_sparse_matrix_has_the_shape_that_its_bounds_tell(tmp_path):
    parts = {"data": [1.0], "indices": [0], "indptr": [0, 1], "shape": [1, 2]}
    for name, value, message in (
        ("shape", [10**12, 2], "indptr tells of 1 rows"),
        ("shape", [[1, 2]], r"shape is int64 \[1, 2\]"),
        ("indices", [0.5], "indices is float64"),
        ("data", ["a"], "data is <U1"),
    ):
        np.savez(tmp_path / "x.npz", **{**parts, name: np.array(value)})
        with pytest.raises(DataError, match=message):
            read_expression(tmp_path / "x.npz")
