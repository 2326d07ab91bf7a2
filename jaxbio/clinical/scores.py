"""Doubly robust scores: the outcome of each patient under each arm, without bias."""

import numpy as np
from jaxtyping import Float, Int64


def doubly_robust_scores(
    outcomes: Float[np.ndarray, "n arms"],
    propensities: Float[np.ndarray, "n arms"],
    arm: Int64[np.ndarray, "n"],
    values: Float[np.ndarray, "n"],
) -> Float[np.ndarray, "n arms"]:
    """Scores whose mean over patients is the mean outcome under each arm.

    They are the predictions, and for the arm that a patient had the residual over its
    propensity besides. The means are right if either the predictions or the
    propensities are, and both should be by what did not learn from the patient.

    Args:
        outcomes: The outcome of each patient that is predicted under each arm.
        propensities: How probable each arm was for each patient.
        arm: The number of the arm that each patient had.
        values: The outcomes.

    Source:
        Robins JM, Rotnitzky A, Zhao LP (1994) Journal of the American Statistical
        Association 89:846.

    Example:
        >>> half = np.full((2, 2), 0.5)
        >>> doubly_robust_scores(np.array([[1.0, 2], [1, 2]]), half,
        ...                      np.array([0, 1]), np.array([2.0, 2.0])).tolist()
        [[3.0, 2.0], [1.0, 2.0]]
    """
    rows = np.arange(len(arm))
    scores = np.array(outcomes, np.float64)
    residual = values - outcomes[rows, arm]
    scores[rows, arm] += residual / propensities[rows, arm]
    return scores
