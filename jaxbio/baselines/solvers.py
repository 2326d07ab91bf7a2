"""Ridge regression whose penalty and columns validation rows choose."""

from collections.abc import Sequence

import numpy as np
import threadpoolctl
from jaxtyping import Bool, Float, Float32, Int64, Num

_PENALTIES = tuple(10.0**power for power in np.arange(0, 6.1, 0.5))


PENALTIES = (0.1, 1.0, 10.0, 100.0, 1e3, 1e4)


FOLDS = 3
"""Of a cross-validation."""


_DIRECT = 4000  # up to this many unknowns the equations are solved outright


_ENOUGH = 5000
_TRIES = 16  # each with ten times the penalty


_BLOCK = 20_000


Candidate = Bool[np.ndarray, "columns"] | int
"""Columns to try: these, or as many as this of those that say most of the target by
themselves, which each fold finds in the rows that it learns from."""

Linear = tuple[Float32[np.ndarray, "columns outputs"], Float32[np.ndarray, "outputs"]]
"""Coefficients and intercepts."""


def fit_ridge(
    features: Float32[np.ndarray, "n columns"],
    targets: Float[np.ndarray, "n outputs"],
    *,
    weights: Num[np.ndarray, "n"],
    candidates: Sequence[Candidate],
    seed: int = 0,
) -> Linear:
    """Ridge regression on all rows; 3-fold cross-validation chooses how.

    Args:
        features: One row an example.
        targets: The numbers to predict, all known.
        weights: The weight of each row.
        candidates: Sets of columns to try, the last of them not a number.
        seed: Which rows make up the folds.

    Returns:
        Coefficients (zero for columns not chosen) and intercepts.
    """
    n, p = features.shape
    root = np.sqrt(weights / weights.mean())[:, None]
    mean = np.average(features, axis=0, weights=weights).astype(np.float32)
    centre = np.average(targets, axis=0, weights=weights)
    if not p:
        return np.zeros((0, len(centre)), np.float32), centre.astype(np.float32)
    y = (targets - centre) * root
    fold = np.random.default_rng(seed).permutation(n) % FOLDS
    if p > _DIRECT < n:
        standard = features - mean
        standard *= root.astype(np.float32)  # in place: it may be as big as allowed
        solved = _iterative(standard, y, fold, candidates)
    elif p <= n:
        solved = _primal(features, mean, root, y, fold, candidates)
    else:
        solved = _dual((features - mean) * root, y, fold, candidates)
    coefficients = solved.astype(np.float32)
    return coefficients, (centre - mean @ coefficients).astype(np.float32)


def best(losses: dict) -> tuple:
    """The key of the least loss."""
    return min(losses, key=losses.__getitem__)


def _primal(features, mean, root, y, fold, candidates) -> np.ndarray:
    """By the normal equations; those of all folds add up to those of all rows."""
    p, outputs = features.shape[1], y.shape[1]
    gram = np.zeros((FOLDS, p, p), np.float32)
    moment = np.zeros((FOLDS, p, outputs))
    parts = [np.flatnonzero(fold == part) for part in range(FOLDS)]
    for part, rows in enumerate(parts):
        for start in range(0, len(rows), _BLOCK):
            block = rows[start : start + _BLOCK]
            x = (features[block] - mean) * root[block].astype(np.float32)
            gram[part] += x.T @ x
            moment[part] += x.T @ y[block]
    total, moments = gram.sum(axis=0, dtype=np.float64), moment.sum(axis=0)
    losses: dict = {}
    # With many rows one fold tells as much as three.
    for part, rows in enumerate(parts[: 1 if len(y) > _ENOUGH else None]):
        seen = total - gram[part], moments - moment[part]
        shares = shares_of_moments(seen[1], seen[0].diagonal(), (y**2).sum(axis=0))
        for which, candidate in enumerate(candidates):
            columns = columns_of(candidate, shares)
            square = np.ix_(columns, columns)
            left, holdout = seen[0][square], gram[part][square]
            right = seen[1][columns]
            for penalty in PENALTIES:
                b = _solve(left, right, penalty)
                # The squared error of held-out rows, from their equations alone.
                loss = (y[rows] ** 2).sum() - 2 * (b * moment[part][columns]).sum()
                loss += (b * (holdout @ b)).sum()
                losses[which, penalty] = losses.get((which, penalty), 0.0) + loss
    which, penalty = best(losses)
    shares = shares_of_moments(moments, total.diagonal(), (y**2).sum(axis=0))
    columns = columns_of(candidates[which], shares)
    solved = np.zeros((p, outputs))
    solved[columns] = _solve(total[np.ix_(columns, columns)], moments[columns], penalty)
    return solved


