"""`jaxbio structure labels`: labels from known protein structures."""

import argparse
import itertools
import re
import sys
import zipfile
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.cli.console import Stopwatch, add_common, finish
from jaxbio.data.io.write import write_table
from jaxbio.errors import DataError
from jaxbio.structure.chain import Chain, assemble
from jaxbio.structure.dataset import chain_arrays, chain_row, residue_rows
from jaxbio.structure.files.read import read_chains

_FASTA = (".fasta", ".fa", ".faa")
_TABLE = r"\.((tsv|csv|txt)(\.gz|\.bz2)?|parquet)$"


def add_parser(verbs) -> None:
    """Add the verb and its arguments."""
    labels = verbs.add_parser(
        "labels",
        help="secondary structure, accessibility and torsions of known structures",
        description="From PDB and mmCIF files to labels that networks are trained on: "
        "sequence, secondary structure in 3 and 8 states as DSSP has it, relative "
        "solvent accessibility, phi, psi and omega in radians, and which residues are "
        "not resolved.",
        epilog="examples:\n"
        "  jaxbio structure labels 1abc.pdb 2xyz.cif.gz -o labels.tsv\n"
        "  jaxbio structure labels 1abc.cif --chain A B --rows residues -o 1abc.csv\n"
        "  jaxbio train labels.tsv --input sequence:protein \\\n"
        "      --target ss3:positions:multiclass --out run",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    labels.add_argument(
        "files", nargs="+", metavar="FILE", help="PDB or mmCIF files, also .gz or .bz2"
    )
    labels.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="where to write: a table .tsv .csv .parquet (also .gz; - for standard "
        "output), arrays with coordinates .npz, or sequences .fasta",
    )
    labels.add_argument(
        "--chain",
        action="extend",
        nargs="+",
        metavar="ID",
        help="the chains to take from each file, in mmCIF by the author's id "
        "(default: all that are protein)",
    )
    labels.add_argument(
        "--model",
        type=int,
        default=0,
        metavar="N",
        help="the model to take, 0 being the first (default: 0)",
    )
    labels.add_argument(
        "--rows",
        choices=("chains", "residues"),
        default="chains",
        help="what a row of a table is; jaxbio train takes chains (default: chains)",
    )
    labels.add_argument(
        "--assembly",
        action="store_true",
        help="label each chain in the company of the others of its file: with the "
        "strands and surfaces that they share (default: each alone)",
    )
    labels.add_argument(
        "--keep-going",
        action="store_true",
        help="pass over files that cannot be used, with a line for each",
    )
    add_common(labels, device=False)


def run(options: argparse.Namespace) -> int:
    """Write the labels of all files."""
    watch = Stopwatch()
    write = _writer(options)
    counts = {"files": 0, "failed": 0, "chains": 0, "residues": 0}
    chains = _chains(options, counts)
    first = next(chains, None)
    if first is None:
        raise DataError(f"{options.out}: nothing to write: no file could be used")
    write(itertools.chain([first], chains), options.out)
    to_pipe = options.out == "-"
    failed = f" ({counts['failed']} could not be used)" if counts["failed"] else ""
    print(
        f"{counts['chains']} chains, {counts['residues']:,} residues of "
        f"{counts['files']} files{failed} in {watch.seconds:.1f} s: "
        f"{'standard output' if to_pipe else options.out}",
        file=sys.stderr if to_pipe else sys.stdout,
    )
    finish(options, {**counts, "seconds": watch.seconds, "out": options.out})
    return 0


def _writer(options: argparse.Namespace) -> Callable[[Iterable[Chain], str], Any]:
    """What writes a file of that name."""
    name = options.out.lower()
    if name.endswith(".npz"):
        return _write_npz
    if name.endswith(_FASTA):
        return _write_fasta
    rows = chain_row if options.rows == "chains" else residue_rows
    if options.out != "-" and not re.search(_TABLE, name):
        raise DataError(
            f"{options.out}: labels are written to names ending in .tsv, .csv (each "
            f"also .gz or .bz2), .parquet, .npz or .fasta"
        )
    return lambda chains, path: write_table(map(rows, chains), path)


def _chains(options: argparse.Namespace, counts: dict[str, int]) -> Iterator[Chain]:
    """The chains of all files, one file at a time."""
    sources: dict[str, str] = {}
    for path in options.files:
        counts["files"] += 1
        try:
            chains = read_chains(path, options.chain, model=options.model)
        except DataError as error:
            if not options.keep_going:
                raise
            counts["failed"] += 1
            print(f"jaxbio structure labels: {error}", file=sys.stderr)
            continue
        for chain in assemble(chains) if options.assembly else chains:
            if chain.name in sources:
                raise DataError(
                    f"{path}: chain {chain.name} is already there from "
                    f"{sources[chain.name]}: rename one of the files, or leave it out"
                )
            sources[chain.name] = path
            counts["chains"] += 1
            counts["residues"] += len(chain)
            yield chain


def _write_npz(chains: Iterable[Chain], path: str) -> None:
    """Arrays named CHAIN/ARRAY, one chain at a time."""
    with replacing(path) as temporary, zipfile.ZipFile(temporary, "w") as archive:
        for chain in chains:
            for name, values in chain_arrays(chain).items():
                entry = f"{chain.name}/{name}.npy"
                with archive.open(entry, "w", force_zip64=True) as handle:
                    np.lib.format.write_array(handle, values, allow_pickle=False)


def _write_fasta(chains: Iterable[Chain], path: str) -> None:
    with replacing(path) as temporary, temporary.open("w") as handle:
        for chain in chains:
            handle.write(f">{chain.name}\n{chain.sequence}\n")
