"""Metrics of profiles: their shapes, and their totals."""

from typing import Any

import numpy as np
from jaxtyping import Float

from jaxbio.metrics.standard import regression_metrics


def profile_metrics(
    truth: Float[np.ndarray, "n bins"],
    prediction: Float[np.ndarray, "n bins"],
    *,
    weights: Float[np.ndarray, "n"] | None = None,
) -> dict[str, Any]:
    """Metrics of profiles.

    Args:
        truth: Counts of the bins of each window; NaN for a window without.
        prediction: Expected counts likewise; below 0 they count as 0.
        weights: Of each window.

    Returns:
        `profile_pearson`, the correlation over the bins of a window, averaged over
        windows; `profile_jsd`, the Jensen-Shannon divergence (0 to 1, in bits) of the
        shapes likewise; `count_pearson` and `count_spearman` of the logarithms of 1 +
        total; and `n`, the number of windows.

    Example:
        >>> truth = np.array([[1.0, 0, 3], [0, 2, 0]])
        >>> found = profile_metrics(truth, truth)
        >>> found["profile_pearson"], found["profile_jsd"], found["n"]
        (1.0, 0.0, 2)
    """
    known = ~np.isnan(truth).any(axis=1)
    truth, prediction = truth[known], np.maximum(prediction[known], 0)
    weights = None if weights is None else weights[known]
    totals = (np.log1p(values.sum(axis=1)) for values in (truth, prediction))
    depth = regression_metrics(*totals, weights=weights)
    some = (truth.sum(axis=1) > 0) & (prediction.sum(axis=1) > 0)
    own = None if weights is None else weights[some]
    return {
        "profile_pearson": _mean(_pearson(truth[some], prediction[some]), own),
        "profile_jsd": _mean(divergence(truth[some], prediction[some]), own),
        "count_pearson": depth["pearson"],
        "count_spearman": depth["spearman"],
        "n": len(truth),
    }


def divergence(
    one: Float[np.ndarray, "n bins"], other: Float[np.ndarray, "n bins"]
) -> Float[np.ndarray, "n"]:
    """Jensen-Shannon divergence of the shapes of profiles, in bits (Lin 1991).

    Args:
        one: Numbers of at least 0, with a sum above 0 in each row.
        other: Likewise.

    Example:
        >>> divergence(np.array([[1.0, 0]]), np.array([[0, 3.0]])).tolist()
        [1.0]
    """
    shares = [values / values.sum(axis=1, keepdims=True) for values in (one, other)]
    middle = (shares[0] + shares[1]) / 2
    parts = []
    for share in shares:
        ratio = np.divide(share, middle, out=np.ones_like(share), where=share > 0)
        parts.append((share * np.log2(ratio)).sum(axis=1))
    return np.clip((parts[0] + parts[1]) / 2, 0, 1)


def _pearson(
    one: Float[np.ndarray, "n bins"], other: Float[np.ndarray, "n bins"]
) -> Float[np.ndarray, "n"]:
    """The correlation of each row; NaN where one of both is flat."""
    first, second = (x - x.mean(axis=1, keepdims=True) for x in (one, other))
    scale = np.sqrt((first**2).sum(axis=1) * (second**2).sum(axis=1))
    flat = scale <= 1e-9 * np.maximum(one.sum(axis=1) * other.sum(axis=1), 1e-9)
    product = (first * second).sum(axis=1)
    return np.where(flat, np.nan, product / np.where(flat, 1, scale))


def _mean(
    values: Float[np.ndarray, "n"], weights: Float[np.ndarray, "n"] | None
) -> float | None:
    known = ~np.isnan(values)
    own = np.ones(len(values)) if weights is None else weights
    if not own[known].sum() > 0:
        return None
    return float(np.average(values[known], weights=own[known]))
