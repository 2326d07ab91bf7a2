"""`jaxbio predict`: predictions of a file of any size."""

import argparse
import sys
from collections.abc import Callable, Iterator

import numpy as np

from jaxbio.cli import genome, treatment
from jaxbio.cli.console import (
    Stopwatch,
    add_cells,
    add_common,
    add_id,
    add_join,
    add_lookup,
    add_missing,
    add_unknown,
    cells_of,
    finish,
    lookups_of,
    missing_of,
    set_up,
    source_of,
)
from jaxbio.cli.windows import add_windows, given_windows
from jaxbio.clinical.page.write import write_patient_pages
from jaxbio.clinical.treatment_runs import is_treatment_run
from jaxbio.data.io.write import write_table
from jaxbio.errors import JaxbioError
from jaxbio.genome.windows import read_like
from jaxbio.predict.predictions import Predictions
from jaxbio.predict.predictor import Predictor
from jaxbio.predict.screen import Pairs, best, cross
from jaxbio.run.fitting import load


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio predict`."""
    parser.add_argument("run", metavar="RUN", help="the folder of a run")
    parser.add_argument(
        "data",
        metavar="DATA",
        nargs="?",
        help="a file with the model's input columns, or - for standard input; with "
        "--genome a file of intervals, or nothing for the whole genome",
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        help="where to write: .tsv .csv .parquet, also .gz; - for standard output; of "
        "a whole genome .bw .bigWig .bedGraph, also .gz",
    )
    parser.add_argument(
        "--report",
        metavar="DIR",
        help="write a page for each row to this folder, such as of a patient: the "
        "prediction beside the training rows, what contributes to it, what is missing, "
        "and of treatment runs the advice; up to 200 rows",
    )
    add_id(parser)
    parser.add_argument(
        "--keep",
        action="extend",
        nargs="+",
        default=[],
        metavar="COL",
        help="columns of DATA to copy beside the predictions; 'all' for every one",
    )
    parser.add_argument(
        "--skip-bad",
        action="store_true",
        help="rows that cannot be read, such as those with an invalid SMILES, keep "
        "their places without a prediction, and are counted; else they are an error",
    )
    parser.add_argument(
        "--keep-formulas",
        action="store_true",
        help="write text that begins with = + - or @ as it is; else it gets a ' before "
        "it, so that no spreadsheet runs it",
    )
    add_lookup(parser)
    add_join(parser)
    add_cells(parser)
    add_missing(parser)
    parser.add_argument(
        "--cross",
        action="append",
        default=[],
        metavar="INPUT=FILE[:KIND]",
        help="combine every row of DATA with every item of this file, as compounds "
        "with proteins; repeat for several",
    )
    parser.add_argument(
        "--top",
        type=int,
        metavar="K",
        help="with --cross, keep the K best rows for each item, ranked",
    )
    parser.add_argument(
        "--lowest",
        action="store_true",
        help="with --top, low predictions are good, not high ones",
    )
    parser.add_argument(
        "--by",
        metavar="TARGET",
        help="with --top, the target that is ranked, if the model has several",
    )
    parser.add_argument(
        "--reject",
        type=float,
        metavar="P",
        help="write 'unknown' where no class has at least this probability; rows of a "
        "class that training never had may still be named, with certainty",
    )
    parser.add_argument(
        "--at",
        metavar="T,T",
        help="for survival, times for which the probability of no event by then is "
        "written (and that of each of several causes), such as 12,60, in the unit of "
        "the training rows; on pages that of an event by then",
    )
    add_unknown(parser)
    add_windows(
        parser.add_argument_group("windows of a genome"), labels=False, again=True
    )
    genome.add_arguments(parser.add_argument_group("along a whole genome"))
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Predict a file, some rows at a time."""
    if options.data is None and "genome" not in options:
        raise JaxbioError("DATA is missing: see jaxbio predict --help")
    if options.out is None and options.report is None:
        raise JaxbioError("where to? Give -o FILE, or --report DIR for a page a row")
    set_up(options)
    if options.report is not None:
        _write_pages(options)
        if options.out is None:
            return 0
    watch = Stopwatch()
    if is_treatment_run(options.run):
        return treatment.predict(options)
    predictor = load(options.run, missing=missing_of(options))
    if options.data is None:
        return genome.run(options, predictor)
    to_pipe = options.out == "-"
    if (options.top is not None or options.lowest) and not options.cross:
        raise JaxbioError("--top and --lowest go with --cross: see --help")
    if options.cross and "lookup" in options:
        raise JaxbioError(
            "--cross combines all with all: give the files as --cross, without --lookup"
        )
    if "join" in options and (options.cross or "genome" in options):
        raise JaxbioError("--join is for files of rows, without --cross and --genome")
    if options.top is not None and options.top < 1:
        raise JaxbioError(f"--top {options.top}: give a number of at least 1")
    _check_reject(predictor, options.reject)
    _times(options)
    rows = write_table(
        _tables(predictor, options),
        str(options.out),
        formulas=options.keep_formulas,
        plain=predictor.schema.by_position,
    )
    rate = rows / max(watch.seconds, 1e-9)
    shown = f"{rows} rows in {watch.seconds:.1f} s ({rate:,.0f} a second)"
    print(
        f"{shown}: {'standard output' if to_pipe else options.out}",
        file=sys.stderr if to_pipe else sys.stdout,
    )
    finish(options, {"rows": rows, "seconds": watch.seconds, "out": options.out})
    return 0


def _write_pages(options: argparse.Namespace) -> None:
    """Write a page for each row of the file."""
    if options.data is None or "genome" in options or options.cross:
        raise JaxbioError("--report is for the rows of a table: leave it out")
    paths = write_patient_pages(
        options.run,
        source_of(options.data, vars(options)),
        options.report,
        at=_times(options),
        missing=missing_of(options),
        unknown=options.unknown,
        ids=options.id,
        lookups=lookups_of(getattr(options, "lookup", None)),
    )
    first = f"{paths[0]}{', …' if len(paths) > 1 else ''}"
    print(f"{len(paths)} pages: {first}", file=sys.stderr)


def _check_reject(predictor: Predictor, min_probability: float | None) -> None:
    if min_probability is None:
        return
    if not 0 < min_probability <= 1:
        raise JaxbioError(
            f"--reject {min_probability}: give a probability above 0, at most 1"
        )
    targets = predictor.schema.targets
    if not any(spec.classes and not spec.per_position for spec in targets):
        listed = ", ".join(f"{spec.name} ({spec.kind})" for spec in targets)
        raise JaxbioError(
            f"--reject goes with classes of rows, the model predicts {listed}"
        )


def _times(options: argparse.Namespace) -> list[float]:
    """The times of `--at`."""
    if options.at is None:
        return []
    if options.cross:
        raise JaxbioError("--at does not go with --cross: predict the pairs as rows")
    try:
        return [float(text) for text in options.at.split(",")]
    except ValueError:
        raise JaxbioError(f"--at {options.at}: give times, as in 12,60") from None


def _tables(
    predictor: Predictor, options: argparse.Namespace
) -> Iterator[dict[str, np.ndarray]]:
    warned: set[str] = set()

    def heard(predictions: Predictions) -> None:
        for warning in predictions.warnings:
            if warning not in warned:
                warned.add(warning)
                print(f"jaxbio predict: {warning}", file=sys.stderr)

    if options.cross:
        yield from _crossed(predictor, options, heard)
        return
    if "genome" in options:
        yield from _of_intervals(predictor, options, heard)
        return
    lookups = lookups_of(getattr(options, "lookup", None))
    for predictions in predictor.stream(
        source_of(options.data, vars(options)),
        unknown=options.unknown,
        lookups=lookups,
        ids=options.id,
        keep=options.keep,
        skip_bad=options.skip_bad,
        **cells_of(vars(options)),
    ):
        heard(predictions)
        yield predictions.columns(min_probability=options.reject, at=_times(options))


def _of_intervals(
    predictor: Predictor,
    options: argparse.Namespace,
    heard: Callable[[Predictions], None],
) -> Iterator[dict[str, np.ndarray]]:
    """Predictions of windows about intervals."""
    given, schema = given_windows(vars(options)), predictor.schema
    windows = read_like(
        schema.reading, options.data, options.genome, labels=False, **given
    )
    for note in windows.notes:
        print(f"jaxbio predict: {note}", file=sys.stderr)
    how = {"unknown": options.unknown, "keep": options.keep or None}
    for data in windows.for_prediction(schema, **how):
        predictions = predictor(data)
        heard(predictions)
        yield predictions.columns(min_probability=options.reject, at=_times(options))


def _crossed(
    predictor: Predictor,
    options: argparse.Namespace,
    heard: Callable[[Predictions], None],
) -> Iterator[dict[str, np.ndarray]]:
    """All pairs as they come, or the best of them at the end."""
    items = lookups_of(options.cross)

    def pairs() -> Iterator[Pairs]:
        how = {"unknown": options.unknown, "ids": options.id, "keep": options.keep}
        how |= {"skip_bad": options.skip_bad}
        for part in cross(predictor, options.data, items, **how):
            heard(part.predictions)
            yield part

    if options.top is None:
        yield from (part.columns(min_probability=options.reject) for part in pairs())
    else:
        yield best(
            pairs(),
            top=options.top,
            lowest=options.lowest,
            by=options.by,
            min_probability=options.reject,
        )
