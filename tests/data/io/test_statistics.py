import datetime

import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.data.formats import read_frames
from jaxbio.errors import DataError

pyreadstat = pytest.importorskip("pyreadstat", reason="pip install 'jaxbio[spss]'")

PATIENTS = pd.DataFrame(
    {
        "age": [61.0, 47.0, None, 52.5],
        "sex": [1.0, 2.0, 2.0, 1.0],
        "pain": [0.0, 3.0, 10.0, 99.0],
        "seen": [datetime.date(2026, 1, 31)] * 4,
        "note": ["a\tb", "", "c", "d"],
    }
)
LABELS = {"sex": {1: "male", 2: "female"}, "pain": {0: "none", 10: "worst"}}


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    folder = tmp_path_factory.mktemp("statistics")
    pyreadstat.write_sav(
        PATIENTS, folder / "x.sav", variable_value_labels=LABELS,
        missing_ranges={"pain": [99]},
    )  # fmt: skip
    plain = PATIENTS.assign(sex=[1, 2, 2, 1]).drop(columns="pain")
    labels = {"sex": LABELS["sex"]}
    pyreadstat.write_dta(plain, folder / "x.dta", variable_value_labels=labels)
    pyreadstat.write_xport(plain, folder / "x.xpt", table_name="x")
    return folder


def cells(path):
    (frame,) = read_frames(path)
    return frame, {name: frame.column(name).tolist() for name in frame.columns}


def test_spss_has_labels_dates_and_what_is_declared_missing(files):
    frame, columns = cells(files / "x.sav")
    assert columns == {
        "age": ["61", "47", "", "52.5"],
        "sex": ["male", "female", "female", "male"],
        "pain": ["0", "3", "10", ""],  # 3 has no label, so that none is read
        "seen": ["2026-01-31"] * 4,
        "note": ["a b", "", "c", "d"],
    }
    assert frame.rows.tolist() == [1, 2, 3, 4]
    by_label, by_value = frame.notes
    assert "sex is read by its labels: 1 'male', 2 'female'" in by_label
    assert "pain is read by its values, as some have no label: 0 'none'" in by_value


def test_stata_and_sas(files):
    _, columns = cells(files / "x.dta")
    assert columns["sex"] == ["male", "female", "female", "male"]
    assert columns["age"] == ["61", "47", "", "52.5"]
    _, columns = cells(files / "x.xpt")
    assert columns["sex"] == ["1", "2", "2", "1"] and columns["note"][3] == "d"


def test_rows_are_those_of_the_same_table_as_text(files, tmp_path):
    data = jb.read(files / "x.sav", inputs=["age", "sex"], targets=["pain"])
    assert data.inputs["age"].values[:, 0].tolist()[:2] == [61, 47]
    assert data.source.endswith("x.sav") and data.ids.tolist() == ["1", "2", "3", "4"]


def test_files_that_cannot_be_read(files, tmp_path):
    damaged = tmp_path / "x.sav"
    damaged.write_bytes((files / "x.sav").read_bytes()[:90])
    with pytest.raises(DataError, match=r"x\.sav cannot be read .*: export the data"):
        next(read_frames(damaged))
    pyreadstat.write_sav(PATIENTS[:0], tmp_path / "no.sav")
    with pytest.raises(DataError, match="there are no rows"):
        next(read_frames(tmp_path / "no.sav"))
    with pytest.raises(DataError, match="files of R are not read: save the table as"):
        next(read_frames(tmp_path / "x.RData"))
