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
from typing import Any

import numpy as np
from jaxtyping import Float

from jaxbio.clinical.advice import Advice, advise
from jaxbio.clinical.calibration import Calibration, standard_errors
from jaxbio.clinical.confounding import EValue
from jaxbio.clinical.learners import LEARNERS, Learner
from jaxbio.clinical.learners.tarnet import OUTCOMES, predict_outcomes
from jaxbio.clinical.policies import PolicyValue, best_arm, compare_policies
from jaxbio.clinical.propensity import (
    NAME as PROPENSITY,
    known_propensities,
    predicted_propensities,
)
from jaxbio.clinical.qini import qini_curve
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


@dataclasses.dataclass(frozen=True)
class Effects:
    """Effects of treatments in patients, and advice.

    Attributes:
        ids: The names of the patients.
        arms: The arms; effects are against the first.
        outcomes: The outcome that is expected under each arm, in its units.
        effects: Of each arm but the first.
        low: The lower ends of their intervals.
        high: The upper ends.
        advice: The arm that promises most, and how certain that is.
        warnings: What was odd about the inputs.
        kept: Columns of the file that go along, by name.
    """

    ids: np.ndarray
    arms: tuple[str, ...]
    outcomes: Float[np.ndarray, "n arms"]
    effects: Float[np.ndarray, "n others"]
    low: Float[np.ndarray, "n others"]
    high: Float[np.ndarray, "n others"]
    advice: Advice
    warnings: tuple[str, ...]
    kept: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.ids)

    def columns(self) -> dict[str, np.ndarray]:
        """The effects as columns by name, as `write_table` takes them.

        Returns:
            `id`; the columns that were kept, under `NAME_given` where an own one has
            their name; `advice`, an arm or `abstain`; `gain` over the next best arm and
            its interval; for each arm `outcome:ARM`, and for all but the first
            `effect:ARM`, `effect_low:ARM` and `effect_high:ARM`.
        """
        own: dict[str, np.ndarray] = {
            "advice": self.advice.named(self.arms),
            "gain": self.advice.gain,
            "gain_low": self.advice.low,
            "gain_high": self.advice.high,
        }
        for at, arm in enumerate(self.arms):
            own[f"outcome:{arm}"] = self.outcomes[:, at]
        for at, arm in enumerate(self.arms[1:]):
            own[f"effect:{arm}"] = self.effects[:, at]
            own[f"effect_low:{arm}"] = self.low[:, at]
            own[f"effect_high:{arm}"] = self.high[:, at]
        kept = {}
        for name, values in self.kept.items():
            if name != "id":
                kept[f"{name}_given" if name in own else name] = values
        columns = {"id": self.ids, **kept, **own}
        return {
            name: values.astype(np.float32) if values.dtype == np.float64 else values
            for name, values in columns.items()
        }


@dataclasses.dataclass(frozen=True)
class AverageEffect:
    """The mean effect of an arm, and how far effects differ between patients.

    Attributes:
        arm: The arm, against the reference.
        average: The doubly robust mean effect.
        low: The lower end of its 95 % interval.
        high: The upper end.
        slope: How much of the predicted differences between patients holds in those
            that were not learned from: 1 for all, 0 for nothing.
        slope_error: Its standard error.
        thirds: The mean effect, by doubly robust scores, in the third of the patients
            with the smallest predicted effect, in the middle and in the highest, each
            with its standard error.
        qini: The Qini coefficient by the predicted effects.
        qini_error: Its standard error.
        confounding: The E-value; None for a randomised trial.
    """

    arm: str
    average: float
    low: float
    high: float
    slope: float
    slope_error: float
    thirds: tuple[tuple[float, float], ...]
    qini: float
    qini_error: float
    confounding: EValue | None = None

    def to_dict(self) -> dict[str, Any]:
        """The effect as JSON values."""
        values = dataclasses.asdict(self)
        if self.confounding is not None:
            values["confounding"] = list(self.confounding)
        return values

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "AverageEffect":
        """The effect that `to_dict` described."""
        own = dict(values)
        own["thirds"] = tuple(tuple(each) for each in own["thirds"])
        if own["confounding"] is not None:
            own["confounding"] = EValue(*own["confounding"])
        return cls(**own)


