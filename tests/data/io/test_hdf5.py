"""Items of HDF5 files: their kinds, and errors that name file and item."""

import numpy as np
import pytest

from jaxbio.data.io.hdf5 import Array, Group, open_hdf5
from jaxbio.errors import DataError

h5py = pytest.importorskip("h5py", reason="h5py is not installed")


@pytest.fixture
def path(tmp_path):
    with h5py.File(tmp_path / "x.h5", "w") as file:
        file["part/numbers"] = [1.5, 2.5]
        file["part/whole"] = np.array([[1, 2]], np.uint8)
        file["part/text"] = ["a", "é"]
        file["part/nothing"] = h5py.Empty("f4")
        file["part/large"] = np.array([1 << 63], np.uint64)
        file["part"].attrs["names"] = ["x", "y"]
        file["part"].attrs["one"] = np.bytes_(b"z")
        file["type"] = np.dtype("f4")
        runs = h5py.vlen_dtype(np.int32)
        file["part"].create_dataset("runs", (1,), runs)[0] = [1, 2]
        several = np.empty(1, object)
        several[0] = np.array([1, 2], np.int32)
        file["part"].attrs.create("runs", several, (1,), runs)
    return tmp_path / "x.h5"


def _open(path):
    return open_hdf5(path, "such files", "singlecell")


def test_what_is_there_is_read(path):
    with _open(path) as file:
        part = file.group("part")
        assert sorted(part.names())[0] == "large" and "text" in part
        assert part.array("numbers").numbers().tolist() == [1.5, 2.5]
        assert part.array("numbers").numbers(slice(1)).tolist() == [1.5]
        assert part.array("text").texts().tolist() == ["a", "é"]
        assert part.attribute("names") == ["x", "y"]
        assert (part.attribute("one"), part.attribute("two", 2)) == ("z", 2)
        assert isinstance(file.get("part"), Group) and file.get("other") is None
        assert isinstance(part.get("whole"), Array)


@pytest.mark.parametrize(
    "read, message",
    [
        (lambda file: file.group("parts"), "the file has no 'parts' .*mean 'part'"),
        (lambda file: file.array("part"), "part is a group, not an array"),
        (lambda file: file.group("part").group("text"), "part/text is an array"),
        (lambda file: file.group("part").array("nothing"), "part/nothing is empty"),
        (lambda file: file.group("part").get("runs"), "runs holds neither text nor"),
        (lambda file: file.group("part").attribute("runs"), "part has an attribute"),
        (lambda file: file.get("type"), "neither a group nor an array"),
        (lambda file: file.group("part").array("text").numbers(), "text holds text"),
        (lambda file: file.group("part").array("numbers").texts(), "not text"),
        (lambda file: file.group("part").array("whole").whole_numbers(), "2 dimensi"),
        (lambda file: file.group("part").array("large").whole_numbers(), "too large"),
    ],
)
def test_errors_name_file_and_item(path, read, message):
    with _open(path) as file, pytest.raises(DataError, match=message) as caught:
        read(file)
    assert str(caught.value).startswith(f"{path}: ")


def test_what_is_no_file(tmp_path):
    (tmp_path / "x.h5").write_bytes(b"\x89HDF\r\n\x1a\n" + bytes(90))
    for name, message in (("x.h5", "not a whole HDF5 file"), ("y.h5", "no such file")):
        with pytest.raises(DataError, match=message), _open(tmp_path / name):
            pass


def test_a_heap_of_text_that_never_ends(path):
    """The library goes round for ever where what is free has no size."""
    content = bytearray(path.read_bytes())
    heap = content.index(b"GCOL\1\0\0\0")
    first = heap + 16
    for start, size, value in ((first, 16, 0), (first + 8, 8, 1 << 40)):
        broken = content.copy()
        broken[start : start + size] = value.to_bytes(size, "little")
        path.write_bytes(broken)
        message = f"heap of text at byte {heap} is damaged"
        with pytest.raises(DataError, match=message), _open(path):
            pass
    path.write_bytes(content)
    with _open(path) as file:
        assert file.group("part").array("text").texts().tolist() == ["a", "é"]
