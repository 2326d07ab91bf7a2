"""`jaxbio cells impute`: genes that a panel lacks, learned from a reference."""

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.cli.console import Stopwatch, finish
from jaxbio.data import write_table
from jaxbio.data.expression import Expression, read_expression
from jaxbio.errors import DataError, nearest

_GOOD = 0.5  # a correlation from which an inferred gene says much


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio cells impute`."""
    parser.add_argument(
        "reference",
        metavar="REFERENCE",
        help="cells or samples with all genes: .h5ad, or a table with a row for each",
    )
    parser.add_argument(
        "panel", metavar="PANEL", help="new ones, in which some genes were measured"
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="where to write the inferred genes as log(1 + counts in 10,000), with "
        "--values as in the reference: .tsv .csv .parquet, also .gz",
    )
    parser.add_argument(
        "--genes",
        metavar="FILE",
        help="where to write how well each gene was inferred on held-out rows of the "
        "reference: correlations, beside those of ridge regression",
    )
    parser.add_argument(
        "--save", metavar="RUN", help="a folder for the network, for `jaxbio predict`"
    )
    parser.add_argument(
        "--values",
        action="store_true",
        help="the files hold numbers on one scale (such as logs of intensities), not "
        "raw counts",
    )
    parser.add_argument(
        "--top-genes",
        type=int,
        metavar="N",
        help="infer the N most variable genes (default: all that vary)",
    )
    parser.add_argument(
        "--group",
        metavar="COLUMN",
        help="what is known of the rows of the reference, such as the donor: rows of "
        "one group are not both trained on and held out",
    )
    parser.add_argument(
        "--not-genes",
        action="extend",
        nargs="+",
        default=[],
        metavar="COLUMN",
        help="columns of numbers of a reference table that are no genes",
    )
    parser.add_argument(
        "--members", type=int, default=3, metavar="N", help="networks to average (3)"
    )
    parser.add_argument(
        "--epochs", type=int, metavar="N", help="passes (default: by the rows)"
    )


def labels_of(path: str, columns: Sequence[str]) -> dict[str, Any]:
    """The option of a reader that says which columns of a table are no genes."""
    if path.lower().endswith((".h5ad", ".npz")):
        raise DataError(f"--not-genes is for tables; {path} keeps its genes apart")
    return {"cells": tuple(columns)}


def how_of(path: str, how: Mapping[str, Any]) -> Mapping[str, Any]:
    """The options of a reader of this file, of which only AnnData files have layers."""
    if "layer" in how and not path.lower().endswith(".h5ad"):
        raise DataError(f"--layer is for AnnData files (.h5ad); {path} has no layers")
    return how


def read_values(
    path: str, cells: None, not_genes: Sequence[str] = (), **how: Any
) -> Expression:
    """Numbers as they are."""
    if not Path(path).is_file():
        raise DataError(f"{path}: no such file")
    given = labels_of(path, not_genes) if not_genes else {}
    table = read_expression(path, **given, **how_of(path, how))
    for note in table.notes:
        print(note)
    return table


def run(options: argparse.Namespace, reference: Expression, panel: Expression) -> int:
    """Train, infer and write."""
    from jaxbio.singlecell.imputation import (
        fit_imputation,
        impute_genes,
        scale_note,
    )

    watch = Stopwatch()
    for name in ("top_genes", "members", "epochs"):
        given = getattr(options, name)
        if given is not None and given < 1:
            raise DataError(f"--{name.replace('_', '-')} {given}: give 1 or more")
    found = fit_imputation(
        reference,
        panel.genes,
        counts=not options.values,
        top_genes=options.top_genes,
        groups=_groups(reference, options.group),
        epochs=options.epochs,
        members=options.members,
        seed=options.seed,
        out=options.save,
        report=print,
    )
    notes = [*found.notes, scale_note(found.run.predictor, panel)]
    unknown = len(panel.genes) - len(found.measured)
    if unknown:
        notes.append(
            f"{unknown:,} of the {len(panel.genes):,} genes of the panel are not in "
            f"the reference: left out"
        )
    write_table(impute_genes(found.run.predictor, panel), options.out)
    if options.genes is not None:
        write_table([found.scores], options.genes)
    mean, plain = (_mean(found.scores[name]) for name in ("pearson", "ridge"))
    compared = (
        f"the mean correlation is {mean:.3f}, that of ridge regression {plain:.3f}"
    )
    good = int((found.scores["pearson"] >= _GOOD).sum())
    notes.append(
        f"on {found.rows:,} held-out rows of the reference {compared}; {good:,} genes "
        f"reach {_GOOD}"
    )
    if not mean > plain:
        notes.append("the network is NOT better than ridge regression here")
    for note in filter(None, notes):
        print(note)
    inferred = len(found.inferred)
    print(
        f"{inferred:,} genes of {len(panel):,} rows from {len(found.measured):,} "
        f"({found.network}; {watch.seconds:.1f} s): {options.out}"
    )
    result = {"rows": len(panel), "measured": len(found.measured), "inferred": inferred}
    scores = {"pearson": mean, "ridge": plain, "network": found.network}
    more = {"notes": [note for note in notes if note], "seconds": watch.seconds}
    finish(options, {**result, **scores, **more, "out": options.out})
    return 0


def _mean(scores: np.ndarray) -> float:
    """Of the genes that vary."""
    known = scores[np.isfinite(scores)]
    return float(known.mean()) if len(known) else 0.0


def _groups(reference: Expression, name: str | None) -> np.ndarray | None:
    if name is None:
        return None
    if name not in reference.cells:
        raise DataError(
            f"{reference.source}: nothing called {name!r} is known of the rows: "
            f"{nearest(name, reference.cells)}"
        )
    return np.array([str(value) for value in reference.cells[name]], object)
