import datetime
import io

import pytest

from jaxbio.data.formats import read_frames
from jaxbio.data.io.excel import read_excel
from jaxbio.errors import DataError

openpyxl = pytest.importorskip("openpyxl", reason="openpyxl is not installed")
pytest.importorskip("python_calamine", reason="python-calamine is not installed")


def sheet(*rows, others=()):
    book = openpyxl.Workbook()
    book.active.title = "one"
    for row in rows:
        book.active.append(row)
    for name in others:
        book.create_sheet(name).append(["x"])
    content = io.BytesIO()
    book.save(content)
    content.seek(0)
    return content


def test_cells_are_texts_as_a_text_table_has_them():
    day = datetime.datetime(2026, 1, 31)
    noon = datetime.datetime(2026, 1, 31, 12, 30)
    (frame,) = read_excel(
        sheet(
            ["id", "n", "x", "day", "time", "yes", "text"],
            ["a", 1, 0.25, day, noon, True, 'a "b"\tc\nd'],
            [None, None, None, None, None, None, None],
            ["b", 12345678901, None, None, None, False, "NA"],
        ),
        "x.xlsx",
    )
    cells = {name: values.tolist() for name, values in frame.columns.items()}
    assert cells == {
        "id": ["a", "b"],
        "n": ["1", "12345678901"],
        "x": ["0.25", ""],
        "day": ["2026-01-31", ""],
        "time": ["2026-01-31T12:30:00", ""],
        "yes": ["True", "False"],
        "text": ['a "b" c d', "NA"],
    }
    assert frame.rows.tolist() == [2, 4] and not frame.notes


def test_titles_empty_columns_and_other_sheets_are_left_out_and_said():
    content = sheet(
        ["Export of the study"], [], [None, "id", "y"], [None, "a", 1], [None, "b", 2],
        others=["notes"],
    )  # fmt: skip
    (frame,) = read_excel(content, "x.xlsx")
    assert list(frame.columns) == ["id", "y"] and frame.rows.tolist() == [4, 5]
    first, second = frame.notes
    assert "sheet 'one' was read; the others were not ('notes')" in first
    assert "row 3 is the header" in second and "'Export of the study'" in second


def test_what_is_no_spreadsheet_is_an_error():
    with pytest.raises(DataError, match=r"x\.xlsx is no spreadsheet"):
        list(read_excel(io.BytesIO(b"PK\x03\x04 no"), "x.xlsx"))
    with pytest.raises(DataError, match="is empty"):
        list(read_excel(sheet(), "x.xlsx"))
    with pytest.raises(DataError, match="no rows below"):
        list(read_excel(sheet(["id", "y"]), "x.xlsx"))


def test_rows_come_a_few_at_a_time():
    content = sheet(["y"], *([at] for at in range(5)))
    parts = list(read_excel(content, "x.xlsx", rows=2))
    assert [part.rows.tolist() for part in parts] == [[2, 3], [4, 5], [6]]


def two_sheets(path):
    book = openpyxl.Workbook()
    book.active.title = "plan"
    book.active.append(["x"])
    own = book.create_sheet("Follow up")
    for row in (["arm", "id"], ["drug", "a"], [None, "b"], ["none", "c"]):
        own.append(row)
    own.merge_cells("A2:A3")
    book.save(path)
    return path


def test_a_sheet_is_read_by_its_name_and_merged_cells_stand_in_all_their_rows(tmp_path):
    path = two_sheets(tmp_path / "x.xlsx")
    (frame,) = read_frames(f"{path}#Follow up")
    assert frame.columns["arm"].tolist() == ["drug", "drug", "none"]
    assert frame.rows.tolist() == [2, 3, 4]
    assert "1 merged cells below the header" in frame.notes[0]
    with pytest.raises(DataError, match=r"no sheet 'follow up': did you mean 'Follow"):
        list(read_frames(f"{path}#follow up"))


def test_the_other_sheet_is_named_as_it_is_typed(tmp_path):
    path = two_sheets(tmp_path / "x.xlsx")
    with path.open("rb") as handle:
        (frame,) = read_excel(io.BytesIO(_with_a_row(handle.read())), "x.xlsx")
    assert "name one as in 'x.xlsx#Follow up'" in frame.notes[0]


def _with_a_row(content):
    book = openpyxl.load_workbook(io.BytesIO(content))
    book["plan"].append(["1"])
    changed = io.BytesIO()
    book.save(changed)
    return changed.getvalue()


def test_a_sheet_beyond_memory_is_refused_before_it_is_read(monkeypatch):
    monkeypatch.setattr("jaxbio.data.io.excel._MOST_CELLS", 5)
    with pytest.raises(DataError, match=r"has 6 cells, and at most 5 .*\.csv"):
        list(read_excel(sheet(["a", "b"], [1, 2], [3, 4]), "x.xlsx"))
