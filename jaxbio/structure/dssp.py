"""Hydrogen bonds and secondary structure of proteins, as DSSP defines them.

Kabsch and Sander 1983, Biopolymers 22, 2577-2637. A bond from C=O to H-N is one whose
electrostatic energy is below -0.5 kcal/mol. Repeated bonds make turns, bridges, helices
and ladders; a bend is a sharp turn of the CA trace.

Of versions: DSSP up to 2.0 gives alpha helices priority over pi helices, as the paper
does, and so do the labels of most public sets; from 2.1 on pi helices come first
(`prefer_pi=True`). DSSP 4 also has a state P for polyproline helices, which is coil
here. Like DSSP, a residue takes part only if N, CA, C and O are all there.
"""

import dataclasses

import numpy as np
from jaxtyping import Bool, Float, Float32, Int32, Int64

from jaxbio.errors import DataError
from jaxbio.structure.geometry import breaks, neighbours

STATES = "HBEGITSC"
"""Alpha helix, bridge, strand, 3-10 helix, pi helix, turn, bend, coil (DSSP: blank)."""

MISSING = "?"
"""The label of a residue whose backbone is not complete."""

_TO_THREE = str.maketrans("HGIEBTSCP", "HHHEECCCC")

_COUPLING = 27.888
"""0.42 e x 0.20 e x 332 kcal angstrom / (mol e^2): the charges of C=O and N-H."""

_BONDED = -0.5  # kcal/mol
_LOWEST = -9.9  # kcal/mol, for atoms that overlap
_OVERLAP = 0.5  # angstrom
_REACH = 9.0  # angstrom between CA atoms, beyond which there is no bond
_KEPT = 2  # the best acceptors of each N-H that count
_BEND = np.deg2rad(70.0)


@dataclasses.dataclass(frozen=True, eq=False)
class HydrogenBonds:
    """The hydrogen bonds of a backbone, by donor.

    Attributes:
        acceptors: For the N-H of each residue the residues of the two C=O to which it
            is bound best, the best first; -1 where there is none.
        energies: Their energies in kcal/mol, all below -0.5; 0 where there is none.
    """

    acceptors: Int32[np.ndarray, "len 2"]
    energies: Float32[np.ndarray, "len 2"]

    def test(
        self, donors: Int64[np.ndarray, "n"], acceptors: Int64[np.ndarray, "n"]
    ) -> Bool[np.ndarray, "n"]:
        """Check that N-H of the one residue is bound to C=O of the other.

        Args:
            donors: Residues; one outside the chain has no bond.
            acceptors: As many residues.
        """
        inside = (donors >= 0) & (donors < len(self.acceptors)) & (acceptors >= 0)
        matches = self.acceptors[np.where(inside, donors, 0)] == acceptors[:, None]
        return inside & matches.any(axis=1)


def hydrogen_bonds(
    coordinates: Float[np.ndarray, "len atoms 3"], sequence: str
) -> HydrogenBonds:
    """The backbone hydrogen bonds of one or more chains.

    The hydrogen is put 1 angstrom from N, opposite to C=O of the residue before.
    Proline has none, nor has a residue at a beginning.

    Args:
        coordinates: N, CA, C, O (and more) of each residue, in angstrom; NaN where an
            atom is missing. Chains one after the other.
        sequence: One letter a residue, to know prolines.

    Returns:
        At most two bonds for each N-H.

    Raises:
        DataError: If there are not as many letters as residues.

    Example:
        >>> hydrogen_bonds(np.zeros((2, 4, 3)), "AG").acceptors.tolist()
        [[-1, -1], [-1, -1]]
    """
    _check(coordinates, sequence)
    atoms = coordinates[:, :4].astype(np.float64)
    n, ca, c, o = atoms.transpose(1, 0, 2)
    whole = np.asarray(np.isfinite(atoms).all(axis=(1, 2)))
    has_hydrogen = whole & ~breaks(coordinates) & (_letters(sequence) != "P")
    has_hydrogen[1:] &= whole[:-1]
    hydrogen = n.copy()
    away = c[:-1] - o[:-1]
    with np.errstate(invalid="ignore", divide="ignore"):
        hydrogen[1:] += away / np.linalg.norm(away, axis=1, keepdims=True)

    pairs = neighbours(np.where(whole[:, None], ca, np.nan), _REACH)
    both = np.concatenate([pairs, pairs[:, ::-1]])
    # The N-H that follows a C=O belongs to the same peptide unit.
    both = both[has_hydrogen[both[:, 0]] & (both[:, 0] != both[:, 1] + 1)]
    donor, acceptor = both.T

    def inverse(a, b):
        return 1 / np.maximum(np.linalg.norm(a - b, axis=1), 1e-9)

    terms = (
        inverse(hydrogen[donor], o[acceptor]),
        inverse(hydrogen[donor], c[acceptor]),
        inverse(n[donor], c[acceptor]),
        inverse(n[donor], o[acceptor]),
    )
    energy = _COUPLING * (terms[1] - terms[0] + terms[3] - terms[2])
    energy[np.max(terms, axis=0, initial=0) > 1 / _OVERLAP] = _LOWEST
    # DSSP compares energies after rounding.
    energy = np.maximum(energy.round(3), _LOWEST)
    return _best(donor, acceptor, energy, len(atoms))


