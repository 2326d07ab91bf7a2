"""Dependence on columns, by models whose dependence is known."""

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.errors import DataError
from jaxbio.explain import partial_dependence


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2)).astype(np.float32)
    x[:20, 1] = np.nan
    sex = rng.choice(["f", "m"], 200)
    y = 3 * x[:, :1] + 2 * (sex == "m")[:, None]
    return jb.Dataset(
        {
            "x": jb.data.Numeric(x, ("dose", "noise")),
            "sex": jb.data.Category.from_values(sex.tolist()),
        },
        {"y": jb.data.Numeric(y.astype(np.float32), ("y",))},
    )


@pytest.fixture(scope="module")
def run(table):
    model = jb.Network(
        {"x": jb.MLP(hidden=()), "sex": jb.Embedding()}, hidden=(), dropout=0.0
    )
    return jb.fit(
        model, None, table, table, epochs=60, members=1, batch_size=32,
        learning_rate=0.05, baselines=False,
    )  # fmt: skip


def test_curves_follow_what_was_learned(run, table):
    found = {x.column: x for x in partial_dependence(run.predictor, table, points=5)}
    assert list(found) == ["dose", "noise", "sex"]
    dose = found["dose"]
    slope = np.diff(dose.mean) / np.diff(np.array(dose.values, float))
    np.testing.assert_allclose(slope, 3, rtol=0.15)
    np.testing.assert_allclose(found["sex"].mean @ [-1, 1], 2, rtol=0.2)
    assert found["sex"].values == ("f", "m")
    assert found["noise"].values[-1] == "missing"
    assert found["noise"].range < 0.2 * dose.range


def test_a_curve_is_the_prediction_of_the_changed_row(run, table):
    (found,) = partial_dependence(run.predictor, table, columns=["do*"], points=3)
    row = table.take(np.array([7]))
    values = row.inputs["x"].values.copy()
    values[0, 0] = found.values[1]
    column = jb.data.Numeric(values, ("dose", "noise"))
    changed = jb.Dataset({**row.inputs, "x": column})
    expected = run.predictor(changed).values[0, 0]
    assert found.curves[7, 1] == pytest.approx(expected, abs=1e-4)


def test_names_that_are_not_there(run, table):
    with pytest.raises(DataError, match="no column 'doze': did you mean 'dose'"):
        partial_dependence(run.predictor, table, columns=["doze"])
    with pytest.raises(DataError, match="target y has no 'z'"):
        partial_dependence(run.predictor, table, label="z")
