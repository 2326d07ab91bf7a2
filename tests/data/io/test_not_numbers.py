import pandas as pd
import pytest

from jaxbio.data import read
from jaxbio.data.io.cells import CellFormat
from jaxbio.data.io.frames import ROWS
from jaxbio.data.io.not_numbers import NotNumbers, NotNumbersError, Word
from jaxbio.data.io.parse import numbers
from jaxbio.data.learn import learn_schema
from jaxbio.data.reading import read_for, stream
from jaxbio.errors import DataError, remedies_as_flags
from tests.helpers import frame_of


def told(*words):
    with remedies_as_flags():
        return str(NotNumbersError("x.csv", CellFormat(), words))


def test_one_word_in_one_cell():
    assert told(Word(3, "age", "n.b.", 1)) == (
        "x.csv, row 3, column age: 'n.b.' is not a number: correct it; if it stands "
        "for a missing value, --missing n.b.; if age holds classes, --kind age:category"
    )


def test_all_words_stand_with_their_counts_and_the_whole_option():
    text = told(
        Word(3, "age", "oops", 1), Word(4, "age", "n.b.", 2), Word(9, "bmi", "n.b.", 5)
    )
    assert text.startswith("x.csv, row 3, column age: 'oops' is not a number.")
    assert "'n.b.' 7 in age and bmi; 'oops' 1 in age." in text
    assert "--missing n.b. --missing oops;" in text


def test_of_many_words_the_most_common_are_listed():
    text = told(*(Word(at, "age", f"w{at}", at) for at in range(2, 20)))
    assert "and 6 more." in text
    assert "--missing w19 --missing w18" in text and "w7 " not in text


def test_numbers_with_marks_are_told_beside_words():
    text = told(Word(3, "age", ">90", 2), Word(4, "age", "n.b.", 1))
    assert text.startswith("x.csv, row 4, column age: 'n.b.' is not a number")
    assert "; and row 3, column age: '>90' is censored" in text
    assert "(2 cells are no plain numbers)" in text


def test_words_of_several_parts_are_one():
    found = NotNumbers()
    for row in (9, 3):
        with found.gathered():
            raise NotNumbersError("x", CellFormat(), [Word(row, "age", "n.b.", 2)])
    with pytest.raises(DataError) as caught:
        found.refuse()
    assert caught.value.words == (Word(3, "age", "n.b.", 4),)


def test_nothing_gathered_is_no_error():
    NotNumbers().refuse()


def test_words_of_cells_are_counted():
    frame = frame_of(a=["n.b.", "1", " n.b. ", ""], b=["x", "2", "3", "x"])
    with pytest.raises(NotNumbersError) as caught:
        numbers(frame, ["a", "b"])
    first, second = map(int, frame.rows[[0, 0]])
    assert caught.value.words == (
        Word(first, "a", "n.b.", 2),
        Word(second, "b", "x", 2),
    )


def test_a_model_that_has_learned_is_loaded_with_further_marks():
    for words, marks in (
        ([Word(3, "age", "n.b.", 1)], "'n.b.'"),
        ([Word(3, "age", "n.b.", 1), Word(4, "age", "x", 1)], "['n.b.', 'x']"),
    ):
        error = NotNumbersError("x.csv", CellFormat(), words).as_learned()
        assert str(error).endswith(f", jaxbio.load(…, missing={marks})")
        assert "category" not in str(error)
        assert error.words == tuple(words)


def test_rows_for_a_model_are_answered_with_what_can_be_done(tmp_path):
    path = tmp_path / "t.csv"
    path.write_text("a,y\n1.5,2.5\nn.b.,3.5\n")
    schema = learn_schema(
        read(pd.DataFrame({"a": [1.5, 2.5], "y": [2.5, 3.5]}), targets=["y"]),
        {"y": ("number", False)},
    )
    for rows in (lambda: read_for(path, schema), lambda: list(stream(path, schema))):
        with pytest.raises(
            DataError, match=r"a: 'n\.b\.'.* jaxbio\.load\(…, missing='n\.b\.'"
        ):
            rows()


def test_inputs_targets_and_all_rows_are_told_at_once(tmp_path):
    rows = [f"{i / 7:.2f},{i / 3:.2f},{i / 9:.2f}" for i in range(ROWS + 20)]
    rows[5] = "n.b.,1.5,2.5"
    rows[7] = "0.5,k.A.,2.5"
    rows[-1] = "0.5,n.b.,fehlt"
    path = tmp_path / "t.csv"
    path.write_text("\n".join(["a,b,y", *rows]))
    with pytest.raises(DataError) as caught:
        read(path, inputs={"a": "numeric", "b": "numeric"}, targets={"y": "number"})
    text = str(caught.value)
    assert "row 7, column a: 'n.b.' is not a number" in text
    assert "'n.b.' 2 in a and b; 'k.A.' 1 in b; 'fehlt' 1 in y" in text
    assert "missing=['n.b.', 'k.A.', 'fehlt']" in text