def _best(
    donor: Int64[np.ndarray, "pairs"],
    acceptor: Int64[np.ndarray, "pairs"],
    energy: Float[np.ndarray, "pairs"],
    length: int,
) -> HydrogenBonds:
    """Of each donor the bonds of lowest energy."""
    bound = np.flatnonzero(energy < _BONDED)
    order = bound[np.lexsort((acceptor[bound], energy[bound], donor[bound]))]
    donor, acceptor, energy = donor[order], acceptor[order], energy[order]
    rank = np.arange(len(donor)) - np.searchsorted(donor, donor)
    strong = rank < _KEPT
    place = donor[strong], rank[strong]
    acceptors = np.full((length, _KEPT), -1, np.int32)
    energies = np.zeros((length, _KEPT), np.float32)
    acceptors[place] = acceptor[strong]
    energies[place] = energy[strong]
    return HydrogenBonds(acceptors, energies)


def secondary_structure(
    coordinates: Float[np.ndarray, "len atoms 3"],
    sequence: str,
    *,
    prefer_pi: bool = False,
) -> str:
    """The secondary structure of one or more chains, in eight states.

    Args:
        coordinates: N, CA, C, O (and more) of each residue, in angstrom; NaN where an
            atom is missing. For bridges between chains, chains one after the other.
        sequence: One letter a residue, to know prolines.
        prefer_pi: Whether a pi helix takes residues from an alpha helix, as in DSSP
            from version 2.1 on.

    Returns:
        One letter a residue: H, B, E, G, I, T, S, C for coil (what DSSP leaves blank),
        `?` where the backbone is not complete.

    Raises:
        DataError: If there are not as many letters as residues.

    Example:
        >>> secondary_structure(np.full((3, 4, 3), np.nan), "AAA")
        '???'
    """
    _check(coordinates, sequence)
    whole = np.isfinite(coordinates[:, :4]).all(axis=(1, 2))
    resolved = coordinates[whole]
    letters = _letters(sequence)
    bonds = hydrogen_bonds(resolved, "".join(letters[whole]))
    run = np.cumsum(breaks(resolved))
    states = np.full(len(resolved), "C")
    for ladder in _ladders(bonds, run):
        for start, end in ladder.spans:
            part = states[start : end + 1]
            part[part != "E"] = "E" if len(ladder.first) > 1 else "B"
    starts = {size: _turns(bonds, run, size) for size in (3, 4, 5)}
    _helices(states, starts, prefer_pi)
    _turns_and_bends(states, starts, resolved[:, 1], run)
    labels = np.full(len(sequence), MISSING)
    labels[whole] = states
    return "".join(labels)


def three_states(states: str) -> str:
    """Helix, strand and coil from eight states: H G I are H, E B are E, the rest C.

    Example:
        >>> three_states("HGIEBTSC?")
        'HHHEECCC?'
    """
    return states.translate(_TO_THREE)


@dataclasses.dataclass
class _Ladder:
    """Bridges one after the other: residues of one strand and those of the other."""

    parallel: bool
    first: list[int]
    second: list[int]

    @property
    def spans(self) -> tuple[tuple[int, int], tuple[int, int]]:
        """The first and last residue of each strand."""
        ends = sorted((self.second[0], self.second[-1]))
        return (self.first[0], self.first[-1]), (ends[0], ends[1])


def _bridges(
    bonds: HydrogenBonds, run: Int64[np.ndarray, "len"]
) -> Int64[np.ndarray, "bridges 3"]:
    """Bridges in ascending order: two residues, and 1 for parallel or 0.

    Each of the four patterns of bonds is looked for from the first of its two bonds.
    """
    donor, rank = np.nonzero(bonds.acceptors >= 0)
    acceptor = bonds.acceptors[donor, rank].astype(np.int64)
    parts = []
    for i, j, second, parallel in (
        (donor - 1, acceptor, (acceptor, donor - 2), 1),
        (donor - 1, acceptor + 1, (acceptor + 2, donor - 2), 0),
        (donor, acceptor, (acceptor, donor), 0),
    ):
        bound = bonds.test(*second)
        ends = np.sort(np.stack([i, j], axis=1)[bound], axis=1)
        parts.append(np.column_stack([ends, np.full(len(ends), parallel)]))
    bridges = np.unique(np.concatenate(parts), axis=0)
    low, high = bridges[:, 0], bridges[:, 1]
    inside = (low >= 1) & (high + 1 < len(run)) & (high - low >= 3)
    bridges = bridges[inside]
    around = run[bridges[:, :2, None] + np.array([-1, 1])]
    bridges = bridges[(around[..., 0] == around[..., 1]).all(axis=1)]
    # Two residues that fit both patterns are parallel.
    _, at = np.unique(bridges[::-1, :2], axis=0, return_index=True)
    return bridges[::-1][at]


