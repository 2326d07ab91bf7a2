"""From a trace of CB, or from torsions, to a rough backbone, in NumPy.

The coefficients are least-squares fits to the 2,004 training chains of
cgdms_structures. They are where the handedness of proteins enters first: the mirror
image of a trace does not get the mirror image of the backbone.
"""

import numpy as np
from jaxtyping import Float

# CA - CB in terms of half the second difference of the CB trace, the cross product of
# its steps, and the way from CB before to CB after: off by 0.5 angstrom in the mean.
_ALPHA = (0.311, 0.0235, -0.02)

# The side of the peptide on which C lies, around the axis from CA to CA: its parts
# along the CA before and across, each from harmonics of the dihedral of four CA (rows)
# and distances of second neighbours (columns). Half of all peptides are within 7
# degrees, nine tenths within 30.
_SIDE = np.array(
    [
        [-0.293, 0.724, -0.037],
        [0.020, 0.071, -0.243],
        [-0.273, -0.205, 0.024],
        [0.108, -0.064, -0.024],
        [0.062, -0.124, -0.066],
        [-0.212, -0.244, 0.055],
        [0.452, -0.125, 0.175],
        [0.269, -0.034, -0.171],
        [-0.130, -0.045, 0.159],
        [0.129, -0.145, -0.142],
    ]
).reshape(2, 5, 3)
_SECOND = 6.0  # angstrom, subtracted from distances of second neighbours
_C_ALONG, _C_ASIDE = 1.425 / 3.8, 0.54  # of the step, and angstrom
_N_ALONG, _N_ASIDE = 1.41 / 3.8, 0.375

# Bond to the next atom, and angle before it: N after C, CA after N, C after CA.
_BONDS = ((1.329, np.deg2rad(116.6)), (1.458, np.deg2rad(121.7)), (1.525, 1.937))


def alpha_carbons(beta: Float[np.ndarray, "len 3"]) -> Float[np.ndarray, "len 3"]:
    """Roughly where CA is, from CB alone.

    Args:
        beta: CB of at least 3 residues in a row (angstrom).

    Example:
        >>> line = np.arange(4.0)[:, None] * np.array([[3.3, 0, 0]])
        >>> alpha_carbons(line).shape
        (4, 3)
    """
    padded = _extended(beta, 1)
    before, after = padded[1:-1] - padded[:-2], padded[2:] - padded[1:-1]
    bend, across, along = _ALPHA
    inward = bend * (after - before) / 2 + across * np.cross(before, after)
    return beta + inward + along * (before + after)


def thread(alpha: Float[np.ndarray, "len 3"]) -> Float[np.ndarray, "len 3 3"]:
    """A backbone of N, CA and C through CA, with trans peptides the likely way up.

    Args:
        alpha: CA of at least 3 residues in a row (angstrom).

    Example:
        >>> line = np.arange(4.0)[:, None] * np.array([[3.8, 0, 0]])
        >>> thread(line)[:, 1].tolist() == line.tolist()
        True
    """
    ca = _extended(alpha, 2)
    step = ca[2:-1] - ca[1:-2]
    axis = _unit(step)
    before = ca[:-3] - ca[1:-2]
    first = _unit(before - (before * axis).sum(-1, keepdims=True) * axis)
    second = np.cross(axis, first)
    after = ca[3:] - ca[2:-1]
    turn = np.stack([(after * first).sum(-1), (after * second).sum(-1)], axis=-1)
    cosine, sine = _unit(turn).T
    ones = np.ones_like(sine)
    harmonics = np.stack([ones, cosine, sine, cosine**2 - sine**2, 2 * cosine * sine])
    ways = (ca[2:-1] - ca[:-3], ca[3:] - ca[1:-2])
    spans = [np.linalg.norm(way, axis=-1) - _SECOND for way in ways]
    # Where the trace is still rough the distances may be far from those of proteins.
    spans = np.stack([ones, *(np.clip(span, -1, 1.3) for span in spans)])
    side = _unit(np.einsum("khd,hl,dl->lk", _SIDE, harmonics, spans))
    aside = side[:, :1] * first + side[:, 1:] * second
    carbon = ca[1:-2] + _C_ALONG * step + _C_ASIDE * aside
    nitrogen = ca[2:-1] - _N_ALONG * step - _N_ASIDE * aside
    return np.stack([nitrogen[:-1], alpha, carbon[1:]], axis=1)


def built(torsions: Float[np.ndarray, "len 2"]) -> Float[np.ndarray, "len 3 3"]:
    """A backbone of N, CA and C with these torsions and trans peptides.

    Args:
        torsions: Phi and psi (radians).

    Example:
        >>> helix = built(np.tile(np.deg2rad([-63.0, -42.0]), (5, 1)))
        >>> np.linalg.norm(helix[4, 1] - helix[0, 1]).round(1).item()
        6.3
    """
    phi, psi = torsions.T
    turns = np.stack([psi, np.full_like(psi, np.pi), np.roll(phi, -1)], axis=1)
    atoms = [np.array([0.0, 0, 0]), np.array([1.458, 0, 0]), np.array([2.0, 1.426, 0])]
    for at, turn in enumerate(turns[:-1].ravel()):
        a, two, three = atoms[-3:]
        axis = _unit(three - two)
        across = _unit(np.cross(two - a, axis))
        aside = np.cos(turn) * np.cross(across, axis) + np.sin(turn) * across
        length, angle = _BONDS[at % 3]
        along = np.sin(angle) * aside - np.cos(angle) * axis
        atoms.append(three + length * along)
    return np.stack(atoms).reshape(-1, 3, 3)


def _extended(points: np.ndarray, more: int) -> np.ndarray:
    """With points before the first and after the last, as in a strand."""
    for _ in range(more):
        first = points[0] + points[1] - points[2]
        last = points[-1] + points[-2] - points[-3]
        points = np.concatenate([first[None], points, last[None]])
    return points


def _unit(vectors: np.ndarray) -> np.ndarray:
    return vectors / np.sqrt((vectors**2).sum(axis=-1, keepdims=True) + 1e-9)
