"""`jaxbio structure predict`: from sequences to states of residues and backbones."""

import argparse
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from jaxbio.cli.console import (
    Stopwatch,
    add_common,
    add_unknown,
    finish,
    make_folder,
    set_up,
)
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.io.files import STANDARD_INPUT
from jaxbio.data.io.write import write_table
from jaxbio.data.reading import stream
from jaxbio.errors import DataError
from jaxbio.plot import save
from jaxbio.predict.predictor import Predictor
from jaxbio.run.fitting import load
from jaxbio.structure.files.predicted import (
    FORMATS,
    file_name,
    residue_table,
    summary_row,
    write_chain,
)
from jaxbio.structure.plot import predicted_structure
from jaxbio.structure.predict import Structure, predict_structures

_ROWS = 2048  # of a file, that are held at a time


def add_parser(verbs) -> None:
    """Add the verb and its arguments."""
    predict = verbs.add_parser(
        "predict",
        help="predict the structures of sequences",
        description="Predict the structure of each sequence of a file: residues.tsv "
        "has a row a residue, summary.tsv a row a chain. If the run learned distances, "
        "each chain gets a backbone of N, CA, C, O and CB, with the confidence of each "
        "residue (0 to 100) as its B-factor. Stops and gaps have to be taken out "
        "first. Long chains are predicted in overlapping windows.",
        epilog="example:\n"
        "  jaxbio structure predict run new.fasta.gz -o predicted --pictures",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    predict.add_argument("run", metavar="RUN", help="the folder of a run")
    predict.add_argument(
        "data", metavar="SEQUENCES", help="a FASTA file or table, also .gz; - for stdin"
    )
    predict.add_argument(
        "-o", "--out", metavar="DIR", required=True, help="the folder to write to"
    )
    predict.add_argument(
        "--format", choices=FORMATS, default="pdb", help="of structures (default: pdb)"
    )
    predict.add_argument(
        "--no-coordinates",
        dest="coordinates",
        action="store_false",
        help="write no backbones, which take most of the time",
    )
    predict.add_argument(
        "--distances",
        action="store_true",
        help="write the distributions of distances, too, as NAME.npz",
    )
    predict.add_argument(
        "--pictures", action="store_true", help="draw each chain as NAME.png"
    )
    predict.add_argument(
        "--starts",
        type=int,
        default=8,
        metavar="N",
        help="from how many starts a chain is folded (default: 8)",
    )
    predict.add_argument(
        "--seed", type=int, default=0, help="of the noise of these starts (default: 0)"
    )
    add_unknown(predict)
    add_common(predict)


def run(options: argparse.Namespace) -> int:
    """Predict all sequences and write what was found."""
    set_up(options)
    watch = Stopwatch()
    if options.starts < 1:
        raise DataError(f"--starts {options.starts}: give 1 or more")
    predictor = load(options.run)
    folder = Path(options.out)
    make_folder(folder)
    counts = {"chains": 0, "residues": 0, "structures": 0}
    rows: list[dict[str, np.ndarray]] = []

    def tables() -> Iterator[dict[str, np.ndarray]]:
        names: set[str] = set()
        for structure in _structures(predictor, options):
            name = file_name(structure.name)
            if name in names:
                raise DataError(
                    f"{options.data}: two chains are called {structure.name}: give "
                    f"them different names"
                )
            names.add(name)
            write_chain(
                folder, structure, form=options.format, distances=options.distances
            )
            if options.pictures and (picture := predicted_structure(structure)):
                save(picture, folder / f"{name}.png")
            counts["chains"] += 1
            counts["residues"] += len(structure)
            counts["structures"] += structure.backbone is not None
            rows.append(summary_row(structure))
            for note in structure.notes:
                print(f"{structure.name}: {note}")
            yield residue_table(structure)

    write_table(tables(), folder / "residues.tsv")
    write_table(iter(rows), folder / "summary.tsv")
    rate = counts["residues"] / max(watch.seconds, 1e-9)
    print(
        f"{counts['chains']} chains, {counts['residues']:,} residues in "
        f"{watch.seconds:.1f} s ({rate:,.0f} a second), {counts['structures']} with "
        f"coordinates: {folder}"
    )
    finish(options, {**counts, "seconds": watch.seconds, "out": str(folder)})
    return 0


def _structures(
    predictor: Predictor, options: argparse.Namespace
) -> Iterator[Structure]:
    if options.data != STANDARD_INPUT and not Path(options.data).is_file():
        raise DataError(f"{options.data}: no such file")
    for part in stream(
        options.data, predictor.schema, unknown=options.unknown, rows=_ROWS
    ):
        column = next(iter(part.inputs.values()))
        if not isinstance(column, Sequences):
            raise DataError(f"{options.run} is no run over sequences")
        assert part.ids is not None  # a Dataset numbers its rows itself
        sequences = column.strings()
        yield from predict_structures(
            predictor,
            sequences,
            names=[str(name) for name in part.ids],
            coordinates=options.coordinates,
            starts=options.starts,
            seed=options.seed,
            unknown=options.unknown,
        )
