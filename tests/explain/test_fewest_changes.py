"""Changes of rows, by networks whose weights are set by hand."""

import numpy as np
import pytest

import jaxbio as jb
from jaxbio.errors import DataError
from jaxbio.explain import counterfactuals

QUICK = {"members": 1, "batch_size": 32, "learning_rate": 0.05, "baselines": False}


@pytest.fixture(scope="module")
def table():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 2)).astype(np.float32)
    sex = rng.choice(["f", "m"], 200)
    ill = x[:, 0] * 2 + (sex == "m") > 0.5
    return jb.Dataset(
        {
            "x": jb.data.Numeric(x, ("dose", "noise")),
            "sex": jb.data.Category.from_values(sex.tolist()),
        },
        {"y": jb.data.Category.from_values(np.where(ill, "ill", "well").tolist())},
    )


@pytest.fixture(scope="module")
def run(table):
    model = jb.Network(
        {"x": jb.MLP(hidden=()), "sex": jb.Embedding()}, hidden=(), dropout=0.0
    )
    return jb.fit(model, None, table, table, epochs=30, **QUICK)


def test_one_change_of_what_matters_within_what_there_is(run, table):
    found = list(
        counterfactuals(run.predictor, table.take(np.arange(12)), background=table)
    )
    low, high = np.quantile(table.inputs["x"].values[:, 0], [0.05, 0.95])
    assert all(each.changed and each.before != each.after for each in found)
    for each in found:
        assert "noise" not in [change.column for change in each.changes]
        for change in each.changes:
            if change.column == "dose":
                assert low - 1e-3 <= float(change.after) <= high + 1e-3
    assert np.mean([len(each.changes) == 1 for each in found]) > 0.7


def test_the_answer_of_the_changed_row_is_the_one_that_is_told(run, table):
    row = table.take(np.array([3]))
    (found,) = counterfactuals(run.predictor, row, background=table)
    values, sex = row.inputs["x"].values.copy(), row.inputs["sex"].values.copy()
    for change in found.changes:
        if change.column == "sex":
            sex[0] = change.after
        else:
            values[0, ["dose", "noise"].index(change.column)] = float(change.after)
    changed = jb.Dataset(
        {
            "x": jb.data.Numeric(values, ("dose", "noise")),
            "sex": jb.data.Category.from_values(sex.tolist()),
        }
    )
    assert run.predictor(changed).columns()["y"][0] == found.after


def test_too_few_changes_are_said(run, table):
    far = jb.Dataset(
        {
            "x": jb.data.Numeric(np.array([[0.0, 0.0]], np.float32), ("dose", "noise")),
            "sex": jb.data.Category.from_values(["f"]),
        }
    )
    (found,) = counterfactuals(run.predictor, far, background=far)
    assert not found.changed and found.before == found.after


def test_substitutions_of_sequences():
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), 12)) for _ in range(80)]
    has = ["yes" if text.count("G") > 3 else "no" for text in texts]
    data = jb.Dataset(
        {"seq": jb.data.Sequences.from_strings(texts, jb.DNA)},
        {"y": jb.data.Category.from_values(has)},
    )
    encoder = jb.CNN(channels=(2,), kernel_sizes=(1,), kmers=1, positions=False)
    model = jb.Network(encoder, hidden=(), average_strands=False)
    run = jb.fit(model, None, data, data, epochs=40, **QUICK)
    (found,) = counterfactuals(run.predictor, ["G" * 12], background=texts)
    if found.changed:
        assert {change.before for change in found.changes} == {"G"}
    assert len({change.column for change in found.changes}) == len(found.changes)


def test_numbers_have_no_other_answer(table):
    y = jb.data.Numeric(table.inputs["x"].values[:, :1], ("y",))
    model = jb.Network(jb.MLP(hidden=()), hidden=())
    some = jb.Dataset({"x": table.inputs["x"]}, {"y": y})
    run = jb.fit(model, None, some, some, epochs=1, **QUICK)
    with pytest.raises(DataError, match="target y has no classes"):
        next(counterfactuals(run.predictor, some))
