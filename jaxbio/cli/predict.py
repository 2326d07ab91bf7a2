"""`jaxbio predict`: predictions of a file of any size."""

import argparse
import sys
from collections.abc import Iterator

import numpy as np

from jaxbio.cli.console import Stopwatch, add_common, add_unknown, finish, set_up
from jaxbio.data.write import write_table
from jaxbio.predict import Predictor
from jaxbio.run import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio predict`."""
    parser.add_argument("run", metavar="RUN", help="the folder of a run")
    parser.add_argument(
        "data",
        metavar="DATA",
        help="a file with the model's input columns, or - for standard input",
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="where to write: .tsv .csv .parquet, also .gz; - for standard output",
    )
    add_unknown(parser)
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Predict a file, some rows at a time."""
    set_up(options)
    watch = Stopwatch()
    predictor = load(options.run)
    to_pipe = options.out == "-"
    rows = write_table(_tables(predictor, options), options.out)
    rate = rows / max(watch.seconds, 1e-9)
    shown = f"{rows} rows in {watch.seconds:.1f} s ({rate:,.0f} a second)"
    print(
        f"{shown}: {'standard output' if to_pipe else options.out}",
        file=sys.stderr if to_pipe else sys.stdout,
    )
    finish(options, {"rows": rows, "seconds": watch.seconds, "out": options.out})
    return 0


def _tables(
    predictor: Predictor, options: argparse.Namespace
) -> Iterator[dict[str, np.ndarray]]:
    warned: set[str] = set()
    for predictions in predictor.stream(options.data, unknown=options.unknown):
        for warning in predictions.warnings:
            if warning not in warned:
                warned.add(warning)
                print(f"jaxbio predict: {warning}", file=sys.stderr)
        yield predictions.columns()
