"""Ridge regression of very many numbers at once, and the correlation of each."""

from collections.abc import Sequence

import numpy as np
import threadpoolctl
from jaxtyping import Float, Float32, Int64

_PENALTIES = tuple(10.0**power for power in np.arange(0, 6.1, 0.5))


def correlations(
    truth: Float[np.ndarray, "rows genes"], found: Float[np.ndarray, "rows genes"]
) -> Float[np.ndarray, "genes"]:
    """Pearson's correlation of each column.

    Args:
        truth: What was measured; NaN where it was not.
        found: What was inferred.

    Returns:
        From -1 to 1; NaN where the truth is constant, 0 where only the other is.

    Example:
        >>> x = np.array([[1.0, 1, 0], [2, 1, 1], [3, 1, 1]])
        >>> correlations(x, np.array([[3.0, 2, 5], [2, 4, 5], [1, 3, 5]])).tolist()
        [-1.0, nan, 0.0]
    """
    known = np.isfinite(truth)
    n = np.maximum(known.sum(axis=0), 1)
    centred = []
    for values in (truth, found):
        values = np.where(known, values, 0).astype(np.float64)
        centred.append(np.where(known, values - values.sum(axis=0) / n, 0))
    a, b = centred
    spread = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    unvaried, constant = (np.abs(x).max(axis=0, initial=0) <= 1e-6 for x in (a, b))
    ratio = (a * b).sum(axis=0) / np.where(unvaried | constant, 1, spread)
    return np.where(unvaried, np.nan, np.where(constant, 0, ratio))


def ridge(
    features: Float32[np.ndarray, "rows columns"],
    targets: Float32[np.ndarray, "rows genes"],
    train: Int64[np.ndarray, "n"],
    valid: Int64[np.ndarray, "m"],
    test: Int64[np.ndarray, "k"],
    *,
    penalties: Sequence[float] = _PENALTIES,
) -> Float[np.ndarray, "k genes"]:
    """Ridge regression of all genes, its penalty chosen by validation rows.

    Args:
        features: The panel, standardised here; NaN, if any, is the mean.
        targets: The genes to infer; NaN, if any, is the mean.
        train: The rows of which the coefficients are.
        valid: The rows of which the standardised squared error chooses the penalty.
        test: The rows to predict.
        penalties: Those tried, of the sum of squared coefficients of standard scores.

    Returns:
        Standard scores of the genes, which correlate as the values do.
    """
    x, y = (_scores(table, train) for table in (features, targets))
    wide = x.shape[1] > len(train)
    a = x[train]
    with threadpoolctl.threadpool_limits(limits=1):
        values, vectors = np.linalg.eigh((a @ a.T if wide else a.T @ a).astype(float))
        turned = vectors.T @ (y[train] if wide else a.T @ y[train])
        back = (a.T @ vectors) if wide else vectors

        def predicted(rows: np.ndarray, penalty: float) -> np.ndarray:
            solved = turned / (np.maximum(values, 0)[:, None] + penalty)
            return (x[rows] @ back) @ solved

        losses = [((predicted(valid, p) - y[valid]) ** 2).mean() for p in penalties]
        return predicted(test, penalties[int(np.argmin(losses))])


def _scores(table: np.ndarray, train: np.ndarray) -> Float[np.ndarray, "rows columns"]:
    mean, scale = np.nanmean(table[train], axis=0), np.nanstd(table[train], axis=0)
    scores = (table - mean) / np.where(scale > 0, scale, 1)
    return np.where(np.isnan(scores), 0, scores)
