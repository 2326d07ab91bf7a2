"""Trials with a known truth, and models that are fitted at once."""

import dataclasses
import types

import numpy as np
import pandas as pd

from jaxbio.clinical.crossfit import folds_of
from jaxbio.clinical.learners.base import Study
from jaxbio.clinical.learners.tarnet import OUTCOMES, fit_outcomes, predict_outcomes
from jaxbio.clinical.scores import doubly_robust_scores
from jaxbio.clinical.trial import read_trial
from jaxbio.run.evaluation import OutOfFold


def trial_table(rows=200, seed=0, noise=0.1):
    """A randomised trial: the drug is worth `a`, and `b` counts without it, too."""
    rng = np.random.default_rng(seed)
    a, b = rng.normal(size=(2, rows))
    arm = rng.integers(0, 2, rows)
    y = 1 + 2 * b + arm * a + noise * rng.normal(size=rows)
    names = np.where(arm == 1, "drug", "none")
    return pd.DataFrame({"a": a, "b": b, "arm": names, "y": y})


def made_trial(rows=200, seed=0, **how):
    """The trial of `trial_table`; none is the reference."""
    return read_trial(
        trial_table(rows, seed), treatment="arm", outcome="y", reference="none", **how
    )


class LinearPredictor:
    """Least squares on the columns of numbers and, for each category, an intercept and
    slopes of its own; a model for each fold."""

    def __init__(self, rows, folds):
        self.labels = {
            name: sorted(set(column.values.tolist()))
            for name, column in rows.inputs.items()
            if column.kind == "category"
        }
        features = self.features(rows)
        self.weights = {}
        for name, column in rows.targets.items():
            y = column.values[:, 0].astype(float)
            self.weights[name] = []
            for some, _ in folds:
                known = some[~np.isnan(y[some])]
                found = np.linalg.lstsq(features[known], y[known], rcond=None)[0]
                self.weights[name].append(found)

    def features(self, rows):
        numbers = [
            column.values.astype(float)
            for column in rows.inputs.values()
            if column.kind == "numeric"
        ]
        plain = np.concatenate([np.ones((len(rows), 1)), *numbers], axis=1)
        parts = [plain]
        for name, labels in self.labels.items():
            for label in labels[1:]:
                own = rows.inputs[name].values == label
                parts.append(plain * own[:, None])
        return np.concatenate(parts, axis=1)

    def __call__(self, rows, unknown="error"):
        each = {
            name: np.stack([self.features(rows) @ one for one in weights])
            for name, weights in self.weights.items()
        }
        by_target = {name: values.mean(axis=0) for name, values in each.items()}
        spread = {name: values.std(axis=0) for name, values in each.items()}
        return types.SimpleNamespace(
            by_target=by_target,
            spread=spread,
            values=next(iter(by_target.values())),
        )

    def alone(self):
        found = []
        for number in range(len(next(iter(self.weights.values())))):
            one = object.__new__(LinearPredictor)
            one.labels = self.labels
            one.weights = {name: [each[number]] for name, each in self.weights.items()}
            found.append(one)
        return found


def linear_fit(name, rows, folds):
    """What `jaxbio.fit` would give, of linear models."""
    predictor = LinearPredictor(rows, folds)
    held = np.concatenate([some for _, some in folds])
    predictions = {
        target: np.concatenate(
            [
                predictor.alone()[at](rows.take(some)).by_target[target]
                for at, (_, some) in enumerate(folds)
            ]
        )
        for target in rows.targets
    }
    apart = OutOfFold(held, {"model": predictions})
    return types.SimpleNamespace(predictor=predictor, out_of_fold=apart)


def learned(learner, spoilt=None):
    """Effects by a learner of linear models: apart, in the same patients, and true."""
    trial = made_trial(300)
    if spoilt is not None:
        values = trial.values.copy()
        values[spoilt] += 100
        trial = dataclasses.replace(trial, values=values)
    folds = folds_of(trial)
    propensities = np.full((300, 2), 0.5)
    run, outcomes = fit_outcomes(trial, linear_fit, folds)
    scores = doubly_robust_scores(outcomes, propensities, trial.arm, trial.values)
    study = Study(trial, linear_fit, folds, propensities, outcomes, scores)
    runs, apart = learner.fit(study)
    models = {name: each.predictor for name, each in runs.items()}
    models[OUTCOMES] = run.predictor
    whole = predict_outcomes(run.predictor, trial.rows, trial.outcome, trial.arms)
    found = learner.predict(models, trial.rows, whole, propensities, trial)
    truth = trial.rows.inputs["features"].values[:, 0]
    return apart, found, truth
