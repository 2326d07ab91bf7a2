"""A fitted treatment run: its folder, effects in new patients, and its evaluation.

```
RUN/treatment.json     arms, outcome, learner, calibration, values of policies
RUN/outcomes/          the outcome under each arm: a run of the engine, as all others
RUN/propensity/        how probable each arm is; not of a randomised trial
RUN/…                  what the learner needs besides
```
"""

import dataclasses
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Bool, Float

from jaxbio.clinical.advice import advise
from jaxbio.clinical.calibration import Calibration, standard_errors
from jaxbio.clinical.effects import Effects
from jaxbio.clinical.evaluation import TreatmentEvaluation, evaluate_effects
from jaxbio.clinical.learners import LEARNERS, Learner
from jaxbio.clinical.learners.tarnet import OUTCOMES, predict_outcomes
from jaxbio.clinical.propensity import (
    NAME as PROPENSITY,
    known_propensities,
    predicted_propensities,
)
from jaxbio.clinical.scores import doubly_robust_scores
from jaxbio.clinical.trial import Outcome, Trial
from jaxbio.data.dataset import Dataset
from jaxbio.data.schema import Schema
from jaxbio.errors import CheckpointError
from jaxbio.predict.predictor import Predictor
from jaxbio.run.fitting import load
from jaxbio.run.folder import RunDirectory, described, digest_json

CONFIG = "treatment.json"
FORMAT = 1


class Scored(NamedTuple):
    """Effects in patients beside what was seen of these.

    Attributes:
        effects: Of each arm but the first.
        errors: Their standard errors.
        scores: Doubly robust scores.
        propensities: How probable each arm was.
        by_chance: Whether chance alone chose the arms.
    """

    effects: Float[np.ndarray, "n others"]
    errors: Float[np.ndarray, "n others"]
    scores: Float[np.ndarray, "n arms"]
    propensities: Float[np.ndarray, "n arms"]
    by_chance: bool

    @property
    def known(self) -> Bool[np.ndarray, "n"]:
        """Mask of the patients of whom something is known."""
        both = np.concatenate([self.effects, self.scores], axis=1)
        return np.asarray(np.isfinite(both).all(axis=1))


