"""Cross-fitting: folds of patients, and predictions by what did not learn from them."""

from collections.abc import Callable, Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float, Int64

from jaxbio.clinical.trial import Trial
from jaxbio.data.dataset import Dataset
from jaxbio.data.splits.random_grouped import folds as grouped_folds
from jaxbio.errors import DataError

Fold = tuple[Int64[np.ndarray, "_"], Int64[np.ndarray, "_"]]
"""Numbers of rows to learn from, and of those that are held out."""


@runtime_checkable
class Model(Protocol):
    """What a `Predictor` with a network for each fold can do."""

    def __call__(self, raw: Any, *, unknown: str = "error") -> Any:
        """Predict rows: `by_target` and `spread`."""
        ...

    def alone(self) -> Sequence[Any]:
        """The networks of the folds, one by one."""
        ...


@runtime_checkable
class CrossFitted(Protocol):
    """What a `Run` that was fitted with folds has."""

    @property
    def predictor(self) -> Any:
        """The `Model`."""
        ...

    @property
    def out_of_fold(self) -> Any:
        """Predictions of the training rows, each by what did not learn from it."""
        ...


Fit = Callable[[str, Dataset, Sequence[Fold]], CrossFitted]
"""Fits rows with targets under a name, cross-fitted by folds."""

FOLDS = 5


def folds_of(trial: Trial, *, count: int = FOLDS, seed: int = 0) -> list[Fold]:
    """Folds with as many patients of each arm, and of each class of the outcome.

    Rows of one group stay together.

    Args:
        trial: The patients.
        count: How many folds.
        seed: The same seed gives the same folds.

    Returns:
        For each fold the rows that are learned from, of all folds as many, and those
        that are held out, each row once.

    Example:
        >>> import pandas as pd
        >>> from jaxbio.clinical import read_trial
        >>> table = pd.DataFrame({"x": np.sqrt(range(9)), "y": range(9)})
        >>> table["arm"] = list("abbabbabb")
        >>> trial = read_trial(table, treatment="arm", outcome="y")
        >>> [sorted(trial.arm[x].tolist()) for _, x in folds_of(trial, count=3)]
        [[0, 1, 1], [0, 1, 1], [0, 1, 1]]
    """
    if trial.rows.groups is not None:
        return grouped_folds(trial.rows, by="group", n=count, seed=seed)
    rng = np.random.default_rng(seed)
    strata = trial.arm * 2
    if trial.outcome.kind == "binary":
        strata = strata + trial.values.astype(np.int64)
    elif trial.event is not None:
        strata = strata + trial.event
    order = rng.permutation(len(trial))
    order = order[np.argsort(strata[order], kind="stable")]
    part = np.empty(len(trial), np.int64)
    part[order] = np.arange(len(trial)) % count  # each stratum is dealt out in turn
    return equal([(np.flatnonzero(part != k), np.flatnonzero(part == k))
                  for k in range(count)], rng)  # fmt: skip


def equal(folds: Sequence[Fold], rng: np.random.Generator) -> list[Fold]:
    """The folds, from each of which as many rows are learned.

    So one compiled program does for all; a row or two of some folds are left out.
    """
    size = min(len(some) for some, _ in folds)
    return [(np.sort(rng.permutation(some)[:size]), held) for some, held in folds]


def within(folds: Sequence[Fold], rows: Int64[np.ndarray, "m"]) -> list[Fold]:
    """The folds of some of the rows, by their numbers among these.

    Args:
        folds: Of all rows.
        rows: Those that are taken, ascending.

    Example:
        >>> both = np.array([0, 1]), np.array([2, 3])
        >>> [(x.tolist(), y.tolist()) for x, y in within([both], np.array([1, 2]))]
        [([0], [1])]
    """

    def among(part: Int64[np.ndarray, "_"]) -> Int64[np.ndarray, "_"]:
        return np.searchsorted(rows, part[np.isin(part, rows)])

    parts = [(among(some), among(held)) for some, held in folds]
    if any(not len(some) or not len(held) for some, held in parts):
        raise DataError(
            "an arm has no row in one of the folds: its patients are too few, or in "
            "too few groups"
        )
    return equal(parts, np.random.default_rng(0))


def held_out(run: CrossFitted, target: str) -> Float[np.ndarray, "n *columns"]:
    """Predictions of the training rows, each by what did not learn from it."""
    apart = run.out_of_fold
    assert apart is not None  # folds were given
    values = np.asarray(apart.predictions["model"][target], np.float64)
    found = np.empty_like(values)
    found[apart.rows] = values
    return found


def by_each(
    predictor: Model, rows: Dataset, folds: Sequence[Fold], target: str
) -> Float[np.ndarray, "n *columns"]:
    """Predictions of changed training rows, by what did not learn from them unchanged.

    Args:
        predictor: With a network for each fold.
        rows: Training rows, some of their values changed.
        folds: Of the training rows.
        target: What is predicted.
    """
    each = zip(predictor.alone(), folds, strict=True)
    parts = [
        np.asarray(one(rows.take(held)).by_target[target], np.float64)
        for one, (_, held) in each
    ]
    found = np.empty((len(rows), *parts[0].shape[1:]))
    for part, (_, held) in zip(parts, folds, strict=True):
        found[held] = part
    return found
