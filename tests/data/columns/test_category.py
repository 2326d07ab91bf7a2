import numpy as np
import pandas as pd
import pytest

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.errors import DataError


@pytest.mark.parametrize(
    ("value", "label"),
    [
        (1, "1"),
        (1.0, "1"),
        (np.float32(2), "2"),
        (1.5, "1.5"),
        (True, "True"),
        (" x ", "x"),
        ("NA", "NA"),
        ("nan", "nan"),
        ("", None),
        (" ", None),
        (None, None),
        (float("nan"), None),
        (pd.NA, None),
        (pd.NaT, None),
    ],
)
def test_labels(value, label):
    column = Category.from_values([value])
    assert column.values.tolist() == [label]
    assert column.values.dtype == object


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ("aaa", "target y: 1 class in 3 training rows"),
        ("abc", "target y: 3 classes in 3 training rows, one a row"),
    ],
)
def test_classes_that_teach_nothing(values, message):
    column = Numeric(np.arange(len(values), dtype=np.float32)[:, None], ("x",))
    data = Dataset({"x": column}, {"y": Category.from_values(list(values))})
    with pytest.raises(DataError, match=message):
        learn_schema(data, {"y": ("class", False)})
