"""T-learner: a model for each arm, that knows nothing of the others."""

import dataclasses
from typing import ClassVar

import numpy as np

from jaxbio.clinical.crossfit import CrossFitted, held_out, within
from jaxbio.clinical.learners.base import (
    Estimates,
    Learner,
    differences,
    flat,
    outcome_column,
    target_of,
)


def _name(at: int) -> str:
    return f"arm_{at}"


class TLearner(Learner):
    """Differences of what separate models predict.

    Source:
        Künzel SR et al. (2019) Proceedings of the National Academy of Sciences of the
        USA 116:4156.
    """

    name: ClassVar[str] = "t"

    def fit(self, study) -> tuple[dict[str, CrossFitted], Estimates]:
        """Fit the outcome in each arm."""
        trial, runs, columns = study.trial, {}, []
        for at, arm in enumerate(trial.arms):
            own = np.flatnonzero(trial.arm == at)
            target = target_of(trial.outcome, arm)
            whole = np.ones(len(own), bool)
            column = outcome_column(trial.outcome, trial.values[own], whole)
            rows = dataclasses.replace(trial.rows.take(own), targets={target: column})
            run = study.fit(_name(at), rows, within(study.folds, own))
            # Patients of other arms were learned from by none of the networks.
            means = flat(run.predictor(trial.rows, unknown="any").by_target[target])
            means[own] = flat(held_out(run, target))
            runs[_name(at)] = run
            columns.append(means)
        means = np.stack(columns, axis=1)
        return runs, differences(means, np.zeros_like(means))

    def predict(self, models, rows, outcomes, propensities, trial) -> Estimates:
        """Predict each patient by the model of each arm."""
        found = [
            models[_name(at)](rows, unknown="any") for at in range(len(trial.arms))
        ]
        means = np.stack([flat(each.values) for each in found], axis=1)
        spread = np.stack(
            [flat(next(iter(each.spread.values()))) for each in found], axis=1
        )
        return differences(means, spread)
