import io

import pytest

from jaxbio.data.io.preamble import preamble_of
from jaxbio.data.io.tables import read_text_table
from jaxbio.errors import DataError


def _read(text, separator=","):
    return next(
        read_text_table(io.BytesIO(text.encode()), "x.csv", separator=separator)
    )


ROWS = "id;size;sick\nP1;1,5;yes\nP2;2,5;no\n"


@pytest.mark.parametrize(
    "above",
    [
        "Ward 3;;\nof 1 February;;\n",
        "Ward 3\n\nof 1 February\n",
        "# a comment\nWard 3; \n",
        '"Ward 3";\n',
    ],
)
def test_titles_above_the_header_are_left_out_with_a_note(above):
    frame = _read(above + ROWS)
    assert list(frame.columns) == ["id", "size", "sick"]
    assert frame.columns["size"].tolist() == ["1,5", "2,5"]
    header = above.count("\n") + 1
    assert frame.rows.tolist() == [header + 1, header + 2]
    (note, _) = frame.notes  # the other is of decimal commas
    assert f"row {header} is the header; what stands above" in note
    assert "'Ward 3'" in note


@pytest.mark.parametrize(
    "text",
    [
        "text\nwell, yes, no\nwell\nyes, no\n",  # sentences, of which none is a header
        "a,b,c\n1,2,3\n1,2,3,4,5,6,7\n",
    ],
)
def test_rows_of_different_widths_stay_an_error(text):
    with pytest.raises(DataError, match="cells"):
        _read(text)


@pytest.mark.parametrize(
    "text",
    [
        "smiles\nCCO\nCC(=O)O\n",
        "a,b,c\n1,,\n2,3,4\n",
        'name,note\n"x\ny",1\nz,2\n',
        "x y\na 1 2\nb 3 4\nc 5 6\n",  # names of rows, as R writes them
    ],
)
def test_a_plain_table_has_nothing_above_its_header(text):
    assert preamble_of(text, ",\t;").text == ""


def test_rows_of_separators_and_comments_alone():
    frame = _read(";;\n;;\n" + ROWS)
    assert list(frame.columns) == ["id", "size", "sick"] and len(frame.notes) == 1
    with pytest.raises(DataError, match=r"empty|no rows"):
        _read("# only\n# comments\n")


def test_a_long_cell_is_no_matter():
    text = f"seq\n{'ACGT' * 50_000}\n"
    assert preamble_of(text, ",\t").text == ""


def test_the_lines_above_a_gct_table():
    text = "#1.2\n2\t1\nNAME\tDescription\tS1\na\tna\t1.5\nb\tna\t2.5\n"
    frame = _read(text, "\t")
    assert frame.columns["S1"].tolist() == ["1.5", "2.5"]
    assert frame.rows.tolist() == [4, 5]
    assert not frame.notes
