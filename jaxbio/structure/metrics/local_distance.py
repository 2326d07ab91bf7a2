"""Local distance difference test: structures compared without superposition."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Num

from jaxbio.errors import DataError
from jaxbio.metrics.contacts import ATOMS
from jaxbio.structure.metrics.superposition import paired, resolved

LDDT_RADIUS = 15.0
"""Distances up to here in the reference count (angstrom)."""

LDDT_THRESHOLDS = (0.5, 1.0, 2.0, 4.0)
"""Differences of distances that are tolerated (angstrom)."""

BACKBONE = ("N", "CA", "C", "O")
"""The atoms of a residue that are in every amino acid."""

_CHUNK = 2_000_000  # numbers in an intermediate array


class Lddt(NamedTuple):
    """Local distance difference test.

    Attributes:
        score: Over all distances, from 0 to 1; None if there are none.
        residues: `[len]`, over the distances of each residue; NaN if it has none.
    """

    score: float | None
    residues: Float[np.ndarray, "len"]


def lddt(
    reference: Num[np.ndarray, "..."],
    model: Num[np.ndarray, "..."],
    *,
    atoms: Sequence[str] | None = None,
    mask: Bool[np.ndarray, "..."] | None = None,
    radius: float = LDDT_RADIUS,
    thresholds: tuple[float, ...] = LDDT_THRESHOLDS,
) -> Lddt:
    """Local distance difference test of Mariani and others (2013); no superposition.

    Counts the distances between atoms of different residues, up to `radius` in the
    reference, that the model keeps to within each threshold. Atoms are compared by
    their place in the array: names that may be swapped (OD1 and OD2) are not tried
    both ways, and stereochemistry is not checked. Distances do not tell a structure
    from its mirror image.

    Args:
        reference: CA coordinates `[len 3]` or several atoms `[len atoms 3]`, NaN where
            not resolved (angstrom).
        model: Coordinates of the same shape; distances of atoms that are NaN here
            count as not kept.
        atoms: Which of N, CA, C, O and CB to compare, where these are given:
            `("CA",)`, or `BACKBONE`. All atoms if not given.
        mask: Residues `[len]` of the reference that count; all if not given.
        radius: Of inclusion (angstrom).
        thresholds: In angstrom.

    Returns:
        The score over all distances and that of each residue.

    Raises:
        DataError: If the shapes differ, or atoms are asked for that are not there.

    Example:
        >>> line = np.arange(4.0)[:, None] * np.array([[3.8, 0, 0]])
        >>> stretched = line * np.array([1.2, 1, 1])  # by 0.76, 1.52 and 2.28
        >>> result = lddt(line, stretched)
        >>> round(result.score, 4), result.residues.round(3).tolist()
        (0.5833, [0.5, 0.667, 0.667, 0.5])
    """
    reference, model, scored = paired(reference, model, mask)
    if atoms is not None:
        columns = _columns(atoms, reference.shape[1])
        reference, model = reference[:, columns], model[:, columns]
    length, count = reference.shape[:2]
    rows = np.flatnonzero(scored[:, None] & resolved(reference))
    residue = rows // count
    fixed, moved = (x.reshape(-1, 3)[rows] for x in (reference, model))
    hits, n = np.zeros(length), np.zeros(length)
    step = max(1, _CHUNK // max(3 * len(rows), 1))
    for start in range(0, len(rows), step):
        part = slice(start, start + step)
        true = np.linalg.norm(fixed[part, None] - fixed, axis=-1)
        near = (true <= radius) & (residue[part, None] != residue)
        error = np.abs(np.linalg.norm(moved[part, None] - moved, axis=-1) - true)
        error[np.isnan(error)] = np.inf
        share = np.mean([error <= limit for limit in thresholds], axis=0)
        hits += np.bincount(residue[part], (share * near).sum(axis=1), length)
        n += np.bincount(residue[part], near.sum(axis=1), length)
    total = n.sum()
    with np.errstate(invalid="ignore"):
        return Lddt(float(hits.sum() / total) if total else None, hits / n)


def _columns(atoms: Sequence[str], count: int) -> list[int]:
    """The places of atoms in arrays with this many a residue."""
    names = ATOMS[:count]
    if count < 2 or not atoms or not set(atoms) <= set(names):
        choice = f"of {', '.join(names)}" if count > 1 else "with [residues, atoms, 3]"
        raise DataError(f"no atoms {', '.join(atoms)!r} to compare: choose {choice}")
    return [names.index(atom) for atom in atoms]
