import dataclasses
import json

import jax
import numpy as np
import pytest

from jaxbio.baselines import fit_baselines
from jaxbio.data import folds
from jaxbio.errors import CheckpointError, JaxbioError
from jaxbio.models import Mixture
from jaxbio.predict.predictor import Predictor
from jaxbio.run.ensemble import assemble
from jaxbio.run.fitting import fit, load, load_run
from jaxbio.run.mixing import _graph, as_outputs, fitted_values
from jaxbio.run.planning import make_plan
from jaxbio.tasks import (
    Binary,
    CompetingRisks,
    CountRegression,
    Regression,
    Survival,
)
from jaxbio.train import Callback
from tests.helpers import competing_data, linear_data, survival_data

QUICK = {"epochs": 3, "members": 2, "batch_size": 32}


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    data = linear_data(90, columns=3)
    train, valid = data.take(np.arange(60)), data.take(np.arange(60, 90))
    out = tmp_path_factory.mktemp("mixing") / "run"
    return fit(None, None, train, valid, test=valid, out=out, **QUICK)


def test_the_part_that_fits_best_weighs_most(run):
    assert isinstance(run.model, Mixture)
    results = json.loads((run.path / "config.json").read_text())["results"]
    (weights,) = results["weights"].values()
    assert sum(weights) == pytest.approx(1) and min(weights) >= 0
    shares = dict(zip(run.model.parts, weights, strict=True))
    assert shares["linear"] > 0.9  # the sums are exact, and networks had three epochs
    assert any(note.startswith("weights by validation rows:") for note in run.notes)
    scores = run.scores["test"].scores["y"]
    assert scores["model"]["rmse"] < 1.1 * scores["linear"]["rmse"]


def test_a_mixture_is_loaded_as_it_was_trained(run):
    again = load(run.path)
    data = linear_data(9, columns=3, seed=3)
    np.testing.assert_array_equal(again(data).values, run.predictor(data).values)
    assert len(again.members) == 2 and again(data).spread["y"].shape == (9, 1)
    assert load_run(run.path).scores.keys() == run.scores.keys()
    predict, params = again.function()
    values = {name: column.values for name, column in data.inputs.items()}
    found = jax.jit(predict)(params, values)["y"]
    np.testing.assert_allclose(found, again(data).values, rtol=1e-4, atol=1e-5)


def test_a_killed_mixture_goes_on_to_the_same_end(run, tmp_path):
    class KilledError(Exception):
        pass

    class Kill(Callback):
        def on_epoch(self, record, weights):
            if record["part"] == "bins" and record["epoch"] == 2:
                raise KilledError

    data = linear_data(90, columns=3)
    train, valid = data.take(np.arange(60)), data.take(np.arange(60, 90))
    how = {"test": valid, "out": tmp_path / "run", **QUICK}
    with pytest.raises(KilledError):
        fit(None, None, train, valid, callbacks=[Kill()], **how)
    with pytest.raises(CheckpointError, match="was not trained to its end"):
        load(tmp_path / "run")
    again = fit(None, None, train, valid, resume=True, **how)
    np.testing.assert_array_equal(
        again.predictor(valid).values, run.predictor(valid).values
    )
    lines = (tmp_path / "run" / "metrics.jsonl").read_text().splitlines()
    records = [json.loads(line) for line in lines]
    assert {(r["part"], r["member"]) for r in records} == {
        ("network", 0), ("network", 1), ("bins", 0), ("bins", 1),
    }  # fmt: skip


def test_ctrl_c_in_a_later_part_keeps_those_before(tmp_path, monkeypatch):
    from jaxbio.errors import StoppedError
    from jaxbio.run import mixing

    real = mixing.train_members

    def stopped(plan, *rows, part, **how):
        if part == "bins":
            raise StoppedError("stopped by Ctrl-C before the first epoch was done")
        return real(plan, *rows, part=part, **how)

    monkeypatch.setattr(mixing, "train_members", stopped)
    data = linear_data(60, columns=3)
    out = tmp_path / "run"
    run = fit(None, None, data, data, out=out, **QUICK)
    assert run.interrupted
    note = "stopped by Ctrl-C: kept boosting, linear, network, without bins"
    assert note in run.notes
    values = run.predictor(data).values
    np.testing.assert_array_equal(load(out)(data).values, values)
    monkeypatch.undo()
    again = fit(None, None, data, data, out=out, resume=True, **QUICK)
    assert not again.interrupted and len(again.history) == 4


