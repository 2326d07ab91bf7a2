import numpy as np
import pytest

from jaxbio.data.io.frames import Frame
from jaxbio.data.keys import listed, names_of, places
from jaxbio.errors import DataError


def test_numbers_and_texts_name_the_same_rows():
    assert names_of(np.array([1.0, 2.0, np.nan])) == ["1", "2", ""]
    assert names_of(np.array([1, 2])) == names_of(np.array(["1 ", "2"], object))


def test_a_name_that_occurs_twice_is_told_with_both_rows():
    frame = Frame({"who": np.array(["a", "", "a"], object)}, "x.csv", np.arange(2, 5))
    with pytest.raises(DataError, match=r"x.csv, rows 2 and 4: who 'a' occurs twice"):
        places(frame, "who")
    assert places(frame.take(slice(0, 2)), "who") == {"a": 0}


def test_few_names_are_shown():
    assert listed(["a", "b"]) == "a, b"
    assert listed("abcd") == "a, b, c, …"
