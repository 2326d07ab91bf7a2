import numpy as np
import pytest

from jaxbio.clinical.one_row import (
    TOGETHER,
    contributions_of,
    gaps_of,
    outside_of,
    typical_rows,
)
from jaxbio.data import Category, Dataset, Numeric
from jaxbio.data.learn import learn_schema
from jaxbio.run.cohort import summarize_columns


def rows(age, dose, sex):
    numbers = np.array([age, dose], np.float32).T
    return Dataset(
        {"x": Numeric(numbers, ("age", "dose")), "sex": Category.from_values(sex)}
    )


COHORT = rows(
    np.linspace(20, 60, 80), np.linspace(0, 1, 80), ["m", "f", "f", None] * 20
)
COLUMNS = summarize_columns(COHORT)
SCHEMA = learn_schema(COHORT, {})


def score(some):
    values = np.nan_to_num(some.inputs["x"].values.astype(float))
    women = some.inputs["sex"].values == "f"
    return values[:, 0] + 10 * values[:, 1] + 5 * women


def test_typical_rows_are_like_the_cohort():
    row = rows([99.0], [9.0], ["x"])
    drawn = typical_rows(row, COLUMNS, 2000)
    values = drawn.inputs["x"].values
    assert values[:, 0].min() >= 20 and values[:, 0].max() <= 60
    assert values[:, 1].mean() == pytest.approx(0.5, abs=0.03)
    sexes = drawn.inputs["sex"].values.tolist()
    assert sexes.count("f") / 2000 == pytest.approx(0.5, abs=0.04)
    assert sexes.count(None) / 2000 == pytest.approx(0.25, abs=0.04)


def test_contributions_lead_from_the_cohort_to_the_row():
    row = rows([60.0], [0.5], ["f"])
    found, base = contributions_of(score, SCHEMA, row, COLUMNS)
    assert found[0].column == "age"
    assert found[0].value == pytest.approx(20, abs=3) and found[0].cell == "60"
    assert base + sum(each.value for each in found) == pytest.approx(67.5 + 2.5)
    nothing, base = contributions_of(score, SCHEMA, row, {})
    assert nothing == () and np.isnan(base)


def test_gaps_are_filled_with_values_of_the_cohort():
    row = rows([40.0], [np.nan], ["f"])
    (gap,) = gaps_of(score, row, COLUMNS)
    assert gap.column == "dose"
    assert gap.low == pytest.approx(45, abs=0.2)
    assert gap.high == pytest.approx(55, abs=0.2)
    several = gaps_of(score, rows([np.nan], [np.nan], [None]), COLUMNS)
    assert [each.column for each in several] == [TOGETHER, "age", "dose", "sex"]
    assert several[0].high > several[1].high
    assert gaps_of(score, rows([40.0], [0.1], ["f"]), COLUMNS) == ()


def test_values_beyond_the_training_rows_are_found():
    found = outside_of(SCHEMA, rows([61.0], [1.0], ["x"]))
    assert [(each.column, each.cell) for each in found] == [("age", "61"), ("sex", "x")]
    assert found[0].known == "20 to 60" and found[1].known == "f, m"
    assert outside_of(SCHEMA, rows([20.0], [0.0], [None])) == ()
