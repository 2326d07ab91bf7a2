"""Protein chains from PDB and mmCIF files.

Policy:

* Of alternate locations the conformer with the highest occupancy is taken, for a
  residue as a whole.
* Chains that share an id are told apart by TER, in mmCIF by `label_asym_id`, and where
  numbers start again: the second of A is A-2. A note says so.
* An insertion code is part of the number of a residue: 52A follows 52.
* The sequence is that of the file (SEQRES, _entity_poly_seq), with the residues that
  are not resolved; without it, or where it does not fit, that of the atoms.
* Modified residues are read as what they were made from (MSE as M), by the table of
  Biopython; a residue that is not in it is X.
* Nucleic acids, waters, ligands and hydrogens are left out, and a note says so.
* A chain with nothing but CA atoms has its sequence, CA coordinates and distances
  between CA atoms; torsions, secondary structure and accessibility are missing.
"""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from jaxtyping import Float32, Int64

from jaxbio.errors import DataError, nearest
from jaxbio.metrics.contacts import ATOMS
from jaxbio.structure.chain import Chain, HeavyAtoms
from jaxbio.structure.files.atoms import UNNAMED, AtomTable, read_atoms
from jaxbio.structure.files.notes import notes_on_chain, notes_on_file
from jaxbio.structure.files.residues import (
    Residue,
    contents,
    group_residues,
    sequence_of,
)
from jaxbio.structure.files.separate import separate
from jaxbio.structure.files.seqres import place
from jaxbio.structure.geometry import breaks, virtual_cb

_PACKED = (".gz", ".bz2")
_NUMBER = re.compile(r"-?\d{1,9}")  # of a residue, before its insertion code


def read_chains(
    path: str | Path,
    chains: str | Sequence[str] | None = None,
    *,
    model: int = 0,
) -> tuple[Chain, ...]:
    r"""Read the protein chains of a PDB or mmCIF file.

    Args:
        path: The file, also packed by gzip or bzip2; the content says the format.
        chains: The ids of the chains to read, in mmCIF the author's; all if not given.
        model: The model to read; 0 is the first.

    Returns:
        The chains, in the order asked for or else of the file, each with notes on what
        was decided and left out. Their labels are those of the chain alone; see
        `assemble`.

    Raises:
        DataError: For a file that is missing, damaged, of another format or without
            protein, or a chain or model that is not there; the message lists those
            that are.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "x.pdb"
        >>> _ = path.write_text(
        ...     "SEQRES   1 A    2  GLY MSE\n"
        ...     "ATOM      1  CA  GLY A   7      11.104   6.134  -6.504  1.00  0.00"
        ...     "           C\n"
        ... )
        >>> (chain,) = read_chains(path, "A")
        >>> chain.name, chain.sequence, chain.numbers, chain.resolved.tolist()
        ('x_A', 'GM', ('7', ''), [True, False])
    """
    table = separate(read_atoms(path, model=model))
    entry = {
        id: group_residues(table, np.flatnonzero(table.chains == id))
        for id in dict.fromkeys(table.chains.tolist())
    }
    polymers = {id: _polymer(table, residues) for id, residues in entry.items()}
    ids = [chains] if isinstance(chains, str) else chains
    if ids is None:
        ids = [id for id, residues in polymers.items() if residues]
    _check_wanted(ids, entry, polymers, table.source)
    shared = notes_on_file(table, entry, model)
    return tuple(
        _chain(table, id, entry[id], polymers[id], shared) for id in dict.fromkeys(ids)
    )


def _check_wanted(
    ids: Sequence[str],
    entry: Mapping[str, list[Residue]],
    polymers: Mapping[str, list[Residue]],
    source: str,
) -> None:
    proteins = [id for id, residues in polymers.items() if residues]
    if not proteins:
        kinds = {contents(residues) for residues in entry.values()}
        raise DataError(
            f"{source}: no protein: the file holds {', '.join(sorted(kinds))}"
        )
    for id in ids:
        if id not in entry:
            raise DataError(f"{source}: no chain {id!r}: {nearest(id, proteins)}")
        if not polymers[id]:
            raise DataError(
                f"{source}: chain {id} holds {contents(entry[id])}, no protein: "
                f"{nearest(id, proteins)}"
            )


