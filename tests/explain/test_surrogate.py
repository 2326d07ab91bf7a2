"""Rules of models whose rule is known."""

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.errors import DataError
from jaxbio.explain import rules

QUICK = {"members": 1, "batch_size": 32, "learning_rate": 0.05, "baselines": False}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x = rng.uniform(20, 80, (300, 2)).astype(np.float32)
    x[:10, 1] = np.nan
    sick = x[:, 0] > 50
    return jb.Dataset(
        {"x": jb.data.Numeric(x, ("age", "dose"))},
        {"y": jb.data.Category.from_values(np.where(sick, "sick", "well").tolist())},
    )


@pytest.fixture(scope="module")
def run(table):
    model = jb.Network(jb.MLP(hidden=()), hidden=(), dropout=0.0)
    return jb.fit(model, None, table, table, epochs=40, **QUICK)


def test_a_threshold_is_found(run, table):
    found = rules(run.predictor, table, depth=1)
    low, high = found.rules
    assert (low.answer, high.answer) == ("well", "sick")
    (condition,) = high.conditions
    name, sign, number = condition.split()
    assert (name, sign) == ("age", ">") and abs(float(number) - 50) < 4
    assert found.fidelity > 0.9 > found.trivial
    assert found.score > 0.9 and found.model_score > 0.9
    assert "share of right answers there" in str(found)
    assert sum(rule.rows for rule in found.rules) == 210


def test_without_labels_rules_are_not_scored(run, table):
    rows = jb.Dataset(dict(table.inputs))
    found = rules(run.predictor, rows, depth=2)
    assert found.score is None and "share of right answers" not in str(found)


def test_numbers_have_r2(table):
    y = jb.data.Numeric(table.inputs["x"].values[:, :1] * 2, ("y",))
    data = jb.Dataset(dict(table.inputs), {"y": y})
    model = jb.Network(jb.MLP(hidden=()), hidden=(), dropout=0.0)
    run = jb.fit(model, None, data, data, epochs=20, **QUICK)
    found = rules(run.predictor, data, depth=3)
    assert found.is_number and found.fidelity > 0.7
    assert found.trivial == pytest.approx(0, abs=0.1)
    assert len(found.rules) > 3


def test_what_no_rule_tells(run, table):
    with pytest.raises(DataError, match="5 rows: rules need at least 20"):
        rules(run.predictor, table.take(np.arange(5)))
    old = np.flatnonzero(table.inputs["x"].values[:, 0] > 65)
    with pytest.raises(DataError, match="answers sick for all rows"):
        rules(run.predictor, table.take(old))
    with pytest.raises(DataError, match="depth=0"):
        rules(run.predictor, table, depth=0)
