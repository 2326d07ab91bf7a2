"""Logistic regression whose penalty, columns and weights held-out rows choose."""

import warnings
from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Float, Float32, Int64, Num

from jaxbio.baselines.solvers import (
    FOLDS,
    Candidate,
    Linear,
    best,
    columns_of,
    shares_of_moments,
)

STRENGTHS = (1.0, 0.1, 0.01)
"""The inverse penalties that are tried."""

_SELECTION_ROWS = 20_000
_SEVERAL = 3  # classes from which rare ones may count as much as common ones


class Components(NamedTuple):
    """Principal components in place of columns.

    Attributes:
        count: How many.
        spread: By what columns are multiplied before.
    """

    count: int
    spread: Float32[np.ndarray, "columns"]


class _Design(NamedTuple):
    """What a regression sees of some rows.

    Attributes:
        x: Columns or components, centred.
        back: The columns, or what each of all columns adds to a component.
        mean: Of what coefficients are multiplied with: these columns, or all.
    """

    x: Float32[np.ndarray, "n seen"]
    back: Num[np.ndarray, "..."]
    mean: Float32[np.ndarray, "m"]

    def whole(
        self, coefficients: Float[np.ndarray, "seen classes"], width: int
    ) -> tuple[Float32[np.ndarray, "columns classes"], Float[np.ndarray, "classes"]]:
        """Coefficients of all columns, and what the means add to the scores."""
        if self.back.ndim == 2:
            coefficients = self.back @ coefficients
            return coefficients.astype(np.float32), self.mean @ coefficients
        every = np.zeros((width, coefficients.shape[1]), np.float32)
        every[self.back] = coefficients
        return every, self.mean @ coefficients


def fit_logistic(
    features: Float32[np.ndarray, "n columns"],
    classes: Int64[np.ndarray, "n"],
    n_classes: int,
    *,
    weights: Num[np.ndarray, "n"],
    candidates: Sequence[Candidate | Components],
    seed: int = 0,
) -> Linear:
    """Multinomial logistic regression on all rows; held-out rows choose how.

    Columns, then the penalty, are chosen by the log-loss of held-out rows: 3-fold below
    2,000 rows, else a fifth of the rows (of 20,000 at most). Of three classes or more
    it is then asked whether each should weigh alike, however rare: the penalty moves
    the coefficients of rare classes further to 0 than those of common ones. The fit is
    on all rows.

    Args:
        features: One row an example.
        classes: The class of each row.
        n_classes: The number of classes; each occurs or has no probability.
        weights: The weight of each row.
        candidates: Sets of columns to try, or components.
        seed: Which rows are held out.

    Returns:
        Coefficients (zero for columns not chosen) and intercepts, of whose results the
        softmax gives probabilities.
    """
    held_out = _holdouts(classes, seed)
    every = np.arange(len(classes))
    shares: dict[int, np.ndarray] = {}
    turned: dict[tuple[int, int], _Design] = {}

    def design(which: int, rows, part: int) -> _Design:
        candidate = candidates[which]
        if isinstance(candidate, Components):
            if (which, part) not in turned:
                turned[which, part] = _components(features, rows, candidate, seed)
            return turned[which, part]
        if isinstance(candidate, int):
            if part not in shares:
                seen = features[rows], classes[rows], weights[rows]
                shares[part] = _shares_between(*seen)
            candidate = columns_of(candidate, shares[part])
        return _some_columns(features, rows, candidate)

    def fitted(which, rows, part, strength, alike):
        own = _alike(weights[rows], classes[rows]) if alike else weights[rows]
        seen = design(which, rows, part)
        return _logistic(
            seen, classes[rows], n_classes, own, strength, features.shape[1]
        )

    def loss(which, strength, alike=False):
        total = 0.0
        for part, (train, test) in enumerate(held_out):
            found = fitted(which, train, part, strength, alike)
            probability = softmax(features[test] @ found[0] + found[1])
            chance = probability[np.arange(len(test)), classes[test]]
            total -= weights[test] @ np.log(np.maximum(chance, 1e-7))
        return total

    middle = STRENGTHS[1]
    losses = {
        (which, middle): loss(which, middle) if len(candidates) > 1 else 0.0
        for which in range(len(candidates))
    }
    which, _ = best(losses)
    losses = {
        (strength, False): losses[which, middle]
        if strength == middle and len(candidates) > 1
        else loss(which, strength)
        for strength in STRENGTHS
    }
    strength, _ = best(losses)
    if len(np.unique(classes)) >= _SEVERAL:
        losses[strength, True] = loss(which, strength, alike=True)
    strength, alike = best(losses)
    return fitted(which, every, len(held_out), strength, alike)


