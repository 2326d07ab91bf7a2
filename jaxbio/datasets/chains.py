"""Loaders of the public sets of protein chains: labels of residues, structures."""

import gzip
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from jaxtyping import Bool

from jaxbio.alphabet import PROTEIN
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import Column
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError
from jaxbio.structure.chain import Chain
from jaxbio.structure.dataset import from_chains
from jaxbio.structure.dssp import MISSING, three_states
from jaxbio.structure.files.read import read_chains
from jaxbio.structure.geometry import virtual_cb, virtual_o

Parts = dict[str, Dataset]

TARGETS = ("ss3", "ss8", "sin_phi", "cos_phi", "sin_psi", "cos_psi", "cb")
"""Targets from the backbone of a chain, learned from structures."""

_NOT_MEASURED = 999.0  # in CheZOD files


def flip_secondary_structure(folder: Path, variant: str) -> Parts:
    """Chains of NetSurfP-2.0; residues that are not resolved have no label."""
    sequences = dict(fasta_pairs(folder / "sequences.fasta.gz"))
    masks = dict(fasta_pairs(folder / "mask.fasta.gz"))
    rows: dict[str, list[tuple[str, str, str]]] = {}
    for header, states in fasta_pairs(folder / "sampled.fasta.gz"):
        name, part, note = header.split()
        part = "valid" if note == "VALIDATION=True" else part.removeprefix("SET=")
        resolved = np.array(list(masks[name])) == "1"
        row = (name, sequences[name], _masked(states, resolved))
        rows.setdefault(part, []).append(row)
    return {
        part: _residues(
            [row[0] for row in rows[part]],
            [row[1] for row in rows[part]],
            {"ss3": _text([row[2] for row in rows[part]])},
            f"flip_secondary_structure, {part}",
        )
        for part in ("train", "valid", "test")
    }


def ss_test_sets(folder: Path, variant: str) -> Parts:
    """Chains of a test set; what is not scored has no label."""
    file = next(iter(sorted(folder.glob(f"{variant}*.csv*"))))
    table = pd.read_csv(file, skipinitialspace=True)
    letters = {
        name: [text.replace(" ", "") for text in table[name]]
        for name in ("input", "dssp3", "dssp8")
    }
    scored = [
        _ones(resolved) & _ones(domain)
        for resolved, domain in zip(table["disorder"], table["cb513_mask"], strict=True)
    ]
    labels: dict[str, Column] = {
        name: _text(list(map(_masked, letters[column], scored)))
        for name, column in (("ss3", "dssp3"), ("ss8", "dssp8"))
    }
    ids = [f"{variant}_{row}" for row in range(1, len(table) + 1)]
    return {"all": _residues(ids, letters["input"], labels, variant)}


def casp_rsa_ss8(folder: Path, variant: str) -> Parts:
    """Targets of a CASP round: accessibility and states."""
    file = next(iter(sorted(folder.glob(f"{variant}.*"))))
    ids, sequences, states, areas = [], [], [], []
    for name, lines in _blocks(file):
        cells = [line.split() for line in lines if not line.startswith("#")]
        ids.append(name)
        sequences.append("".join(row[1] for row in cells))
        states.append("".join(row[2] for row in cells))
        areas.append([float(row[3]) for row in cells])
    labels: dict[str, Column] = {
        "rsa": _track(areas),
        "ss3": _text([three_states(text) for text in states]),
        "ss8": _text(states),
    }
    return {"all": _residues(ids, sequences, labels, variant)}


def chezod_disorder(folder: Path, variant: str) -> Parts:
    """Proteins with CheZOD scores; residues that were not measured have none."""
    rows: dict[str, list[tuple[str, str, list[float]]]] = {}
    for header, sequence in fasta_pairs(folder / "disorder.fasta.gz"):
        fields = dict(re.findall(r"(\w+)=(\S+)", header))
        values = [float(value) for value in fields["TARGET"].split(";") if value]
        scores = [np.nan if value == _NOT_MEASURED else value for value in values]
        part = "valid" if fields["SET"] == "val" else fields["SET"]
        rows.setdefault(part, []).append((header.split()[0], sequence, scores))
    return {
        part: _residues(
            [row[0] for row in chains],
            [row[1] for row in chains],
            {"chezod": _track([row[2] for row in chains])},
            f"chezod_disorder, {part}",
        )
        for part, chains in rows.items()
    }


