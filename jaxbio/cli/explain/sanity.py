"""The line below each explanation that says whether it depends on what was learned."""

from collections.abc import Callable, Sequence
from typing import TypeVar

import numpy as np

from jaxbio.data import Dataset
from jaxbio.explain.agreement import rank_agreement
from jaxbio.explain.sanity import untrained
from jaxbio.predict.predictor import Predictor

CHECKED = 8
"""Rows that the check looks at."""

MANY = 20
"""Numbers of which one untrained network tells enough."""

_ALIKE = 0.5  # from here on explanations hardly depend on what was learned
_DRAWS = 3  # untrained networks, where a row has few numbers

T = TypeVar("T")

Explain = Callable[[Predictor, Dataset, str | None], Sequence[np.ndarray]]
"""Explains a class or number of rows by a predictor, with an array a row."""


def check_line(
    predictor: Predictor,
    data: Dataset,
    explained: Sequence[str] | np.ndarray | None,
    found: Sequence[np.ndarray],
    explain: Explain,
    *,
    what: str = "contributions",
) -> str:
    """What becomes of explanations when what was learned is lost.

    Args:
        predictor: The trained networks.
        data: The rows.
        explained: The class or number that is explained of each; None for no choice.
        found: Their explanations, at least of the first rows.
        explain: What gives these for another predictor.
        what: What they are called.
    """
    count = min(len(found), len(data), CHECKED)
    few = count and max(np.size(each) for each in found[:count]) < MANY
    each = []
    for seed in range(_DRAWS if few else 1):
        other = untrained(predictor, seed=seed)
        again: dict[int, np.ndarray] = {}
        labels: list[str | None] = [None] * count
        if explained is not None:
            labels = [str(label) for label in explained[:count]]
        for label in dict.fromkeys(labels):
            rows = [at for at in range(count) if labels[at] == label]
            values = explain(other, data.take(np.array(rows, np.int64)), label)
            again |= dict(zip(rows, values, strict=True))
        each.append(rank_agreement(found[:count], [again[at] for at in range(count)]))
    return _line(each, what, "correlate by {:.2f} (ranks)")


def check_whole(
    predictor: Predictor,
    found: T,
    explain: Callable[[Predictor], T],
    agreement: Callable[[T, T], float],
    *,
    what: str,
    many: bool = False,
) -> str:
    """The same line for an explanation of several rows together.

    Args:
        predictor: The trained networks.
        found: Their explanation.
        explain: What gives it for another predictor.
        agreement: How much two of them agree; see `jaxbio.explain.agreement`.
        what: What it is called, in the plural.
        many: Whether it has so many numbers that one untrained network tells enough.
    """
    each = [
        agreement(found, explain(untrained(predictor, seed=seed)))
        for seed in range(1 if many else _DRAWS)
    ]
    return _line(each, what, "agree by {:.2f} (1 for the same, 0 by chance)")


def _line(each: Sequence[float], what: str, how: str) -> str:
    """What the agreements with untrained networks say."""
    if not each or np.isnan(each).all():
        return f"check: all {what} are alike"
    mean = float(np.nanmean(each))
    verdict = (
        "they hardly depend on what was learned: do not trust them"
        if mean > _ALIKE
        else "they depend on what was learned"
    )
    return (
        f"check: with the weights of the networks in another order the {what} "
        f"{how.format(mean)}: {verdict}"
    )
