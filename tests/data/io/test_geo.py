import io

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.data.io.geo import read_series_matrix
from jaxbio.errors import DataError

HEAD = """!Series_title\t"Tumours of 4 patients"
!Series_geo_accession\t"GSE1"

!Sample_title\t"one"\t"two"\t"three"\t"four"
!Sample_geo_accession\t"GSM1"\t"GSM2"\t"GSM3"\t"GSM4"
!Sample_status\t"Public"\t"Public"\t"Public"\t"Public"
!Sample_source_name_ch1\t"biopsy"\t"biopsy"\t"biopsy"\t"biopsy"
!Sample_characteristics_ch1\t"stage: I"\t"stage: III"\t"stage: I"\t"stage: III"
!Sample_characteristics_ch1\t"age: 61"\t"sex: f"\t""\t"age: 47"
!Sample_characteristics_ch1\t"drug: A: 5"\t"drug: B"\t"healthy"\t"drug: A"
"""
TABLE = """!series_matrix_table_begin
"ID_REF"\t"GSM1"\t"GSM2"\t"GSM3"\t"GSM4"
"1007_s_at"\t1.5\t2.5\tnull\t4.5
"1053_at"\t5\t\t7\t8
!series_matrix_table_end
"""


def _read(text):
    return list(read_series_matrix(io.BytesIO(text.encode()), "GSE1.txt"))


def test_samples_are_rows():
    (frame,) = _read(HEAD + TABLE)
    assert {name: frame.columns[name].tolist() for name in frame.described} == {
        "id": ["GSM1", "GSM2", "GSM3", "GSM4"],
        "title": ["one", "two", "three", "four"],
        "stage": ["I", "III", "I", "III"],
        "age": ["61", "", "", "47"],
        "sex": ["", "f", "", ""],
        "drug": ["A: 5", "B", "", "A"],
        "characteristics": ["", "", "healthy", ""],
    }
    np.testing.assert_array_equal(frame.columns["1007_s_at"], [1.5, 2.5, np.nan, 4.5])
    np.testing.assert_array_equal(frame.columns["1053_at"], [5, np.nan, 7, 8])
    assert frame.rows.tolist() == [1, 2, 3, 4]


def test_what_tells_of_samples_is_no_input_unless_it_is_named(tmp_path):
    path = tmp_path / "GSE1_series_matrix.txt"
    path.write_text(HEAD + TABLE)
    data = jb.read(path, targets=["stage"])
    assert list(data.inputs) == ["features"]
    assert data.inputs["features"].names == ("1007_s_at", "1053_at")
    assert data.ids.tolist() == ["GSM1", "GSM2", "GSM3", "GSM4"]
    assert "tells of the sample" in data.provenance.unused["age"]
    data = jb.read(path, inputs=["age", "*_at"], targets=["stage"])
    assert sorted(data.inputs) == ["*_at", "age"]


def test_a_series_without_values_takes_them_from_another_file(tmp_path):
    path = tmp_path / "GSE1_series_matrix.txt"
    lines = TABLE.split("\n")
    path.write_text("\n".join([HEAD.rstrip(), *lines[:2], *lines[-2:]]))
    with pytest.raises(DataError, match=r"samples and no values: .*join"):
        jb.read(path, targets=["stage"])
    (tmp_path / "counts.tsv").write_text("gene\tone\ttwo\tthree\nA\t5.5\t9\t7\n")
    joined = jb.data.join(path, tmp_path / "counts.tsv")
    data = jb.read(joined, targets=["stage"])
    np.testing.assert_array_equal(data.inputs["A"].values[:, 0], [5.5, 9, 7, np.nan])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("!Series_title\t1\n", "no line !Sample_geo_accession"),
        (HEAD, "no !series_matrix_table_end: the file is cut off"),
        (HEAD + TABLE[:-26], "no !series_matrix_table_end: the file is cut off"),
        (HEAD + TABLE.replace("GSM4", "GSM5"), "row 12: the samples of the table"),
        (HEAD + TABLE.replace("\t8", ""), "row 14: 3 values of 4 samples"),
        (HEAD + TABLE.replace("\t7", "\tx"), "row 14: 'x' of GSM3 is no number"),
        (HEAD + TABLE.replace("1053", "1007_s"), "occurs 2 times"),
        (HEAD + TABLE.replace("1053_at", "age"), "'age' is a characteristic and a row"),
        (HEAD.replace('\t"GSM4"', "") + TABLE, "row 5: 3 samples, and 4 in the rows"),
    ],
)
def test_damaged_files_are_told(text, words):
    with pytest.raises(DataError, match=words):
        _read(text)
