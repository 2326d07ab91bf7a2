import pytest

from jaxbio.errors import DataError, JaxbioError
from jaxbio.plot import figure, save


def test_a_name_that_is_no_picture(tmp_path):
    with pytest.raises(DataError, match=r"a.docx: .* let it end in .png, .pdf, .svg"):
        save(figure(1, 1), tmp_path / "a.docx")


def test_a_place_that_cannot_be_written(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(JaxbioError, match="cannot write"):
        save(figure(1, 1), tmp_path / "file" / "a.png")
