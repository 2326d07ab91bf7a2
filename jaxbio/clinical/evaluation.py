"""What effects say on average, and what advice by them is worth."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import numpy as np
from jaxtyping import Float

from jaxbio.clinical.advice import advise
from jaxbio.clinical.calibration import Calibration
from jaxbio.clinical.confounding import EValue, e_value, e_value_of_difference
from jaxbio.clinical.policies import PolicyValue, best_arm, compare_policies
from jaxbio.clinical.qini import qini_curve
from jaxbio.clinical.trial import Outcome, Trial


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