def test_scores_become_outputs():
    from jaxbio.data.specs import TargetSpec

    number = TargetSpec("y", "number", columns=("y",), mean=(10.0,), scale=(2.0,))
    assert as_outputs(Regression(), number, np.array([4.0]), shift=False) == 2
    assert as_outputs(Regression(), number, np.array([14.0]), shift=True) == 2
    plain = Regression(standardize=False)
    assert as_outputs(plain, number, np.array([14.0]), shift=True) == 14
    two = as_outputs(Binary(), None, np.array([[1.0, 3.0]]), shift=False)
    assert two.tolist() == [[2.0]]
    count = TargetSpec("y", "count", columns=("y",), mean=(np.e,), scale=(1.0,))
    assert as_outputs(CountRegression(), count, np.array([3.0]), shift=True) == 2


def test_parts_with_fewer_networks_come_again():
    def member(value):
        return {"params": {"w": value}, "model_state": {}}

    mixtures = assemble(
        {"a": [member(1), member(2), member(3)], "b": [member(5)]},
        {"y": np.array([0.5, 0.5], np.float32)},
    )
    assert [m["params"]["parts"]["a"]["w"] for m in mixtures] == [1, 2, 3]
    assert [m["params"]["parts"]["b"]["w"] for m in mixtures] == [5, 5, 5]
    assert all("parts" not in m["model_state"] for m in mixtures)


def test_a_network_that_is_asked_for_stands_alone():
    from jaxbio.models import MLP

    data = linear_data(40)
    plan = make_plan(MLP(), None, {"train": data, "valid": data})
    assert not isinstance(plan.model, Mixture) and not plan.trainings


@pytest.fixture(scope="module")
def few(tmp_path_factory):
    """Too few rows for validation rows of their own."""
    data = linear_data(62, columns=3)
    out = tmp_path_factory.mktemp("few") / "run"
    how = {"epochs": 3, "members": 3, "batch_size": 16}
    return fit(None, None, data.take(np.arange(50)), out=out, **how), data


def test_of_few_rows_each_is_predicted_by_what_did_not_learn_from_it(few):
    run, data = few
    assert "few rows (50): 3 networks of each kind" in run.notes[0]
    scores = run.scores["valid"]
    assert scores.rows == 50
    assert set(scores.scores["y"]) == {"model", "trivial", "linear", "boosting"}
    assert len(run.predictor.members) == 3
    # Trees of all rows say nearly what these are; those of other rows do not.
    seen = run.evaluate(data.take(np.arange(50))).scores["y"]["boosting"]["rmse"]
    assert scores.scores["y"]["boosting"]["rmse"] > 1.5 * seen


def test_a_run_of_few_rows_is_loaded_and_goes_on(few):
    run, data = few
    again = load(run.path)
    np.testing.assert_array_equal(again(data).values, run.predictor(data).values)
    how = {"epochs": 3, "members": 3, "batch_size": 16, "resume": True}
    same = fit(None, None, data.take(np.arange(50)), out=run.path, **how)
    np.testing.assert_array_equal(same.predictor(data).values, again(data).values)
    assert same.scores["valid"].scores == run.scores["valid"].scores


def test_a_further_network_that_takes_too_long_is_left_out(monkeypatch):
    monkeypatch.setattr("jaxbio.run.mixing.PATIENCE", 0.0)
    data = linear_data(90, columns=3)
    run = fit(None, None, data, data, **QUICK)
    assert any(
        note.startswith("bins would take") and "budget=" in note for note in run.notes
    )
    assert not run.interrupted
    shares = next(note for note in run.notes if note.startswith("weights by"))
    assert "bins 0%" in shares


