"""Energy of a backbone: a differentiable sum of named terms, in JAX.

A chain is its atoms N, CA and C in a row, `[len 3 3]`; CB follows from them. Every term
is the negative logarithm of a likelihood, or stands for one, so that weights of 1 are
the natural choice.
"""

from typing import NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxbio.structure.folding.distogram import pair_energy
from jaxbio.structure.folding.ramachandran import SURE, ramachandran
from jaxbio.structure.geometry import CB_OFFSET, O_OFFSET

BOND_LENGTHS = (1.458, 1.525, 1.329)
"""N-CA, CA-C, and C to the next N (angstrom; Engh and Huber 1991, 2001)."""
SPANS = (2.460, 2.430, 2.430)
"""N-C, CA to the next N, C to the next CA: these distances stand for the angles."""
_BOND_SPREAD = np.array([[0.01, 0.01, 0.01]])
_SPAN_SPREAD = np.array([[0.05, 0.03, 0.03]])
_OMEGA_CONCENTRATION = 100.0  # as of a standard deviation of 6 degrees
_FAR = 10.0  # deviations count linearly beyond this many spreads

# Angstrom below which atoms clash: CA and CA, CB and CB, and O with N, CA, C, O, CB.
_CA_CONTACT, _CB_CONTACT = 3.9, 3.6
_O_CONTACTS = (2.7, 3.0, 3.0, 3.0, 3.0)
_CLASH_SPREAD = 1.0  # angstrom squared


class Problem(NamedTuple):
    """Everything that is known about one chain, padded to the length of a bucket.

    Attributes:
        present: 1 for residues, 0 for padding.
        bonded: 1 where a residue is bound to the next one.
        glycine: 1 where a residue is glycine.
        torsions: Expected phi and psi (radians).
        certainty: Their von Mises concentrations, 0 where nothing is known.
        pairs: 1 for pairs of residues whose distance counts.
        table: Energies of distances at knots.
        first: The distance of the first knot (angstrom).
        slope: Of the energies beyond the last knot (per angstrom).
    """

    present: Float[Array | np.ndarray, "len"]
    bonded: Float[Array | np.ndarray, "len"]
    glycine: Float[Array | np.ndarray, "len"]
    torsions: Float[Array | np.ndarray, "len 2"]
    certainty: Float[Array | np.ndarray, "len 2"]
    pairs: Float[Array | np.ndarray, "len len"]
    table: Float[Array | np.ndarray, "len len knots"]
    first: Float[Array | np.ndarray, ""]
    slope: Float[Array | np.ndarray, "len len"]


def beta_carbons(backbone: Float[Array, "len 3 3"]) -> Float[Array, "len 3"]:
    """Coordinates of CB, also for glycine, for L-amino acids.

    Example:
        >>> residue = jnp.array([[[-0.52, 1.36, 0], [0, 0, 0], [1.53, 0, 0]]])
        >>> beta_carbons(residue).round(2).tolist()[0][0]
        -0.52...
    """
    ca = backbone[:, 1]
    to_n, to_c = backbone[:, 0] - ca, backbone[:, 2] - ca
    along_n, along_c, across = CB_OFFSET
    return ca + along_n * to_n + along_c * to_c + across * jnp.cross(to_n, to_c)


def terms(
    backbone: Float[Array, "len 3 3"], problem: Problem
) -> dict[str, Float[Array, ""]]:
    """The terms of the objective, lower is better.

    Args:
        backbone: N, CA and C (angstrom).
        problem: What is known.

    Returns:
        `distances`, the negative log likelihood of the distances of CB; `geometry`,
        bond lengths, bond angles and planar trans peptides; `torsions`, expected phi
        and psi; `ramachandran`, the regions of phi and psi that L-amino acids take, the
        less the surer these are expected; `clashes`, CA and CB that are too near.
    """
    return _chain_terms(backbone, problem) | _pair_terms(backbone, problem)


def _chain_terms(
    backbone: Float[Array, "len 3 3"], problem: Problem
) -> dict[str, Float[Array, ""]]:
    """The terms of atoms that are neighbours along the chain."""
    length = len(backbone)
    atoms = backbone.reshape(-1, 3)
    own, link = problem.present[:, None], problem.bonded[:, None]
    steps = atoms[1:] - atoms[:-1]
    bonds = _by_residue(_norm(steps), length) - np.array([BOND_LENGTHS])
    spans = _by_residue(_norm(atoms[2:] - atoms[:-2]), length) - np.array([SPANS])
    cosine, sine = _dihedrals(steps)
    cosine, sine = _by_residue(cosine, length), _by_residue(sine, length)
    # Columns: psi and omega of a residue, then phi of the next.
    flat = _OMEGA_CONCENTRATION * (1 + cosine[:, 1:2])
    geometry = (
        _robust(bonds / _BOND_SPREAD) * jnp.concatenate([own, own, link], axis=1)
        + _robust(spans / _SPAN_SPREAD) * jnp.concatenate([own, link, link], axis=1)
    ).sum() + (flat * link).sum()
    previous = jnp.roll(problem.bonded, 1).at[0].set(0)
    cosine = jnp.stack([jnp.roll(cosine[:, 2], 1), cosine[:, 0]], axis=1)
    sine = jnp.stack([jnp.roll(sine[:, 2], 1), sine[:, 0]], axis=1)
    present = jnp.stack([previous, problem.bonded], axis=1)
    along = cosine * jnp.cos(problem.torsions) + sine * jnp.sin(problem.torsions)
    # What is expected of an angle has the regions in it, the more the surer it is.
    sure = jnp.clip(problem.certainty.min(axis=1) / SURE, 0, 1)
    regions = ramachandran(cosine, sine, problem.glycine)
    return {
        "geometry": geometry,
        "torsions": (present * problem.certainty * (1 - along)).sum(),
        "ramachandran": (present.prod(axis=1) * (1 - sure) * regions).sum(),
    }


