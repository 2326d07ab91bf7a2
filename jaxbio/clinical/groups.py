"""Rows in words: the column and the values by which some differ most from others."""

from collections.abc import Iterator

import numpy as np
from jaxtyping import Bool

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset

_CUTS = 20  # quantiles of a column that are tried


def describe_rows(rows: Dataset, chosen: Bool[np.ndarray, "n"]) -> str:
    """The values that tell some rows best from all others.

    Of each column of numbers a threshold is tried, of each category every value; the
    one with the greatest difference of shares is told.

    Args:
        rows: All rows.
        chosen: Which of them are to be described.

    Returns:
        A text such as `age above 70 (38 of these 40, 51 of the other 600)`, or empty
        where no column of numbers or categories tells anything.

    Example:
        >>> x = Numeric(np.array([[1.0], [2], [8], [9]], np.float32), ("age",))
        >>> describe_rows(Dataset({"x": x}), np.array([False, False, True, True]))
        'age above 2 (2 of these 2, 0 of the other 2)'
    """
    if not chosen.any() or chosen.all():
        return ""
    best, text = 0.0, ""
    for words, mask in _rules(rows):
        gain = mask[chosen].mean() - mask[~chosen].mean()
        if gain > best:
            counts = mask[chosen].sum(), mask[~chosen].sum()
            best, text = gain, (
                f"{words} ({counts[0]} of these {chosen.sum()}, {counts[1]} of the "
                f"other {(~chosen).sum()})"
            )  # fmt: skip
    return text


def _rules(rows: Dataset) -> Iterator[tuple[str, np.ndarray]]:
    for name, column in rows.inputs.items():
        if isinstance(column, Category):
            values = np.asarray(column.values, object)
            for label in dict.fromkeys(values.tolist()):
                words = f"{name} missing" if label is None else f"{name} {label}"
                yield words, np.array([each == label for each in values])
        elif isinstance(column, Numeric):
            for title, values in zip(column.names, column.values.T, strict=True):
                known = values[~np.isnan(values)]
                if np.isnan(values).any():
                    yield f"{title} missing", np.isnan(values)
                if not len(known):
                    continue
                shares = np.linspace(0, 1, _CUTS + 1)[:-1]
                for cut in np.unique(np.quantile(known, shares, method="lower")):
                    yield f"{title} above {cut:g}", values > cut
                    yield f"{title} at most {cut:g}", values <= cut
