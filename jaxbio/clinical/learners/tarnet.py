"""Outcome models of all arms at once: a shared trunk and a head for each arm."""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np

from jaxbio.clinical.crossfit import CrossFitted, Fit, Fold, Model, held_out
from jaxbio.clinical.learners.base import (
    Estimates,
    Learner,
    differences,
    differences_within,
    flat,
    outcome_column,
    target_of,
)
from jaxbio.clinical.trial import Outcome, Trial
from jaxbio.data.dataset import Dataset

OUTCOMES = "outcomes"


def fit_outcomes(
    trial: Trial, fit: Fit, folds: Sequence[Fold]
) -> tuple[CrossFitted, np.ndarray]:
    """Fit the outcome under each arm; of a patient those of other arms are missing.

    Networks share what they make of the inputs and have an output for each arm; linear
    models and trees beside them, where they are of use, are fitted to each arm alone.

    Args:
        trial: The patients.
        fit: Fits rows.
        folds: Of the patients.

    Returns:
        The run, and the outcomes of the patients under each arm `[n arms]`, each by
        what did not learn from that patient.
    """
    targets = {
        target_of(trial.outcome, name): outcome_column(
            trial.outcome, trial.values, trial.arm == at
        )
        for at, name in enumerate(trial.arms)
    }
    run = fit(OUTCOMES, dataclasses.replace(trial.rows, targets=targets), folds)
    return run, np.stack([flat(held_out(run, name)) for name in targets], axis=1)


def predict_outcomes(
    predictor: Model, rows: Dataset, outcome: Outcome, arms: Sequence[str]
) -> tuple[np.ndarray, np.ndarray]:
    """Outcomes of other patients under each arm.

    Args:
        predictor: That of the run of `fit_outcomes`.
        rows: The patients.
        outcome: What is predicted.
        arms: The arms.

    Returns:
        The outcomes `[n arms]`, and their standard deviations over the networks.
    """
    found = predictor(rows, unknown="any")
    names = [target_of(outcome, arm) for arm in arms]
    means = _means(found, names)
    spread = np.stack([flat(found.spread[name]) for name in names], axis=1)
    return means, spread


def _means(found: Any, names: Sequence[str]) -> np.ndarray:
    """The outcome of each patient under each arm."""
    return np.stack([flat(found.by_target[name]) for name in names], axis=1)


class TARNet(Learner):
    """Differences of the outcomes that networks with a shared trunk predict.

    Source:
        Shalit U, Johansson FD, Sontag D (2017) Estimating individual treatment effect:
        generalization bounds and algorithms, ICML.
    """

    name: ClassVar[str] = "tarnet"

    def fit(self, study) -> tuple[dict[str, CrossFitted], Estimates]:
        """The differences of what is known already."""
        return {}, differences(study.outcomes, np.zeros_like(study.outcomes))

    def predict(self, models, rows, outcomes, propensities, trial) -> Estimates:
        """The differences of the outcomes by each network."""
        names = [target_of(trial.outcome, arm) for arm in trial.arms]
        each = [_means(one(rows, unknown="any"), names) for one in
                models[OUTCOMES].alone()]  # fmt: skip
        return differences_within(np.stack(each))
