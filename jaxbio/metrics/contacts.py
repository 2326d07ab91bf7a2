"""Metrics of predicted contacts: precision at L, L/2 and L/5."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Float32, Int8, Num, Shaped

from jaxbio.errors import DataError
from jaxbio.metrics.standard import mean_of_known

ATOMS = ("N", "CA", "C", "O", "CB")
"""The atoms of a residue in the order of the coordinates of a chain."""

CONTACT = 8.0
"""The distance of two CB atoms below which residues are in contact, in angstrom."""

_ROWS = 256  # rows of a distance map that are computed at a time


SEPARATIONS: dict[str, tuple[int, int | None]] = {
    "all": (6, None),
    "short": (6, 11),
    "medium": (12, 23),
    "long": (24, None),
}
"""Classes of pairs by how far apart along the chain they are, ends included."""


_PARTS = (1, 2, 5)


_CA, _CB = ATOMS.index("CA"), ATOMS.index("CB")


def contact_map(
    coordinates: Float[np.ndarray, "..."], *, contact: float = CONTACT
) -> Int8[np.ndarray, "len len"]:
    """Table of the residues in contact.

    Args:
        coordinates: One atom a residue `[len 3]`, or N, CA, C, O and CB `[len 5 3]`, of
            which CB counts, or CA if no residue has CB; NaN where not resolved
            (angstrom).
        contact: Pairs nearer than this are in contact (angstrom).

    Returns:
        1 for a contact, 0 for none, -1 where one of the two is not resolved.

    Raises:
        DataError: If the shape is another.

    Example:
        >>> contact_map(np.array([[0.0, 0, 0], [7, 0, 0], [9, 0, 0], [np.nan] * 3]))[0]
        array([ 1,  1,  0, -1], dtype=int8)
    """
    shape = coordinates.shape
    if shape[1:] not in ((3,), (len(ATOMS), 3)):
        raise DataError(
            f"coordinates have shape {shape}; give one atom a residue, [residues, 3], "
            f"or {', '.join(ATOMS)}, [residues, {len(ATOMS)}, 3]"
        )
    if coordinates.ndim == 3:
        has_cb = np.isfinite(coordinates[:, _CB]).any()
        coordinates = coordinates[:, _CB if has_cb else _CA]
    return _contacts(distances(coordinates), contact)


def precision_at_l(
    truth: Shaped[np.ndarray, "..."],
    scores: Num[np.ndarray, "..."],
    *,
    mask: Shaped[np.ndarray, "..."] | None = None,
    contact: float = CONTACT,
    classes: Mapping[str, tuple[int, int | None]] = SEPARATIONS,
) -> dict[str, float | None]:
    """Precision of the L, L/2 and L/5 pairs with the highest scores, in one chain.

    Args:
        truth: Coordinates of N, CA, C, O and CB `[len 5 3]`, or distances `[len len]`,
            in angstrom, NaN where not resolved; or contacts `[len len]` as booleans,
            or integers with -1 for unknown.
        scores: Of each pair `[len len]`, such as the probability of a contact, higher
            for likelier ones; the mean of both triangles counts.
        mask: Nonzero for residues `[len]` to score; all if not given.
        contact: Pairs nearer than this are in contact (angstrom).
        classes: Least and largest separation along the chain of each class of pairs.

    Returns:
        `all_l`, `all_l2`, `all_l5`, `short_l` and so on, from 0 to 1. L is the number
        of residues that are scored and resolved, and L/2 and L/5 are rounded down.
        Where a class has fewer pairs than wanted, all of them count; None where it has
        none. Of pairs with the same score at the end of the list, the expected
        precision of a random choice counts.

    Raises:
        DataError: If the shapes differ, the truth is not symmetric, or a score is not a
            number.

    Example:
        >>> truth = np.abs(np.subtract.outer(np.arange(20), np.arange(20))) == 7
        >>> result = precision_at_l(truth, truth.astype(float))
        >>> result["short_l5"], result["short_l"], result["long_l"]
        (1.0, 0.65, None)
    """
    table = _truth(truth, contact)
    scored = _check_pairs(table, scores, mask) & (table >= 0).any(axis=1)
    rows, columns = np.triu_indices(len(table), 1)
    valid = scored[rows] & scored[columns] & (table[rows, columns] >= 0)
    rows, columns = rows[valid], columns[valid]
    hits = table[rows, columns] == 1
    values = (scores[rows, columns].astype(np.float64) + scores[columns, rows]) / 2
    if not np.isfinite(values).all():
        at = int(np.flatnonzero(~np.isfinite(values))[0])
        raise DataError(
            f"the score of residues {rows[at] + 1} and {columns[at] + 1} is no number"
        )
    length = int(scored.sum())
    apart = columns - rows
    result: dict[str, float | None] = {}
    for name, (least, most) in classes.items():
        inside = (apart >= least) & (apart <= (len(table) if most is None else most))
        for part in _PARTS:
            result[_key(name, part)] = _top(
                hits[inside], values[inside], max(length // part, 1)
            )
    return result


def contact_metrics(
    truths: Sequence[np.ndarray],
    scores: Sequence[np.ndarray],
    *,
    masks: Sequence[np.ndarray] | None = None,
    contact: float = CONTACT,
    classes: Mapping[str, tuple[int, int | None]] = SEPARATIONS,
    weights: Sequence[float] | None = None,
) -> dict[str, Any]:
    """Precision at L, L/2 and L/5, as means over the chains of a test set.

    Args:
        truths: For each chain, as for `precision_at_l`.
        scores: Of the pairs of each chain.
        masks: For each chain, nonzero for residues to score; all if not given.
        contact: Pairs nearer than this are in contact (angstrom).
        classes: Least and largest separation along the chain of each class of pairs.
        weights: Of each chain, in the means; None for 1.

    Returns:
        The keys of `precision_at_l`, each a mean over the chains that have such pairs,
        None if none has; and `chains`, how many there are.

    Raises:
        DataError: If there are not as many scores as truths, or, with the number of the
            chain, as for `precision_at_l`.

    Example:
        >>> truth = np.eye(20, k=7, dtype=bool) | np.eye(20, k=-7, dtype=bool)
        >>> result = contact_metrics([truth, truth], [truth * 1.0, -1.0 * truth])
        >>> result["short_l5"], result["chains"]
        (0.5, 2)
    """
    scopes = [None] * len(truths) if masks is None else masks
    if not len(truths) == len(scores) == len(scopes):
        raise DataError(
            f"{len(truths)} chains of truth, {len(scores)} of scores and {len(scopes)} "
            f"masks: give as many of each"
        )
    chains = []
    for number, (truth, score, mask) in enumerate(
        zip(truths, scores, scopes, strict=True), 1
    ):
        try:
            chains.append(
                precision_at_l(
                    truth, score, mask=mask, contact=contact, classes=classes
                )
            )
        except DataError as error:
            raise DataError(f"chain {number}: {error}") from error
    result: dict[str, Any] = {}
    for key in (_key(name, part) for name in classes for part in _PARTS):
        result[key] = mean_of_known((chain[key] for chain in chains), weights)
    return result | {"chains": len(chains)}


def _key(name: str, part: int) -> str:
    return f"{name}_l" + ("" if part == 1 else str(part))


def _contacts(table: np.ndarray, contact: float) -> np.ndarray:
    """1 where a distance is below `contact`, -1 where it is unknown."""
    contacts = (table < contact).astype(np.int8)
    contacts[np.isnan(table)] = -1
    return contacts


def _truth(truth: np.ndarray, contact: float) -> np.ndarray:
    """Contacts as 1, 0 and -1 `[len len]`, from any form of truth."""
    if truth.ndim == 3:
        return contact_map(truth, contact=contact)
    if truth.ndim != 2 or truth.shape[0] != truth.shape[1]:
        raise DataError(
            f"the truth has shape {truth.shape}; give [residues, residues], or "
            f"coordinates as [residues, {len(ATOMS)}, 3]"
        )
    if truth.dtype.kind == "f":
        numbers = truth[np.isfinite(truth)]
        if numbers.max(initial=0) == 1 and np.isin(numbers, (0, 1)).all():
            raise DataError(
                "the truth has only 0 and 1 as fractional numbers, which stand for "
                "distances; give contacts as booleans or integers"
            )
        return _contacts(truth, contact)
    if not np.isin(truth, (-1, 0, 1)).all():
        raise DataError(
            "the truth has integers other than 1, 0 and -1, which stand for contacts; "
            "give distances as fractional numbers"
        )
    return truth.astype(np.int8)


def _check_pairs(
    truth: np.ndarray, scores: np.ndarray, mask: np.ndarray | None
) -> np.ndarray:
    """Residues that the mask scores."""
    if truth.shape != scores.shape:
        raise DataError(
            f"scores have shape {scores.shape} and the truth has {truth.shape[0]} "
            f"residues; they must correspond residue by residue"
        )
    uneven = np.argwhere(truth != truth.T)
    if len(uneven):
        row, column = uneven[0] + 1
        raise DataError(
            f"the truth of residues {row} and {column} is not that of {column} and "
            f"{row}: give a symmetric table"
        )
    if mask is None:
        return np.ones(len(truth), bool)
    if mask.shape != truth.shape[:1]:
        raise DataError(
            f"the mask has shape {mask.shape} for {len(truth)} residues; give one "
            f"value a residue"
        )
    return mask.astype(bool)


def _top(hits: np.ndarray, values: np.ndarray, count: int) -> float | None:
    """The expected precision of the first `count` pairs, ties in random order."""
    count = min(count, len(values))
    if not count:
        return None
    last = -np.partition(-values, count - 1)[count - 1]
    above, level = values > last, values == last
    share = (count - above.sum()) / level.sum()
    return float((hits[above].sum() + share * hits[level].sum()) / count)


def distances(
    points: Float[np.ndarray, "len 3"],
) -> Float32[np.ndarray, "len len"]:
    """The distance of every point to every other.

    Args:
        points: Coordinates, in angstrom; NaN where there is none.

    Returns:
        Angstrom, symmetric, 0 on the diagonal; NaN in rows and columns of a missing
        point. 4 bytes a pair, and little more while it is computed.

    Example:
        >>> distances(np.array([[0.0, 0, 0], [3, 4, 0]]))[0].tolist()
        [0.0, 5.0]
    """
    points = points.astype(np.float64)
    table = np.empty((len(points), len(points)), np.float32)
    for start in range(0, len(points), _ROWS):
        rows = slice(start, start + _ROWS)
        squares = sum(
            np.subtract.outer(points[rows, axis], points[:, axis]) ** 2
            for axis in range(3)
        )
        table[rows] = np.sqrt(squares)
    return table


def contact_bins(edges: Float[np.ndarray, "edges"], *, below: float = CONTACT) -> int:
    """Number of the first bins of distance that lie below a distance.

    Args:
        edges: Between the bins, in angstrom.
        below: The distance, in angstrom; the nearest edge counts.

    Example:
        >>> contact_bins(np.array([4.0, 8.0, 12.0]))
        2
    """
    return int(np.abs(edges - below).argmin()) + 1
