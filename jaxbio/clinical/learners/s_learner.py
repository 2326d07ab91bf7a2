"""S-learner: one model, of which the arm is an input."""

import dataclasses
from typing import ClassVar

import numpy as np

from jaxbio.clinical.crossfit import CrossFitted, by_each
from jaxbio.clinical.learners.base import (
    Estimates,
    Learner,
    differences,
    differences_within,
    flat,
    outcome_column,
)
from jaxbio.data.columns.category import Category
from jaxbio.data.dataset import Dataset

NAME = "single"


class SLearner(Learner):
    """Differences of what a single model predicts for one arm and another.

    It says that arms hardly differ unless the outcomes insist.

    Source:
        Künzel SR et al. (2019) Proceedings of the National Academy of Sciences of the
        USA 116:4156.
    """

    name: ClassVar[str] = "s"

    def fit(self, study) -> tuple[dict[str, CrossFitted], Estimates]:
        """Fit the outcome to inputs and arm."""
        trial = study.trial
        whole = np.ones(len(trial), bool)
        target = trial.outcome.columns[0]
        arms = [trial.arms[at] for at in trial.arm]
        rows = dataclasses.replace(
            with_arm(trial.rows, trial.treatment, arms),
            targets={target: outcome_column(trial.outcome, trial.values, whole)},
        )
        run = study.fit(NAME, rows, study.folds)
        each = [
            flat(
                by_each(
                    run.predictor,
                    with_arm(trial.rows, trial.treatment, [arm] * len(trial)),
                    study.folds,
                    target,
                )
            )
            for arm in trial.arms
        ]
        means = np.stack(each, axis=1)
        return {NAME: run}, differences(means, np.zeros_like(means))

    def predict(self, models, rows, outcomes, propensities, trial) -> Estimates:
        """Predict each patient under each arm."""
        target = trial.outcome.columns[0]
        given = [
            with_arm(rows, trial.treatment, [arm] * len(rows)) for arm in trial.arms
        ]
        each = [
            [flat(one(arm, unknown="any").by_target[target]) for arm in given]
            for one in models[NAME].alone()
        ]
        each = np.moveaxis(np.array(each), 1, 2)
        return differences_within(each)


def with_arm(rows: Dataset, treatment: str, arms: list[str]) -> Dataset:
    """The rows with the arm as one more input."""
    column = Category.from_values(arms)
    return dataclasses.replace(rows, inputs={**rows.inputs, treatment: column})
