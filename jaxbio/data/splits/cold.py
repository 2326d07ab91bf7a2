"""Splits of pairs whose drugs, proteins or cells the training rows do not have.

Rows are pairs of entities, each given as an id. A part of a random split has the same
drugs and proteins as the training rows, so that a model that learns by heart which of
them bind looks good; these splits ask for what is new.
"""

import dataclasses
from collections.abc import Mapping, Sequence

import numpy as np
from jaxtyping import Float64, Int64, Num, Shaped

from jaxbio.data.splits.allocate import checked_shares, whole_groups
from jaxbio.errors import DataError

_THIRDS = (0.8, 0.1, 0.1)


@dataclasses.dataclass(frozen=True)
class ColdParts:
    """Row numbers of each part, increasing.

    Attributes:
        rows: Those of each part; the first is the one to train on.
        dropped: Rows of no part, because they would tie two parts together.
    """

    rows: tuple[Int64[np.ndarray, "_"], ...]
    dropped: Int64[np.ndarray, "_"]


def cold_split(
    entities: Mapping[str, Shaped[np.ndarray, "n"]],
    *,
    fractions: Sequence[float] = _THIRDS,
    seed: int = 0,
) -> ColdParts:
    """Parts that have no entity in common.

    With one entity, such as the drug, all rows of a drug go to one part. With two or
    more, such as drug and protein, each is divided by itself, and rows whose entities
    fall into different parts are dropped; of dense pairs with fractions 0.8, 0.1, 0.1
    this leaves about 64 % of the rows to train on and 1 % each for the other parts, so
    that fractions such as 0.6, 0.2, 0.2 are often better.

    Args:
        entities: By name the id of each row's drug, protein and so on: whole numbers
            from 0, hashes, or texts.
        fractions: The share of each entity's rows in each part, adding up to 1.
        seed: The same seed gives the same parts.

    Returns:
        The row numbers of each part, and those dropped.

    Raises:
        DataError: For wrong fractions, a row without an entity, fewer entities than
            parts, or a part without any row.

    Source:
        Pahikkala T et al. (2015) Briefings in Bioinformatics 16:325, settings S2 to S4.

    Example:
        >>> drug, protein = np.arange(40) // 8, np.arange(40) % 8
        >>> parts = cold_split({"drug": drug}, fractions=(0.6, 0.2, 0.2))
        >>> [len(rows) for rows in parts.rows], len(parts.dropped)
        ([24, 8, 8], 0)
        >>> both = {"drug": drug, "protein": protein}
        >>> parts = cold_split(both, fractions=(0.5, 0.5))
        >>> set(drug[parts.rows[0]]) & set(drug[parts.rows[1]])
        set()
    """
    shares = checked_shares(fractions)
    parts = _assigned(entities, shares, seed)
    agree = (parts == parts[0]).all(axis=0)
    parted = tuple(
        np.flatnonzero(agree & (parts[0] == at)) for at in range(len(shares))
    )
    names = " and ".join(entities)
    for at, rows in enumerate(parted):
        if not len(rows):
            raise DataError(
                f"part {at + 1} of a split by {names} has no row: the pairs are too "
                f"few or too sparse; use larger fractions, or another seed"
            )
    return ColdParts(parted, np.flatnonzero(~agree))


def cold_folds(
    entities: Mapping[str, Shaped[np.ndarray, "n"]], *, n: int = 5, seed: int = 0
) -> list[tuple[Int64[np.ndarray, "train"], Int64[np.ndarray, "test"]]]:
    """Cross-validation with entities that were not trained on.

    With one entity every row is tested once. With several, a row is tested if all of
    its entities are in one fold, and no entity of a tested row is trained on.

    Args:
        entities: As for `cold_split`.
        n: The number of folds, at least 2.
        seed: The same seed gives the same folds.

    Returns:
        For each fold the row numbers to train on and those to test on.

    Raises:
        DataError: As for `cold_split`.

    Example:
        >>> drug = np.array([0, 0, 1, 1, 2, 2])
        >>> [len(test) for _, test in cold_folds({"drug": drug}, n=3)]
        [2, 2, 2]
    """
    if n < 2:
        raise DataError(f"cross-validation needs 2 folds or more, not {n}")
    parts = _assigned(entities, np.full(n, 1 / n), seed)
    folds = [
        (
            np.flatnonzero((parts != fold).all(axis=0)),
            np.flatnonzero((parts == fold).all(axis=0)),
        )
        for fold in range(n)
    ]
    for fold, (train, test) in enumerate(folds, start=1):
        if not len(train) or not len(test):
            raise DataError(
                f"fold {fold} of {n} by {' and '.join(entities)} has {len(train)} "
                f"rows to train on and {len(test)} to test on: use fewer folds"
            )
    return folds


