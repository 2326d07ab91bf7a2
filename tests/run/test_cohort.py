import numpy as np

from jaxbio.data import Category, Dataset, Numeric
from jaxbio.run.cohort import summarize_columns, summarize_labels, summarize_numbers


def test_quantiles_leave_the_ends_out():
    values = np.append(np.arange(1000.0), [np.nan, 1e9])
    found = summarize_numbers(values)
    assert found["count"] == 1001 and found["missing"] == 1 and found["whole"]
    assert found["quantiles"][10] == 500 and max(found["quantiles"]) < 1000
    assert summarize_numbers(np.array([np.nan]))["quantiles"] == []


def test_labels_of_few_rows_are_not_named():
    found = summarize_labels(["a"] * 9 + ["rare"] * 4 + [None])
    assert found == {"count": 13, "missing": 1, "labels": {"a": 9}}


def test_each_column_is_summarized():
    numbers = np.array([[1.0, 0.5]] * 6, np.float32)
    rows = Dataset(
        {
            "x": Numeric(numbers, ("age", "dose")),
            "sex": Category.from_values(["f"] * 6),
        }
    )
    found = summarize_columns(rows)
    assert list(found) == ["age", "dose", "sex"]
    assert found["age"]["whole"] and not found["dose"]["whole"]