def _pair_terms(
    backbone: Float[Array, "len 3 3"], problem: Problem
) -> dict[str, Float[Array, ""]]:
    """The terms of residues that may be anywhere along the chain."""
    alpha = squared_distances(backbone[:, 1])
    beta_atoms = beta_carbons(backbone)
    beta = squared_distances(beta_atoms)
    index = jnp.arange(len(backbone))
    apart = jnp.abs(index[:, None] - index[None])
    near_ca = jnp.maximum(_CA_CONTACT**2 - alpha, 0) ** 2
    near_cb = jnp.maximum(_CB_CONTACT**2 - beta, 0) ** 2
    both = problem.present[:, None] * problem.present[None]
    clashes = both * (near_ca * (apart > 2) + near_cb * (apart > 1))
    oxygen = _oxygens(backbone)
    others = jnp.concatenate([backbone, oxygen[:, None], beta_atoms[:, None]], axis=1)
    between = squared_distances(oxygen, others.reshape(-1, 3))
    between = between.reshape(*apart.shape, len(_O_CONTACTS))
    limits = np.square(_O_CONTACTS)[None, None]
    near_o = jnp.square(jnp.maximum(limits - between, 0)).sum(axis=-1)
    donors = (problem.bonded[:, None] * problem.present[None]) * (apart > 1)
    clashes = clashes + 2 * donors * near_o
    measured = pair_energy(problem.table, jnp.sqrt(beta), problem.first, problem.slope)
    return {
        "distances": (problem.pairs * measured).sum() / 2,
        "clashes": clashes.sum() / 2 / _CLASH_SPREAD**2,
    }


def _oxygens(backbone: Float[Array, "len 3 3"]) -> Float[Array, "len 3"]:
    """Coordinates of O, for residues that are bound to the next one."""
    ca, c = backbone[:, 1], backbone[:, 2]
    to_next = jnp.roll(backbone[:, 0], -1, axis=0) - c
    along_ca, along_n = O_OFFSET
    return c + along_ca * (ca - c) + along_n * to_next


def squared_distances(
    points: Float[Array, "len dim"], others: Float[Array, "more dim"] | None = None
) -> Float[Array, "len more"]:
    """Of all pairs, through one matrix product, of which the gradient is one, too.

    Args:
        points: Coordinates.
        others: Those of the second of each pair; `points` if not given.

    Returns:
        At least 1e-6, so that they have a root with a slope.

    Example:
        >>> squared_distances(jnp.array([[0.0, 0], [3, 4]]))[0].round(3).tolist()
        [0.0, 25.0...]
    """
    # The mean goes off first: float32 loses what large numbers have in common.
    mean = jax.lax.stop_gradient(points.mean(axis=0, keepdims=True))
    points = points - mean
    others = points if others is None else others - mean
    squares, other_squares = (points**2).sum(axis=-1), (others**2).sum(axis=-1)
    table = squares[:, None] + other_squares[None] - 2 * points @ others.T
    return jnp.maximum(table, 1e-6)


def _dihedrals(
    steps: Float[Array, "bonds 3"],
) -> tuple[Float[Array, "dihedrals"], Float[Array, "dihedrals"]]:
    """Cosine and sine of the dihedral of each three bonds in a row."""
    first, axis, last = steps[:-2], steps[1:-1], steps[2:]
    a, b = jnp.cross(first, axis), jnp.cross(axis, last)
    scale = 1 / (_norm(a) * _norm(b))
    cosine = (a * b).sum(axis=-1) * scale
    return cosine, _norm(axis) * (first * b).sum(axis=-1) * scale


def _by_residue(values: Float[Array, "n"], length: int) -> Float[Array, "len 3"]:
    return jnp.pad(values, (0, 3 * length - len(values))).reshape(length, 3)


def _norm(vectors: Float[Array, "n 3"]) -> Float[Array, "n"]:
    return jnp.sqrt((vectors**2).sum(axis=-1) + 1e-9)


def _robust(deviations: Float[Array, "len 3"]) -> Float[Array, "len 3"]:
    """Half the square of deviations, in units of their spread; far out linear."""
    return _FAR**2 * (jnp.sqrt(1 + (deviations / _FAR) ** 2) - 1)
