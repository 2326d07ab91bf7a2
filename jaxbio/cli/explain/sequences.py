"""Substitutions in sequences."""

import argparse
import re
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.cli.explain.attributions import LONGEST_LOGO
from jaxbio.cli.explain.method import Method, picture_name
from jaxbio.cli.explain.sanity import check_line
from jaxbio.cli.explain.structures import OnStructure, check_structure
from jaxbio.data import Dataset, write_table
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError
from jaxbio.explain import deletion_effects, substitution_effects
from jaxbio.explain.mutagenesis import sequence_input
from jaxbio.explain.targets import row_target, unit_of
from jaxbio.plot import contribution_logo, contribution_track, contributions, save
from jaxbio.predict.predictor import Predictor

_CHECKED = 3  # rows of the check, as all substitutions are many


def explain_sequences(
    predictor: Predictor,
    data: Dataset,
    explained: np.ndarray,
    folder: Path,
    options: argparse.Namespace,
) -> dict[str, np.ndarray]:
    """The matrix of each sequence, and its logo where letters can be drawn."""
    column = plain(data.input(predictor.schema.own[0].name))
    assert isinstance(column, Sequences)  # as the model takes them
    alphabet = column.alphabet
    window = _within(_window(options.window), column, data)
    names, pictures, strongest = [], [], []
    how: dict[str, Any] = {
        "target": options.target,
        "label": options.label,
        "window": window,
    }
    first: list[np.ndarray] = []
    names_of_rows = list(map(str, data.origin.ids))
    on_structure = OnStructure(options, folder, names_of_rows, column.strings())
    effects = substitution_effects(predictor, data, **how)
    losses = deletion_effects(predictor, data, **how) if options.deletions else None
    spec = row_target(predictor.schema, options.target)
    unit = unit_of(spec)
    for row, matrix in enumerate(effects, 1):
        codes = column.codes[column.offsets[row - 1] : column.offsets[row]]
        symbols = [alphabet.spelt[code] for code in codes]
        table = {"position": np.arange(1, len(codes) + 1)}
        table |= {"symbol": np.array(symbols, object)}
        table |= dict(zip(alphabet.spelt, matrix.T, strict=False))
        if losses is not None:
            table["deletion"] = next(losses)
        write_table([table], folder / f"{row:05d}.tsv")
        names.append(f"{row:05d}.tsv")
        heights = contributions(matrix)
        strongest.append(int(np.abs(heights).argmax()) + 1)
        pictures.append(picture_name(row, options))
        text, title = "".join(symbols), f"{row}, {explained[row - 1]}"
        if alphabet.tokens or len(codes) > LONGEST_LOGO:
            page = contribution_track(heights, title=title, unit=unit)
        else:
            page = contribution_logo(matrix, text, alphabet, title=title, unit=unit)
        save(page, folder / pictures[-1])
        on_structure.write(row, heights, unit=unit)
        first += [heights] if row <= _CHECKED else []

    def again(other: Predictor, rows: Dataset, label: str | None) -> list[np.ndarray]:
        found = substitution_effects(other, rows, **{**how, "label": label})
        return [contributions(matrix) for matrix in found]

    print(check_line(predictor, data, explained, first, again))
    index = {
        "matrix": np.array(names, object),
        "picture": np.array(pictures, object),
        "strongest_position": np.array(strongest),
    }
    return index | on_structure.columns()


def _window(text: str | None) -> tuple[int, int] | None:
    """Positions from 1, both ends among them, as a slice from 0."""
    if text is None:
        return None
    found = re.fullmatch(r"(\d+)[:-](\d+)", text)
    if found is None:
        raise DataError(f"--window {text}: give the first and last position, as 20:60")
    return int(found[1]) - 1, int(found[2])


def _within(
    window: tuple[int, int] | None, column: Sequences, data: Dataset
) -> tuple[int, int] | None:
    """The window, if all sequences have it."""
    lengths = np.diff(column.offsets)
    if window is not None and lengths.min() < window[1]:
        short = int(lengths.argmin())
        raise DataError(
            f"--window {window[0] + 1}:{window[1]}: {data.origin.ids[short]} has "
            f"{lengths[short]} positions: choose other rows, or an end up to that"
        )
    return window


def _add_arguments(group: Any) -> None:
    group.add_argument(
        "--window",
        metavar="START:END",
        help="for ism, the first and the last position that are substituted (default: "
        "all)",
    )
    group.add_argument(
        "--deletions",
        action="store_true",
        help="for ism, also what the loss of each position does (column deletion)",
    )


def _is_sequence(schema: Schema) -> bool:
    return len(schema.inputs) == 1 and bool(schema.sequences)


METHODS = (
    Method(
        "ism",
        "what each substitution in a sequence does",
        rows=explain_sequences,
        takes_structure=True,
        fits=_is_sequence,
        check=lambda schema, options: (
            sequence_input(schema.inputs),
            _window(options.window),
            check_structure(schema, options),
        ),
        add_arguments=_add_arguments,
    ),
)
