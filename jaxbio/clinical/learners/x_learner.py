"""X-learner: effects imputed by the outcome model of the other arm, and learned."""

import dataclasses
from typing import ClassVar

import numpy as np

from jaxbio.clinical.crossfit import CrossFitted, held_out
from jaxbio.clinical.learners.base import Estimates, Learner, flat, number

NAME = "imputed"


def _targets(at: int) -> tuple[str, str]:
    return f"effect_{at}_treated", f"effect_{at}_untreated"


class XLearner(Learner):
    """Regressions of imputed effects, weighed by the propensities.

    The effect in a patient who had an arm is the outcome less what is predicted without
    it; in one of the reference what is predicted with it less the outcome.

    Outcomes of held-out patients come into the imputed effects of others by the outcome
    models, so that what it is worth in the patients it learned from looks too good;
    look at other patients. Where `auto` chooses, it takes no part.

    Source:
        Künzel SR et al. (2019) Proceedings of the National Academy of Sciences of the
        USA 116:4156.
    """

    name: ClassVar[str] = "x"

    def fit(self, study) -> tuple[dict[str, CrossFitted], Estimates]:
        """Impute effects and fit them."""
        trial, outcomes = study.trial, study.outcomes
        targets = {}
        for at in range(1, len(trial.arms)):
            treated, untreated = _targets(at)
            gained = trial.values - outcomes[:, 0]
            lacking = outcomes[:, at] - trial.values
            for name, values, arm in ((treated, gained, at), (untreated, lacking, 0)):
                known = np.where(trial.arm == arm, values, np.nan)
                targets[name] = number(known, name)
        rows = dataclasses.replace(trial.rows, targets=targets)
        run = study.fit(NAME, rows, study.folds)
        values = {name: flat(held_out(run, name)) for name in targets}
        zeros = {name: np.zeros(len(trial)) for name in targets}
        return {NAME: run}, _weighed(values, zeros, study.propensities)

    def predict(self, models, rows, outcomes, propensities, trial) -> Estimates:
        """Predict the two effects, and weigh them."""
        found = models[NAME](rows, unknown="any")
        values = {name: flat(each) for name, each in found.by_target.items()}
        spread = {name: flat(each) for name, each in found.spread.items()}
        return _weighed(values, spread, propensities)


def _weighed(values, spread, propensities) -> Estimates:
    """Effects in those who had the arm count where few have it, and the other way."""
    effects, deviations = [], []
    for at in range(1, propensities.shape[1]):
        treated, untreated = _targets(at)
        share = propensities[:, at] / (propensities[:, at] + propensities[:, 0])
        effects.append(share * values[untreated] + (1 - share) * values[treated])
        deviations.append(
            np.sqrt(
                (share * spread[untreated]) ** 2 + ((1 - share) * spread[treated]) ** 2
            )
        )
    return Estimates(np.stack(effects, axis=1), np.stack(deviations, axis=1))
