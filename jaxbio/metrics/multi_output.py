"""Measures of numbers in very many columns at once, as those of `rows` one by one."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Int64, Num

from jaxbio.metrics.standard import (
    Metrics,
    count_metrics,
    known_rows,
    regression_metrics,
)

_AT_ONCE = 1 << 16  # values, which the cache of a core holds


_LAST = 2.0**1023  # beyond all values of which squares are finite


Measures = dict[str, Float[np.ndarray, "columns"]]
"""Measures by name, those of each column; NaN where one is not defined."""


class _Columns(NamedTuple):
    """Some columns, each a row here; truth and prediction are 0 where not known."""

    truth: Float[np.ndarray, "columns n"]
    prediction: Float[np.ndarray, "columns n"]
    known: Bool[np.ndarray, "columns n"]


def regression_by_column(
    truth: Num[np.ndarray, "n columns"],
    prediction: Num[np.ndarray, "n columns"],
    *,
    weights: Num[np.ndarray, "n"] | None = None,
) -> Measures:
    """`regression_metrics` of each column.

    Args:
        truth: The measured values; NaN where unknown.
        prediction: The predicted values.
        weights: The weight of each row.

    Returns:
        `rmse` and `mae` in the units of the truth, `r2`, `pearson`, `spearman`, and
        `n`, the rows that counted; NaN where a measure is not defined.

    Raises:
        DataError: For a prediction that is not finite.

    Example:
        >>> truth = np.array([[1.0, 5], [2, np.nan], [3, 5]])
        >>> found = regression_by_column(truth, np.array([[1.0, 5], [2, 0], [5, 6]]))
        >>> found["r2"].tolist(), found["spearman"].round(6).tolist()
        ([-1.0, nan], [1.0, nan])
    """
    if weights is not None:
        return _one_by_one(regression_metrics, truth, prediction, weights)
    return _joined(map(_regression, _blocks(truth, prediction)))


def count_by_column(
    truth: Num[np.ndarray, "n columns"],
    prediction: Num[np.ndarray, "n columns"],
    *,
    weights: Num[np.ndarray, "n"] | None = None,
) -> Measures:
    """`count_metrics` of each column.

    Args:
        truth: The counts, 0 or more; NaN where unknown.
        prediction: The predicted means, above 0.
        weights: The weight of each row.

    Returns:
        `poisson_deviance`, `rmse`, `pearson`, `spearman` and `n`; NaN where a measure
        is not defined.

    Raises:
        DataError: For a prediction that is not finite.

    Example:
        >>> truth, rates = np.array([[0.0, 1], [2, -1]]), np.array([[1.0, 1], [2, 1]])
        >>> count_by_column(truth, rates)["poisson_deviance"].tolist()
        [1.0, nan]
    """
    if weights is not None:
        return _one_by_one(count_metrics, truth, prediction, weights)
    return _joined(map(_count, _blocks(truth, prediction)))


def _one_by_one(
    metrics: Callable[..., Metrics],
    truth: np.ndarray,
    prediction: np.ndarray,
    weights: np.ndarray,
) -> Measures:
    pairs = zip(truth.T, prediction.T, strict=True)
    found = [metrics(one, other, weights=weights) for one, other in pairs]
    return {name: np.array([x[name] for x in found], np.float64) for name in found[0]}


def _blocks(truth: np.ndarray, prediction: np.ndarray) -> Iterator[_Columns]:
    known_rows(truth[:, 0], prediction[:, 0])  # says if lengths differ
    if not len(truth):  # as if there were one row that is not known
        truth = np.full((1, truth.shape[1]), np.nan)
        prediction = np.zeros(truth.shape)
    step = max(1, _AT_ONCE // len(truth))
    for start in range(0, truth.shape[1], step):
        some = slice(start, start + step)
        # Turned before it grows, which takes half as long.
        a, b = (np.ascontiguousarray(x[:, some].T) for x in (truth, prediction))
        a, b = a.astype(np.float64), b.astype(np.float64)
        mask = np.isfinite(a)
        if not mask.all():
            a, b = np.where(mask, a, 0), np.where(mask, b, 0)
        bad = ~np.isfinite(b).all(axis=1)
        if bad.any():
            known_rows(truth[:, start + bad.argmax()], b[bad.argmax()])  # names the row
        yield _Columns(a, b, mask)


def _joined(blocks: Iterator[Measures]) -> Measures:
    parts = list(blocks)
    return {name: np.concatenate([part[name] for part in parts]) for name in parts[0]}


def _regression(part: _Columns) -> Measures:
    truth, prediction, mask = part
    n = mask.sum(axis=1)
    rows = np.maximum(n, 1)
    off = truth - prediction
    squared = _products(off, off) / rows
    a, b = (_centred(values, mask, rows) for values in (truth, prediction))
    ranks_a, varied = _centred_ranks(truth, mask, n)
    ranks_b, varied_too = _centred_ranks(prediction, mask, n)
    with np.errstate(all="ignore"):
        spread = _products(a, a)
        r2 = 1 - squared / (spread / rows)
        pearson = _products(a, b) / np.sqrt(spread * _products(b, b))
        pearson = np.where(varied & varied_too, np.clip(pearson, -1, 1), np.nan)
        spread = _products(ranks_a, ranks_a) * _products(ranks_b, ranks_b)
        spearman = np.clip(_products(ranks_a, ranks_b) / np.sqrt(spread), -1, 1)
    measures = {
        "rmse": np.where(n > 0, np.sqrt(squared), np.nan),
        "mae": np.where(n > 0, np.abs(off).sum(axis=1) / rows, np.nan),
        "r2": np.where(varied, r2, np.nan),
        "pearson": pearson,
        "spearman": np.where(np.isfinite(pearson), spearman, np.nan),
    }
    measures = {k: np.where(np.isfinite(x), x, np.nan) for k, x in measures.items()}
    return {**measures, "n": n.astype(np.float64)}


def _count(part: _Columns) -> Measures:
    counts, prediction, mask = part
    measures = _regression(part)
    del measures["r2"], measures["mae"]
    rates = np.maximum(prediction, 1e-8)
    positive = counts > 0
    logs = counts * np.log(np.where(positive, counts, 1) / np.where(positive, rates, 1))
    total = _only(logs + rates - counts, mask).sum(axis=1)
    defined = mask.any(axis=1) & (counts.min(axis=1, initial=0) >= 0)
    deviance = np.where(defined, 2 * total / np.maximum(measures["n"], 1), np.nan)
    return {
        "poisson_deviance": np.where(np.isfinite(deviance), deviance, np.nan),
        **measures,
    }


def _products(a: np.ndarray, b: np.ndarray) -> Float[np.ndarray, "columns"]:
    return np.einsum("ij,ij->i", a, b)


def _centred(
    values: np.ndarray, mask: np.ndarray, rows: np.ndarray
) -> Float[np.ndarray, "columns n"]:
    return _only(values - (values.sum(axis=1) / rows)[:, None], mask)


def _only(values: np.ndarray, mask: np.ndarray) -> Float[np.ndarray, "columns n"]:
    return values if mask.all() else values * mask  # quicker than to choose


def _centred_ranks(
    values: np.ndarray, mask: np.ndarray, n: np.ndarray
) -> tuple[Float[np.ndarray, "columns n"], Bool[np.ndarray, "columns"]]:
    """Ranks less their mean, 0 if not known, and which columns are not constant.

    Equal values share the mean of their ranks.
    """
    if not mask.all():
        values = values + ~mask * _LAST
    order, in_order = _sorted(values)
    low, high = in_order[:, 0], in_order[np.arange(len(n)), np.maximum(n - 1, 0)]
    # As in `rows`: a constant that went through float32 is not exactly constant.
    varied = high - low > 1e-7 * np.maximum(np.abs(low), np.abs(high))
    new = (in_order[:, 1:] != in_order[:, :-1]) | (in_order[:, 1:] == _LAST)
    ranks = np.arange(values.shape[1]) - ((n - 1) / 2)[:, None]
    shared = np.flatnonzero(~new.all(axis=1))
    if len(shared):
        ranks[shared] = _shared(ranks[shared], new[shared])
    result = np.empty(values.size)
    result[order + np.arange(len(values))[:, None] * values.shape[1]] = ranks
    return _only(result.reshape(values.shape), mask), varied


def _sorted(
    values: Float[np.ndarray, "columns n"],
) -> tuple[Int64[np.ndarray, "columns n"], Float[np.ndarray, "columns n"]]:
    """The order of the values of each column, and the values in that order."""
    count = values.shape[1]
    mask, bits = (1 << count.bit_length()) - 1, values.view(np.int64)
    if (bits & mask).any():
        order = np.argsort(values, axis=1)
        return order, np.take_along_axis(values, order, axis=1)
    # Last bits that are free, as of what was float32, hold the places: sorting values
    # takes half as long as sorting places.
    marked = np.sort((bits | np.arange(count)).view(np.float64), axis=1).view(np.int64)
    return marked & mask, (marked & ~mask).view(np.float64)


def _shared(
    places: Float[np.ndarray, "columns n"], new: Bool[np.ndarray, "columns m"]
) -> Float[np.ndarray, "columns n"]:
    """The mean of the first and last place of equal values that follow each other."""
    edge = np.ones((len(new), 1), bool)
    first = np.where(np.hstack([edge, new]), places, -np.inf)
    last = np.where(np.hstack([new, edge]), places, np.inf)[:, ::-1]
    first = np.maximum.accumulate(first, axis=1)
    return (first + np.minimum.accumulate(last, axis=1)[:, ::-1]) / 2


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
    mask = np.isfinite(truth)
    n = np.maximum(mask.sum(axis=0), 1)
    centred = []
    for values in (truth, found):
        values = np.where(mask, values, 0).astype(np.float64)
        centred.append(np.where(mask, values - values.sum(axis=0) / n, 0))
    a, b = centred
    spread = np.sqrt((a**2).sum(axis=0) * (b**2).sum(axis=0))
    unvaried, constant = (np.abs(x).max(axis=0, initial=0) <= 1e-6 for x in (a, b))
    ratio = (a * b).sum(axis=0) / np.where(unvaried | constant, 1, spread)
    return np.where(unvaried, np.nan, np.where(constant, 0, ratio))
