"""Values of policies: the mean outcome if patients were treated by a rule."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int64

from jaxbio.errors import DataError


@dataclasses.dataclass(frozen=True)
class PolicyValue:
    """The mean outcome under a policy.

    Attributes:
        policy: The rule.
        value: The mean outcome, by doubly robust scores.
        low: The lower end of its interval.
        high: The upper end.
        weighted: The mean outcome by inverse probability alone.
        gain: How much better it is than everybody under the best single arm, in the
            direction that is good; 0 for that arm itself.
        gain_low: The lower end of the interval of the gain.
        gain_high: The upper end.
        shares: By arm the share of patients that get it.
    """

    policy: str
    value: float
    low: float
    high: float
    weighted: float
    gain: float
    gain_low: float
    gain_high: float
    shares: Mapping[str, float]

    def to_dict(self) -> dict[str, Any]:
        """The value as JSON values."""
        return {**dataclasses.asdict(self), "shares": dict(self.shares)}


def policy_value(
    policy: Int64[np.ndarray, "n"],
    scores: Float[np.ndarray, "n arms"],
    *,
    level: float = 0.95,
) -> tuple[float, float, float]:
    """The doubly robust value of a policy, with an interval.

    Args:
        policy: The number of the arm that each patient gets.
        scores: Doubly robust scores of the patients, by models and propensities that
            did not learn from them; nor may the policy have.
        level: Of the interval.

    Returns:
        The mean outcome and the ends of its interval, in the outcome's units.

    Raises:
        DataError: For no patient.

    Source:
        Dudík M, Langford J, Li L (2011) Doubly robust policy evaluation and learning,
        ICML.

    Example:
        >>> scores = np.array([[1.0, 3.0], [2.0, 2.0], [1.0, 2.0]])
        >>> value, low, high = policy_value(np.array([1, 0, 1]), scores)
        >>> round(value, 3), round(low, 2), round(high, 2)
        (2.333, 1.8, 2.87)
    """
    from scipy.stats import norm  # slow to import

    if not len(policy):
        raise DataError("no patient: the value of a policy is a mean over patients")
    each = scores[np.arange(len(policy)), policy]
    error = float(each.std() / np.sqrt(len(each)))
    value, width = float(each.mean()), float(norm.ppf((1 + level) / 2)) * error
    return value, value - width, value + width


def weighted_value(
    policy: Int64[np.ndarray, "n"],
    arm: Int64[np.ndarray, "n"],
    values: Float[np.ndarray, "n"],
    propensities: Float[np.ndarray, "n arms"],
) -> float:
    """The value of a policy by inverse probability weights that add up to one.

    Args:
        policy: The number of the arm that each patient would get.
        arm: The one that each had.
        values: The outcomes.
        propensities: How probable each arm was.

    Returns:
        The mean outcome; NaN where nobody had the arm that the policy gives.

    Source:
        Hájek J (1971), in Foundations of Statistical Inference, 236.

    Example:
        >>> half = np.full((3, 2), 0.5)
        >>> arm, values = np.array([1, 0, 0]), np.array([4.0, 1.0, 2.0])
        >>> weighted_value(np.array([1, 1, 0]), arm, values, half)
        3.0
    """
    rows = np.flatnonzero(policy == arm)
    weights = 1 / propensities[rows, arm[rows]]
    return float(weights @ values[rows] / weights.sum()) if len(rows) else float("nan")


def best_arm(scores: Float[np.ndarray, "n arms"], sign: int) -> int:
    """The number of the best single arm for all.

    Args:
        scores: Doubly robust scores.
        sign: 1 where higher outcomes are better, -1 where lower are.
    """
    return int(np.argmax(sign * scores.mean(axis=0)))


def compare_policies(
    policies: Mapping[str, Int64[np.ndarray, "n"]],
    scores: Float[np.ndarray, "n arms"],
    propensities: Float[np.ndarray, "n arms"],
    arm: Int64[np.ndarray, "n"],
    values: Float[np.ndarray, "n"],
    *,
    arms: Sequence[str],
    best: int,
    sign: int = 1,
    level: float = 0.95,
) -> list[PolicyValue]:
    """Policies beside everybody under each single arm.

    Args:
        policies: The arm of each patient, by the name of the policy.
        scores: Doubly robust scores.
        propensities: How probable each arm was.
        arm: The arm that each patient had.
        values: The outcomes.
        arms: The names of the arms; the first is the reference.
        best: The best single arm, as other patients showed it.
        sign: 1 where higher outcomes are better, -1 where lower are.
        level: Of the intervals.

    Returns:
        The policies, then each arm for everybody.

    Example:
        >>> scores = np.array([[1.0, 3.0], [2.0, 1.0], [1.0, 2.0], [1.0, 0.0]])
        >>> found = compare_policies(
        ...     {"advice": np.array([1, 0, 1, 0])}, scores, np.full((4, 2), 0.5),
        ...     np.array([0, 1, 1, 0]), np.array([1.0, 1.0, 2.0, 1.0]),
        ...     arms=("none", "drug"), best=1)
        >>> [(each.policy, each.value, each.gain) for each in found[:2]]
        [('advice', 2.0, 0.5), ('everybody none', 1.25, -0.25)]
    """
    singles = {
        f"everybody {name}": np.full(len(arm), at, np.int64)
        for at, name in enumerate(arms)
    }
    usual = scores[:, best]
    found = []
    for name, policy in {**policies, **singles}.items():
        value, low, high = policy_value(policy, scores, level=level)
        gains = sign * (scores[np.arange(len(arm)), policy] - usual)
        gain = policy_value(np.zeros(len(arm), np.int64), gains[:, None], level=level)
        shares = np.bincount(policy, minlength=len(arms)) / len(arm)
        found.append(
            PolicyValue(
                name, value, low, high,
                weighted_value(policy, arm, values, propensities), *gain,
                dict(zip(arms, shares.round(4).tolist(), strict=True)),
            )
        )  # fmt: skip
    return found
