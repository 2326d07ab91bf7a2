"""What is told beside the usual scores where rows are pairs, of drugs and proteins."""

from collections.abc import Mapping

import numpy as np
from jaxtyping import Int, Num

from jaxbio.metrics.affinity import (
    concordance_index,
    r_m_squared,
    within_group,
)
from jaxbio.metrics.standard import Metrics, pearson


def pair_metrics(
    truth: Num[np.ndarray, "n"],
    prediction: Num[np.ndarray, "n"],
    entities: Mapping[str, Int[np.ndarray, "n"]],
) -> Metrics:
    """The order of pairs, their agreement, and the correlation within each entity.

    Args:
        truth: The measured values, such as pKd; NaN where unknown.
        prediction: The predicted values.
        entities: By name, such as `drug`, a number for that of each row; -1 where it is
            missing, and such rows do not count within that entity.

    Returns:
        `concordance_index`, `r_m2` (see `affinity.r_m_squared`) and for each entity
        `within_NAME_pearson`: the mean over the drugs of the correlation among the rows
        of each, which knowing the drugs by heart does not raise.

    Raises:
        DataError: For a prediction that is not finite.

    Example:
        >>> truth = np.array([1.0, 2, 3, 11, 12, 13])
        >>> prediction = np.array([3.0, 2, 1, 13, 12, 11])
        >>> drug = np.array([0, 0, 0, 1, 1, 1])
        >>> result = pair_metrics(truth, prediction, {"drug": drug})
        >>> {name: round(value, 3) for name, value in result.items()}
        {'concordance_index': 0.6, 'r_m2': 0.861, 'within_drug_pearson': -1.0}
    """
    scores: Metrics = {
        "concordance_index": concordance_index(truth, prediction),
        "r_m2": r_m_squared(truth, prediction),
    }
    for name, codes in entities.items():
        there = codes >= 0
        each = (values[there] for values in (truth, prediction, codes))
        scores[f"within_{name}_pearson"] = within_group(pearson, *each)["mean"]
    return scores
