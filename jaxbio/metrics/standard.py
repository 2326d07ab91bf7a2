"""Metrics of the field, those of classes by scikit-learn.

NumPy arrays in, floats out, ready for JSON. Rows without a known truth (NaN, or -1 for
a class) are left out. A measure that is not defined for the rows at hand, such as the
AUROC of one class or the correlation with a constant, is None.
"""

import itertools
import math
import warnings
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Num

from jaxbio.errors import DataError

LOWER_IS_BETTER = frozenset(
    (
        *("loss", "rmse", "mse", "mae", "poisson_deviance", "perplexity"),
        *("ibs", "calibration"),
    )
)
"""The measures of which less is better; of all others more is."""

Metrics = dict[str, Any]
"""Measures by name: float or None; `confusion` is a table of counts, `n` a count."""


def _sklearn() -> Any:
    """Scikit-learn's measures; it is slow to import, and numbers do without it."""
    from sklearn import metrics

    return metrics


def _value(number: float) -> float | None:
    number = float(number)
    return number if math.isfinite(number) else None


def _quiet(function: Callable, *args, **kwargs) -> float | None:
    """A measure, or None where it is not defined."""
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")
        try:
            return _value(function(*args, **kwargs))
        except ValueError:
            return None


def _check_rows(truth: np.ndarray, prediction: np.ndarray):
    if len(truth) != len(prediction):
        raise DataError(
            f"{len(prediction)} predictions for {len(truth)} rows of truth: they must "
            f"stand row by row"
        )


def _check_finite(prediction: np.ndarray):
    bad = ~np.isfinite(prediction)
    if bad.any():
        row = int(np.argwhere(bad)[0][0])
        raise DataError(
            f"prediction {row + 1} is {prediction[bad].flat[0]}: {int(bad.sum())} "
            f"predictions are not finite"
        )


def _constant(values: Num[np.ndarray, "n"]) -> bool:
    # A constant that went through float32 arithmetic is not exactly constant.
    return bool(np.ptp(values) <= 1e-7 * np.abs(values).max(initial=0))


def known_rows(
    truth: Num[np.ndarray, "n"], prediction: Num[np.ndarray, "n"]
) -> tuple[Float[np.ndarray, "m"], Float[np.ndarray, "m"]]:
    """The rows with a known truth, as float64.

    Args:
        truth: The measured values; NaN where unknown.
        prediction: The predicted values.

    Raises:
        DataError: For lengths that differ, or a prediction that is not finite.

    Example:
        >>> known_rows(np.array([1, np.nan]), np.array([3, np.nan]))
        (array([1.]), array([3.]))
    """
    _check_rows(truth, prediction)
    mask = np.isfinite(truth)
    _check_finite(np.where(mask, prediction, 0))
    return truth[mask].astype(np.float64), prediction[mask].astype(np.float64)


def correlation(
    truth: Num[np.ndarray, "n"],
    prediction: Num[np.ndarray, "n"],
    weights: Num[np.ndarray, "n"] | None = None,
) -> float | None:
    """The correlation of numbers of which all are known; None if some are constant.

    Example:
        >>> round(correlation(np.array([1.0, 2, 3]), np.array([3.0, 2, 1])), 6)
        -1.0
    """
    if len(truth) < 2 or _constant(truth) or _constant(prediction):
        return None

    def ratio() -> float:
        table = np.cov(truth, prediction, aweights=weights, bias=True)
        return np.clip(table[0, 1] / np.sqrt(table[0, 0] * table[1, 1]), -1, 1)

    return _quiet(ratio)


def pearson(
    truth: Num[np.ndarray, "n"], prediction: Num[np.ndarray, "n"]
) -> float | None:
    """The correlation of truth and prediction.

    Args:
        truth: The measured values; NaN where unknown.
        prediction: The predicted values.

    Returns:
        From -1 to 1; None if one of the two is constant.

    Raises:
        DataError: For a prediction that is not finite.

    Example:
        >>> round(pearson(np.array([1.0, 2, 3]), np.array([3.0, 2, 1])), 6)
        -1.0
    """
    return correlation(*known_rows(truth, prediction))


