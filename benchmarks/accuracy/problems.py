"""A problem: which rows to learn from and which to be scored on, and nothing else."""

import dataclasses
import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

import jaxbio as jb
from jaxbio.data import Dataset
from jaxbio.errors import DataError

Parts = Mapping[str, Dataset]
"""`train`, `test` and perhaps `valid`."""

Runs = Callable[[int], Iterable[Parts]]
"""The parts of each run, given a seed: folds, or one."""


@dataclasses.dataclass(frozen=True)
class Problem:
    """What is predicted of which rows.

    Attributes:
        runs: The parts of each run.
        metric: The score, a key of the metrics of the task, or `right` for a count.
        published: A published figure.
        by: Who published it, and how.
        seeds: How often all runs are made, each time with another seed; the score is
            the mean.
        how: What was divided, in a few words.
    """

    runs: Runs
    metric: str
    published: str = ""
    by: str = ""
    seeds: int = 1
    how: str = "one split"


def folds(
    data: Callable[[], Dataset], count: int, *, by: str | None = None, most: int = 0
) -> Runs:
    """Cross-validation: every row is tested once, or the rows of the first folds.

    Args:
        data: Gives the rows.
        count: How many folds.
        by: How rows are dealt; each class to all folds if not given.
        most: How many of the folds are run; all if not given.
    """

    def runs(seed: int) -> Iterator[Parts]:
        rows = data()
        how = by or natural_folds(rows, count)
        pairs = jb.folds(rows, by=how, n=count, seed=seed)
        for train, test in pairs[: most or None]:
            yield {"train": rows.take(train), "test": rows.take(test)}

    return runs


def natural_folds(rows: Dataset, count: int) -> str:
    """Stratified where each class has a row for every fold."""
    target = next(iter(rows.targets.values()))
    if target.kind != "category":
        return "random"
    _, sizes = np.unique(np.asarray(target.values), return_counts=True)
    return "stratified" if sizes.min() >= count else "random"


def by_name(data: Callable[[], Dataset], names: Callable[[], np.ndarray]) -> Runs:
    """Each group of rows left out in turn.

    Args:
        data: Gives the rows.
        names: Gives the group of each row.
    """

    def runs(seed: int) -> Iterator[Parts]:
        rows, groups = data(), names()
        for group in dict.fromkeys(groups.tolist()):
            test = groups == group
            yield {"train": rows.take(~test), "test": rows.take(test)}

    return runs


def parts(data: Callable[[], Parts]) -> Runs:
    """The published split."""
    return lambda seed: [data()]


def folder(area: str, name: str) -> Path:
    """The folder of a set.

    Raises:
        DataError: If it is not on this machine.
    """
    path = Path(os.environ.get("JAXBIO_DATA", "")) / area / name
    if not path.is_dir():
        raise DataError(
            f"{name}: there is no {area}/{name} in the folder that JAXBIO_DATA names"
        )
    return path


def of_family(family: str, variant: str = "") -> Callable[[], Any]:
    """The parts of a set of the catalogue."""
    from jaxbio.datasets import loaders

    return lambda: loaders.load(family, variant)


def whole(family: str, variant: str = "") -> Callable[[], Dataset]:
    """All rows of a set of the catalogue without a split of its own."""
    return lambda: of_family(family, variant)()["all"]
