import json

import jax
import numpy as np
import pytest

from jaxbio.errors import CheckpointError
from jaxbio.models import Mixture
from jaxbio.run.ensemble import assemble
from jaxbio.run.fitting import fit, load, load_run
from jaxbio.run.mixing import as_outputs, choose_weights
from jaxbio.run.plan import make_plan
from jaxbio.tasks import Binary, CountRegression, Regression
from jaxbio.train import Callback
from tests.helpers import linear_data, normal

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
    assert "stopped by Ctrl-C: kept network, without bins" in run.notes
    values = run.predictor(data).values
    np.testing.assert_array_equal(load(out)(data).values, values)
    monkeypatch.undo()
    again = fit(None, None, data, data, out=out, resume=True, **QUICK)
    assert not again.interrupted and len(again.history) == 4


def test_weights_are_those_that_make_the_loss_small():
    data = linear_data(80, columns=2)
    plan = make_plan(None, None, {"train": data, "valid": data})
    valid = plan.schema.encode(data)
    spec = plan.schema.target("y")
    truth = (valid.targets["y"] - spec.mean) / np.asarray(spec.scale)
    truth, noise = np.float32(truth), np.asarray(normal(80, 1), np.float32)
    outputs = [{"y": truth + noise}, {}, {"y": truth - noise}, {"y": 0 * truth}]
    weights = choose_weights(plan.objective, outputs, valid, seed=0)["y"]
    np.testing.assert_allclose(weights, [0.5, 0, 0.5, 0], atol=0.06)
    wrong = [{"y": truth * np.nan}, {"y": truth}]
    assert choose_weights(plan.objective, wrong, valid, seed=0)["y"].tolist() == [0, 1]


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
