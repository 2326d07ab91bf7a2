import numpy as np

from jaxbio.data import Category, Dataset, Numeric
from jaxbio.data.splits.coverage import coverage


def part(labels):
    x = Numeric(np.zeros((len(labels), 1), np.float32), ("x",))
    return Dataset({"x": x}, {"y": Category.from_values(labels)})


def test_parts_of_all_classes_and_enough_rows_are_fine():
    both = part("ab" * 20)
    assert coverage({"train": both, "valid": both, "test": both}) == []


def test_what_lacks_is_said():
    lines = coverage(
        {"train": part("abc" * 20), "valid": part("a"), "test": part("ab" * 20)}
    )
    assert lines[0] == "valid: 1 row, too few to tell a good model from a bad one"
    assert "valid: no row of classes b, c of y" in lines[1]
    assert "test: no row of class c of y" in lines[2]
