import numpy as np
import pandas as pd
import pytest

from jaxbio.data.columns.category import Category


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
