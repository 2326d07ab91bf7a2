"""Superposition of two structures of one chain, and their RMSD.

Residues correspond by row. A residue whose reference has no coordinates (NaN) is left
out; one that only the model lacks counts as wrong.
"""

from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Float, Num

from jaxbio.errors import DataError
from jaxbio.metrics.contacts import ATOMS

_CA = ATOMS.index("CA")


class Superposition(NamedTuple):
    """A model laid onto a reference.

    Attributes:
        coordinates: Of the model after the move, in its shape (angstrom).
        rotation: Rows of coordinates are multiplied by it from the right.
        translation: Added afterwards.
        rmsd: Root mean square distance of the atoms that were fitted (angstrom).
    """

    coordinates: np.ndarray
    rotation: Float[np.ndarray, "3 3"]
    translation: Float[np.ndarray, "3"]
    rmsd: float


def superpose(
    reference: Num[np.ndarray, "..."],
    model: Num[np.ndarray, "..."],
    *,
    mask: Bool[np.ndarray, "..."] | None = None,
) -> Superposition:
    """Rotate and move a model onto a reference (Kabsch 1976), without reflection.

    Args:
        reference: Coordinates, `[len 3]` or `[len atoms 3]` (angstrom).
        model: Coordinates of the same shape.
        mask: Residues `[len]` to fit; all if not given. Atoms that are NaN in either
            structure are never fitted.

    Returns:
        The moved model, the move, and the RMSD of the fitted atoms.

    Raises:
        DataError: If the shapes differ, or fewer than 3 atoms can be fitted.

    Example:
        >>> corner = np.array([[0.0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]])
        >>> round(superpose(corner, corner[:, [1, 2, 0]] + 5).rmsd, 6)
        0.0
        >>> round(superpose(corner, -corner).rmsd, 2)  # its mirror image does not fit
        0.67
    """
    shape = model.shape
    reference, model, scored = paired(reference, model, mask)
    fitted = scored[:, None] & resolved(reference) & resolved(model)
    if fitted.sum() < 3:
        raise DataError(
            f"only {int(fitted.sum())} atoms have coordinates in both structures; a "
            f"superposition needs 3"
        )
    fixed, moving = reference[fitted], model[fitted]
    rotation, translation = best_moves(fixed, moving, np.ones((1, len(fixed))))
    moved = model @ rotation[0] + translation[0]
    squared = ((moved[fitted] - fixed) ** 2).sum(axis=-1)
    return Superposition(
        moved.reshape(shape),
        rotation[0],
        translation[0],
        float(np.sqrt(squared.mean())),
    )


def rmsd(
    reference: Num[np.ndarray, "..."],
    model: Num[np.ndarray, "..."],
    *,
    mask: Bool[np.ndarray, "..."] | None = None,
) -> float:
    """Root mean square distance after the best superposition (angstrom).

    Arguments, errors and atoms that count are those of `superpose`.

    Example:
        >>> corner = np.array([[0.0, 0, 0], [1, 0, 0], [0, 2, 0], [0, 0, 3]])
        >>> round(rmsd(corner, corner + 1), 6)
        0.0
    """
    return superpose(reference, model, mask=mask).rmsd


def paired(
    reference: np.ndarray, model: np.ndarray, mask: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Both as `[len atoms 3]` float64, and which residues count `[len]`."""
    if reference.shape != model.shape:
        raise DataError(
            f"the reference has shape {reference.shape} and the model {model.shape}; "
            f"their residues and atoms must correspond by row"
        )
    if reference.ndim not in (2, 3) or reference.shape[-1] != 3:
        raise DataError(
            f"coordinates have shape {reference.shape}; give [residues, 3] or "
            f"[residues, atoms, 3]"
        )
    if mask is None:
        mask = np.ones(len(reference), bool)
    if mask.shape != (len(reference),):
        raise DataError(
            f"the mask has shape {mask.shape} for {len(reference)} residues; give one "
            f"value a residue"
        )
    atoms = (len(reference), 1, 3) if reference.ndim == 2 else reference.shape
    return (
        np.asarray(reference, np.float64).reshape(atoms),
        np.asarray(model, np.float64).reshape(atoms),
        mask.astype(bool),
    )


def resolved(coordinates: np.ndarray) -> np.ndarray:
    """Mask of the atoms that have coordinates."""
    return np.asarray(np.isfinite(coordinates).all(axis=-1))


def ca_traces(
    reference: np.ndarray, model: np.ndarray, mask: np.ndarray | None
) -> tuple[np.ndarray, np.ndarray, int]:
    """The CA atoms that both have, and how many the reference has."""
    reference, model, scored = paired(reference, model, mask)
    ca = min(_CA, reference.shape[1] - 1)
    reference, model = reference[:, ca], model[:, ca]
    present = scored & resolved(reference)
    both = present & resolved(model)
    if both.sum() < 3:
        raise DataError(
            f"only {int(both.sum())} residues have coordinates in both structures; "
            f"a comparison needs 3"
        )
    return reference[both], model[both], int(present.sum())


Moves = tuple[np.ndarray, np.ndarray]
"""Rotations [starts 3 3] and translations [starts 3]."""


def best_moves(fixed: np.ndarray, moving: np.ndarray, weights: np.ndarray) -> Moves:
    """The best move for each row of weights [starts residues]."""
    weights = weights / weights.sum(axis=1, keepdims=True)
    centre, origin = weights @ fixed, weights @ moving
    products = (moving[:, :, None] * fixed[:, None, :]).reshape(-1, 9)
    covariance = (weights @ products).reshape(-1, 3, 3)
    covariance -= origin[:, :, None] * centre[:, None, :]
    left, _, right = np.linalg.svd(covariance)
    # The last axis is turned round where the best fit would be a reflection.
    left[:, :, 2] *= np.sign(np.linalg.det(left @ right))[:, None]
    rotation = left @ right
    return rotation, centre - (origin[:, None, :] @ rotation)[:, 0]


def squared_after(fixed: np.ndarray, moving: np.ndarray, moves: Moves) -> np.ndarray:
    """Squared distances [starts residues] after each move."""
    rotation, translation = moves
    moved = moving @ rotation + translation[:, None]
    return ((moved - fixed) ** 2).sum(axis=-1)
