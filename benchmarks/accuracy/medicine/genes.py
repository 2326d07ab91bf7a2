"""Genes that a panel lacks, inferred from the panel."""

import argparse
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.accuracy.medicine.common import line_of, local, minutes, seeds
from benchmarks.accuracy.medicine.expression import CELLS, arrays_of, cells_of
from jaxbio.data.expression import Expression

SETS = ("mouse_bladder_2100", "worm_neuron", "singh")
"""Counts of cells, dense and very sparse, and arrays of few samples."""
_SHARE = 0.1  # of the genes that are the panel
_INFERRED = 1000


def genes(options: argparse.Namespace) -> Iterator[dict]:
    """A tenth of the genes, the most variable ones, infers the 1,000 next ones."""
    for name in SETS:
        folder = local("expression", name, options, "genes")
        if folder is not None:
            yield _inferred(name, folder, options)


def _inferred(name: str, folder: Path, options: argparse.Namespace) -> dict:
    """Of rows held out; training rows choose the panel, validation rows the network."""
    from jaxbio.singlecell.imputation import divide, fit_imputation

    began = time.perf_counter()
    table = _table(name, folder)
    counts = name in CELLS
    each, plain, networks, good = [], [], [], []
    for seed in seeds(options, 1):
        train = divide(table, seed=seed)[0]
        found = fit_imputation(
            table,
            _panel(table, train),
            counts=counts,
            top_genes=_INFERRED,
            epochs=options.epochs,
            members=options.members,
            seed=seed,
            report=lambda line: print(name, line, file=sys.stderr, flush=True),
        )
        each.append(float(np.nanmean(found.scores["pearson"])))
        plain.append(float(np.nanmean(found.scores["ridge"])))
        good.append(float((found.scores["pearson"] > found.scores["ridge"]).mean()))
        networks.append(found.network)
        print(f"{name} {each[-1]:.3f} {plain[-1]:.3f} {networks[-1]}", file=sys.stderr)
    return line_of(
        name, "mean r of 1,000 inferred genes", each, float(np.mean(plain)),
        rows=found.rows, seeds=seeds(options, 1), members=options.members,
        chosen=networks, panel=len(found.measured), genes_better=float(np.mean(good)),
        minutes=minutes(began), baseline_name="ridge regression",
    )  # fmt: skip


def _table(name: str, folder: Path) -> Expression:
    """All genes, named by their numbers."""
    if name in CELLS:
        values = cells_of(name, folder)[0]
    else:
        column: Any = arrays_of(name, folder)[0].inputs["expression"]
        values = column.values
    rows, columns = values.shape
    names = tuple(f"gene_{at}" for at in range(columns))
    return Expression(values, names, tuple(map(str, range(rows))), source=name)


def _panel(table: Expression, train: np.ndarray) -> list[str]:
    """The genes that vary most among training rows."""
    from jaxbio.data.expression import count_moments

    if table.is_sparse:
        spread = count_moments(table.values[train]).scale
    else:
        spread = table.values[train].std(axis=0)
    chosen = np.argsort(-spread, kind="stable")[: round(_SHARE * len(table.genes))]
    return [table.genes[at] for at in np.sort(chosen)]
