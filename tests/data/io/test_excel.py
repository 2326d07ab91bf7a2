import datetime
import io

import pytest

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