def spearman(
    truth: Num[np.ndarray, "n"], prediction: Num[np.ndarray, "n"]
) -> float | None:
    """The correlation of the ranks; see `pearson`.

    Example:
        >>> spearman(np.array([1.0, 2, 3]), np.array([1.0, 5, 90]))
        1.0
    """
    return regression_metrics(truth, prediction)["spearman"]


def ranks(values: Num[np.ndarray, "n"]) -> Float[np.ndarray, "n"]:
    """Ranks from 1; equal values share the mean of theirs."""
    _, which, count = np.unique(values, return_inverse=True, return_counts=True)
    return (np.cumsum(count) - (count - 1) / 2)[which]


def regression_metrics(
    truth: Num[np.ndarray, "n"],
    prediction: Num[np.ndarray, "n"],
    *,
    weights: Num[np.ndarray, "n"] | None = None,
) -> Metrics:
    """Measures of predicted numbers.

    Args:
        truth: The measured values; NaN where unknown.
        prediction: The predicted values.
        weights: The weight of each row, for `rmse`, `mae`, `r2`, `pearson` and, on the
            ranks, `spearman`.

    Returns:
        `rmse` and `mae` in the units of the truth, `r2`, `pearson`, `spearman`, and
        `n`, the rows that counted.

    Raises:
        DataError: For a prediction that is not finite.

    Example:
        >>> result = regression_metrics(np.array([1.0, 2, 3]), np.array([1.0, 2, 5]))
        >>> round(result["rmse"], 4), result["r2"], result["spearman"]
        (1.1547, -1.0, 1.0)
    """
    if weights is not None:
        truth = np.where(weights > 0, truth, np.nan)
        weights = weights[np.isfinite(truth)].astype(np.float64)
    truth, prediction = known_rows(truth, prediction)
    result: Metrics = dict.fromkeys(("rmse", "mae", "r2", "pearson", "spearman"))
    result["n"] = len(truth)
    if not len(truth):
        return result
    squared = (truth - prediction) ** 2
    result["rmse"] = _value(np.sqrt(np.average(squared, weights=weights)))
    absolute = np.abs(truth - prediction)
    result["mae"] = _value(np.average(absolute, weights=weights))
    if len(truth) > 1 and not _constant(truth):
        spread = (truth - np.average(truth, weights=weights)) ** 2
        unexplained = np.average(squared, weights=weights)
        total = np.average(spread, weights=weights)
        result["r2"] = _quiet(lambda: 1 - unexplained / total)
    result["pearson"] = correlation(truth, prediction, weights)
    if result["pearson"] is not None:
        result["spearman"] = correlation(ranks(truth), ranks(prediction), weights)
    return result


def count_metrics(
    truth: Num[np.ndarray, "n"],
    prediction: Num[np.ndarray, "n"],
    *,
    weights: Num[np.ndarray, "n"] | None = None,
) -> Metrics:
    """Measures of predicted counts.

    Args:
        truth: The counts, 0 or more; NaN where unknown.
        prediction: The predicted means, above 0.
        weights: The weight of each row.

    Returns:
        `poisson_deviance` (mean over rows, 0 at best), `rmse`, `pearson`, `spearman`
        and `n`.

    Example:
        >>> count_metrics(np.array([0.0, 2]), np.array([1.0, 2]))["poisson_deviance"]
        1.0
    """
    result = regression_metrics(truth, prediction, weights=weights)
    del result["r2"], result["mae"]
    mask = np.isfinite(truth) & (weights is None or weights > 0)
    known_weights = None if weights is None else weights[mask]
    counts = truth[mask].astype(np.float64)
    rates = np.maximum(prediction[mask].astype(np.float64), 1e-8)
    terms = 2 * (counts * np.log(np.where(counts > 0, counts / rates, 1)))
    terms += 2 * (rates - counts)
    defined = len(counts) > 0 and counts.min() >= 0
    deviance = _value(np.average(terms, weights=known_weights)) if defined else None
    return {"poisson_deviance": deviance, **result}