def _polymer(table: AtomTable, residues: Sequence[Residue]) -> list[Residue]:
    """The residues of the protein, without free amino acids among the ligands."""
    amino = [r for r in residues if r.kind == "amino"]
    if any(r.position >= 0 for r in amino):
        numbered = [r for r in amino if r.position >= 0]
        return sorted(numbered, key=lambda r: r.position)
    if not any(r.hetero for r in amino):
        return amino
    # A HETATM belongs to the chain if it is bound to it or comes before its end.
    begins = breaks(_coordinates(table, amino))
    bound = ~begins
    bound[:-1] |= ~begins[1:]
    end = max((at for at, r in enumerate(amino) if not r.hetero), default=-1)
    return [r for at, r in enumerate(amino) if at <= end or bound[at]]


def _coordinates(
    table: AtomTable, residues: Sequence[Residue]
) -> Float32[np.ndarray, "len 5 3"]:
    """N, CA, C, O and CB of each residue, CB where it would be if it is missing."""
    column = {name: at for at, name in enumerate(ATOMS)}
    coordinates = np.full((len(residues), len(ATOMS), 3), np.nan, np.float32)
    names = table.names.tolist()
    for at, residue in enumerate(residues):
        for row in residue.rows.tolist():
            if names[row] in column:
                coordinates[at, column[names[row]]] = table.coordinates[row]
    n, ca, c, _, cb = coordinates.transpose(1, 0, 2)
    coordinates[:, -1] = np.where(np.isnan(cb), virtual_cb(n, ca, c), cb)
    return coordinates


def _chain(
    table: AtomTable,
    id: str,
    residues: Sequence[Residue],
    polymer: Sequence[Residue],
    shared: Sequence[str],
) -> Chain:
    resolved = _coordinates(table, polymer)
    sequence, places, note = _sequence(table, id, polymer, resolved)
    coordinates = np.full((len(sequence), len(ATOMS), 3), np.nan, np.float32)
    coordinates[places] = resolved
    numbers = [""] * len(sequence)
    for at, residue in zip(places.tolist(), polymer, strict=True):
        numbers[at] = residue.number
    rows = np.concatenate([residue.rows for residue in polymer])
    counts = [len(residue.rows) for residue in polymer]
    chain = Chain(
        _name(table.source, id),
        sequence,
        coordinates,
        id=id,
        numbers=tuple(numbers),
        atoms=HeavyAtoms(
            table.coordinates[rows], table.names[rows], np.repeat(places, counts)
        ),
    )
    notes = [*notes_on_chain(chain, residues, polymer), *note, *shared]
    return dataclasses.replace(chain, notes=tuple(notes))


def _sequence(
    table: AtomTable,
    id: str,
    polymer: Sequence[Residue],
    coordinates: Float32[np.ndarray, "len 5 3"],
) -> tuple[str, Int64[np.ndarray, "len"], list[str]]:
    """The sequence, the places of the residues in it, and perhaps a note."""
    resolved = sequence_of(residue.name for residue in polymer)
    whole = sequence_of(table.sequences.get(id, ()))
    begins = breaks(coordinates)
    if polymer[0].position >= 0:
        places = np.array([residue.position for residue in polymer])
    else:
        found = [_NUMBER.match(residue.number) for residue in polymer]
        numbers = [int(each[0]) if each else 0 for each in found]
        places = place(resolved, whole, begins, np.array(numbers))
    if places is not None:
        letters = np.array(list(whole))
        letters[places] = list(resolved)  # what is seen there, where the two differ
        return "".join(letters), places, []
    note = []
    if whole:
        note.append("the sequence of the file does not fit the atoms: theirs is taken")
    if begins[1:].any():
        count = int(begins[1:].sum())
        note.append(f"breaks, where residues may lack from the sequence: {count}")
    return resolved, np.arange(len(resolved)), note


def _name(source: str, id: str) -> str:
    name = Path(source).name
    for ending in _PACKED:
        name = name.removesuffix(ending)
    stem = Path(name).stem
    return stem if id == UNNAMED else f"{stem}_{id}"
