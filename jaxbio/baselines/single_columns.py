"""What each column of numbers or classes says of a target all by itself."""

from typing import Any

import numpy as np
from jaxtyping import Float64, Int64, Num

from jaxbio.baselines.grid_hazards import martingale_residuals
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import DictionaryArray
from jaxbio.data.columns.category import CategorySpec
from jaxbio.data.columns.competing_events import cause_outcomes
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import option
from jaxbio.metrics.standard import ranks
from jaxbio.metrics.survival_scores import harrell_concordance

LEAK = 0.95
"""The score of a column alone from which on it is likely to know the answer."""

_MOST_COLUMNS = 300  # of a table in which one column may be looked at by a person
_FEWEST_ROWS = 40
_MOST_ROWS = 20_000
_MOST_PAIRED = 2000  # rows each of which is compared with each other
_BINS = 32


def single_columns(
    schema: Schema, train: Arrays, target: str, *, seed: int = 0
) -> dict[str, float]:
    """The score of every column alone, on rows that it was not fitted to.

    Numbers are cut at their quantiles; in each bin, or for each class, the mean of the
    target of the one half of the rows is the prediction for the other half. Bins are
    coarse at the ends, so that for numbers the square of the rank correlation counts
    where it is larger.

    Args:
        schema: The inputs and targets.
        train: The encoded training rows.
        target: The target.
        seed: Which rows are in which half.

    Returns:
        By column the AUROC (the mean over classes, each against the rest), for
        survival Harrell's concordance (of competing risks that of the cause which it
        tells best) or, for numbers, R²; empty for targets by position, few rows, or
        very many columns.

    Example:
        >>> from jaxbio.data import Numeric, Category, Dataset
        >>> from jaxbio.data.learn import learn_schema
        >>> x = np.repeat([[0.0, 1.0], [2.0, 1.0]], 30, axis=0).astype(np.float32)
        >>> labels = Category.from_values(["no"] * 30 + ["yes"] * 30)
        >>> data = Dataset({"x": Numeric(x, ("code", "age"))}, {"y": labels})
        >>> schema = learn_schema(data, {"y": ("class", False)})
        >>> single_columns(schema, schema.encode(data), "y")
        {'code': 1.0, 'age': 0.5}
    """
    spec = schema.target(target)
    columns = _columns(schema, train)
    if spec.per_position or len(train) < _FEWEST_ROWS or spec.kind == "embedding":
        return {}
    if not 0 < len(columns) <= _MOST_COLUMNS:
        return {}
    truth = _outputs(spec, train.targets[target])
    rng = np.random.default_rng(seed)
    known = np.flatnonzero(~np.isnan(truth).any(axis=1))
    survival = spec.kind in ("survival", "competing")
    rows = rng.permutation(known)[: _MOST_PAIRED if survival else _MOST_ROWS]
    half = np.arange(len(rows)) % 2
    truth = truth[rows]
    scores = {}
    for name, values in columns.items():
        guess = _cross_fitted(_bins(values[rows]), truth, half)
        if survival:
            outcomes = np.asarray(train.targets[target])[rows, :3]
            score = _concordance(spec, outcomes, guess)
            scores |= {} if score is None else {name: round(score, 4)}
            continue
        score = _auroc(truth, guess) if _is_class(spec) else _r2(truth, guess)
        if score is not None and not _is_class(spec):
            score = max(score, _monotone(values[rows], truth))
        if score is not None:
            scores[name] = round(score, 4)
    return scores


def leak_notes(target: str, spec: TargetSpec, scores: dict[str, float]) -> list[str]:
    """A sentence for each column that alone nearly gives a target.

    Args:
        target: The target.
        spec: Its specification.
        scores: What `single_columns` gave.

    Example:
        >>> leak_notes("y", TargetSpec("y", "number"), {"code": 0.99, "age": 0.3})
        ["likely leak: code alone gives y (R² 0.99 on rows that it was not fitted to): \
if it is not known before y is, leave it out with drop='code'"]
    """
    metric = "AUROC" if _is_class(spec) else "R²"
    metric = "concordance" if spec.kind in ("survival", "competing") else metric
    return [
        f"likely leak: {name} alone gives {target} ({metric} {score:.2f} on rows that "
        f"it was not fitted to): if it is not known before {target} is, leave it out "
        f"with {option('drop', name)}"
        for name, score in scores.items()
        if score >= LEAK
    ]


def _is_class(spec: TargetSpec) -> bool:
    return spec.kind in ("class", "labels")


