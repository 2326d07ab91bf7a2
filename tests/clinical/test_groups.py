import numpy as np

from jaxbio.clinical.groups import describe_rows
from jaxbio.data import Category, Dataset, Numeric


def test_the_best_column_is_told():
    ages = np.array([[30, 1], [40, 2], [71, np.nan], [80, 1]], np.float32)
    rows = Dataset(
        {
            "x": Numeric(ages, ("age", "dose")),
            "sex": Category.from_values(["m", "f", "m", "f"]),
        }
    )
    old = np.array([False, False, True, True])
    assert describe_rows(rows, old).startswith("age above 40 (2 of these 2, 0 of")
    lost = np.array([False, False, True, False])
    assert describe_rows(rows, lost).startswith("dose missing")
    women = np.array([False, True, False, True])
    assert describe_rows(rows, women).startswith("sex f (2 of these 2")
    assert describe_rows(rows, np.ones(4, bool)) == ""
