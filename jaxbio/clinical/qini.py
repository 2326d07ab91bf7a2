"""Qini curves: what is gained by treating first those who are said to gain most."""

import dataclasses

import numpy as np
from jaxtyping import Float


@dataclasses.dataclass(frozen=True)
class QiniCurve:
    """The gain a patient of the whole group, by the share that is treated.

    Attributes:
        shares: From 0 to 1.
        gains: The mean gain, over all patients, if that share is treated: those with
            the greatest effects first.
        coefficient: The area between the curve and treating the same share at random.
        error: The standard error of the coefficient.
    """

    shares: Float[np.ndarray, "points"]
    gains: Float[np.ndarray, "points"]
    coefficient: float
    error: float


def qini_curve(
    effects: Float[np.ndarray, "n"], gains: Float[np.ndarray, "n"], *, points: int = 101
) -> QiniCurve:
    """The Qini curve of effects, by doubly robust scores.

    Args:
        effects: By which patients are ranked; greater is better.
        gains: The difference of their doubly robust scores, in the same direction.
        points: Of the curve.

    Source:
        Radcliffe NJ (2007) Direct Marketing Analytics Journal, 14; with doubly robust
        scores as in Yadlowsky S et al. (2025) Journal of the American Statistical
        Association 120:38.

    Example:
        >>> curve = qini_curve(np.array([3.0, 1, 2, 0]), np.array([2.0, 0, 1, -1]),
        ...                    points=5)
        >>> curve.gains.tolist(), round(curve.coefficient, 4)
        ([0.0, 0.5, 0.75, 0.75, 0.5], 0.3125)
    """
    count = len(gains)
    order = np.argsort(-effects, kind="stable")
    ranked = gains[order]
    shares = np.linspace(0, 1, points)
    totals = np.concatenate([[0.0], np.cumsum(ranked)]) / count
    curve = np.interp(shares * count, np.arange(count + 1), totals)
    # A patient at rank r of n is treated at a share of 1 - (r - 1/2) / n of all shares,
    # and at random at half of them.
    weights = 0.5 - (np.arange(count) + 0.5) / count
    each = weights * ranked
    return QiniCurve(
        shares, curve, float(each.mean()), float(each.std() / np.sqrt(count))
    )
