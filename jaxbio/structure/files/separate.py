"""Chains that a file gives the same id, told apart."""

import dataclasses
from collections.abc import Iterable, Iterator

import numpy as np
from jaxtyping import Int64

from jaxbio.structure.files.atoms import AtomTable
from jaxbio.structure.files.residues import letters

_BOND = 2.0  # angstrom, of C and N with room for poor models


def separate(table: AtomTable) -> AtomTable:
    """Give protein chains of one id ids of their own.

    Chains are parted by TER, unless they are bound there (in mmCIF, by
    `label_asym_id`), and where the numbers of
    residues start again, so that the same atom of the same residue would be there
    twice. The first keeps the id, the next gets `-2` behind it, and so on; ligands and
    waters that stand apart keep the id of the file.

    Args:
        table: The atoms of a file.

    Returns:
        The same atoms, with a note if there were such chains. A sequence that the file
        gives for an id, not for a chain, is left out where the id has several.
    """
    chains = table.chains.astype(object)
    protein = np.isin(table.residues, list(letters()))
    protein &= (~table.hetero | (table.positions >= 0)) & (table.names == "CA")
    sequences, notes = dict(table.sequences), []
    taken = set(chains.tolist())
    for id in dict.fromkeys(table.chains.tolist()):
        rows = np.flatnonzero(table.chains == id)
        parts = dict.fromkeys(table.parts[rows[protein[rows]]].tolist())
        blocks = [rows[table.parts[rows] == part] for part in parts]
        runs = [
            (str(table.parts[run[0]]), run)
            for block in _bound_together(table, blocks)
            for run in _runs(table, block)
        ]
        if len(runs) < 2:
            own = [part for part, _ in runs] or table.parts[rows].tolist()
            told = [x for part in own if (x := table.part_sequences.get((id, part)))]
            if told:
                sequences[id] = told[0]
            continue
        sequences.pop(id, None)
        names = [id, *_further(id, len(runs) - 1, taken)]
        for name, (part, run) in zip(names, runs, strict=True):
            chains[run] = name
            if (id, part) in table.part_sequences:
                sequences[name] = table.part_sequences[id, part]
        notes.append(
            f"{len(names)} chains have the id {id} in the file: they are called "
            f"{', '.join(names[:-1])} and {names[-1]}"
        )
    return dataclasses.replace(
        table,
        chains=np.array(chains.tolist()),
        sequences=sequences,
        notes=(*table.notes, *notes),
    )


def _further(id: str, count: int, taken: set[str]) -> Iterator[str]:
    """Ids that no chain has yet."""
    number = 1
    while count:
        number += 1
        if f"{id}-{number}" not in taken:
            count -= 1
            yield f"{id}-{number}"


def _bound_together(table: AtomTable, blocks: Iterable[np.ndarray]) -> list[np.ndarray]:
    """Blocks of rows; one that is bound to the one before it goes on with that."""
    joined: list[np.ndarray] = []
    for block in blocks:
        if (
            joined
            and table.positions[block[0]] < 0
            and _bound(table, joined[-1], block)
        ):
            joined[-1] = np.concatenate([joined[-1], block])
        else:
            joined.append(block)
    return joined


def _bound(
    table: AtomTable, before: Int64[np.ndarray, "before"], after: Int64[np.ndarray, "n"]
) -> bool:
    """Check that the last C of some rows stands at the first N of others."""
    ends, begins = before[table.names[before] == "C"], after[table.names[after] == "N"]
    if not len(ends) or not len(begins):
        return False
    gap = table.coordinates[begins[0]] - table.coordinates[ends[-1]]
    return bool(np.linalg.norm(gap) < _BOND)


def _runs(table: AtomTable, rows: Int64[np.ndarray, "atoms"]) -> list[np.ndarray]:
    """The rows of one part, cut where an atom comes again in a residue that ended."""
    numbers, names = table.numbers[rows].tolist(), table.names[rows].tolist()
    altlocs = table.altlocs[rows].tolist()
    amino = np.isin(table.residues[rows], list(letters()))
    amino &= table.positions[rows] < 0  # else the file itself says which residue it is
    cuts: list[int] = []
    seen: set[tuple[str, str, str]] = set()
    ended: set[str] = set()
    now = ""
    for at in np.flatnonzero(amino).tolist():
        number, atom = numbers[at], (numbers[at], names[at], altlocs[at])
        if number != now:
            ended.add(now)
            now = number
        if atom in seen and number in ended:
            cuts.append(at)
            seen, ended = set(), set()
        seen.add(atom)
    return np.split(rows, cuts)