def binary_metrics(
    truth: Num[np.ndarray, "n"],
    probability: Num[np.ndarray, "n *both"],
    *,
    threshold: float = 0.5,
    weights: Num[np.ndarray, "n"] | None = None,
) -> Metrics:
    """Measures of the probability of one class against the other.

    Args:
        truth: 1 for the class that `probability` is about, 0 for the other; NaN or -1
            where unknown.
        probability: Between 0 and 1 (any score will do for `auroc` and `auprc`); or the
            probabilities of both classes, `[n 2]`.
        threshold: From which probability a row counts as predicted 1.
        weights: The weight of each row; `confusion` counts rows whatever they weigh.

    Returns:
        `auroc`, `auprc` (average precision), `accuracy`, `balanced_accuracy`, `mcc`,
        `f1`, `confusion` as [[tn, fp], [fn, tp]], and `n`.

    Example:
        >>> truth, probability = np.array([0, 0, 1, 1]), np.array([0.1, 0.6, 0.4, 0.9])
        >>> result = binary_metrics(truth, probability)
        >>> result["auroc"], result["mcc"], result["confusion"]
        (0.75, 0.0, [[1, 1], [1, 1]])
    """
    _check_rows(truth, probability)
    if probability.ndim == 2:
        probability = probability[:, 1]
    mask = _known_classes(truth)
    truth = truth[mask].astype(np.int64)
    probability = probability[mask].astype(np.float64)
    _check_finite(probability)
    weights = None if weights is None else weights[mask]
    sk = _sklearn()
    result: Metrics = {"auroc": None, "auprc": None}
    if 0 < truth.sum() < len(truth):
        result["auroc"] = _quiet(
            sk.roc_auc_score, truth, probability, sample_weight=weights
        )
        result["auprc"] = _quiet(
            sk.average_precision_score, truth, probability, sample_weight=weights
        )
    predicted = (probability >= threshold).astype(np.int64)
    return result | _decisions(truth, predicted, 2, weights)


def multiclass_metrics(
    truth: Num[np.ndarray, "n"],
    probability: Num[np.ndarray, "n classes"],
    *,
    weights: Num[np.ndarray, "n"] | None = None,
) -> Metrics:
    """Measures of the probabilities of one of several classes.

    Args:
        truth: The number of the class; -1 or NaN where unknown.
        probability: One column a class.
        weights: The weight of each row; `confusion` counts rows whatever they weigh.

    Returns:
        `auroc` (one against the rest, mean over classes that occur), `accuracy`,
        `balanced_accuracy`, `mcc`, `f1` (mean over classes), `confusion` with a row for
        each true and a column for each predicted class, and `n`.

    Example:
        >>> result = multiclass_metrics(np.array([0, 1, 2, -1]), np.eye(4, 3))
        >>> result["accuracy"], result["auroc"], result["n"]
        (1.0, 1.0, 3)
    """
    _check_rows(truth, probability)
    mask = _known_classes(truth)
    truth, probability = truth[mask].astype(np.int64), probability[mask]
    _check_finite(probability)
    weights = None if weights is None else weights[mask]
    sk = _sklearn()
    scores = [
        _quiet(sk.roc_auc_score, truth == label, column, sample_weight=weights)
        for label, column in enumerate(probability.T)
        if 0 < (truth == label).sum() < len(truth)
    ]
    predicted = probability.argmax(axis=1)
    decisions = _decisions(truth, predicted, probability.shape[1], weights)
    return {"auroc": mean_of_known(scores), **decisions}


def _known_classes(
    truth: Num[np.ndarray, "n *labels"],
) -> Bool[np.ndarray, "n *labels"]:
    return np.isfinite(truth) & (truth >= 0)


def mean_of_known(
    values: Iterable[float | None], weights: Iterable[float] | None = None
) -> float | None:
    """The mean without the missing values; None if all are missing."""
    shared = itertools.repeat(1.0) if weights is None else weights
    pairs = zip(values, shared, strict=False)
    known = [(value, weight) for value, weight in pairs if value is not None]
    if not sum(weight for _, weight in known):
        return None
    numbers, shares = zip(*known, strict=True)
    return float(np.average(numbers, weights=shares))


