"""`jaxbio explain`: evidence for predictions in images, sequences and tables."""

import argparse
import contextlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.cli.console import (
    Stopwatch,
    add_common,
    add_lookup,
    add_unknown,
    finish,
    lookups_of,
    make_folder,
    set_up,
)
from jaxbio.cli.explain.columns import explain_rows, explain_scores
from jaxbio.cli.explain.images import explain_images
from jaxbio.cli.explain.sequences import explain_sequences
from jaxbio.data import Dataset, concatenate, stream, write_table
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError
from jaxbio.explain.gradcam import image_input
from jaxbio.explain.mutagenesis import sequence_input
from jaxbio.explain.targets import chosen_outputs, output_names, row_target
from jaxbio.predict.predictor import Predictor
from jaxbio.run.fitting import load

_METHODS: dict[str, Callable[..., dict[str, Any]]] = {
    "gradcam": explain_images,
    "ism": explain_sequences,
    "shapley": explain_rows,
}
"""What explains rows, one by one."""

_OF_SCORES = "permutation"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio explain`."""
    parser.add_argument("run", metavar="RUN", help="the folder of a run")
    parser.add_argument(
        "data", metavar="DATA", help="a file with the model's input columns"
    )
    parser.add_argument(
        "-o", "--out", metavar="DIR", required=True, help="the folder to write to"
    )
    parser.add_argument(
        "--method",
        choices=(*_METHODS, _OF_SCORES),
        help="gradcam: heat over images; ism: what each substitution in a sequence "
        "does; shapley: what each column or input contributes to each prediction; "
        "permutation: how much worse the score of labelled rows is without each "
        "column (default: gradcam, ism or shapley, by the model's inputs)",
    )
    parser.add_argument(
        "--label",
        metavar="CLASS",
        help="the class, label or number to explain (default: the likeliest of each "
        "row)",
    )
    parser.add_argument(
        "--target", metavar="NAME", help="which one, of a model with several"
    )
    parser.add_argument(
        "--image", metavar="INPUT", help="which one, of a model with several images"
    )
    parser.add_argument(
        "--limit",
        type=int,
        default=20,
        metavar="N",
        help="explain the first N rows (default: %(default)s)",
    )
    parser.add_argument(
        "--columns",
        action="append",
        metavar="COL[,COL…]",
        help="for shapley and permutation, names or globs of the columns that are "
        "looked at; the others are taken as one (default: all)",
    )
    parser.add_argument(
        "--background",
        metavar="FILE",
        help="for shapley, rows that say what is usual, best those of training "
        "(default: the rows of DATA)",
    )
    parser.add_argument(
        "--samples",
        type=int,
        default=64,
        metavar="N",
        help="for shapley of more than 6 columns, orders in which columns come in, a "
        "row (default: %(default)s)",
    )
    add_lookup(parser)
    add_unknown(parser)
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Explain some rows, and write pictures and a table of them."""
    set_up(options)
    watch = Stopwatch()
    if options.limit < 1:
        raise DataError(f"--limit {options.limit}: give 1 or more")
    predictor = load(options.run)
    method = options.method or _usual(predictor.schema)
    if method == _OF_SCORES:
        make_folder(Path(options.out))
        count = explain_scores(predictor, options)
        return _finished(options, method, count, watch, "importance.tsv")
    if method == "gradcam":
        image_input(predictor.schema, options.image)
    elif method == "ism":
        sequence_input(predictor.schema.inputs)
    spec = row_target(predictor.schema, options.target)
    data = _first_rows(predictor, options)
    codes = chosen_outputs(
        predictor, data, spec, options.label, unknown=options.unknown
    )
    explained = np.array(output_names(spec), object)[codes]
    folder = Path(options.out)
    make_folder(folder)
    found = _METHODS[method](predictor, data, explained, folder, options)
    predicted = predictor(data, unknown=options.unknown).columns()
    index = {"id": predicted.pop("id"), "explained": explained, **found, **predicted}
    write_table([index], folder / "index.tsv")
    return _finished(options, method, len(data), watch, "index.tsv")


def _usual(schema: Schema) -> str:
    """The method that fits the inputs of a model."""
    if any(spec.kind == "image" for spec in schema.own):
        return "gradcam"
    return "ism" if len(schema.inputs) == 1 and schema.sequences else "shapley"


def _finished(
    options: argparse.Namespace, method: str, rows: int, watch: Stopwatch, file: str
) -> int:
    print(f"{rows} rows in {watch.seconds:.1f} s: {options.out}/{file}")
    result = {"rows": rows, "method": method, "out": str(options.out)}
    finish(options, {**result, "seconds": watch.seconds})
    return 0


def _first_rows(predictor: Predictor, options: argparse.Namespace) -> Dataset:
    parts: list[Dataset] = []
    missing = options.limit
    rows = stream(
        options.data,
        predictor.schema,
        unknown=options.unknown,
        lookups=lookups_of(getattr(options, "lookup", None)),
        rows=options.limit,
    )
    with contextlib.closing(rows):
        for part in rows:
            parts.append(part.take(np.arange(min(missing, len(part)))))
            missing -= len(parts[-1])
            if not missing:
                break
    if not parts:
        raise DataError(f"{options.data}: no rows to explain")
    return concatenate(parts)
