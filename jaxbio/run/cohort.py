"""A cohort in a few numbers: what one row is compared with, and no row itself."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Num

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.data.specs import TargetSpec
from jaxbio.metrics.survival_curves import mean_times
from jaxbio.predict.survival_columns import event_free

QUANTILES = tuple(np.linspace(0, 1, 21).round(2).tolist())
"""The quantiles that are kept."""

COHORT = "cohort.json"
"""The file of a run with the numbers of its cohort."""

MEAN_TIME = "mean time"
"""Under which the mean times of predicted survival curves stand."""

_PARTS = 10  # by prediction, of which what was observed is kept
_KINDS = ("number", "count", "class", "labels")
_MOST_COLUMNS = 512
_FEWEST = 5  # rows of a category that is named


def summarize_numbers(values: Num[np.ndarray, "n"]) -> dict[str, Any]:
    """Quantiles of numbers, as JSON values.

    The smallest and the greatest are left out: they are single rows.

    Args:
        values: Numbers; missing ones do not count.

    Returns:
        `count` of those known, `missing`, `whole` if all are whole numbers, and
        `quantiles` at `QUANTILES`, the ends at 1 and 99 %.

    Example:
        >>> found = summarize_numbers(np.arange(101.0))
        >>> found["count"], found["quantiles"][10], found["quantiles"][0]
        (101, 50.0, 1.0)
    """
    values = np.asarray(values, np.float64)
    known = values[np.isfinite(values)]
    shares = np.clip(QUANTILES, 0.01, 0.99)
    cuts = np.quantile(known, shares) if len(known) else np.zeros(0)
    return {
        "count": len(known),
        "missing": len(values) - len(known),
        "whole": bool((known == np.round(known)).all()),
        "quantiles": [float(f"{each:.6g}") for each in cuts],
    }


def summarize_labels(values: Sequence[str | None]) -> dict[str, Any]:
    """Counts of labels that several rows have, as JSON values.

    Args:
        values: Labels; None for missing ones.

    Returns:
        `count` of those known, `missing`, and `labels` with how many rows have each.

    Example:
        >>> summarize_labels(["m"] * 6 + ["f"] * 5 + [None, "x"])
        {'count': 12, 'missing': 1, 'labels': {'f': 5, 'm': 6}}
    """
    known = [str(each) for each in values if each is not None]
    names, counts = np.unique(np.array(known, str), return_counts=True)
    labels = {
        str(name): int(count)
        for name, count in zip(names, counts, strict=True)
        if count >= _FEWEST
    }
    return {"count": len(known), "missing": len(values) - len(known), "labels": labels}


def summarize_columns(rows: Dataset) -> dict[str, Any]:
    """The columns of numbers and of categories, in a few numbers each.

    Args:
        rows: The cohort.

    Returns:
        By column what `summarize_numbers` or `summarize_labels` gives; sequences and
        the like are left out, and so are numbers of more than 512 columns.

    Example:
        >>> x = Numeric(np.array([[1.0], [2.0]], np.float32), ("age",))
        >>> summarize_columns(Dataset({"x": x}))["age"]["count"]
        2
    """
    found: dict[str, Any] = {}
    for name, column in rows.inputs.items():
        if isinstance(column, Category):
            found[name] = summarize_labels(column.values.tolist())
        elif isinstance(column, Numeric) and len(column.names) <= _MOST_COLUMNS:
            for title, values in zip(column.names, column.values.T, strict=True):
                found[title] = summarize_numbers(values)
    return found


def summarize_predictions(
    predicted: Num[np.ndarray, "n"], observed: Num[np.ndarray, "n"]
) -> dict[str, Any]:
    """Predictions in a few numbers, and what was observed of rows with such.

    Args:
        predicted: Numbers or probabilities, best of rows that were not learned from.
        observed: The numbers, or 0 and 1; NaN where not known.

    Returns:
        As `summarize_numbers`, with `tenths`: of equally many rows by prediction the
        `low` and `high` ones, how many `rows`, and the `observed` mean.

    Example:
        >>> found = summarize_predictions(np.arange(100.0), np.arange(100.0) % 2)
        >>> found["tenths"][1]
        {'low': 10.0, 'high': 19.0, 'rows': 10, 'observed': 0.5}
    """
    known = np.isfinite(predicted) & np.isfinite(observed)
    order = np.flatnonzero(known)[np.argsort(predicted[known], kind="stable")]
    parts = min(_PARTS, len(order) // _FEWEST)
    tenths = [
        {
            "low": float(f"{predicted[part[0]]:.6g}"),
            "high": float(f"{predicted[part[-1]]:.6g}"),
            "rows": len(part),
            "observed": float(f"{observed[part].mean():.6g}"),
        }
        for part in np.array_split(order, max(parts, 1))
        if len(part) >= _FEWEST
    ]
    return {**summarize_numbers(predicted), "tenths": tenths}


def summarize_targets(
    specs: Sequence[TargetSpec],
    predictions: Mapping[str, Any],
    targets: Mapping[str, Any],
) -> dict[str, Any]:
    """The predictions of all targets with one value a row, or a class.

    Args:
        specs: The targets.
        predictions: By target, as a predictor gives them.
        targets: What was observed, encoded.

    Returns:
        By target and by column or class what `summarize_predictions` gives.

    Example:
        >>> spec = TargetSpec("y", "class", classes=("no", "yes"))
        >>> found = summarize_targets(
        ...     [spec], {"y": np.full(9, 0.25)}, {"y": np.array([0] * 6 + [1] * 3)})
        >>> list(found["y"]), found["y"]["no"]["quantiles"][0]
        (['no', 'yes'], 0.75)
    """
    found: dict[str, Any] = {}
    for spec in specs:
        if spec.kind in ("survival", "competing"):
            times = np.asarray(spec.times, np.float64)
            curves = event_free(spec, predictions[spec.name])
            found[spec.name] = {MEAN_TIME: summarize_numbers(mean_times(times, curves))}
        if spec.per_position or spec.kind not in _KINDS:
            continue
        table, names = by_column(spec, predictions[spec.name])
        truth = np.asarray(targets[spec.name], np.float64)
        if spec.kind == "class":
            truth = np.where(truth < 0, np.nan, truth)
            known = ~np.isnan(truth)[:, None]
            truth = np.where(known, truth[:, None] == np.arange(len(names)), np.nan)
        truth = truth.reshape(table.shape)
        if len(names) <= _MOST_COLUMNS:
            found[spec.name] = {
                name: summarize_predictions(table[:, at], truth[:, at])
                for at, name in enumerate(names)
            }
    return found


def by_column(spec: TargetSpec, values: Any) -> tuple[np.ndarray, tuple[str, ...]]:
    """Predictions as a table with a name a column: numbers, labels or classes.

    Args:
        spec: A target with one value a row, or a class.
        values: Its predictions.

    Example:
        >>> by_column(TargetSpec("y", "class", classes=("a", "b")), np.array([0.25]))
        (array([[0.75, 0.25]]), ('a', 'b'))
    """
    table = np.asarray(values, np.float64).reshape(len(values), -1)
    if not spec.classes:
        return table, tuple(spec.columns)
    if table.shape[1] == 1:
        table = np.concatenate([1 - table, table], axis=1)
    return table, tuple(spec.classes)
