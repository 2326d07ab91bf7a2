import dataclasses

import numpy as np
import pytest

from jaxbio.baselines.fit import fit_baselines
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.data.specs import TargetSpec
from jaxbio.models import MLP
from jaxbio.plugins import Registry
from jaxbio.run.evaluation import Evaluation, measure
from jaxbio.run.fitting import fit
from jaxbio.tasks import Objective, make_task
from jaxbio.tasks.objective import takes_weights
from tests.helpers import PAIR_KINDS, drug_pairs, numbers


def test_scores_of_pairs(tmp_path):
    data = drug_pairs()
    schema = learn_schema(data, PAIR_KINDS)
    arrays = schema.encode(data)
    fitted = fit_baselines(schema, arrays)
    tasks = {
        "kd": make_task("regression"), "reads": make_task("poisson"),
        "binds": make_task("binary"), "labels": make_task("multilabel"),
    }  # fmt: skip
    objective = Objective.of(tasks, schema)
    guess = {name: each["trivial"].predict(arrays) for name, each in fitted.items()}
    scores = measure(objective, arrays, guess, baselines=fitted).scores
    found = scores["kd"]["drug + protein means"]
    assert found["concordance_index"] > 0.9 and found["r_m2"] > 0.8
    assert found["within_drug_pearson"] > 0.9
    assert scores["kd"]["drug mean"]["within_drug_pearson"] is None
    assert scores["kd"]["model"]["concordance_index"] == 0.5
    assert not any("r_m2" in scores[name]["model"] for name in ("reads", "binds"))
    single = Dataset({"drug": data.inputs["drug"]}, data.targets)
    schema = learn_schema(single, PAIR_KINDS)
    rows = schema.encode(single)
    alone = measure(Objective.of(tasks, schema), rows, guess).scores
    assert "concordance_index" not in alone["kd"]["model"]


def test_scores_are_weighted():
    truth, guess = np.array([0.0, 1, 2, 9]), np.array([[0.0], [1], [2], [2]])
    weights = np.array([1, 1, 2, 0], np.float32)
    data = Dataset({"x": numbers(guess)}, {"y": numbers(truth[:, None])})
    schema = learn_schema(data, {"y": ("number", False)})
    objective = Objective.of({"y": make_task("regression")}, schema)

    def score(w):
        arrays = schema.encode(dataclasses.replace(data, weights=w))
        fitted = fit_baselines(schema, arrays)
        return measure(objective, arrays, {"y": guess}, baselines=fitted).scores["y"]

    plain, weighted = score(None), score(weights)
    assert plain["model"]["rmse"] == 3.5 and plain["model"]["n"] == 4
    assert weighted["model"]["rmse"] == 0 and weighted["model"]["n"] == 3
    assert plain["trivial"]["rmse"] == pytest.approx(np.std(truth))
    spread = np.average((truth - 1.25) ** 2, weights=weights) ** 0.5
    assert weighted["trivial"]["rmse"] == pytest.approx(spread)  # about its own mean
    assert score(np.full(4, 3, np.float32))["model"] == plain["model"]


def test_further_metrics_are_weighted_if_they_take_weights(monkeypatch):
    def weighted_bias(truth, prediction, weights=None):
        return np.average((prediction - truth)[:, 0], weights=weights)

    def plain_bias(truth, prediction):
        return np.mean(prediction - truth)

    metrics = Registry("metric")
    metrics.add("weighted", weighted_bias)
    metrics.add("plain", plain_bias)
    monkeypatch.setattr("jaxbio.tasks.objective.METRICS", metrics)
    spec = TargetSpec("y", "number", columns=("y",), mean=(0.0,), scale=(1.0,))
    tasks = {"y": make_task("regression")}
    objective = Objective(tasks, {"y": spec}, ("weighted", "plain"))
    truth, guess = np.zeros((2, 1)), np.array([[1.0], [3.0]])
    assert takes_weights(weighted_bias) and not takes_weights(plain_bias)
    found = objective.score("y", truth, guess, np.array([3.0, 1.0]))
    assert (found["mae"], found["weighted"], found["plain"]) == (1.5, 1.5, 2.0)


def test_rows_of_classes_that_training_lacks_are_told_and_not_scored():
    def rows(labels):
        x = np.array([[label == "a"] for label in labels], np.float32)
        return Dataset(
            {"x": Numeric(x, ("x",))}, {"y": Category.from_values(list(labels))}
        )

    how = {"epochs": 1, "members": 1, "baselines": False}
    model = MLP(hidden=(2,))
    done = fit(model, None, rows("ab" * 20), rows("ab" * 4), test=rows("abcc"), **how)
    line = (
        "2 rows of class c of y, which no training row has, are not scored: no "
        "prediction of them can be right"
    )
    assert f"test: {line}" in done.notes
    found = done.evaluate(rows("abcc"))
    assert found.lines()[-1] == line and found.to_dict()["unseen"] == {"y": {"c": 2}}
    scores = found.scores["y"]["model"]
    assert scores == done.evaluate(rows("ab")).scores["y"]["model"]
    assert scores == done.scores["test"].scores["y"]["model"]


def test_what_is_of_one_class_is_said():
    scores = {"y": {"model": {"auroc": 0.9, "auprc": 0.8, "f1": 0.7}}}
    found = Evaluation(10, scores, {"y": "auroc"}, classes={"y": ("active", "inert")})
    assert "auprc and f1 are those of inert" in found.lines()
    several = Evaluation(10, scores, {"y": "auroc"}, classes={"y": ("a", "b", "c")})
    assert len(several.lines()) == 2