def _solve(left: np.ndarray, right: np.ndarray, penalty: float) -> np.ndarray:
    # SciPy and scikit-learn take half a second to import; not every run needs them.
    from scipy import linalg

    regular = left.astype(np.float64)
    diagonal = np.diag_indices_from(regular)
    # Sums in single precision may leave eigenvalues just below zero.
    least = float(np.finfo(np.float32).eps) * max(float(regular[diagonal].max()), 1.0)
    for _ in range(_TRIES):
        regular[diagonal] += penalty
        try:
            factor = linalg.cho_factor(regular, check_finite=False)
        except linalg.LinAlgError:
            penalty = max(10 * penalty, least)
            continue
        return linalg.cho_solve(factor, right, check_finite=False)
    raise AssertionError("a matrix with values that are not finite")


def _dual(x, y, fold, candidates) -> np.ndarray:
    """By the products of rows, where there are fewer rows than columns."""
    kernels = {
        which: _products(x, columns)
        for which, columns in enumerate(candidates)
        if not isinstance(columns, int)
    }
    losses: dict = {}
    for part in range(FOLDS):
        train, test = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        if not len(train) or not len(test):
            continue
        shares = _shares_of(x[train], y[train])
        for which, candidate in enumerate(candidates):
            kernel = kernels.get(which)
            if kernel is None:
                kernel = _products(x, columns_of(candidate, shares))
            for penalty in PENALTIES:
                dual = _solve(kernel[np.ix_(train, train)], y[train], penalty)
                error = y[test] - kernel[np.ix_(test, train)] @ dual
                loss = losses.get((which, penalty), 0.0) + (error**2).sum()
                losses[which, penalty] = loss
    which, penalty = best(losses)
    solved = np.zeros((x.shape[1], y.shape[1]))
    columns = columns_of(candidates[which], _shares_of(x, y))
    solved[columns] = x[:, columns].T @ _solve(_products(x, columns), y, penalty)
    return solved


def _products(x: np.ndarray, columns: Bool[np.ndarray, "columns"]) -> np.ndarray:
    return (x[:, columns] @ x[:, columns].T).astype(float)


def _shares_of(x: np.ndarray, y: np.ndarray) -> Float[np.ndarray, "columns"]:
    return shares_of_moments(x.T @ y, (x**2).sum(axis=0), (y**2).sum(axis=0))


def shares_of_moments(
    moments: Float[np.ndarray, "columns outputs"],
    squares: Float[np.ndarray, "columns"],
    norms: Float[np.ndarray, "outputs"],
) -> Float[np.ndarray, "columns"]:
    """How much of the outputs each column explains by itself.

    Args:
        moments: The products of centred columns and outputs.
        squares: The sum of squares of each column; those that do not vary explain
            nothing.
        norms: By what the squared products of each output are divided.
    """
    explained = (moments**2 / np.maximum(norms, 1e-12)).sum(axis=1)
    least = 1e-9 * max(float(squares.max(initial=0.0)), 1e-12)
    return np.where(squares > least, explained / np.maximum(squares, least), 0.0)


def columns_of(
    candidate: Candidate, shares: Float[np.ndarray, "columns"]
) -> Bool[np.ndarray, "columns"]:
    """The columns of a candidate, given what each explains."""
    if not isinstance(candidate, int):
        return candidate
    chosen = np.zeros(len(shares), bool)
    chosen[np.argsort(-shares, kind="stable")[:candidate]] = True
    return chosen


def _iterative(x, y, fold, candidates) -> np.ndarray:
    """By least-squares iterations, where both rows and columns are many."""
    from sklearn.linear_model import Ridge

    train, test = np.flatnonzero(fold != 0), np.flatnonzero(fold == 0)

    def fitted(rows, columns, penalty):
        model = Ridge(penalty, fit_intercept=False, solver="lsqr", tol=1e-3)
        model.fit(x[np.ix_(rows, columns)], y[rows].astype(np.float32))
        return model.coef_.reshape(y.shape[1], -1).T

    assert not isinstance(candidates[-1], int)
    columns, losses = np.flatnonzero(candidates[-1]), {}
    for penalty in PENALTIES[1::2]:
        found = fitted(train, columns, penalty).astype(x.dtype)
        error = y[test] - x[np.ix_(test, columns)] @ found
        losses[(penalty,)] = (error**2).sum()
    solved = np.zeros((x.shape[1], y.shape[1]))
    solved[columns] = fitted(np.arange(len(x)), columns, *best(losses))
    return solved


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
