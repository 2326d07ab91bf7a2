"""Protein chains with coordinates, and the labels that follow from them."""

import dataclasses
import functools
from collections.abc import Sequence

import numpy as np
from jaxtyping import Bool, Float32, Int8, Int64

from jaxbio.errors import DataError
from jaxbio.metrics.contacts import ATOMS, CONTACT, distances
from jaxbio.structure.dssp import secondary_structure, three_states
from jaxbio.structure.geometry import breaks, torsions
from jaxbio.structure.sasa import relative, sasa

_CA, _CB = ATOMS.index("CA"), ATOMS.index("CB")
_NO_SIDE_CHAIN = "AG"


@dataclasses.dataclass(frozen=True, eq=False)
class HeavyAtoms:
    """All atoms of a chain but hydrogens, which decide what water can touch.

    Attributes:
        coordinates: Angstrom.
        names: The name of each atom, as in `CG1`.
        residues: The 0-based place of its residue in the sequence, ascending.
    """

    coordinates: Float32[np.ndarray, "atoms 3"]
    names: np.ndarray
    residues: Int64[np.ndarray, "atoms"]


@dataclasses.dataclass(frozen=True, eq=False)
class Chain:
    """A protein chain: sequence, coordinates and what follows from them.

    Labels are those of the chain by itself, without the other chains of its file; for
    the other way see `assemble`. They are computed when they are first asked for.

    Attributes:
        name: A name for tables and messages, as in `1abc_A`.
        sequence: One letter a residue, unresolved ones included; X is unknown.
        coordinates: N, CA, C, O and CB of each residue in angstrom; NaN where an atom
            is missing.
        id: The id of the chain in its file.
        numbers: The number of each residue in its file with the insertion code, as in
            `52A`; empty for unresolved ones. 1, 2, … if not given.
        atoms: The heavy atoms, for accessibility; None if only the backbone is known.
        notes: What was decided or left out when the chain was read.
        assembly: The chains in whose company labels are computed; None for alone.

    Example:
        >>> chain = Chain("x", "GA", np.full((2, 5, 3), np.nan, np.float32))
        >>> chain.ss8, chain.resolved.tolist(), chain.numbers
        ('??', [False, False], ('1', '2'))
    """

    name: str
    sequence: str
    coordinates: Float32[np.ndarray, "len 5 3"]
    id: str = ""
    numbers: tuple[str, ...] = ()
    atoms: HeavyAtoms | None = None
    notes: tuple[str, ...] = ()
    assembly: "Assembly | None" = None

    def __post_init__(self):
        length = len(self.sequence)
        if not length:
            raise DataError(f"{self.name}: a chain without residues")
        if self.coordinates.shape != (length, len(ATOMS), 3):
            raise DataError(
                f"{self.name}: coordinates of shape {self.coordinates.shape} for a "
                f"sequence of {length}: give {', '.join(ATOMS)} of each residue, "
                f"[{length} {len(ATOMS)} 3]"
            )
        if not self.numbers:
            numbers = tuple(str(at) for at in range(1, length + 1))
            object.__setattr__(self, "numbers", numbers)
        if len(self.numbers) != length:
            raise DataError(
                f"{self.name}: {len(self.numbers)} residue numbers for a sequence of "
                f"{length}: give one a residue"
            )

    def __len__(self) -> int:
        return len(self.sequence)

    @functools.cached_property
    def resolved(self) -> Bool[np.ndarray, "len"]:
        """Residues that the structure shows: their CA has coordinates."""
        return np.asarray(np.isfinite(self.coordinates[:, _CA]).all(axis=1))

    @functools.cached_property
    def breaks(self) -> Bool[np.ndarray, "len"]:
        """Residues that are not bound to the one before; True for the first."""
        return breaks(self.coordinates)

    @functools.cached_property
    def torsions(self) -> Float32[np.ndarray, "len 3"]:
        """Phi, psi and omega in radians from -pi to pi; see `geometry.torsions`.

        NaN at ends and breaks and where atoms are missing.
        """
        return torsions(self.coordinates)

    @property
    def phi(self) -> Float32[np.ndarray, "len"]:
        """The torsion C' N CA C in radians, C' of the residue before."""
        return self.torsions[:, 0]

    @property
    def psi(self) -> Float32[np.ndarray, "len"]:
        """The torsion N CA C N' in radians, N' of the next residue."""
        return self.torsions[:, 1]

    @property
    def omega(self) -> Float32[np.ndarray, "len"]:
        """The torsion CA C N' CA' in radians, N' and CA' of the next residue."""
        return self.torsions[:, 2]

    @functools.cached_property
    def ss8(self) -> str:
        """Secondary structure by Kabsch and Sander 1983, a letter a residue.

        H alpha helix, B bridge, E strand, G 3-10 helix, I pi helix, T turn, S bend, C
        coil; `?` where the backbone is not complete.
        """
        if self.assembly is not None:
            return self.assembly.states[self.name]
        return secondary_structure(self.coordinates, self.sequence)

    @property
    def ss3(self) -> str:
        """Helix H (from H, G, I), strand E (E, B), coil C (the rest); `?` unknown."""
        return three_states(self.ss8)

    @functools.cached_property
    def asa(self) -> Float32[np.ndarray, "len"]:
        """The surface of each residue that water can touch, in square angstrom.

        NaN for a residue without atoms, and for all if fewer than half of the residues
        that have a side chain show it.
        """
        if self.assembly is not None:
            return self.assembly.areas[self.name]
        return _areas([self])[0]

    @functools.cached_property
    def rsa(self) -> Float32[np.ndarray, "len"]:
        """`asa` as a share of the largest possible (Tien et al. 2013, theoretical)."""
        return relative(self.asa, self.sequence)

    @property
    def pair_atom(self) -> str:
        """The atom between which distances are taken: CB, or CA if only CA is there."""
        backbone = np.isfinite(self.coordinates[:, _CB]).any()
        return "CB" if backbone or not self.resolved.any() else "CA"

    def distances(self, atom: str | None = None) -> Float32[np.ndarray, "len len"]:
        """The distance of every residue to every other.

        Args:
            atom: One of N, CA, C, O and CB; None for `pair_atom`.

        Returns:
            Angstrom; NaN where one of the two is missing.

        Raises:
            DataError: For another atom.
        """
        atom = atom or self.pair_atom
        if atom not in ATOMS:
            raise DataError(
                f"{self.name}: no distances between {atom!r} atoms: choose one of "
                f"{', '.join(ATOMS)}"
            )
        return distances(self.coordinates[:, ATOMS.index(atom)])

    def contacts(
        self, cutoff: float = CONTACT, atom: str | None = None
    ) -> Int8[np.ndarray, "len len"]:
        """Table of the residues in contact.

        Args:
            cutoff: The distance below which two residues are, in angstrom.
            atom: As for `distances`.

        Returns:
            1 for a contact, 0 for none, -1 where one of the two is missing.
        """
        table = self.distances(atom)
        contacts = (table < cutoff).astype(np.int8)
        contacts[np.isnan(table)] = -1
        return contacts


