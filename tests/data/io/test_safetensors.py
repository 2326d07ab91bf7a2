import json

import ml_dtypes
import numpy as np
import pytest

from jaxbio.data.io.safetensors import DTYPES, read_safetensors, write_safetensors
from jaxbio.errors import DataError


def _written(tmp_path, **arrays):
    path = tmp_path / "a.safetensors"
    write_safetensors(path, arrays or {"w": np.arange(6.0).reshape(2, 3)})
    return path


@pytest.mark.parametrize("name", DTYPES)
def test_every_type_comes_back(tmp_path, name):
    values = np.array([[0, 1, 1], [1, 0, 1]]).astype(DTYPES[name])
    arrays = {"w": values, "none": values[:0], "one": values[0, 1]}
    found = read_safetensors(_written(tmp_path, **arrays))
    for key, value in arrays.items():
        assert found[key].dtype == value.dtype and found[key].shape == value.shape
        np.testing.assert_array_equal(found[key], value)


def test_the_library_reads_what_is_written_and_the_other_way_round(tmp_path):
    library = pytest.importorskip("safetensors.numpy", reason="safetensors: not here")
    arrays = {
        "a": np.arange(6, dtype=np.float32).reshape(2, 3).T,
        "b": np.ones(2, "i8"),
    }
    path = _written(tmp_path, **arrays)
    for key, value in library.load_file(path).items():
        np.testing.assert_array_equal(value, arrays[key])
    library.save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, path)
    for key, value in read_safetensors(path).items():
        np.testing.assert_array_equal(value, arrays[key])


def test_by_hand(tmp_path):
    header = {"w": {"dtype": "BF16", "shape": [2], "data_offsets": [0, 4]}}
    text = json.dumps(header).encode()
    path = tmp_path / "a.safetensors"
    # One and minus two: the upper halves of 0x3f800000 and 0xc0000000.
    path.write_bytes(len(text).to_bytes(8, "little") + text + b"\x80\x3f\x00\xc0")
    found = read_safetensors(path)["w"]
    assert found.dtype == ml_dtypes.bfloat16 and found.tolist() == [1.0, -2.0]


def test_a_file_that_is_cut_off(tmp_path):
    path = _written(tmp_path)
    whole = path.read_bytes()
    path.write_bytes(whole[:-1])
    with pytest.raises(DataError, match=f"cut off: it has {len(whole) - 1} of"):
        read_safetensors(path)
    path.write_bytes(whole[:20])
    with pytest.raises(DataError, match="cut off within its header"):
        read_safetensors(path)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({"dtype": "F32", "shape": [2], "data_offsets": [0, 4]}, "has 4 bytes"),
        ({"dtype": "F32", "shape": [-1], "data_offsets": [4, 0]}, "w of shape"),
        ({"dtype": "F8", "shape": [4], "data_offsets": [0, 4]}, "of type F8"),
        ({"shape": [4]}, "does not describe arrays"),
        (3, "does not describe arrays"),
    ],
)
def test_headers_that_cannot_be(tmp_path, entry, message):
    text = json.dumps({"w": entry}).encode()
    path = tmp_path / "a.safetensors"
    path.write_bytes(len(text).to_bytes(8, "little") + text + bytes(8))
    with pytest.raises(DataError, match=message):
        read_safetensors(path)


@pytest.mark.parametrize("content", [b"", b"PK\3\4 something else", bytes(40)])
def test_other_files(tmp_path, content):
    path = tmp_path / "a.safetensors"
    path.write_bytes(content)
    with pytest.raises(DataError, match="no whole safetensors file"):
        read_safetensors(path)


def test_numbers_that_cannot_be_written(tmp_path):
    with pytest.raises(DataError, match="complex"):
        write_safetensors(tmp_path / "a", {"w": np.ones(1, complex)})
