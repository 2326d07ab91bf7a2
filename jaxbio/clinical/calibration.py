"""Calibration of effects by doubly robust scores, and their intervals."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from jaxbio.clinical.crossfit import Fold

_STEADY = 0.25  # of the variance of what a network learned is no noise, at least
_OWN = 0.5  # of the variance of an effect; the rest is that of the cohort


@dataclasses.dataclass(frozen=True)
class Calibration:
    """The best linear prediction of the scores of an effect by what was learned.

    An effect is `average + slope * (learned - center)`. The average is the doubly
    robust estimate of the mean effect. The slope says how much of the differences
    between patients holds in patients who were not learned from: 0 for nothing, so that
    all have the average effect, and at most 1.

    Attributes:
        average: The mean effect.
        average_error: Its standard error.
        center: The mean of the learned effects.
        slope: Between 0 and 1.
        slope_error: The standard error of the slope.
        spread: The root mean square of the standard errors of the learned effects.

    Source:
        Chernozhukov V et al. (2025) Econometrica 93:1121.
    """

    average: float
    average_error: float
    center: float
    slope: float
    slope_error: float
    spread: float

    @classmethod
    def fit(
        cls,
        learned: Float[np.ndarray, "n"],
        scores: Float[np.ndarray, "n"],
        errors: Float[np.ndarray, "n"],
        *,
        noise: float = 0.0,
    ) -> "Calibration":
        """Regress scores on the learned effects.

        Args:
            learned: The effect of each patient, by what did not learn from it.
            scores: The difference of the doubly robust scores of the two arms.
            errors: The standard errors of learned effects of patients like these.
            noise: How much less learned effects of new patients vary than these, as
                means of several networks do: the mean variance over the networks.

        Example:
            >>> learned = np.array([0.0, 1.0, 2.0, 3.0])
            >>> found = Calibration.fit(learned, learned / 2, np.ones(4))
            >>> found.average, found.slope, found.effects(np.array([3.5])).tolist()
            (0.75, 0.5, [1.75])
        """
        center = float(learned.mean())
        average = float(scores.mean())
        count = len(scores)
        away = learned - center
        square = float(away @ away)
        slope, slope_error = 0.0, 0.0
        if square > 1e-12 * count:
            steady = max(1 - noise * count / square, _STEADY)
            slope = float(away @ (scores - average)) / square
            residual = scores - average - slope * away
            slope_error = float(np.sqrt((away**2) @ residual**2)) / square / steady
            slope /= steady
        residual = scores - average
        error = float(np.sqrt(residual @ residual)) / count
        spread = float(np.sqrt(np.mean(np.square(errors))))
        slope = min(max(slope, 0.0), 1.0)
        return cls(average, error, center, slope, slope_error, spread)

    def effects(self, learned: Float[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
        """The effects of patients.

        Args:
            learned: What was learned of them.
        """
        return self.average + self.slope * (learned - self.center)

    def errors(
        self, learned: Float[np.ndarray, "n"], errors: Float[np.ndarray, "n"]
    ) -> Float[np.ndarray, "n"]:
        """Standard errors of the effects of patients.

        Those of the average, of the slope and of what was learned together. As few
        networks tell little of one patient, half of the variance of what was learned
        is that of the patient's own, and half is the mean of the cohort.

        Args:
            learned: What was learned of them.
            errors: The standard errors of that.
        """
        own = _OWN * np.square(errors) + (1 - _OWN) * self.spread**2
        away = learned - self.center
        return np.sqrt(
            self.average_error**2
            + np.square(away * self.slope_error)
            + self.slope**2 * own
        )

    def to_dict(self) -> dict[str, Any]:
        """The calibration as JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: Mapping[str, Any]) -> "Calibration":
        """The calibration that `to_dict` described."""
        return cls(**{name: float(value) for name, value in values.items()})


def calibrated_apart(
    learned: Float[np.ndarray, "n"],
    scores: Float[np.ndarray, "n"],
    errors: Float[np.ndarray, "n"],
    folds: Sequence[Fold],
) -> tuple[Float[np.ndarray, "n"], Float[np.ndarray, "n"]]:
    """Effects of patients and their errors, calibrated by the other folds alone.

    Args:
        learned: As for `Calibration.fit`.
        scores: Likewise.
        errors: Likewise.
        folds: Of the patients.

    Example:
        >>> learned = np.array([0.0, 1.0, 2.0, 3.0])
        >>> folds = [(np.array([0, 1]), np.array([2, 3])),
        ...          (np.array([2, 3]), np.array([0, 1]))]
        >>> calibrated_apart(learned, learned, np.ones(4), folds)[0].tolist()
        [0.0, 1.0, 2.0, 3.0]
    """
    effects, deviations = np.empty(len(learned)), np.empty(len(learned))
    for some, held in folds:
        own = Calibration.fit(learned[some], scores[some], errors[some])
        effects[held] = own.effects(learned[held])
        deviations[held] = own.errors(learned[held], errors[held])
    return effects, deviations


def standard_errors(
    spread: Float[np.ndarray, "n *arms"], folds: int
) -> Float[np.ndarray, "n *arms"]:
    """Standard errors by the delete-group jackknife.

    Args:
        spread: The standard deviations over networks, each learned without one fold.
        folds: As many as networks.

    Source:
        Kott PS (2001) Journal of Official Statistics 17:521.

    Example:
        >>> standard_errors(np.array([1.0, 0.5]), 5).tolist()
        [2.0, 1.0]
    """
    return spread * np.sqrt(folds - 1)
