"""A cohort in a few numbers: what one row is compared with, and no row itself."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Num

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset

QUANTILES = tuple(np.linspace(0, 1, 21).round(2).tolist())
"""The quantiles that are kept."""

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