@dataclasses.dataclass(frozen=True)
class TreatmentEvaluation:
    """Policies and mean effects in patients.

    Attributes:
        rows: How many patients.
        outcome: What is compared.
        best: The best single arm, as the patients that were learned from showed it.
        policies: The values of policies.
        effects: Mean effects.
        abstained: The share of patients for whom no advice is certain.
        out_of_sample: Whether the patients are others than those learned from; else
            each was predicted by what did not learn from that patient.
    """

    rows: int
    outcome: Outcome
    best: str
    policies: tuple[PolicyValue, ...]
    effects: tuple[AverageEffect, ...]
    abstained: float
    out_of_sample: bool

    def to_dict(self) -> dict[str, Any]:
        """The evaluation as JSON values."""
        return {
            "rows": self.rows,
            "outcome": self.outcome.to_dict(),
            "best": self.best,
            "policies": [each.to_dict() for each in self.policies],
            "effects": [each.to_dict() for each in self.effects],
            "abstained": self.abstained,
            "out_of_sample": self.out_of_sample,
        }

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "TreatmentEvaluation":
        """The evaluation that `to_dict` described."""
        return cls(
            values["rows"],
            Outcome.from_dict(values["outcome"]),
            values["best"],
            tuple(PolicyValue(**each) for each in values["policies"]),
            tuple(AverageEffect.from_dict(each) for each in values["effects"]),
            values["abstained"],
            values["out_of_sample"],
        )

    def __str__(self) -> str:
        from jaxbio.clinical.tables import evaluation_table

        return evaluation_table(self)


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
        return evaluate_effects(
            trial, effects, errors, scores, propensities, best=self.best,
            level=self.level, randomised=by_chance or self.shares is not None,
            out_of_sample=True,
        )  # fmt: skip

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


def load_treatment(path: str | Path) -> TreatmentRun:
    """The treatment run in a folder.

    Args:
        path: The folder that `fit_treatment(…, out=…)` made.

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
            {name: load(folder / name) for name in body["models"]},
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


def evaluate_effects(
    trial: Trial,
    effects: Float[np.ndarray, "n others"],
    errors: Float[np.ndarray, "n others"],
    scores: Float[np.ndarray, "n arms"],
    propensities: Float[np.ndarray, "n arms"],
    *,
    best: int | None,
    level: float,
    randomised: bool,
    out_of_sample: bool,
) -> TreatmentEvaluation:
    """The value of advice by effects, and what these effects say on average.

    Args:
        trial: The patients.
        effects: By what did not learn from them.
        errors: Their standard errors.
        scores: Doubly robust scores.
        propensities: Of the patients.
        best: The number of the best single arm; None to take it from the scores.
        level: Of the intervals of effects.
        randomised: Whether nothing can confound.
        out_of_sample: As in the result.
    """
    known = np.isfinite(effects).all(axis=1) & np.isfinite(scores).all(axis=1)
    effects, errors, scores = effects[known], errors[known], scores[known]
    sign = trial.outcome.sign
    single = best_arm(scores, sign) if best is None else best
    advice = advise(effects, errors, sign=sign, level=level)
    name = trial.arms[single]
    policies = compare_policies(
        {
            "advice": advice.best,
            f"advice where certain, else {name}": advice.policy(single),
        },
        scores,
        propensities[known],
        trial.arm[known],
        trial.values[known],
        arms=trial.arms,
        best=single,
        sign=sign,
    )
    averages = tuple(
        _average(
            trial, at, effects[:, at - 1], scores[:, at] - scores[:, 0], scores,
            randomised,
        )
        for at in range(1, len(trial.arms))
    )  # fmt: skip
    return TreatmentEvaluation(
        len(effects), trial.outcome, name, tuple(policies), averages,
        float(1 - advice.certain.mean()), out_of_sample,
    )  # fmt: skip


def _average(
    trial: Trial,
    at: int,
    effects: np.ndarray,
    gains: np.ndarray,
    scores: np.ndarray,
    randomised: bool,
) -> AverageEffect:
    """What the scores say of the effect of an arm."""
    from jaxbio.clinical.confounding import e_value, e_value_of_difference

    own = Calibration.fit(effects, gains, np.zeros(len(gains)))
    low, high = (own.average + side * 1.96 * own.average_error for side in (-1, 1))
    order = np.argsort(effects, kind="stable")
    thirds = tuple(
        (
            round(float(part.mean()), 6),
            round(float(part.std() / np.sqrt(max(len(part), 1))), 6),
        )
        for part in np.array_split(gains[order], 3)
    )
    curve = qini_curve(trial.outcome.sign * effects, trial.outcome.sign * gains)
    confounding = None
    if not randomised:
        confounding = e_value_of_difference(
            own.average, low, high, float(trial.values.std())
        )
        risks = scores[:, [at, 0]].mean(axis=0)
        if trial.outcome.kind == "binary" and (risks > 0.001).all():
            # By the delta method on the logarithm of the ratio.
            parts = scores[:, at] / risks[0] - scores[:, 0] / risks[1]
            error = float(parts.std() / np.sqrt(len(parts)))
            ratio = float(risks[0] / risks[1])
            ends = ratio * np.exp(np.array([-1.96, 1.96]) * error)
            confounding = e_value(ratio, float(ends[0]), float(ends[1]))
    return AverageEffect(
        trial.arms[at], own.average, low, high, own.slope, own.slope_error, thirds,
        curve.coefficient, curve.error, confounding,
    )  # fmt: skip