def scaffold_split(
    scaffolds: Sequence[str] | Shaped[np.ndarray, "n"],
    *,
    fractions: Sequence[float] = _THIRDS,
    seed: int | None = None,
    classes: Shaped[np.ndarray, "n"] | None = None,
) -> ColdParts:
    """Common scaffolds to train on, rare ones to be tested on.

    Scaffolds go by size, the largest first, to the first part that has room left, as
    published scores on MoleculeNet have it. Of equal ones the first in the file come
    first there; with a seed they come by chance, each class in turn, or a sorted file
    would give a test part of one class. Scaffolds of all sizes in random order are
    those of `cold_split({"scaffold": scaffolds})`.

    Args:
        scaffolds: The scaffold of each row, such as those of `smiles.murcko_scaffolds`.
        fractions: The share of rows of each part, adding up to 1.
        seed: The same seed gives the same parts; None for the order of the file.
        classes: The number of each row's class, where classes are to be balanced.

    Returns:
        The row numbers of each part; none is dropped.

    Raises:
        DataError: For wrong fractions or a part without any row.

    Source:
        Wu Z et al. (2018) Chemical Science 9:513, section 3.4.

    Example:
        >>> parts = scaffold_split(["a", "b", "a", "c", "a"], fractions=(0.6, 0.2, 0.2))
        >>> [rows.tolist() for rows in parts.rows]
        [[0, 2, 4], [1], [3]]
    """
    shares = checked_shares(fractions)
    codes = _codes("scaffold", np.asarray(scaffolds), empty=True)
    sizes = np.bincount(codes)
    first = np.full(len(sizes), len(codes))
    np.minimum.at(first, codes, np.arange(len(codes)))
    ends = np.cumsum(shares) * len(codes) + 1e-9
    part_of = np.zeros(len(sizes), np.int64)
    filled = np.zeros(len(shares))
    last = len(shares) - 1
    turn = first if seed is None else _turns(codes, sizes, classes, seed)
    for group in np.lexsort((turn, -sizes)).tolist():
        upto = np.cumsum(filled)[:-1] + sizes[group]
        fits = np.flatnonzero(upto <= ends[:-1])
        part_of[group] = fits[0] if len(fits) else last
        filled[part_of[group]] += sizes[group]
    rows = tuple(np.flatnonzero(part_of[codes] == at) for at in range(len(shares)))
    if min(map(len, rows)) == 0:
        raise DataError(
            f"{len(sizes)} scaffolds of {len(codes)} rows do not fill {len(shares)} "
            f"parts: the largest has {sizes.max()} rows; use larger fractions for the "
            f"later parts, or a random split"
        )
    return ColdParts(rows, np.zeros(0, np.int64))


def _turns(
    codes: Int64[np.ndarray, "n"],
    sizes: Int64[np.ndarray, "scaffolds"],
    classes: Shaped[np.ndarray, "n"] | None,
    seed: int,
) -> Float64[np.ndarray, "scaffolds"]:
    """When each scaffold comes among those of its size.

    By chance within a class, and classes spread evenly, so that whatever part begins
    or ends among them has its share of each.
    """
    rng = np.random.default_rng(seed)
    chance = rng.random(len(sizes))
    if classes is None:
        return chance
    _, numbers = np.unique(classes, return_inverse=True)
    table = np.zeros((len(sizes), numbers.max() + 1), np.int64)
    np.add.at(table, (codes, numbers), 1)
    strata = sizes * table.shape[1] + table.argmax(axis=1)
    order = np.lexsort((chance, strata))
    _, start, count = np.unique(strata[order], return_index=True, return_counts=True)
    rank = np.arange(len(sizes)) - np.repeat(start, count)
    turns = np.empty(len(sizes))
    turns[order] = (rank + rng.random(len(count)).repeat(count)) / count.repeat(count)
    return turns