@dataclasses.dataclass(frozen=True)
class TreatmentRun:
    """Effects of treatments that were learned.

    Attributes:
        path: The folder; None if nothing was saved.
        treatment: The column with the arms.
        arms: The arms; the first is the reference.
        outcome: What is measured.
        learner: By which effects were learned.
        models: Predictors by name: `outcomes`, `propensity`, and those of the learner.
        shares: The propensities of a randomised trial; None where they are predicted.
        calibrations: Of the effect of each arm but the first.
        best: The number of the best single arm.
        folds: How many networks of each kind there are, each without one fold.
        level: Of the intervals of effects.
        evaluation: In the patients that were learned from, each predicted by what did
            not learn from that patient.
        cohort: What the page of a patient compares with, as JSON values.
        losses: By learner the error that chose among them.
        notes: What was noticed, in sentences.
    """

    path: Path | None
    treatment: str
    arms: tuple[str, ...]
    outcome: Outcome
    learner: str
    models: Mapping[str, Predictor]
    shares: tuple[float, ...] | None
    calibrations: tuple[Calibration, ...]
    best: int
    folds: int
    level: float
    evaluation: TreatmentEvaluation
    cohort: Mapping[str, Any]
    losses: Mapping[str, float]
    notes: Sequence[str]

    @property
    def schema(self) -> Schema:
        """The inputs."""
        return self.models[OUTCOMES].schema

    def propensities(self, rows: Dataset) -> Float[np.ndarray, "n arms"]:
        """How probable each arm was for patients.

        Args:
            rows: The patients.
        """
        if self.shares is not None:
            return np.tile(np.array(self.shares), (len(rows), 1))
        return predicted_propensities(self.models[PROPENSITY], rows, self.arms)

    def predict(self, raw: Any, **how: Any) -> Effects:
        """Effects in patients, and advice.

        Args:
            raw: A DataFrame, a `Dataset` or the path of a file, as for a predictor.
            how: As for a predictor: `unknown`, `ids`, `keep`, `skip_bad`, `lookups`.

        Returns:
            The effects, in the order of the patients; NaN for those of whom nothing is
            known.
        """
        predictor = self.models[OUTCOMES]
        rows = predictor.dataset(raw, **how)
        warnings = predictor(rows, unknown=how.get("unknown", "error")).warnings
        outcomes, effects, errors = self.effects(rows)
        blank = np.isnan(outcomes).any(axis=1)
        effects[blank] = np.nan
        advice = advise(effects, errors, sign=self.outcome.sign, level=self.level)
        width = self.width * errors
        return Effects(
            np.asarray(rows.ids), self.arms, outcomes, effects, effects - width,
            effects + width, advice, tuple(warnings), rows.kept,
        )  # fmt: skip

    @property
    def width(self) -> float:
        """Standard errors from an effect to an end of its interval."""
        from scipy.stats import norm  # slow to import

        return float(norm.ppf((1 + self.level) / 2))

    def effects(self, rows: Dataset) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Outcomes `[n arms]`, effects `[n others]` and their standard errors.

        Args:
            rows: The patients.
        """
        outcomes, spread = predict_outcomes(
            self.models[OUTCOMES], rows, self.outcome, self.arms
        )
        found = self._learner.predict(
            self.models, rows, (outcomes, spread), self.propensities(rows), self
        )
        errors = standard_errors(found.spread, self.folds)
        each = list(zip(self.calibrations, found.effects.T, errors.T, strict=True))
        effects = np.stack([own.effects(x) for own, x, _ in each], axis=1)
        errors = np.stack([own.errors(x, s) for own, x, s in each], axis=1)
        outcomes = np.concatenate([outcomes[:, :1], outcomes[:, :1] + effects], axis=1)
        return outcomes, effects, errors

    @property
    def _learner(self) -> Learner:
        return LEARNERS[self.learner]

    def evaluate(
        self,
        trial: Trial,
        *,
        randomised: bool = False,
        propensity: float | Sequence[float] | None = None,
    ) -> TreatmentEvaluation:
        """The value of the advice in other patients whose arms and outcomes are known.

        Args:
            trial: The patients, with the arms and the outcome of the run.
            randomised: Whether chance alone chose their arms, in the shares that they
                have; else arms were chosen as in the patients that were learned from.
            propensity: The probabilities of the arms, as for `fit_treatment`.
        """
        found = self.score(trial, randomised=randomised, propensity=propensity)
        return evaluate_effects(
            trial, found.effects, found.errors, found.scores, found.propensities,
            best=self.best, level=self.level, randomised=found.by_chance,
            out_of_sample=True,
        )  # fmt: skip

    def score(
        self,
        trial: Trial,
        *,
        randomised: bool = False,
        propensity: float | Sequence[float] | None = None,
    ) -> Scored:
        """Effects in patients beside doubly robust scores of their outcomes.

        Args:
            trial: As for `evaluate`.
            randomised: Likewise.
            propensity: Likewise.
        """
        outcomes, _ = predict_outcomes(
            self.models[OUTCOMES], trial.rows, self.outcome, self.arms
        )
        propensities = self.propensities(trial.rows)
        by_chance = randomised or propensity is not None
        if by_chance:
            shares = known_propensities(trial, propensity)
            propensities = np.tile(shares, (len(trial), 1))
        scores = doubly_robust_scores(outcomes, propensities, trial.arm, trial.values)
        _, effects, errors = self.effects(trial.rows)
        known = by_chance or self.shares is not None
        return Scored(effects, errors, scores, propensities, known)

    def save(self, path: str | Path) -> None:
        """Write `treatment.json`; the models have their own folders beside it."""
        body = {
            "format": FORMAT,
            "treatment": self.treatment,
            "arms": list(self.arms),
            "outcome": self.outcome.to_dict(),
            "learner": self.learner,
            "models": sorted(self.models),
            "shares": None if self.shares is None else list(self.shares),
            "calibrations": [each.to_dict() for each in self.calibrations],
            "best": self.best,
            "folds": self.folds,
            "level": self.level,
            "evaluation": self.evaluation.to_dict(),
            "cohort": dict(self.cohort),
            "losses": dict(self.losses),
            "notes": list(self.notes),
        }
        folder = RunDirectory(path)
        folder.write_json(CONFIG, {**body, "sha256": digest_json(body)})


def is_treatment_run(path: str | Path) -> bool:
    """Check that a folder is that of a treatment run.

    Args:
        path: The folder.

    Example:
        >>> is_treatment_run("nowhere")
        False
    """
    return (Path(path) / CONFIG).is_file()


def load_treatment(
    path: str | Path, *, missing: str | Sequence[str] = ()
) -> TreatmentRun:
    """The treatment run in a folder.

    Args:
        path: The folder that `fit_treatment(…, out=…)` made.
        missing: As for `jaxbio.load`.

    Raises:
        CheckpointError: If it is none, damaged, or from a newer version.
    """
    folder = RunDirectory(path)
    if not is_treatment_run(path):
        raise CheckpointError(
            f"{path} is no treatment run: {CONFIG} is missing; give the folder that "
            f"`jaxbio train … --treatment` made"
        )
    body = folder.read_json(CONFIG)
    if not isinstance(body, dict) or body.get("format", 0) > FORMAT:
        raise CheckpointError(
            f"{folder / CONFIG} was written by a newer version of jaxbio: update jaxbio"
        )
    checksum = body.pop("sha256", None)
    if checksum != digest_json(body):
        raise CheckpointError(
            f"{folder / CONFIG} is damaged or was changed (its checksum does not fit): "
            f"use a copy, or train again"
        )
    with described(folder / CONFIG):
        shares = body["shares"]
        return TreatmentRun(
            folder.path,
            body["treatment"],
            tuple(body["arms"]),
            Outcome.from_dict(body["outcome"]),
            body["learner"],
            {name: load(folder / name, missing=missing) for name in body["models"]},
            None if shares is None else tuple(shares),
            tuple(Calibration.from_dict(each) for each in body["calibrations"]),
            body["best"],
            body["folds"],
            body["level"],
            TreatmentEvaluation.from_dict(body["evaluation"]),
            body["cohort"],
            body["losses"],
            tuple(body["notes"]),
        )
