import numpy as np

from jaxbio.data import Category, Dataset, Numeric
from jaxbio.data.specs import TargetSpec
from jaxbio.run.cohort import (
    by_column,
    summarize_columns,
    summarize_labels,
    summarize_numbers,
    summarize_predictions,
    summarize_targets,
)


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


def test_what_was_observed_is_kept_by_tenths_of_predictions():
    predicted = np.linspace(0, 1, 200)
    found = summarize_predictions(predicted, (predicted > 0.5).astype(float))
    assert [part["rows"] for part in found["tenths"]] == [20] * 10
    assert [part["observed"] for part in found["tenths"]] == [0] * 5 + [1] * 5
    few = summarize_predictions(predicted[:7], predicted[:7])
    assert [part["rows"] for part in few["tenths"]] == [7]


def test_each_class_and_number_has_its_own_numbers():
    three = TargetSpec("y", "class", classes=("a", "b", "c"))
    number = TargetSpec("z", "number", columns=("z",))
    chances = np.tile([0.2, 0.3, 0.5], (9, 1))
    found = summarize_targets(
        [three, number],
        {"y": chances, "z": np.ones((9, 1))},
        {"y": np.array([0, 0, 0, 1, 1, 1, 1, 2, -1]), "z": np.zeros((9, 1))},
    )
    assert found["y"]["b"]["tenths"][0]["observed"] == 0.5  # of the eight known
    assert found["z"]["z"]["quantiles"][3] == 1
    table, names = by_column(three, chances)
    assert table.shape == (9, 3) and names == ("a", "b", "c")


def test_of_survival_curves_the_mean_times_are_kept():
    curves = np.array([[0.5, 0.25], [1.0, 1.0]])
    spec = TargetSpec("days,died", "survival", columns=("days", "died"), times=(1.0, 2))
    found = summarize_targets([spec], {"days,died": curves}, {})["days,died"]
    assert found["mean time"]["count"] == 2
    assert found["mean time"]["quantiles"][-1] < 2.0