def label_reversal(
    entity: Shaped[np.ndarray, "n"],
    label: Shaped[np.ndarray, "n"],
    *,
    fractions: Sequence[float] = _THIRDS,
    seed: int = 0,
    name: str = "drug",
) -> ColdParts:
    """Test rows whose drug was seen in training, but only with the opposite label.

    Who has learned by heart which drugs bind is wrong on every row then: what is left
    is to read the protein. Of drugs with both labels one label's rows leave the
    training rows, the two labels in turn; drugs with one label stay in training.

    Args:
        entity: The drug of each row, as for `cold_split`.
        label: Its label; two classes.
        fractions: The share of rows of each part, adding up to 1. Where too few drugs
            have both labels the later parts are smaller.
        seed: The same seed gives the same parts.
        name: What the entity is, for messages.

    Returns:
        The row numbers of each part; none is dropped.

    Raises:
        DataError: For wrong fractions, a row without a drug or label, labels that are
            not two, or too few drugs with both.

    Source:
        Chen L et al. (2020) Bioinformatics 36:4406.

    Example:
        >>> drug, label = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 1, 0, 1, 1, 1])
        >>> parts = label_reversal(drug, label, fractions=(0.8, 0.2))
        >>> [len(rows) for rows in parts.rows]
        [5, 1]
    """
    shares = checked_shares(fractions)
    codes = _codes(name, np.asarray(entity))
    classes = _codes("label", np.asarray(label))
    if len(codes) != len(classes):
        raise DataError(f"{len(classes)} labels for {len(codes)} rows of {name}")
    if classes.max(initial=0) != 1:
        raise DataError(
            f"a label-reversal split needs 2 classes, not {classes.max() + 1}"
        )
    count = np.zeros((codes.max() + 1, 2), np.int64)
    np.add.at(count, (codes, classes), 1)
    both = np.flatnonzero((count > 0).all(axis=1))
    quota = shares * len(codes)
    totals = np.zeros((len(shares), 2))
    part_of = np.zeros(count.shape, np.int64)  # of each drug and label
    for drug in np.random.default_rng(seed).permutation(both).tolist():
        lacking = quota[1:] - totals[1:].sum(axis=1)
        part = int(np.argmax(lacking)) + 1
        if lacking[part - 1] < 0.5:
            break
        label_part = int(np.argmin(totals[part]))
        part_of[drug, label_part] = part
        totals[part, label_part] += count[drug, label_part]
    if (totals[1:].sum(axis=1) == 0).any():
        raise DataError(
            f"{len(both)} of {len(count)} {name}s have both labels, too few for "
            f"{len(shares)} parts of a label-reversal split"
        )
    part = part_of[codes, classes]
    rows = tuple(np.flatnonzero(part == at) for at in range(len(shares)))
    return ColdParts(rows, np.zeros(0, np.int64))


def _assigned(
    entities: Mapping[str, Shaped[np.ndarray, "n"]],
    shares: Num[np.ndarray, "parts"],
    seed: int,
) -> Int64[np.ndarray, "entities n"]:
    """The part of each entity of each row."""
    if not entities:
        raise DataError("a cold split needs an entity, such as the drug of each row")
    codes = {name: _codes(name, np.asarray(ids)) for name, ids in entities.items()}
    if len({len(column) for column in codes.values()}) > 1:
        sizes = ", ".join(f"{name} {len(column)}" for name, column in codes.items())
        raise DataError(f"entities have different numbers of rows: {sizes}")
    rng = np.random.default_rng(seed)
    parts = [
        whole_groups(column, shares, rng, f"different values of {name}")
        for name, column in codes.items()
    ]
    return np.stack(parts)


def _codes(
    name: str, ids: Shaped[np.ndarray, "n"], *, empty: bool = False
) -> Int64[np.ndarray, "n"]:
    """Ids as numbers from 0, in the order in which they first come."""
    if not len(ids):
        raise DataError(f"no row to split by {name}")
    numbers: dict[object, int] = {}
    codes = np.empty(len(ids), np.int64)
    for row, value in enumerate(ids.tolist()):
        missing = value is None or value != value or (value == "" and not empty)
        if missing or (isinstance(value, int | float) and value < 0):
            raise DataError(
                f"row {row + 1} has no {name}: fill it in or leave the row out"
            )
        codes[row] = numbers.setdefault(value, len(numbers))
    return codes