def _ladders(bonds: HydrogenBonds, run: Int64[np.ndarray, "len"]) -> list[_Ladder]:
    """Bridges joined to ladders, and ladders across bulges."""
    growing: dict[tuple[int, int, int], _Ladder] = {}
    ladders = []
    for i, j, parallel in _bridges(bonds, run).tolist():
        ladder = growing.pop((i, j, parallel), None)
        if ladder is None:
            ladder = _Ladder(bool(parallel), [], [])
            ladders.append(ladder)
        ladder.first.append(i)
        ladder.second.append(j)
        growing[i + 1, j + (1 if parallel else -1), parallel] = ladder
    ladders.sort(key=lambda ladder: ladder.first[0])
    joined: list[_Ladder] = []
    while ladders:
        ladder = ladders.pop(0)
        at = 0
        while at < len(ladders) and ladders[at].first[0] - ladder.first[-1] < 6:
            if _is_bulge(ladder, ladders[at], run):
                j = ladders.pop(at)
                ladder.first += j.first
                ladder.second += j.second
            else:
                at += 1
        joined.append(ladder)
    return joined


def _is_bulge(a: _Ladder, b: _Ladder, run: Int64[np.ndarray, "len"]) -> bool:
    """Check that at most one residue on one strand, four on the other, lie between."""
    if a.parallel != b.parallel:
        return False
    (low, high), (low_2, high_2) = a.spans
    (next_low, next_high), (next_low_2, next_high_2) = b.spans
    gap = next_low - high
    gap_2 = next_low_2 - high_2 if a.parallel else low_2 - next_high_2
    if gap <= 0 or gap_2 < 0:
        return False
    whole = run[low] == run[next_high]
    whole &= run[min(low_2, next_low_2)] == run[max(high_2, next_high_2)]
    return bool(whole) and ((gap < 3 and gap_2 < 6) or (gap < 6 and gap_2 < 3))


def _turns(
    bonds: HydrogenBonds, run: Int64[np.ndarray, "len"], size: int
) -> Bool[np.ndarray, "len"]:
    """Starts of turns of 3, 4 or 5 residues."""
    places = np.arange(len(run))
    bound = bonds.test(places + size, places)
    bound[: max(len(run) - size, 0)] &= run[size:] == run[: max(len(run) - size, 0)]
    return bound


def _helices(
    states: np.ndarray, starts: dict[int, Bool[np.ndarray, "len"]], prefer_pi: bool
) -> None:
    """Two turns one after the other make a helix; alpha goes over everything."""
    over_by_size = {4: "HBEGITSC", 3: "C", 5: "CH" if prefer_pi else "C"}
    for size, over in over_by_size.items():
        repeated = np.flatnonzero(starts[size][1:] & starts[size][:-1]) + 1
        places = repeated[:, None] + np.arange(size)
        free = np.isin(states[places], list(over)).all(axis=1)
        states[places[free]] = {3: "G", 4: "H", 5: "I"}[size]


def _turns_and_bends(
    states: np.ndarray,
    starts: dict[int, Bool[np.ndarray, "len"]],
    ca: Float[np.ndarray, "len 3"],
    run: Int64[np.ndarray, "len"],
) -> None:
    """States T, for coil inside a turn, and S, where the CA trace bends by over 70."""
    turned = np.zeros(len(states), bool)
    for size, start in starts.items():
        for step in range(1, min(size, len(states))):
            turned[step:] |= start[: len(start) - step]
    bent = np.zeros(len(states), bool)
    before, after = ca[2:-2] - ca[:-4], ca[4:] - ca[2:-2]
    sine = np.linalg.norm(np.cross(before, after), axis=1)
    angle = np.arctan2(sine, (before * after).sum(axis=1))
    bent[2:-2] = (angle > _BEND) & (run[4:] == run[:-4])
    coil = states == "C"
    coil[:1] = coil[-1:] = False  # an end is neither
    states[coil & bent] = "S"
    states[coil & turned] = "T"


def _letters(sequence: str) -> np.ndarray:
    return np.array(list(sequence), "U1")


def _check(coordinates: np.ndarray, sequence: str) -> None:
    if len(coordinates) != len(sequence):
        raise DataError(
            f"{len(coordinates)} residues with coordinates, but {len(sequence)} "
            f"letters: give one letter a residue"
        )
