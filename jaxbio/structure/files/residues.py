"""From atoms to residues: what each residue is, and which of its atoms count."""

import dataclasses
import functools
from collections.abc import Iterable
from typing import Literal

import numpy as np
from jaxtyping import Int64

from jaxbio.structure.files.atoms import AtomTable

Kind = Literal["amino", "nucleic", "water", "other"]

_WATERS = frozenset({"HOH", "WAT", "DOD", "H2O", "TIP", "TIP3", "SOL"})
_MORE_LETTERS = {
    **{"SEC": "U", "PYL": "O", "ASX": "B", "GLX": "Z", "XLE": "J", "UNK": "X"},
    # Names of force fields, as simulations write them.
    **{"HID": "H", "HIE": "H", "HSD": "H", "HSE": "H", "HSP": "H", "CYX": "C"},
    **{"ASH": "D", "GLH": "E", "LYN": "K"},
}
_BACKBONE = frozenset({"N", "CA", "C"})


@dataclasses.dataclass(frozen=True, eq=False)
class Residue:
    """A residue as a file has it.

    Attributes:
        name: Its name, as in `MSE`.
        number: Its number with the insertion code.
        kind: What it is.
        hetero: Whether its atoms are HETATM.
        position: Its 0-based place in the sequence of the chain, in mmCIF; else -1.
        rows: Its heavy atoms in the table, of one conformer.
        alternates: Whether there were several conformers.
        repeated: How many atoms were defined again, and are not in `rows`.
    """

    name: str
    number: str
    kind: Kind
    hetero: bool
    position: int
    rows: Int64[np.ndarray, "atoms"]
    alternates: bool
    repeated: int = 0


@functools.cache
def letters() -> dict[str, str]:
    """The letter of each residue name, modified ones as what they were made from."""
    from Bio.Data.PDBData import protein_letters_3to1_extended

    table = {name.strip(): x for name, x in protein_letters_3to1_extended.items()}
    return {**table, **_MORE_LETTERS}


@functools.cache
def standard() -> frozenset[str]:
    """The names of the twenty amino acids."""
    from Bio.Data.PDBData import protein_letters_3to1

    return frozenset(protein_letters_3to1)


@functools.cache
def _nucleotides() -> frozenset[str]:
    from Bio.Data.PDBData import nucleic_letters_3to1_extended

    return frozenset(name.strip() for name in nucleic_letters_3to1_extended) | {"N"}


def sequence_of(names: Iterable[str]) -> str:
    """One letter for each residue name; X for one that is not known.

    Example:
        >>> sequence_of(["ALA", "MSE", "ABC"])
        'AMX'
    """
    table = letters()
    return "".join(table.get(name, "X") for name in names)


def group_residues(table: AtomTable, rows: Int64[np.ndarray, "atoms"]) -> list[Residue]:
    """The residues of a chain, in the order of the file.

    Args:
        table: The atoms of a file.
        rows: Those of one chain.

    Returns:
        Residues with the heavy atoms of the conformer of the highest occupancy; one
        without heavy atoms is left out.
    """
    together: dict[tuple[str, int, bool], list[int]] = {}
    for row in rows.tolist():
        # A ligand or water may have the number of a residue.
        amino = str(table.residues[row]) in letters()
        key = (str(table.numbers[row]), int(table.positions[row]), amino)
        together.setdefault(key, []).append(row)
    parts = [
        part
        for places in together.values()
        for part in _by_name(table, np.array(places))
    ]
    grouped = [_residue(table, part) for part in sorted(parts, key=lambda x: x[0])]
    return [residue for residue in grouped if len(residue.rows)]


def _by_name(
    table: AtomTable, rows: Int64[np.ndarray, "atoms"]
) -> list[Int64[np.ndarray, "part"]]:
    """Rows of one number, parted where they are several residues, no conformers."""
    names = table.residues[rows]
    several = dict.fromkeys(names[table.altlocs[rows] == ""].tolist())
    if len(several) < 2 or table.positions[rows[0]] >= 0:
        return [rows]
    return [rows[names == name] for name in dict.fromkeys(names.tolist())]


def contents(residues: Iterable[Residue]) -> str:
    """Contents of a chain without protein, for messages.

    Example:
        >>> contents([Residue("HOH", "1", "water", True, -1, np.zeros(1, int), False)])
        'water'
    """
    kinds = {residue.kind for residue in residues}
    if "nucleic" in kinds:
        return "nucleic acid"
    return "water" if kinds == {"water"} else "ligands"


def _residue(table: AtomTable, rows: Int64[np.ndarray, "atoms"]) -> Residue:
    several = len(set(table.residues[rows].tolist())) > 1
    several |= len(set(table.altlocs[rows].tolist()) - {""}) > 1
    told = (table.residues[rows], table.names[rows], table.altlocs[rows])
    repeated = len(rows) - len(set(zip(*(x.tolist() for x in told), strict=True)))
    if several or len(set(table.names[rows].tolist())) < len(rows):
        rows = _conformer(table, rows)
    name, first = str(table.residues[rows[0]]), rows[0]
    elements = table.elements[rows]
    bare = np.char.lstrip(table.names[rows], "0123456789")
    hydrogen = np.isin(elements, ["H", "D"])
    hydrogen |= (elements == "") & np.isin(bare.astype("U1"), ["H", "D"])
    rows = rows[~hydrogen]
    position = int(table.positions[first])
    return Residue(
        name,
        str(table.numbers[first]),
        _kind(name, set(table.names[rows].tolist()), position),
        bool(table.hetero[first]),
        position,
        rows,
        several,
        repeated,
    )


def _conformer(
    table: AtomTable, rows: Int64[np.ndarray, "atoms"]
) -> Int64[np.ndarray, "kept"]:
    """One atom of each name: of the conformer with the highest occupancy, if it has it.

    Two residues in one place are two conformers; of equal ones the first is taken.
    """
    rows = rows[table.residues[rows] == _heaviest(table, rows, table.residues)]
    listed = rows[table.altlocs[rows] != ""]
    altloc = _heaviest(table, listed, table.altlocs) if len(listed) else ""
    best: dict[str, int] = {}
    rank = {"": 1, altloc: 2}  # what all conformers share comes after the chosen one

    def worth(row: int) -> tuple[int, float]:
        return rank.get(str(table.altlocs[row]), 0), float(table.occupancies[row])

    for row in rows.tolist():
        name = str(table.names[row])
        if name not in best or worth(row) > worth(best[name]):
            best[name] = row
    return np.sort(np.array(list(best.values())))


def _heaviest(table: AtomTable, rows: np.ndarray, column: np.ndarray) -> str:
    total: dict[str, float] = {}
    for row in rows.tolist():
        value = str(column[row])
        total[value] = total.get(value, 0.0) + float(table.occupancies[row])
    return max(total, key=lambda value: round(total[value], 3))


def _kind(name: str, atoms: set[str], position: int) -> Kind:
    if name in _WATERS:
        return "water"
    if name in letters():
        return "amino"
    if name in _nucleotides():
        return "nucleic"
    # A residue that no table has is told by its backbone, or its CA in a polymer.
    in_polymer = position >= 0 and "CA" in atoms
    return "amino" if in_polymer or atoms >= _BACKBONE else "other"