def _columns(schema: Schema, train: Arrays) -> dict[str, Num[np.ndarray, "n"]]:
    """The columns of numbers and classes, by name."""
    columns: dict[str, np.ndarray] = {}
    for spec in schema.inputs:
        values = train.inputs[spec.name]
        if isinstance(values, DictionaryArray) or not isinstance(values, np.ndarray):
            continue
        if isinstance(spec, CategorySpec):
            columns[spec.name] = values
        elif type(spec) is NumericSpec and len(spec.columns) <= _MOST_COLUMNS:
            columns |= dict(zip(spec.columns, values.T, strict=True))
    return columns


def _outputs(spec: TargetSpec, target: Any) -> Float64[np.ndarray, "n outputs"]:
    """One column for each class, label or number; NaN for a missing one.

    For survival it is how many events more there were than were expected.
    """
    if spec.kind == "survival":
        rows = np.asarray(target, np.float64)[:, :3]
        return martingale_residuals(spec, rows)[:, None]
    if spec.kind == "competing":
        rows = np.asarray(target, np.float64)
        return np.stack(
            [
                martingale_residuals(spec.of_cause(at), cause_outcomes(rows, at))
                for at in range(len(spec.causes))
            ],
            axis=1,
        )
    if spec.kind != "class":
        return np.asarray(target, np.float64).reshape(len(target), -1)
    known = np.arange(len(spec.classes)) == target[:, None]
    return np.where(target[:, None] < 0, np.nan, known)


def _bins(values: Num[np.ndarray, "n"]) -> Int64[np.ndarray, "n"]:
    """The bin of each value; missing ones are the last."""
    if values.dtype.kind == "i":
        return (values - values.min(initial=0)).astype(np.int64)
    known = values[~np.isnan(values)]
    if not len(known):
        return np.zeros(len(values), np.int64)
    edges = np.unique(np.quantile(known, np.linspace(0, 1, _BINS + 1)[1:-1]))
    places = np.searchsorted(edges, values, side="right")
    return np.where(np.isnan(values), len(edges) + 1, places).astype(np.int64)


def _cross_fitted(
    bins: Int64[np.ndarray, "n"],
    truth: Float64[np.ndarray, "n outputs"],
    half: Int64[np.ndarray, "n"],
) -> Float64[np.ndarray, "n outputs"]:
    """Means of the bins over the other half of the rows."""
    guess = np.empty_like(truth)
    for at in (0, 1):
        fitted = half != at
        mean = truth[fitted].mean(axis=0)
        sums = np.tile(mean, (int(bins.max()) + 1, 1))
        counts = np.ones(len(sums))
        np.add.at(sums, bins[fitted], truth[fitted])
        np.add.at(counts, bins[fitted], 1)
        guess[~fitted] = (sums / counts[:, None])[bins[~fitted]]
    return guess


def _auroc(
    truth: Float64[np.ndarray, "n outputs"], guess: Float64[np.ndarray, "n outputs"]
) -> float | None:
    areas = []
    for labels, scores in zip(truth.T, guess.T, strict=True):
        positive = int(labels.sum())
        negative = len(labels) - positive
        if min(positive, negative) >= 5:
            total = ranks(scores)[labels > 0].sum()
            areas.append((total / positive - (positive + 1) / 2) / negative)
    return float(np.mean(areas)) if areas else None


def _concordance(
    spec: TargetSpec,
    outcomes: Num[np.ndarray, "n 3"],
    guess: Float64[np.ndarray, "n outputs"],
) -> float | None:
    """Of the event; of several causes the highest."""
    time, event = outcomes[:, 0], outcomes[:, 1]
    if spec.kind == "survival":
        return harrell_concordance(time, event, guess[:, 0])
    found = [
        harrell_concordance(time, event == at + 1, column)
        for at, column in enumerate(guess.T)
    ]
    return max((score for score in found if score is not None), default=None)


def _monotone(
    values: Num[np.ndarray, "n"], truth: Float64[np.ndarray, "n outputs"]
) -> float:
    """The square of the rank correlation, the mean over outputs; 0 for classes."""
    known = (
        ~np.isnan(values) if values.dtype.kind == "f" else np.zeros(len(values), bool)
    )
    if known.sum() < _FEWEST_ROWS / 2:
        return 0.0
    columns = [ranks(column[known]) for column in truth.T]
    with np.errstate(invalid="ignore", divide="ignore"):
        squares = [np.corrcoef(ranks(values[known]), x)[0, 1] ** 2 for x in columns]
    return float(np.nan_to_num(squares).mean() * known.mean())


def _r2(
    truth: Float64[np.ndarray, "n outputs"], guess: Float64[np.ndarray, "n outputs"]
) -> float | None:
    spread = ((truth - truth.mean(axis=0)) ** 2).sum(axis=0)
    if not (spread > 0).all():
        return None
    return float(np.mean(1 - ((truth - guess) ** 2).sum(axis=0) / spread))
