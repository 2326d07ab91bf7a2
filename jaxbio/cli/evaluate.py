"""`jaxbio evaluate`: scores of a run on labelled rows."""

import argparse
import json

from jaxbio._atomic import replacing
from jaxbio.cli import treatment
from jaxbio.cli.console import (
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
    save_pages,
    set_up,
    source_of,
)
from jaxbio.cli.windows import add_windows, given_windows
from jaxbio.clinical.treatment_runs import is_treatment_run
from jaxbio.data.formats import split_of
from jaxbio.data.reading import read_for
from jaxbio.genome.windows import read_like
from jaxbio.run.fitting import load_run
from jaxbio.run.survival_pictures import survival_pages


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio evaluate`."""
    parser.add_argument("run", metavar="RUN", help="the folder of a run")
    parser.add_argument(
        "data",
        metavar="DATA",
        nargs="+",
        help="a file with inputs and targets, or CLASS=FILE for each class",
    )
    add_id(parser)
    parser.add_argument(
        "--labels",
        metavar="REGEX",
        help="take the label from FASTA headers (default: as in training)",
    )
    parser.add_argument("--out", metavar="FILE", help="write the scores as JSON")
    parser.add_argument(
        "--pictures",
        metavar="FOLDER",
        help="for survival, draw the curves of groups of low, middle and high risk "
        "with a log-rank test, and the calibration; for competing risks the incidence "
        "of each cause; for effects of treatments Qini "
        "curves, the calibration of effects, and the share advised to each arm",
    )
    parser.add_argument(
        "--weight",
        metavar="COL",
        help="the column with the weights of the rows (default: the one of training "
        "if it is there)",
    )
    add_unknown(parser)
    add_lookup(parser)
    add_join(parser)
    add_cells(parser)
    add_missing(parser)
    treatment.add_chance(parser.add_argument_group("of treatment runs"))
    add_windows(parser.add_argument_group("windows of a genome"), again=True)
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Score a run and show it beside the baselines."""
    set_up(options)
    if is_treatment_run(options.run):
        return treatment.evaluate(options)
    treatment.refuse(vars(options))
    trained = load_run(options.run, missing=missing_of(options))
    source, schema = source_of(options.data, vars(options)), trained.predictor.schema
    ids, notes = options.id, ()
    if "genome" in options:
        given = given_windows(vars(options))
        windows = read_like(
            schema.reading, source, options.genome, labels=True, **given
        )
        source, ids, notes = windows.source, ids or "id", windows.notes
    data = read_for(
        source,
        schema,
        ids=ids,
        labels=options.labels,
        weights=options.weight,
        unknown=options.unknown,
        lookups=lookups_of(getattr(options, "lookup", None)),
        **cells_of(vars(options)),
    )
    odd = trained.predictor.warnings(data, options.unknown)
    for note in (*notes, *odd):
        print(f"note: {note}")
    if split_of(source):
        print("note: rows of all parts of the file are scored, those of training too")
    scores = trained.evaluate(data)
    print(scores)
    if options.pictures:
        save_pages(survival_pages(trained.predictor, data), options.pictures)
    if options.out:
        with replacing(options.out) as temporary:
            temporary.write_text(json.dumps(scores.to_dict(), indent=1) + "\n")
    finish(options, scores.to_dict())
    return 0