def _decisions(
    truth: Num[np.ndarray, "n"],
    predicted: Num[np.ndarray, "n"],
    n_classes: int,
    weights: Num[np.ndarray, "n"] | None,
) -> Metrics:
    """Measures of predicted classes against true ones."""
    sk = _sklearn()
    names = ("accuracy", "balanced_accuracy", "mcc", "f1")
    result: Metrics = dict.fromkeys(names)
    labels = np.arange(n_classes)
    if len(truth):
        average = "binary" if n_classes == 2 else "macro"
        present = labels if n_classes == 2 else np.union1d(truth, predicted)
        result["accuracy"] = _quiet(
            sk.accuracy_score, truth, predicted, sample_weight=weights
        )
        result["f1"] = _quiet(
            sk.f1_score, truth, predicted, labels=present, average=average,
            sample_weight=weights, zero_division=np.nan,
        )  # fmt: skip
    if len(np.unique(truth)) > 1:
        result["balanced_accuracy"] = _quiet(
            sk.balanced_accuracy_score, truth, predicted, sample_weight=weights
        )
        if len(np.unique(predicted)) > 1:
            result["mcc"] = _quiet(
                sk.matthews_corrcoef, truth, predicted, sample_weight=weights
            )
    table = np.zeros((n_classes, n_classes), np.int64)
    np.add.at(table, (truth, predicted), 1)
    return {**result, "confusion": table.tolist(), "n": len(truth)}


def multilabel_metrics(
    truth: Num[np.ndarray, "n labels"],
    probability: Num[np.ndarray, "n labels"],
    *,
    threshold: float = 0.5,
    weights: Num[np.ndarray, "n"] | None = None,
) -> Metrics:
    """Measures of the probabilities of labels of which any number may hold.

    Args:
        truth: 0 or 1; NaN where unknown.
        probability: One column a label.
        threshold: From which probability a label counts as predicted.
        weights: The weight of each row.

    Returns:
        `auroc`, `auprc`, `accuracy`, `balanced_accuracy`, `mcc` and `f1`, each the mean
        over the labels for which it is defined; `n`, the rows with any known label.

    Example:
        >>> truth = np.array([[0, 1], [1, np.nan], [1, 0]])
        >>> probability = np.array([[0.2, 0.9], [0.7, 0.5], [0.8, 0.1]])
        >>> multilabel_metrics(truth, probability)["f1"]
        1.0
    """
    rows = [
        binary_metrics(column, scores, threshold=threshold, weights=weights)
        for column, scores in zip(truth.T, probability.T, strict=True)
    ]
    names = ("auroc", "auprc", "accuracy", "balanced_accuracy", "mcc", "f1")
    result: Metrics = {
        name: mean_of_known([label[name] for label in rows]) for name in names
    }
    result["n"] = int(_known_classes(truth).any(axis=1).sum())
    return result


def bootstrap_interval(
    metric: Callable[[np.ndarray, np.ndarray], float | Mapping[str, Any] | None],
    truth: Num[np.ndarray, "n ..."],
    prediction: Num[np.ndarray, "n ..."],
    *,
    name: str = "",
    seed: int = 0,
    n: int = 1000,
    level: float = 0.95,
) -> tuple[float, float] | None:
    """The range in which a measure would lie for other rows of the same kind.

    Rows are drawn with replacement `n` times; the interval holds the middle `level` of
    the measures.

    Args:
        metric: Of truth and prediction; one of this module's functions with `name`, or
            one that gives a number.
        truth: The truth, row by row.
        prediction: The predictions, row by row.
        name: Which of the measures that `metric` gives.
        seed: The same seed gives the same interval.
        n: How often to draw.
        level: The share of draws inside.

    Returns:
        Lower and upper bound; None if the measure is not defined in most draws.

    Example:
        >>> truth = np.arange(50.0)
        >>> bootstrap_interval(regression_metrics, truth, truth + 1, name="rmse", n=20)
        (1.0, 1.0)
    """
    _check_rows(truth, prediction)
    rng = np.random.default_rng(seed)
    samples = []
    for _ in range(n):
        rows = rng.integers(0, len(truth), len(truth))
        value = metric(truth[rows], prediction[rows])
        value = value[name] if isinstance(value, Mapping) else value
        if value is not None and math.isfinite(value):
            samples.append(value)
    if len(samples) <= n / 2:
        return None
    tail = (1 - level) / 2
    low, high = np.quantile(np.array(samples), [tail, 1 - tail])
    return float(low), float(high)