def _alike(
    weights: Num[np.ndarray, "n"], classes: Int64[np.ndarray, "n"]
) -> Float[np.ndarray, "n"]:
    """Weights of rows with which all classes weigh the same."""
    sums = np.bincount(classes, weights)
    return weights * weights.sum() / (sums[classes] * np.count_nonzero(sums))


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
    return shares_of_moments(x.T @ belongs, squares, belongs.sum(axis=0))


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
    part = np.arange(len(order)) % FOLDS
    pairs = [(order[part != fold], order[part == fold]) for fold in range(FOLDS)]
    return [(train, test) for train, test in pairs if len(train) and len(test)]


def _some_columns(features, rows, columns) -> _Design:
    places = np.flatnonzero(columns)
    whole = len(rows) == len(features) and len(places) == features.shape[1]
    x = features if whole else features[np.ix_(rows, places)]
    # Centred columns let the solver converge in a fraction of the steps.
    mean = x.mean(axis=0, dtype=np.float64).astype(np.float32)
    return _Design(x - mean, places, mean)


def _components(features, rows, candidate: Components, seed: int) -> _Design:
    """Components of some rows, by randomised singular values (Halko et al. 2011)."""
    from sklearn.utils.extmath import randomized_svd

    x = features if len(rows) == len(features) else features[rows]
    mean = x.mean(axis=0, dtype=np.float64).astype(np.float32)
    x = (x - mean) * candidate.spread
    axes = randomized_svd(x, candidate.count, random_state=seed)[2].T
    back = (axes * candidate.spread[:, None]).astype(np.float32)
    return _Design(x @ axes, back, mean)


def _logistic(
    seen: _Design, classes, n_classes, weights, strength, width
) -> tuple[np.ndarray, np.ndarray]:
    from sklearn.exceptions import ConvergenceWarning
    from sklearn.linear_model import LogisticRegression

    coefficients = np.zeros((width, n_classes), np.float32)
    intercepts = np.full(n_classes, -30.0, np.float32)
    present = np.unique(classes)
    if len(present) == 1 or not seen.x.shape[1]:
        count = np.bincount(classes, weights, n_classes)[present]
        intercepts[present] = np.log(count / count.sum())
        return coefficients, intercepts
    model = LogisticRegression(C=strength, max_iter=200, tol=1e-3)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(seen.x, classes, sample_weight=weights)
    fitted, constant = model.coef_, model.intercept_
    if len(present) == 2:  # one row of coefficients: the second class against the first
        fitted, constant = np.concatenate([0 * fitted, fitted]), np.r_[0, constant]
    whole, shift = seen.whole(fitted.T, width)
    coefficients[:, present] = whole
    intercepts[present] = constant - shift
    return coefficients, intercepts


def softmax(scores: Float[np.ndarray, "n classes"]) -> Float[np.ndarray, "n classes"]:
    """Probabilities that add up to 1 in each row.

    Example:
        >>> softmax(np.zeros((1, 4))).tolist()
        [[0.25, 0.25, 0.25, 0.25]]
    """
    powers = np.exp(scores - scores.max(axis=1, keepdims=True))
    return powers / powers.sum(axis=1, keepdims=True)
