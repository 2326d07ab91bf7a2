"""Plausibility of a backbone: bonds, clashes and torsions as proteins have them."""

import numpy as np
from jaxtyping import Float, Float32

from jaxbio.metrics.contacts import distances
from jaxbio.structure.folding.ramachandran import UNLIKELY, ramachandran
from jaxbio.structure.geometry import torsions

_STEP, _STEP_ERROR = 3.8, 0.3  # angstrom from CA to the next CA of a trans peptide
_TOO_NEAR = 3.3  # angstrom between CA that are not neighbours
_BROKEN = 7.5  # angstrom, beyond which two residues are not bound
_AROUND = 3  # residues before and after that a residue is judged with


def plausibility(
    backbone: Float[np.ndarray, "len 3 3"], sequence: str
) -> Float32[np.ndarray, "len"]:
    """The share of sound residues around each residue of a chain.

    A residue is sound if its phi and psi lie where 98 % of those of crystal structures
    do, its CA is 3.5 to 4.1 angstrom from that of the next residue (or the chain is
    broken there: farther than 7.5), and no CA but of its neighbours is within 3.3
    angstrom.

    Args:
        backbone: N, CA and C of each residue (angstrom).
        sequence: One letter a residue.

    Returns:
        From 0 to 1, over 7 residues each.

    Example:
        >>> zigzag = np.arange(8.0)[:, None, None] * 3.8 + np.zeros((8, 3, 3))
        >>> zigzag += np.array([[0, 0, 0], [1, 1, 0], [2, 0, 0]])
        >>> bool(plausibility(zigzag, "A" * 8).max() < 0.5)
        True
    """
    x = backbone.astype(np.float64)
    angles = torsions(x)[:, :2]
    glycine = np.array([letter == "G" for letter in sequence], np.float32)
    known = np.isfinite(angles).all(axis=1)
    filled = np.nan_to_num(angles)
    energy = np.asarray(ramachandran(np.cos(filled), np.sin(filled), glycine))
    sound = ~(known & (energy > UNLIKELY))
    table = distances(x[:, 1])
    step = np.diagonal(table, 1)
    sound[:-1] &= (np.abs(step - _STEP) <= _STEP_ERROR) | (step > _BROKEN)
    apart = np.abs(np.subtract.outer(np.arange(len(x)), np.arange(len(x))))
    sound &= ~((table < _TOO_NEAR) & (apart > 1)).any(axis=1)
    window = np.ones(min(2 * _AROUND + 1, len(x)))
    count = np.convolve(np.ones(len(x)), window, mode="same")
    return (np.convolve(sound, window, mode="same") / count).astype(np.float32)
