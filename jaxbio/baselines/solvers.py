"""Ridge and logistic regression whose penalty and columns validation rows choose."""

import warnings
from collections.abc import Sequence

import numpy as np
import threadpoolctl
from jaxtyping import Bool, Float, Float32, Int64, Num

_PENALTIES = tuple(10.0**power for power in np.arange(0, 6.1, 0.5))


PENALTIES = (0.1, 1.0, 10.0, 100.0, 1e3, 1e4)


STRENGTHS = (1.0, 0.1, 0.01)
"""The inverse penalties tried for logistic regression."""


_FOLDS = 3


_DIRECT = 4000  # up to this many unknowns the equations are solved outright


_SELECTION_ROWS = 20_000


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
    fold = np.random.default_rng(seed).permutation(n) % _FOLDS
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


def _best(losses: dict) -> tuple:
    return min(losses, key=losses.__getitem__)


def _primal(features, mean, root, y, fold, candidates) -> np.ndarray:
    """By the normal equations; those of all folds add up to those of all rows."""
    p, outputs = features.shape[1], y.shape[1]
    gram = np.zeros((_FOLDS, p, p), np.float32)
    moment = np.zeros((_FOLDS, p, outputs))
    parts = [np.flatnonzero(fold == part) for part in range(_FOLDS)]
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
        shares = _shares(seen[1], seen[0].diagonal(), (y**2).sum(axis=0))
        for which, candidate in enumerate(candidates):
            columns = _columns(candidate, shares)
            square = np.ix_(columns, columns)
            left, holdout = seen[0][square], gram[part][square]
            right = seen[1][columns]
            for penalty in PENALTIES:
                b = _solve(left, right, penalty)
                # The squared error of held-out rows, from their equations alone.
                loss = (y[rows] ** 2).sum() - 2 * (b * moment[part][columns]).sum()
                loss += (b * (holdout @ b)).sum()
                losses[which, penalty] = losses.get((which, penalty), 0.0) + loss
    which, penalty = _best(losses)
    shares = _shares(moments, total.diagonal(), (y**2).sum(axis=0))
    columns = _columns(candidates[which], shares)
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
    for part in range(_FOLDS):
        train, test = np.flatnonzero(fold != part), np.flatnonzero(fold == part)
        if not len(train) or not len(test):
            continue
        shares = _shares_of(x[train], y[train])
        for which, candidate in enumerate(candidates):
            kernel = kernels.get(which)
            if kernel is None:
                kernel = _products(x, _columns(candidate, shares))
            for penalty in PENALTIES:
                dual = _solve(kernel[np.ix_(train, train)], y[train], penalty)
                error = y[test] - kernel[np.ix_(test, train)] @ dual
                loss = losses.get((which, penalty), 0.0) + (error**2).sum()
                losses[which, penalty] = loss
    which, penalty = _best(losses)
    solved = np.zeros((x.shape[1], y.shape[1]))
    columns = _columns(candidates[which], _shares_of(x, y))
    solved[columns] = x[:, columns].T @ _solve(_products(x, columns), y, penalty)
    return solved


def _products(x: np.ndarray, columns: Bool[np.ndarray, "columns"]) -> np.ndarray:
    return (x[:, columns] @ x[:, columns].T).astype(float)


def _shares_of(x: np.ndarray, y: np.ndarray) -> Float[np.ndarray, "columns"]:
    return _shares(x.T @ y, (x**2).sum(axis=0), (y**2).sum(axis=0))


