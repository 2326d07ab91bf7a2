import pytest

from jaxbio._atomic import replacing
from jaxbio.errors import JaxbioError


def test_nothing_is_left_when_writing_fails(tmp_path):
    path = tmp_path / "a.txt"
    path.write_text("old")
    with pytest.raises(RuntimeError), replacing(path) as temporary:
        temporary.write_text("half")
        raise RuntimeError
    assert path.read_text() == "old"
    assert [item.name for item in tmp_path.iterdir()] == ["a.txt"]


def test_a_full_disk_is_one_sentence(tmp_path):
    told = pytest.raises(JaxbioError, match=r"cannot write .*a\.txt: No space left")
    with told, replacing(tmp_path / "a.txt"):
        raise OSError(28, "No space left on device")
    assert not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    told = pytest.raises(JaxbioError, match="cannot write")
    with told, replacing(tmp_path / "file" / "a.txt") as temporary:
        temporary.write_text("")
