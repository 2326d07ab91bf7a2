"""DR-learner: a regression of doubly robust scores."""

import dataclasses
from typing import ClassVar

import numpy as np

from jaxbio.clinical.crossfit import CrossFitted, held_out
from jaxbio.clinical.learners.base import Estimates, Learner, flat, number

NAME = "scores"


def _target(at: int) -> str:
    return f"effect_{at}"


class DRLearner(Learner):
    """Regressions of the differences of doubly robust scores.

    Source:
        Kennedy EH (2023) Electronic Journal of Statistics 17:3008.
    """

    name: ClassVar[str] = "dr"

    def fit(self, study) -> tuple[dict[str, CrossFitted], Estimates]:
        """Fit the scores."""
        trial, scores = study.trial, study.scores
        targets = {
            _target(at): number(scores[:, at] - scores[:, 0], _target(at))
            for at in range(1, len(trial.arms))
        }
        rows = dataclasses.replace(trial.rows, targets=targets)
        run = study.fit(NAME, rows, study.folds)
        effects = np.stack([flat(held_out(run, name)) for name in targets], axis=1)
        return {NAME: run}, Estimates(effects, np.zeros_like(effects))

    def predict(self, models, rows, outcomes, propensities, trial) -> Estimates:
        """Predict the effects."""
        found = models[NAME](rows, unknown="any")
        names = [_target(at) for at in range(1, len(trial.arms))]
        return Estimates(
            np.stack([flat(found.by_target[name]) for name in names], axis=1),
            np.stack([flat(found.spread[name]) for name in names], axis=1),
        )