def test_a_budget_keeps_what_there_is():
    data = linear_data(90, columns=3)
    run = fit(None, None, data, data, budget=1e-9, **QUICK)
    assert not run.interrupted and run.predictor(data).values.shape == (90, 1)
    assert any(note.startswith("the budget of time ended:") for note in run.notes)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory):
    data = survival_data(150)
    train, valid = data.take(np.arange(100)), data.take(np.arange(100, 150))
    out = tmp_path_factory.mktemp("mixing") / "cohort"
    quick = {**QUICK, "epochs": 1, "members": 1}
    return fit(None, None, train, valid, test=valid, out=out, **quick)


def test_survival_is_mixed_with_hazards_and_trees(cohort):
    assert set(cohort.model.parts) == {"network", "bins", "boosting", "linear"}
    scores = cohort.scores["test"].scores["days,died"]
    assert scores["trivial"]["concordance"] == 0.5
    assert scores["model"]["concordance"] > 0.7
    assert scores["model"]["ibs"] < scores["trivial"]["ibs"]
    verdicts = {v.baseline: v for v in cohort.scores["test"].verdicts["days,died"]}
    assert verdicts["trivial"].word == "better"
    found = load(cohort.path)(survival_data(9, seed=5))
    assert found.values.shape == (9, len(found.times))
    assert (np.diff(found.values, axis=1) <= 0).all()
    columns = found.columns(at=[found.times[0]])
    assert {"days_risk", "days_median", "days_rmst"} < columns.keys()


@pytest.mark.parametrize("name", ["linear", "boosting"])
@pytest.mark.parametrize("model", ["piecewise", "cox"])
def test_fitted_hazards_are_those_of_the_baselines(cohort, name, model):
    data = survival_data(100)
    task = Survival(model=model)
    plan = make_plan(None, task, {"train": data, "valid": data}, settings=QUICK)
    part, rows = plan.model.parts[name], plan.schema.encode(data)
    values = fitted_values(part, plan.part(name), rows)
    own = dataclasses.replace(plan.part(name), parts={})
    predictor = Predictor(own.schema, own.objective, _graph(own), [values])
    baseline = fit_baselines(plan.schema, rows)["days,died"][name]
    found, expected = predictor(data).values, baseline.predict(rows)
    if model == "cox":  # levels are those of the cohort
        found, expected = (np.log(-np.log(x[:, :1])) for x in (found, expected))
        found = found - (found - expected).mean()
    np.testing.assert_allclose(found, expected, atol=2e-4)


@pytest.mark.parametrize("name", ["linear", "boosting"])
def test_fitted_hazards_of_causes_are_those_of_the_baselines(name):
    data, task = competing_data(100), CompetingRisks()
    plan = make_plan(None, task, {"train": data, "valid": data}, settings=QUICK)
    part, rows = plan.model.parts[name], plan.schema.encode(data)
    values = fitted_values(part, plan.part(name), rows)
    own = dataclasses.replace(plan.part(name), parts={})
    predictor = Predictor(own.schema, own.objective, _graph(own), [values])
    baseline = fit_baselines(plan.schema, rows)["days,cause"][name]
    found, expected = predictor(data).values, baseline.predict(rows)
    assert found.shape == (100, 2, len(plan.schema.targets[0].times))
    np.testing.assert_allclose(found, expected, atol=2e-4)


def test_given_folds_cross_fit_all_parts():
    data = linear_data(60)
    pairs = folds(data, n=3)
    run = fit(None, None, data, folds=pairs, epochs=1, baselines=False)
    assert len(run.predictor.members) == 3
    apart = run.out_of_fold
    assert sorted(apart.rows) == list(range(60))
    values = apart.predictions["model"]["y"]
    for at, (_, held) in enumerate(pairs):
        own = run.predictor.alone()[at](data.take(held)).values
        np.testing.assert_allclose(values[np.isin(apart.rows, held)], own, rtol=1e-4)


def test_folds_that_do_not_hold_each_row_out_once_are_refused():
    data = linear_data(60)
    pairs = folds(data, n=3)
    with pytest.raises(JaxbioError, match="folds hold 40 rows out"):
        fit(None, None, data, folds=pairs[:2])
    with pytest.raises(JaxbioError, match="chosen by the data"):
        fit(None, None, data, data, folds=pairs)