def _shares(
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


def _columns(
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
    solved[columns] = fitted(np.arange(len(x)), columns, *_best(losses))
    return solved


def fit_logistic(
    features: Float32[np.ndarray, "n columns"],
    classes: Int64[np.ndarray, "n"],
    n_classes: int,
    *,
    weights: Num[np.ndarray, "n"],
    candidates: Sequence[Candidate],
    seed: int = 0,
) -> Linear:
    """Multinomial logistic regression on all rows; held-out rows choose how.

    Columns, then the penalty, are chosen by the log-loss of held-out rows: 3-fold below
    2,000 rows, else a fifth of the rows (of 20,000 at most). The fit is on all rows.

    Args:
        features: One row an example.
        classes: The class of each row.
        n_classes: The number of classes; each occurs or has no probability.
        weights: The weight of each row.
        candidates: Sets of columns to try.
        seed: Which rows are held out.

    Returns:
        Coefficients (zero for columns not chosen) and intercepts, of whose results the
        softmax gives probabilities.
    """
    held_out = _holdouts(classes, seed)
    every = np.arange(len(classes))
    shares: dict[int, np.ndarray] = {}

    def chosen(candidate, rows, part):
        if not isinstance(candidate, int):
            return candidate
        if part not in shares:
            shares[part] = _shares_between(features[rows], classes[rows], weights[rows])
        return _columns(candidate, shares[part])

    def loss(candidate, strength):
        total = 0.0
        for part, (train, test) in enumerate(held_out):
            columns = chosen(candidate, train, part)
            fitted = _logistic(
                features, classes, n_classes, weights, train, columns, strength
            )
            probability = softmax(features[test] @ fitted[0] + fitted[1])
            chance = probability[np.arange(len(test)), classes[test]]
            total -= weights[test] @ np.log(np.maximum(chance, 1e-7))
        return total

    middle = STRENGTHS[1]
    losses = {
        (which, middle): loss(columns, middle) if len(candidates) > 1 else 0.0
        for which, columns in enumerate(candidates)
    }
    which, _ = _best(losses)
    losses = {
        (which, strength): losses[which, middle]
        if strength == middle and len(candidates) > 1
        else loss(candidates[which], strength)
        for strength in STRENGTHS
    }
    which, strength = _best(losses)
    columns = chosen(candidates[which], every, len(held_out))
    return _logistic(features, classes, n_classes, weights, every, columns, strength)


def _shares_between(
    features: Float32[np.ndarray, "n columns"],
    classes: Int64[np.ndarray, "n"],
    weights: Num[np.ndarray, "n"],
) -> Float[np.ndarray, "columns"]:
    """The share of the variance of each column that lies between classes."""
    x = features - np.average(features, axis=0, weights=weights).astype(np.float32)
    present, place = np.unique(classes, return_inverse=True)
    belongs = np.zeros((len(x), len(present)), np.float32)
    belongs[np.arange(len(x)), place] = weights
    squares = np.einsum("ij,ij,i->j", x, x, weights.astype(np.float32))
    return _shares(x.T @ belongs, squares, belongs.sum(axis=0))


def _holdouts(
    classes: Int64[np.ndarray, "n"], seed: int
) -> list[tuple[np.ndarray, np.ndarray]]:
    """Rows to fit and to score, with the classes in like shares."""
    order = np.random.default_rng(seed).permutation(len(classes))
    if len(order) >= 2000:
        order = order[:_SELECTION_ROWS]
        fifth = len(order) // 5
        return [(np.sort(order[fifth:]), np.sort(order[:fifth]))]
    order = order[np.argsort(classes[order], kind="stable")]
    part = np.arange(len(order)) % _FOLDS
    pairs = [(order[part != fold], order[part == fold]) for fold in range(_FOLDS)]
    return [(train, test) for train, test in pairs if len(train) and len(test)]


def _logistic(
    features, classes, n_classes, weights, rows, columns, strength
) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    coefficients = np.zeros((features.shape[1], n_classes), np.float32)
    intercepts = np.full(n_classes, -30.0, np.float32)
    present = np.unique(classes[rows])
    places = np.flatnonzero(columns)
    if len(present) == 1 or not len(places):
        count = np.bincount(classes[rows], weights[rows], n_classes)[present]
        intercepts[present] = np.log(count / count.sum())
        return coefficients, intercepts
    whole = len(rows) == len(features) and len(places) == features.shape[1]
    x = features if whole else features[np.ix_(rows, places)]
    # Centred columns let the solver converge in a fraction of the steps.
    mean = x.mean(axis=0, dtype=np.float64).astype(np.float32)
    x = x - mean
    model = LogisticRegression(C=strength, max_iter=200, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(x, classes[rows], sample_weight=weights[rows])
    fitted, constant = model.coef_, model.intercept_
    if len(present) == 2:  # one row of coefficients: the second class against the first
        fitted, constant = np.concatenate([0 * fitted, fitted]), np.r_[0, constant]
    coefficients[np.ix_(places, present)] = fitted.T
    intercepts[present] = constant - fitted @ mean
    return coefficients, intercepts


def softmax(scores: Float[np.ndarray, "n classes"]) -> Float[np.ndarray, "n classes"]:
    """Probabilities that add up to 1 in each row.

    Example:
        >>> softmax(np.zeros((1, 4))).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
    """
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)


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
