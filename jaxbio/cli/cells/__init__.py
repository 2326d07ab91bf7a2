"""`jaxbio cells`: clusters, latent descriptions and unmeasured genes of cells."""

import argparse
import zipfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.cli.cells import impute
from jaxbio.cli.console import (
    Stopwatch,
    add_cells,
    add_common,
    cells_of,
    finish,
    set_up,
    training_progress,
)
from jaxbio.data import write_table
from jaxbio.data.expression import Expression, read_expression
from jaxbio.data.expression.write import add_to_h5ad
from jaxbio.data.formats import read_frames
from jaxbio.data.io.files import format_of, open_bytes
from jaxbio.data.io.npz import open_npz
from jaxbio.data.io.parse import numbers, words
from jaxbio.errors import DataError, nearest
from jaxbio.metrics.clustering import cluster_metrics
from jaxbio.singlecell.clustering import DIMS, components, find_clusters

LATENT = "latent"
"""The array of an npz file with a description of each cell."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verbs of `jaxbio cells`."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    made = verbs.add_parser("cluster", help="group cells that are alike")
    _add_file(made, ".tsv .csv .parquet, also .gz; or .h5ad, a copy of FILE with it")
    made.add_argument(
        "--k",
        type=int,
        metavar="K",
        help="the number of clusters (default: from 2 to 30, by the silhouette)",
    )
    made.add_argument(
        "--method",
        choices=("spectral", "leiden"),
        help="how (default: what finds the same clusters in parts of the cells)",
    )
    made.add_argument(
        "--resolution",
        type=float,
        metavar="R",
        help="of Leiden clustering: more makes more clusters (0.5)",
    )
    made.add_argument(
        "--label",
        metavar="COLUMN",
        help="what is known of the cells in the file: say how well clusters agree",
    )
    made = verbs.add_parser(
        "latent", help="describe each cell by a few numbers, by an autoencoder"
    )
    _add_file(
        made, ".npz, or .tsv .csv .parquet, also .gz; or .h5ad, a copy of FILE with it"
    )
    counts = (
        ("--dim", 10, "numbers that describe a cell"),
        ("--epochs", 100, "passes over the cells at most"),
        ("--members", 1, "autoencoders, whose numbers stand side by side"),
    )
    for name, default, text in counts:
        made.add_argument(
            name, type=int, default=default, metavar="N", help=f"{text} ({default})"
        )
    made.add_argument(
        "--plain",
        action="store_true",
        help="an autoencoder without a prior, not a variational one",
    )
    made.add_argument(
        "--zero-inflation",
        action="store_true",
        help="counts may also be 0 for being lost",
    )
    made.add_argument(
        "--batch-size", type=int, metavar="N", help="cells a step (128, or all)"
    )
    made.add_argument(
        "--save",
        metavar="RUN",
        help="keep the autoencoder in this folder, for `jaxbio predict RUN NEW.h5ad`",
    )
    made = verbs.add_parser(
        "impute", help="infer genes that a panel lacks, as a reference teaches"
    )
    impute.add_arguments(made)
    for verb in verbs.choices.values():
        verb.add_argument("--seed", type=int, default=0, metavar="N", help="(0)")
        add_cells(verb)
        add_common(verb)


def _add_file(parser: argparse.ArgumentParser, endings: str) -> None:
    parser.add_argument(
        "data",
        metavar="FILE",
        help="raw counts: .h5ad, an .npz of scipy.sparse.save_npz, or a table with a "
        "row for each cell; for clusters also what `latent` wrote",
    )
    parser.add_argument(
        "--cells",
        metavar="TABLE",
        help="what is known of the cells: of an .npz of counts in their order, of "
        "what `latent` wrote by their names",
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help=f"where to write: {endings}",
    )


def run(options: argparse.Namespace) -> int:
    """Run a verb."""
    set_up(options)
    return {"cluster": _cluster, "latent": _latent, "impute": _impute}[options.verb](
        options
    )


def _check_copy(options: argparse.Namespace) -> None:
    """See that a copy of an AnnData file is one of another file."""
    if not _is_h5ad(options.out):
        return
    if not _is_h5ad(options.data):
        raise DataError(
            f"{options.out}: only a copy of an .h5ad file can be one, and "
            f"{options.data} is none: write .tsv"
        )
    if Path(options.out).exists() and Path(options.out).samefile(options.data):
        raise DataError(
            f"{options.out} is the file that is read: name another for the copy"
        )


def _cluster(options: argparse.Namespace) -> int:
    watch = Stopwatch()
    _check_copy(options)
    latent = _read_latent(options.data)
    if latent is not None:
        values, ids = latent
        about = _about(options.data, options.cells, ids)
        dims = ()
    else:
        table = _counts(options.data, options.cells, **cells_of(vars(options)))
        ids, about = np.array(table.ids, object), dict(table.cells)
        values, dims = None, DIMS
    if options.label is not None and options.label not in about:
        raise DataError(
            f"{options.data}: nothing called {options.label!r} is known of the cells: "
            f"{nearest(options.label, about) if about else 'give a table with --cells'}"
        )
    if values is None:
        values = components(table.values, seed=options.seed)
    clusters = find_clusters(
        values, options.k, method=options.method, resolution=options.resolution,
        dims=dims, seed=options.seed,
    )  # fmt: skip
    found = clusters.labels
    if clusters.stability:
        listed = ", ".join(f"{n} {v:.2f}" for n, v in clusters.stability.items())
        print(
            f"agreement of clusters of parts of the cells with those of all: {listed}"
        )
    sizes = np.bincount(found)
    result: dict[str, Any] = {"cells": len(ids), "sizes": sizes.tolist()}
    result |= {"method": clusters.method, "stability": clusters.stability}
    if options.label is not None:
        result |= cluster_metrics(about[options.label], found)
    if _is_h5ad(options.out):
        names = np.char.add("c", found.astype(str))
        add_to_h5ad(options.data, options.out, obs={"jaxbio_cluster": names})
    else:
        write_table([{"id": ids, "cluster": found}], options.out)
    print(
        f"{len(ids)} cells in {len(sizes)} clusters of {', '.join(map(str, sizes))} "
        f"({clusters.method}, {watch.seconds:.1f} s): {options.out}"
    )
    if options.label is not None:
        known = {n: v for n, v in result.items() if isinstance(v, float)}
        print("  ".join(f"{name} {value:.3f}" for name, value in known.items()))
    finish(options, {**result, "seconds": watch.seconds, "out": options.out})
    return 0


def _latent(options: argparse.Namespace) -> int:
    from jaxbio.run.fitting import fit
    from jaxbio.singlecell.latent import AE, VAE, cells_of as data_of

    watch = Stopwatch()
    _check_copy(options)
    for name in ("dim", "epochs", "members"):
        if getattr(options, name) < 1:
            raise DataError(f"--{name} {getattr(options, name)}: give 1 or more")
    table = _counts(options.data, options.cells, **cells_of(vars(options)))
    cells = data_of(table)
    kind = AE if options.plain else VAE
    with training_progress() as progress:
        done = fit(
            kind(latent=options.dim, zero_inflation=options.zero_inflation),
            None,
            cells,
            out=options.save,
            epochs=options.epochs,
            members=options.members,
            seed=options.seed,
            callbacks=[progress],
            **({"batch_size": options.batch_size} if options.batch_size else {}),
        )
    latent = done.predictor(cells).values
    if _is_h5ad(options.out):
        add_to_h5ad(options.data, options.out, obsm={"X_jaxbio": latent})
    else:
        _write_latent(latent, cells.ids, options.out)
    losses = [min(r["valid_loss"] for r in records) for records in done.history]
    epochs = max(map(len, done.history))
    print(
        f"{len(latent)} cells by {latent.shape[1]} numbers, {epochs} epochs, "
        f"validation loss {np.mean(losses):.1f} nats a cell ({watch.seconds:.1f} s): "
        f"{options.out}"
    )
    if options.save is not None:
        print(f"Next: jaxbio predict {options.save} NEW.h5ad -o latent.tsv")
    result = {"cells": len(latent), "epochs": epochs, "valid_loss": np.mean(losses)}
    finish(options, {**result, "seconds": watch.seconds, "out": options.out})
    return 0


def _impute(options: argparse.Namespace) -> int:
    read = impute.read_values if options.values else _counts
    if not options.values:
        print("both files are read as raw counts (--values for other numbers)")
    how = cells_of(vars(options))
    reference = read(options.reference, None, options.not_genes, **how)
    return impute.run(options, reference, read(options.panel, None, **how))


def _is_h5ad(path: str) -> bool:
    return path.lower().endswith(".h5ad")


def _write_latent(latent: np.ndarray, ids: Any, path: str) -> None:
    if path.lower().endswith(".npz"):
        with replacing(path) as temporary, temporary.open("wb") as file:
            arrays: dict[str, Any] = {LATENT: latent, "id": np.array(ids, str)}
            np.savez_compressed(file, **arrays)
        return
    columns = dict(zip(_latent_names(latent.shape[1]), latent.T, strict=True))
    write_table([{"id": np.array(ids, object), **columns}], path)


def _is_latent(path: str) -> bool:
    if not path.lower().endswith(".npz"):
        return False
    try:
        with zipfile.ZipFile(path) as archive:
            return f"{LATENT}.npy" in archive.namelist()
    except (OSError, zipfile.BadZipFile):
        return False  # the reader of counts says what is wrong


def _read_latent(path: str) -> tuple[np.ndarray, np.ndarray] | None:
    """Numbers and names of cells, if a file has what `latent` wrote.

    Raises:
        DataError: For a file that was changed since.
    """
    if _is_latent(path):
        with open_bytes(path) as file, open_npz(file, path) as arrays:
            values, ids = arrays[LATENT], arrays["id"].astype(object)
    elif Path(path).is_file() and format_of(path) in ("table", "parquet"):
        frames = read_frames(path)
        first = next(frames)
        names = [name for name in first.columns if name != "id"]
        if "id" not in first.columns or names != _latent_names(len(names)):
            return None
        parts = [first, *frames]
        values = np.concatenate([numbers(part, names) for part in parts])
        ids = np.concatenate([np.array(words(part, "id"), object) for part in parts])
    else:
        return None
    if values.ndim != 2 or values.dtype.kind != "f" or ids.shape != values.shape[:1]:
        raise DataError(
            f"{path}: {LATENT} is not a list of numbers for each id: write it with "
            f"jaxbio cells latent"
        )
    return values, ids


def _about(path: str, cells: str | None, ids: np.ndarray) -> dict[str, np.ndarray]:
    """What a table says of cells, in their order.

    Raises:
        DataError: For a table without one of them.
    """
    if cells is None:
        return {}
    parts = list(read_frames(cells))
    columns = {
        name: np.concatenate([np.array(words(part, name), object) for part in parts])
        for name in parts[0].columns
    }
    key = max(columns, key=lambda name: len(set(columns[name]) & set(ids)))
    place = {name: at for at, name in enumerate(columns[key])}
    absent = [name for name in ids if name not in place]
    if absent:
        raise DataError(
            f"{cells}: no row of cell {absent[0]} of {path} ({len(absent)} of "
            f"{len(ids)} lack one): a column has to name the cells as that file does"
        )
    at = np.array([place[name] for name in ids])
    return {name: values[at] for name, values in columns.items()}


def _latent_names(count: int) -> list[str]:
    return [f"{LATENT}_{at}" for at in range(1, count + 1)]


def _counts(
    path: str, cells: str | None, not_genes: Sequence[str] = (), **how: Any
) -> Expression:
    if not Path(path).is_file():
        raise DataError(f"{path}: no such file")
    given: dict[str, Any] = {} if cells is None else {"cells": cells}
    if given and not path.lower().endswith(".npz"):
        raise DataError(f"--cells goes with .npz; {path} has its cells in it")
    if not_genes:
        given = impute.labels_of(path, not_genes)
    table = read_expression(path, counts=True, **given, **impute.how_of(path, how))
    for note in table.notes:
        print(note)
    if not table.is_sparse:
        from scipy import sparse  # slow to import

        values = table.values
        if np.isnan(values).any():
            row = int(np.isnan(values).any(axis=1).argmax())
            raise DataError(
                f"{path}: cell {table.ids[row]} lacks a count: fill it in or leave "
                f"the cell or gene out"
            )
        return Expression(
            sparse.csr_matrix(values), table.genes, table.ids, table.cells, path
        )
    return table
