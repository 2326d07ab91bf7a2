"""Folds of few training rows, which take turns in deciding when training stops."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from jaxbio.data.dataset import Dataset
from jaxbio.data.splits.random_grouped import (
    folds as make_folds,
    natural_split,
)
from jaxbio.errors import TrainingError
from jaxbio.run.parts import FEW
from jaxbio.tasks import Task
from jaxbio.train import Training
from jaxbio.train.loop import Fold

_FEWEST = 25  # rows

FOLDED = (
    "few rows ({}): {} networks of each kind, each with another part of the rows to "
    "decide when it stops; scores on valid rows are of all of them, each row predicted "
    "by what did not learn from it"
)

CROSS_FITTED = (
    "cross-fitting: {} networks of each kind, each without one fold of the rows, which "
    "decides when it stops; scores on valid rows are of all of them, each row "
    "predicted by what did not learn from it"
)


def check_folds(
    folds: Sequence[Fold],
    sets: Mapping[str, Dataset],
    training: Training,
    *,
    free: bool,
) -> None:
    """See that folds hold each training row out once, and that they can be used."""
    if not free or "valid" in sets or training.smiles_randomization:
        raise TrainingError(
            "folds are for models that are chosen by the data, without validation "
            "rows and smiles_randomization: leave folds out, or these"
        )
    held = np.sort(np.concatenate([np.asarray(rows) for _, rows in folds]))
    if not np.array_equal(held, np.arange(len(sets["train"]))):
        raise TrainingError(
            f"folds hold {len(held)} rows out: each of the {len(sets['train'])} "
            f"training rows has to be held out once"
        )


def fold_count(
    sets: Mapping[str, Dataset],
    tasks: Mapping[str, Task],
    training: Training,
    settings: Mapping[str, Any],
    given: Training | None,
) -> int:
    """How many networks take turns in what they are validated on; 0 for none."""
    train = sets["train"]
    members = training.members if given or "members" in settings else 5
    fits = (
        "valid" not in sets
        and _FEWEST <= len(train) < FEW
        and members >= 3
        and not training.smiles_randomization
        and all(task.over == "row" for task in tasks.values())
    )
    if fits and train.groups is not None:
        members = min(members, len(np.unique(np.asarray(train.groups))))
    return members if fits and members >= 3 else 0


def equal_folds(train: Dataset, count: int, seed: int) -> tuple[Fold, ...]:
    """Folds from each of which as many rows are learned, so that one program does.

    What decides are all rows in turn; of those that are learned one or two may be left
    out where folds differ in size. Where groups differ in size, so do folds.
    """
    by = "group" if train.groups is not None else natural_split(train)
    pairs = make_folds(train, by=by, n=count, seed=seed)
    if train.groups is not None:
        return tuple(pairs)
    size = min(len(some) for some, _ in pairs)
    random = np.random.default_rng(seed)
    return tuple(
        (np.sort(random.permutation(some)[:size]), held) for some, held in pairs
    )


def within(training: Training, folds: Sequence[Fold]) -> Training:
    """Settings with batches that the rows of each fold fill."""
    fewest = min(len(rows) for rows, _ in folds)
    return dataclasses.replace(training, batch_size=min(training.batch_size, fewest))