@dataclasses.dataclass(frozen=True, eq=False)
class Assembly:
    """Chains whose bonds and surfaces depend on each other.

    Attributes:
        chains: Chains with different names.
    """

    chains: tuple[Chain, ...]

    def __post_init__(self):
        if len({chain.name for chain in self.chains}) < len(self.chains):
            raise DataError("chains of one assembly need different names")

    @functools.cached_property
    def states(self) -> dict[str, str]:
        """Secondary structure by the name of the chain, bridges between chains too."""
        labels = secondary_structure(
            np.concatenate([chain.coordinates for chain in self.chains]),
            "".join(chain.sequence for chain in self.chains),
        )
        states, start = {}, 0
        for chain in self.chains:
            states[chain.name] = labels[start : start + len(chain)]
            start += len(chain)
        return states

    @functools.cached_property
    def areas(self) -> dict[str, Float32[np.ndarray, "len"]]:
        """Accessible surface by the name of the chain, without what others cover."""
        names = [chain.name for chain in self.chains]
        return dict(zip(names, _areas(self.chains), strict=True))


def assemble(chains: Sequence[Chain]) -> tuple[Chain, ...]:
    """The same chains with the labels that they have in each other's company.

    Args:
        chains: Chains with different names in the same coordinates.

    Returns:
        Copies whose secondary structure has the bridges between chains, and whose
        accessibility leaves out what other chains cover.

    Example:
        >>> chain = Chain("x", "G", np.zeros((1, 5, 3), np.float32))
        >>> assemble([chain])[0].ss8
        'C'
    """
    assembly = Assembly(tuple(chains))
    return tuple(dataclasses.replace(chain, assembly=assembly) for chain in chains)


def _areas(chains: Sequence[Chain]) -> list[Float32[np.ndarray, "len"]]:
    """Accessible surfaces of the residues of chains, each in the company of all."""
    parts = [chain.atoms for chain in chains if chain.atoms is not None]
    places, names = [part.coordinates for part in parts], [part.names for part in parts]
    areas = np.zeros(0, np.float32)
    if parts:
        areas = sasa(np.concatenate(places), np.concatenate(names))
    result, start = [], 0
    for chain in chains:
        values = np.full(len(chain), np.nan, np.float32)
        if chain.atoms is not None:
            end = start + len(chain.atoms.residues)
            if has_side_chains(chain):
                residues = chain.atoms.residues
                sums = np.bincount(residues, areas[start:end], len(chain))
                present = np.bincount(residues, minlength=len(chain)) > 0
                values[present] = sums[present]
            start = end
        result.append(values)
    return result


def has_side_chains(chain: Chain) -> bool:
    """Check that half of the resolved residues with a side chain show it.

    Example:
        >>> has_side_chains(Chain("x", "G", np.zeros((1, 5, 3), np.float32)))
        False
    """
    if chain.atoms is None:
        return False
    beyond = ~np.isin(chain.atoms.names, [*ATOMS, "OXT"])
    present = np.bincount(chain.atoms.residues[beyond], minlength=len(chain)) > 0
    letters = np.array(list(chain.sequence))
    relevant = chain.resolved & ~np.isin(letters, list(_NO_SIDE_CHAIN))
    return bool(present[relevant].mean() >= 0.5) if relevant.any() else True
