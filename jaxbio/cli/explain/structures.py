"""Contributions of residues on a structure: B-factors, and along the chain."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.cli.explain.method import picture_name
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError
from jaxbio.plot import save
from jaxbio.structure import match_chain, read_chains, with_bfactors
from jaxbio.structure.plot import attribution_strip

_GREATEST = 99.0  # B-factor of the residue that contributes most


def add_structure(group: Any) -> None:
    """The flag that names a structure."""
    group.add_argument(
        "--structure",
        metavar="FILE",
        help="for methods that explain positions of proteins, a PDB or mmCIF file that "
        "is written again with contributions as B-factors, and drawn along the chain",
    )


def check_structure(schema: Schema, options: argparse.Namespace) -> None:
    """Refuse a structure for what is no protein, or a file that cannot be read.

    Raises:
        DataError: With the reason.
    """
    if options.structure is None:
        return
    sequence = getattr(options, "sequence", None)
    kinds = {spec.name: spec.alphabet.name for spec in schema.sequences}
    only = next(iter(kinds), None) if len(schema.inputs) == 1 else None
    if kinds.get(sequence or only or "") != "protein":
        listed = ", ".join(f"{spec.name} ({spec.kind})" for spec in schema.inputs)
        raise DataError(
            f"--structure {options.structure}: contributions of residues are of models "
            f"whose only input is a protein, or of the protein that --sequence names; "
            f"this one takes {listed}"
        )
    read_chains(options.structure)


class OnStructure:
    """Writes the contributions of rows on one structure; nothing without one."""

    def __init__(
        self,
        options: argparse.Namespace,
        folder: Path,
        names: Sequence[str],
        sequences: Sequence[str],
    ):
        """Find the chain of each row.

        Args:
            options: Of the command.
            folder: Where files go.
            names: What the rows are called.
            sequences: Their residues.

        Raises:
            DataError: For a row that is no chain of the structure.
        """
        self.options, self.folder = options, folder
        self.source = options.structure
        self.names, self.sequences = names, sequences
        chains = read_chains(self.source) if self.source else ()
        self.matches = [
            match_chain(sequence, chains, name=f"{name} (row {row})")
            for row, (name, sequence) in enumerate(
                zip(names, sequences, strict=True), 1
            )
            if chains
        ]
        self.files: list[str] = []
        self.scales: list[float] = []

    def write(self, row: int, values: np.ndarray, *, unit: str) -> None:
        """Write the structure of a row, and draw it along the chain.

        Args:
            row: Its number, from 1.
            values: What each residue contributes.
            unit: Of these.
        """
        if not self.matches:
            return
        found, name = self.matches[row - 1], self.names[row - 1]
        sequence = self.sequences[row - 1]
        most = float(np.abs(values).max(initial=0)) or 1.0
        states = np.full(len(sequence), "?")
        there = found.places >= 0
        factors = {}
        for chain in found.chains:
            numbers = np.array(chain.numbers, object)[found.places[there]]
            for number, value in zip(numbers, values[there], strict=True):
                if number:  # the residue is resolved
                    factors[chain.id, number] = _GREATEST * float(value) / most
            of_chain = np.array(list(chain.ss8))[found.places[there]]
            states[there] = np.where(states[there] == "?", of_chain, states[there])
        text, ending = with_bfactors(self.source, factors)
        self.files.append(f"{row:05d}{ending}")
        self.scales.append(most / _GREATEST)
        with replacing(self.folder / self.files[-1]) as temporary:
            temporary.write_text(text)
        page = attribution_strip(
            np.asarray(values, float), sequence, "".join(states),
            title=f"{name} on {found.chains[0].name}", unit=unit,
        )  # fmt: skip
        picture = picture_name(row, self.options).replace(".", "_chain.", 1)
        save(page, self.folder / picture)

    def columns(self) -> dict[str, np.ndarray]:
        """Columns of `index.tsv`: the files, and what a B-factor of 1 means."""
        if not self.matches:
            return {}
        return {
            "structure": np.array(self.files, object),
            "contribution_per_b_factor": np.array(self.scales, np.float32),
        }
