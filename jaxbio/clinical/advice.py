"""Advice: the arm that promises most for a patient, and whether that is certain."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float, Int64

ABSTAIN = "abstain"
"""What is advised where the interval of the gain holds zero."""


@dataclasses.dataclass(frozen=True)
class Advice:
    """Advice for patients.

    Attributes:
        best: The number of the arm that promises most.
        gain: How much better it is expected to be than the next best arm, in the
            direction that is good.
        low: The lower end of the interval of the gain.
        high: The upper end.
    """

    best: Int64[np.ndarray, "n"]
    gain: Float[np.ndarray, "n"]
    low: Float[np.ndarray, "n"]
    high: Float[np.ndarray, "n"]

    @property
    def certain(self) -> Bool[np.ndarray, "n"]:
        """Mask of the patients for whom the interval does not hold zero."""
        return np.asarray(self.low > 0)

    def named(self, arms: Sequence[str]) -> np.ndarray:
        """The arm for each patient, or `abstain`.

        Args:
            arms: The names of the arms.
        """
        names = np.array(arms, object)[self.best]
        names[~self.certain] = ABSTAIN
        names[np.isnan(self.gain)] = None
        return names

    def policy(self, otherwise: int) -> Int64[np.ndarray, "n"]:
        """The arm for each patient, and another where the advice is not certain.

        Args:
            otherwise: The number of that arm.
        """
        return np.where(self.certain, self.best, otherwise)


def advise(
    effects: Float[np.ndarray, "n others"],
    errors: Float[np.ndarray, "n others"],
    *,
    sign: int = 1,
    level: float = 0.9,
) -> Advice:
    """The best arm of each patient beside the next best one.

    Args:
        effects: Of each arm but the first, against the first.
        errors: Their standard errors.
        sign: 1 where higher outcomes are better, -1 where lower are.
        level: Of the intervals. Errors of two arms, both against the first, are taken
            as independent: the interval of their difference is rather too wide.

    Example:
        >>> found = advise(np.array([[2.0], [-0.5]]), np.array([[1.0], [1.0]]))
        >>> found.best.tolist(), found.gain.tolist()
        ([1, 0], [2.0, 0.5])
        >>> found.named(("none", "drug")).tolist()
        ['drug', 'abstain']
    """
    from scipy.stats import norm  # slow to import

    zeros = np.zeros((len(effects), 1))
    gains = sign * np.concatenate([zeros, effects], axis=1)
    deviations = np.concatenate([zeros, errors], axis=1)
    order = np.argsort(-gains, axis=1, kind="stable")
    rows = np.arange(len(gains))
    first, second = order[:, 0], order[:, 1]
    gain = gains[rows, first] - gains[rows, second]
    error = np.hypot(deviations[rows, first], deviations[rows, second])
    width = float(norm.ppf((1 + level) / 2)) * error
    return Advice(first, gain, gain - width, gain + width)
