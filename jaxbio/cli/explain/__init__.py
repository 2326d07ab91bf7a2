"""`jaxbio explain`: evidence for predictions in images, sequences and tables."""

import argparse
from pathlib import Path

import numpy as np

from jaxbio.cli.console import (
    Stopwatch,
    add_common,
    add_join,
    add_lookup,
    add_missing,
    add_unknown,
    finish,
    make_folder,
    missing_of,
    set_up,
)
from jaxbio.cli.explain import (
    ablate,
    attention,
    attributions,
    columns,
    counterfactuals,
    epistasis,
    images,
    marginalize,
    modisco,
    motifs,
    rules,
    sequences,
    spacing,
)
from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.rows import add_rows, chosen_rows
from jaxbio.clinical.learners.tarnet import OUTCOMES
from jaxbio.clinical.treatment_runs import is_treatment_run
from jaxbio.data import write_table
from jaxbio.data.schema import Schema
from jaxbio.errors import JaxbioError
from jaxbio.explain.functions import with_function
from jaxbio.explain.targets import chosen_outputs, output_names, row_target
from jaxbio.run.fitting import load

METHODS: dict[str, Method] = {
    method.name: method
    for module in (
        images,
        sequences,
        attributions,
        attention,
        motifs,
        marginalize,
        spacing,
        ablate,
        epistasis,
        modisco,
        columns,
        rules,
        counterfactuals,
    )
    for method in module.METHODS
}
"""All methods; the first one that fits a model's inputs is the usual one."""


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
        choices=tuple(METHODS),
        help="; ".join(f"{name}: {method.help}" for name, method in METHODS.items())
        + " (default: by the model's inputs)",
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
        "--function",
        metavar="EXPR",
        help="in place of --label, a function of outputs to explain, such as 'sick - "
        "well' or 'log(a) - max(b, c)'; classes are logits in it",
    )
    add_rows(parser)
    parser.add_argument(
        "--format",
        choices=("png", "svg", "pdf"),
        default="png",
        help="of pictures (default: %(default)s)",
    )
    group = parser.add_argument_group("methods")
    for method in METHODS.values():
        if method.add_arguments:
            method.add_arguments(group)
    add_lookup(parser)
    add_join(parser)
    add_missing(parser)
    add_unknown(parser)
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Explain some rows, and write pictures and a table of them."""
    set_up(options)
    watch = Stopwatch()
    if is_treatment_run(options.run):
        raise JaxbioError(
            f"{options.run} holds effects of treatments: explain the model of outcomes "
            f"under each arm, which is a run of its own: {options.run}/{OUTCOMES}"
        )
    predictor = load(options.run, missing=missing_of(options))
    method = _method(predictor.schema, options.method)
    if options.function is not None:
        _check_function(method, options)
        predictor = with_function(predictor, options.function)
    _check_structure(method, options)
    method.check(predictor.schema, options)
    method.check_model(predictor)
    folder = Path(options.out)
    if method.file:
        make_folder(folder)
        count, table = method.file(predictor, folder, options)
        return _finished(options, method.name, count, watch, table)
    assert method.rows  # as it explains either rows or files
    spec = row_target(predictor.schema, options.target)
    data = chosen_rows(predictor, options)
    codes = chosen_outputs(
        predictor, data, spec, options.label, unknown=options.unknown
    )
    explained = np.array(output_names(spec), object)[codes]
    make_folder(folder)
    found = method.rows(predictor, data, explained, folder, options)
    predicted = predictor(data, unknown=options.unknown).columns()
    index = {"id": predicted.pop("id"), "explained": explained, **found, **predicted}
    write_table([index], folder / "index.tsv")
    return _finished(options, method.name, len(data), watch, "index.tsv")


def _check_function(method: Method, options: argparse.Namespace) -> None:
    """Refuse a function of outputs where it is not what is explained."""
    for flag, value in (("--label", options.label), ("--target", options.target)):
        if value is not None:
            raise JaxbioError(
                f"--function {options.function} is itself what is explained: leave "
                f"{flag} {value} out"
            )
    if not method.takes_function:
        able = [name for name, each in METHODS.items() if each.takes_function]
        raise JaxbioError(
            f"--function is not for --method {method.name}, which does not explain a "
            f"number: use {', '.join(able)}"
        )


def _check_structure(method: Method, options: argparse.Namespace) -> None:
    """Refuse a structure for a method that does not explain positions."""
    if options.structure is not None and not method.takes_structure:
        able = [name for name, each in METHODS.items() if each.takes_structure]
        raise JaxbioError(
            f"--structure is not for --method {method.name}, which does not explain "
            f"single positions: use {', '.join(able)}"
        )


def _method(schema: Schema, name: str | None) -> Method:
    """The method of a name, or the usual one for the inputs of a model."""
    if name:
        return METHODS[name]
    return next(method for method in METHODS.values() if method.fits(schema))


def _finished(
    options: argparse.Namespace, method: str, rows: int, watch: Stopwatch, file: str
) -> int:
    print(f"{rows} rows in {watch.seconds:.1f} s: {options.out}/{file}")
    result = {"rows": rows, "method": method, "out": str(options.out)}
    finish(options, {**result, "seconds": watch.seconds})
    return 0
