"""Notes on the decisions and omissions in reading a chain, in sentences."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence

import numpy as np

from jaxbio.structure.chain import Chain, has_side_chains
from jaxbio.structure.files.atoms import AtomTable
from jaxbio.structure.files.residues import Residue, contents, sequence_of, standard


def notes_on_file(
    table: AtomTable, entry: Mapping[str, Sequence[Residue]], model: int
) -> list[str]:
    """Notes on all chains of a file.

    Args:
        table: Its atoms.
        entry: The residues of each chain.
        model: The model that was read.
    """
    notes = list(table.notes)
    nucleic = [id for id, r in entry.items() if contents(r) == "nucleic acid"]
    if nucleic:
        notes.append(f"nucleic acid left out: chain {', '.join(nucleic)}")
    if table.n_models > 1:
        notes.append(f"model {model} of {table.n_models}, the first being 0")
    return notes


def notes_on_chain(
    chain: Chain, residues: Sequence[Residue], polymer: Sequence[Residue]
) -> list[str]:
    """Notes on one chain.

    Args:
        chain: The chain as it was read.
        residues: All residues that the file has under its id.
        polymer: Those of the protein.
    """
    names = [residue.name for residue in polymer]
    letters = dict(zip(names, sequence_of(names), strict=True))
    unknown = [name for name in names if letters[name] == "X"]
    modified = [
        f"{name} as {letters[name]}"
        for name in names
        if name not in standard() and letters[name] != "X"
    ]
    members = {id(residue) for residue in polymer}
    others = [
        "water" if residue.kind == "water" else residue.name
        for residue in residues
        if id(residue) not in members and residue.kind != "nucleic"
    ]
    counts = {
        "residues not resolved": int(np.sum(~chain.resolved)),
        "residues with conformers, the likeliest taken": sum(
            residue.alternates for residue in polymer
        ),
        "atoms defined twice, the likeliest taken": sum(
            residue.repeated for residue in polymer
        ),
    }
    return [
        *(f"{what}: {count}" for what, count in counts.items() if count),
        *_counted("modified residues", modified),
        *_counted("unknown residues as X", unknown),
        *_counted("left out", others),
        *_lacking(chain),
    ]


def _counted(text: str, names: Iterable[str]) -> list[str]:
    counts = Counter(names)
    listed = ", ".join(f"{name} ({count})" for name, count in counts.items())
    return [f"{text}: {listed}"] if listed else []


def _lacking(chain: Chain) -> list[str]:
    """Labels that the atoms are not enough for."""
    whole = np.isfinite(chain.coordinates[:, :4]).all(axis=(1, 2))
    if chain.pair_atom == "CA":
        return [
            "only CA atoms: distances are between CA; torsions, secondary structure "
            "and accessibility are missing"
        ]
    notes = [] if whole.any() else ["no residue with N, CA, C and O: no structure"]
    if not has_side_chains(chain):
        notes.append("no side chains: accessibility is missing")
    return notes
