"""Contributions by gradients and DeepLIFT: of positions, or of columns and inputs."""

import argparse
import functools
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.cli.explain.columns import background_rows
from jaxbio.cli.explain.contributions import write_contributions
from jaxbio.cli.explain.method import Method, picture_name
from jaxbio.cli.explain.sanity import CHECKED, check_line
from jaxbio.cli.explain.structures import (
    OnStructure,
    add_structure,
    check_structure,
)
from jaxbio.cli.rows import columns_of
from jaxbio.data import Dataset, write_table
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.schema import Schema
from jaxbio.explain.backgrounds import BACKGROUNDS
from jaxbio.explain.column_gradients import (
    COMPLETE,
    check_columns,
    column_attributions,
)
from jaxbio.explain.players import players_of
from jaxbio.explain.positions import (
    check_gradients,
    explained_sequence,
    sequence_attributions,
)
from jaxbio.explain.targets import row_target, unit_of
from jaxbio.plot import attribution_logo, contribution_track, save
from jaxbio.predict.predictor import Predictor

LONGEST_LOGO = 500
"""Positions whose letters can be told apart."""


def explain_positions(
    predictor: Predictor,
    data: Dataset,
    explained: np.ndarray,
    folder: Path,
    options: argparse.Namespace,
    *,
    method: str,
) -> dict[str, np.ndarray]:
    """The contributions of each sequence as a table and a picture."""
    how: dict[str, Any] = {
        "method": method,
        "target": options.target,
        "label": options.label,
        "input": options.sequence,
        "background": options.reference,
        "count": options.references,
    }
    spec = row_target(predictor.schema, options.target)
    unit = unit_of(spec)
    name = explained_sequence(predictor.schema, options.sequence)
    column = plain(data.input(name))
    assert isinstance(column, Sequences)  # as the model takes them
    alphabet = column.alphabet
    names, pictures, strongest, bases, deltas = [], [], [], [], []
    first: list[np.ndarray] = []
    names_of_rows = list(map(str, data.origin.ids))
    on_structure = OnStructure(options, folder, names_of_rows, column.strings())
    for row, found in enumerate(sequence_attributions(predictor, data, **how), 1):
        codes = column.codes[column.offsets[row - 1] : column.offsets[row]]
        symbols = [alphabet.spelt[code] for code in codes]
        table: dict[str, np.ndarray] = {"position": np.arange(1, len(codes) + 1)}
        table |= {"symbol": np.array(symbols, object), "contribution": found.values}
        table |= dict(zip(alphabet.spelt, found.hypothetical.T, strict=False))
        names.append(f"{row:05d}.tsv")
        write_table([table], folder / names[-1])
        pictures.append(picture_name(row, options))
        title = f"{row}, {explained[row - 1]}"
        if alphabet.tokens or len(codes) > LONGEST_LOGO:
            page = contribution_track(found.values, title=title, unit=unit)
        else:
            text = "".join(symbols)
            page = attribution_logo(
                found.values, text, alphabet, title=title, unit=unit
            )
        save(page, folder / pictures[-1])
        on_structure.write(row, found.values, unit=unit)
        strongest.append(int(np.abs(found.values).argmax()) + 1 if len(codes) else 0)
        bases.append(found.base)
        deltas.append(found.delta)
        first += [found.values] if row <= CHECKED else []

    def again(other: Predictor, rows: Dataset, label: str | None) -> list[np.ndarray]:
        each = sequence_attributions(other, rows, **{**how, "label": label})
        return [one.values for one in each]

    print(check_line(predictor, data, explained, first, again))
    index = {
        "table": np.array(names, object),
        "picture": np.array(pictures, object),
        "strongest_position": np.array(strongest),
    }
    if not np.isnan(deltas).all():
        index |= {"usual": np.array(bases, "f4"), "unexplained": np.array(deltas, "f4")}
    return index | on_structure.columns()


def explain_columns(
    predictor: Predictor,
    data: Dataset,
    explained: np.ndarray,
    folder: Path,
    options: argparse.Namespace,
    *,
    method: str,
) -> dict[str, np.ndarray]:
    """The contributions of columns and inputs to each prediction."""
    columns = columns_of(options.columns) or None
    how: dict[str, Any] = {
        "method": method,
        "target": options.target,
        "columns": columns,
        "by_input": options.by_input,
        "count": options.references,
        "unknown": options.unknown,
    }
    if method in COMPLETE:
        how["background"] = background_rows(predictor.schema, options)
    found = column_attributions(predictor, data, **how, label=options.label)
    players = players_of(
        predictor.schema, columns, by_input=options.by_input, genes=True
    )
    index = write_contributions(found, players, data, folder, options)
    if not np.isnan(found.delta).all():
        index["unexplained"] = found.delta.astype("f4")
        print(f"unexplained: at most {np.nanmax(np.abs(found.delta)):.2g}")

    def again(other: Predictor, rows: Dataset, label: str | None) -> Sequence[Any]:
        return list(column_attributions(other, rows, **how, label=label).values)

    print(check_line(predictor, data, explained, list(found.values), again))
    return index


def _explain(
    predictor: Predictor,
    data: Dataset,
    explained: np.ndarray,
    folder: Path,
    options: argparse.Namespace,
    *,
    method: str,
) -> dict[str, np.ndarray]:
    """Positions of the only sequence, or columns and inputs."""
    along = options.sequence is not None or _is_sequence(predictor.schema)
    explain = explain_positions if along else explain_columns
    return explain(predictor, data, explained, folder, options, method=method)


def _is_sequence(schema: Schema) -> bool:
    return len(schema.inputs) == 1 and schema.inputs[0].is_sequence


def _check(schema: Schema, options: argparse.Namespace, *, method: str) -> None:
    check_structure(schema, options)
    if options.sequence is not None:
        explained_sequence(schema, options.sequence)
    elif not _is_sequence(schema):
        check_columns(schema, method)


def _add_arguments(group: Any) -> None:
    group.add_argument(
        "--sequence",
        metavar="INPUT",
        help="for gradients and deeplift of models with several inputs, explain the "
        "positions of this sequence, the other inputs as they are",
    )
    group.add_argument(
        "--reference",
        choices=tuple(BACKGROUNDS),
        help="for integrated and deeplift, what a sequence is compared with (default: "
        "shuffles that keep pairs of neighbours in DNA and RNA, other shuffles else)",
    )
    group.add_argument(
        "--references",
        type=int,
        default=20,
        metavar="N",
        help="how many shuffles, or rows of the background (default: %(default)s)",
    )
    add_structure(group)


_HELP = {
    "deeplift": "what the positions of a sequence contribute beside shuffled ones, or "
    "columns and inputs beside those of other rows",
    "integrated": "the same by gradients along the way from these",
    "gradient": "gradient times input at each position or column",
    "smoothgrad": "the same of gradients averaged over noise",
    "saliency": "the size of the gradient at each position or column",
}

METHODS = tuple(
    Method(
        name,
        text,
        rows=functools.partial(_explain, method=name),
        takes_structure=True,
        check=functools.partial(_check, method=name),
        check_model=check_gradients,
        add_arguments=_add_arguments if name == "deeplift" else None,
    )
    for name, text in _HELP.items()
)
