"""`jaxbio evaluate`: scores of a run on labelled rows."""

import argparse
import json

from jaxbio._atomic import replacing
from jaxbio.cli.console import (
    add_cells,
    add_common,
    add_lookup,
    add_unknown,
    cells_of,
    finish,
    lookups_of,
    set_up,
)
from jaxbio.data.formats import split_of
from jaxbio.data.reading import read_for
from jaxbio.run.fitting import load_run


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio evaluate`."""
    parser.add_argument("run", metavar="RUN", help="the folder of a run")
    parser.add_argument("data", metavar="DATA", help="a file with inputs and targets")
    parser.add_argument("--out", metavar="FILE", help="write the scores as JSON")
    add_unknown(parser)
    add_lookup(parser)
    add_cells(parser)
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Score a run and show it beside the baselines."""
    set_up(options)
    trained = load_run(options.run)
    data = read_for(
        options.data,
        trained.predictor.schema,
        unknown=options.unknown,
        lookups=lookups_of(getattr(options, "lookup", None)),
        **cells_of(vars(options)),
    )
    if split_of(options.data):
        print("note: rows of all parts of the file are scored, those of training too")
    scores = trained.evaluate(data)
    print(scores)
    if options.out:
        with replacing(options.out) as temporary:
            temporary.write_text(json.dumps(scores.to_dict(), indent=1) + "\n")
    finish(options, scores.to_dict())
    return 0
