import numpy as np
import pytest

from jaxbio.data.columns.category import Category
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.errors import DataError
from tests.helpers import MIXED_KINDS, NAN, mixed_data, numeric


def test_statistics_by_hand():
    schema = learn_schema(mixed_data(), MIXED_KINDS)
    seq, x = schema.input("seq"), schema.input("x")
    assert (seq.min_length, seq.max_length, seq.buckets) == (3, 3, (3,))
    assert seq.conservation == pytest.approx((2 / 3 + 1 + 2 / 3) / 3)
    assert seq.wild_type == "ACT"
    assert (x.mean, x.scale, x.has_missing) == ((2, 5), (1, 1), True)
    assert schema.input("sex").categories == ("f", "m")
    y = schema.target("y")
    assert y.mean == (3,) and y.scale == pytest.approx((np.sqrt(14 / 3),))
    assert schema.target("kind").classes == ("9", "10")
    assert schema.target("kind").frequencies == (1, 1)
    assert schema.target("tox").frequencies == (2, 2)
    assert schema.target("ss").classes == ("C", "E", "H")
    assert schema.target("ss").frequencies == (1, 2, 2)
    assert schema.target("acc").mean == (11 / 4,)
    assert (schema.n_train, schema.buckets) == (3, (3,))


@pytest.mark.parametrize(
    ("changes", "kinds", "message"),
    [
        ({}, {"z": ("number", False)}, "no target 'z'"),
        ({"y": Category.from_values("abc")}, {}, "numbers were asked for"),
        ({"kind": numeric([1], [2], [3])}, {}, "classes were asked for"),
        (
            {"kind": Category.from_values("aaa")},
            {},
            r"1 class in 3 training rows \(a\)",
        ),
        ({"kind": Category.from_values([None] * 3)}, {}, "every value is missing"),
        ({"y": numeric([NAN], [NAN], [NAN])}, {}, "every value is missing"),
        ({"y": numeric([1], [np.inf], [1])}, {}, "row 1, column c0: infinite"),
        ({"ss": Category.from_values(["HH", "HH", None])}, {}, "1 class over all"),
    ],
)
def test_bad_training_rows(changes, kinds, message):
    with pytest.raises(DataError, match=message):
        learn_schema(mixed_data(**changes), {**MIXED_KINDS, **kinds})


def test_no_training_rows():
    with pytest.raises(DataError, match="no training rows"):
        learn_schema(mixed_data().take([]), {})


def test_many_rows_are_counted_quickly():
    labels = Category(np.array([str(at % 300) for at in range(200_000)], object))
    column = numeric(*([0.0],) * 200_000)
    data = Dataset({"x": column}, {"y": labels})
    spec = learn_schema(data, {"y": ("class", False)}).target("y")
    assert sum(spec.frequencies) == 200_000 and spec.frequencies[0] == 667