def cgdms_structures(folder: Path, variant: str) -> Parts:
    """Backbones of small proteins; O and CB are where the other atoms put them."""
    chains = {part: cgdms_chains(folder, part) for part in ("train", "valid")}
    return {
        part: from_chains(members, TARGETS, source=f"cgdms_structures, {part}")
        for part, members in chains.items()
    }


def cgdms_chains(folder: Path, part: str) -> list[Chain]:
    """The chains of a part, `train` or `valid`."""
    files = sorted(folder.glob("train_*" if part == "train" else "val*"))
    chains = []
    for file in files:
        for name, (sequence, _, *lines) in _blocks(file):
            table = np.array([line.split() for line in lines], np.float32)
            n, ca, c = table[:, 0:3], table[:, 3:6], table[:, 6:9]
            atoms = [n, ca, c, virtual_o(ca, c, n), virtual_cb(n, ca, c)]
            coordinates = np.stack(atoms, axis=1).astype(np.float32)
            chains.append(Chain(name, sequence, coordinates))
    return chains


def pdb_folder(folder: Path, variant: str) -> Parts:
    """The chains of all structures in the folder `pdb`."""
    chains = pdb_chains(folder)
    return {"all": from_chains(chains, (*TARGETS, "rsa"), source=folder.name)}


def pdb_chains(folder: Path) -> list[Chain]:
    """The chains of all structures in the folder `pdb`."""
    files = sorted((folder / "pdb").iterdir())
    return [chain for file in files for chain in read_chains(file)]


def _residues(
    ids: Sequence[str],
    sequences: Sequence[str],
    labels: Mapping[str, Column],
    source: str,
) -> Dataset:
    # Letters of unusual residues (B, J, O, U, Z) are known; others are X.
    column = Sequences.from_strings(sequences, PROTEIN, unknown="any", where=source)
    names = np.array(list(ids), dtype=object)
    return Dataset({"sequence": column}, dict(labels), ids=names, source=source)


def _text(values: Sequence[str]) -> Category:
    return Category(np.array(list(values), dtype=object), per_position=True)


def _track(rows: Sequence[Sequence[float]]) -> Track:
    offsets = np.cumsum([0, *(len(row) for row in rows)], dtype=np.int64)
    values = np.array([value for row in rows for value in row], np.float32)
    return Track(values, offsets)


def _ones(numbers: str) -> Bool[np.ndarray, "len"]:
    """Mask of the ones among numbers separated by blanks."""
    return np.array(numbers.split(), np.float32) == 1


def _masked(states: str, scored: Bool[np.ndarray, "len"]) -> str:
    """The states with `?` where they are not scored."""
    pairs = zip(states, scored.tolist(), strict=True)
    return "".join(state if flag else MISSING for state, flag in pairs)


def _blocks(file: Path) -> Iterator[tuple[str, list[str]]]:
    """The lines after each line that begins with `>`, under what stands there."""
    with gzip.open(file, "rt") if file.suffix == ".gz" else file.open() as handle:
        name, lines = "", []
        for line in handle:
            line = line.rstrip("\n")
            if line.startswith(">"):
                if name:
                    yield name, lines
                name, lines = line[1:].strip(), []
            elif line.strip():
                lines.append(line)
        if not name:
            raise DataError(f"{file}: no line begins with >: it is not the file it was")
        yield name, lines


def fasta_pairs(file: Path) -> Iterator[tuple[str, str]]:
    """Headers and bodies."""
    return ((header, "".join(lines)) for header, lines in _blocks(file))
