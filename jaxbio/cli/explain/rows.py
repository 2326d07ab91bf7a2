"""Which rows of a file are explained."""

import argparse
import contextlib

import numpy as np

from jaxbio.cli.console import lookups_of, source_of
from jaxbio.data import Dataset, concatenate, read_for, stream
from jaxbio.data.reading import ROWS
from jaxbio.errors import DataError, nearest
from jaxbio.explain.targets import chosen_outputs, output_names, row_target
from jaxbio.predict.predictor import Predictor

ORDERS = ("first", "best", "worst", "unsure", "random")
"""How rows are chosen that are not named."""


def add_rows(parser: argparse.ArgumentParser) -> None:
    """The flags that choose rows."""
    parser.add_argument(
        "--limit",
        type=int,
        default=20,
        metavar="N",
        help="explain at most N rows (default: %(default)s)",
    )
    parser.add_argument(
        "--rows",
        default="first",
        metavar="WHICH",
        help="which ones: the first ones; best or worst, of the highest or lowest "
        "predictions; unsure, those whose networks or classes are closest; "
        "random; or ids with commas (default: %(default)s)",
    )


def labelled_rows(predictor: Predictor, options: argparse.Namespace) -> Dataset:
    """All rows of the file, with their labels.

    Raises:
        DataError: For a file without these, or with something that cannot be used.
    """
    return read_for(
        source_of(options.data, vars(options)),
        predictor.schema,
        unknown=options.unknown,
        lookups=lookups_of(getattr(options, "lookup", None)),
    )


def chosen_rows(predictor: Predictor, options: argparse.Namespace) -> Dataset:
    """The rows of a file that are explained.

    Raises:
        DataError: For a file without rows, or ids that it lacks.
    """
    if options.limit < 1:
        raise DataError(f"--limit {options.limit}: give 1 or more")
    if options.rows == "first":
        return read_rows(predictor, options, options.limit)
    data = read_rows(predictor, options)
    if options.rows in ORDERS:
        return data.take(_ordered(predictor, data, options)[: options.limit])
    wanted = [name for name in options.rows.split(",") if name]
    places: dict[str, int] = {}
    for at, name in enumerate(data.origin.ids):
        places.setdefault(str(name), at)
    lacking = [name for name in wanted if name not in places]
    if lacking:
        raise DataError(
            f"--rows {lacking[0]}: {options.data} has no row of that id "
            f"({nearest(lacking[0], list(places))}); or give {', '.join(ORDERS)}"
        )
    return data.take(np.array([places[name] for name in wanted], np.int64))


def _ordered(
    predictor: Predictor, data: Dataset, options: argparse.Namespace
) -> np.ndarray:
    if options.rows == "random":
        return np.random.default_rng(0).permutation(len(data))
    spec = row_target(predictor.schema, options.target)
    codes = chosen_outputs(
        predictor, data, spec, options.label, unknown=options.unknown
    )
    predicted = predictor(data, unknown=options.unknown)
    values = np.asarray(predicted.by_target[spec.name], np.float64)
    if values.ndim == 1 and spec.classes:  # the chance of the second of two
        values = np.stack([1 - values, values], axis=1)
    values = values.reshape(len(data), -1)
    if options.rows == "unsure":
        spread = predicted.spread.get(spec.name) if predicted.spread else None
        if spec.classes and len(output_names(spec)) > 1:
            top = np.sort(values, axis=1)
            doubt = top[:, -2] - top[:, -1]
        elif spread is not None:
            doubt = np.asarray(spread, np.float64).reshape(len(data), -1).mean(axis=1)
        else:
            raise DataError(
                "--rows unsure: a single network of numbers does not say how sure it is"
            )
        return np.argsort(-doubt, kind="stable")
    scores = values[np.arange(len(data)), codes]
    # Rows without a prediction stand last either way, as NaN does.
    return np.argsort(-scores if options.rows == "best" else scores, kind="stable")


def read_rows(
    predictor: Predictor, options: argparse.Namespace, most: int | None = None
) -> Dataset:
    """The rows of the file, or the first ones; they need no labels."""
    parts: list[Dataset] = []
    rows = stream(
        source_of(options.data, vars(options)),
        predictor.schema,
        unknown=options.unknown,
        lookups=lookups_of(getattr(options, "lookup", None)),
        rows=ROWS if most is None else most,
    )
    with contextlib.closing(rows):
        for part in rows:
            parts.append(part)
            if most is not None and sum(map(len, parts)) >= most:
                break
    if not parts:
        raise DataError(f"{options.data}: no rows to explain")
    whole = concatenate(parts)
    return whole if most is None else whole.take(np.arange(min(most, len(whole))))
