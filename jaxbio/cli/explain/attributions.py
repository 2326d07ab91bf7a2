"""Contributions of the positions of sequences, by gradients and DeepLIFT."""

import argparse
import functools
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import spearmanr

from jaxbio.cli.explain.method import Method, picture_name
from jaxbio.data import Dataset, write_table
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences
from jaxbio.explain.backgrounds import BACKGROUNDS
from jaxbio.explain.mutagenesis import sequence_input
from jaxbio.explain.positions import (
    check_gradients,
    sequence_attributions,
    without_training,
)
from jaxbio.explain.targets import row_target, unit_of
from jaxbio.plot import attribution_logo, contribution_track, save
from jaxbio.predict.predictor import Predictor

LONGEST_LOGO = 500
"""Positions whose letters can be told apart."""

_CHECKED = 8  # rows that the check of an untrained network looks at
_ALIKE = 0.5  # from here on explanations hardly depend on what was learned


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
    check_gradients(predictor)
    how: dict[str, Any] = {
        "method": method,
        "target": options.target,
        "label": options.label,
        "background": options.reference,
        "count": options.references,
    }
    spec = row_target(predictor.schema, options.target)
    unit = unit_of(spec)
    column = plain(data.input(predictor.schema.own[0].name))
    assert isinstance(column, Sequences)  # as the model takes them
    alphabet = column.alphabet
    names, pictures, strongest, bases, deltas = [], [], [], [], []
    first: list[np.ndarray] = []
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
        strongest.append(int(np.abs(found.values).argmax()) + 1 if len(codes) else 0)
        bases.append(found.base)
        deltas.append(found.delta)
        first += [found.values] if row <= _CHECKED else []
    print(_sanity(predictor, data, how, first))
    index = {
        "table": np.array(names, object),
        "picture": np.array(pictures, object),
        "strongest_position": np.array(strongest),
    }
    if not np.isnan(deltas).all():
        index |= {"usual": np.array(bases, "f4"), "unexplained": np.array(deltas, "f4")}
    return index


def _sanity(
    predictor: Predictor, data: Dataset, how: dict[str, Any], found: list[np.ndarray]
) -> str:
    """What becomes of the contributions when what was learned is lost."""
    _, params = predictor.function(inputs="one_hot")
    some = data.take(np.arange(len(found)))
    others = sequence_attributions(
        predictor, some, **how, params=without_training(params)
    )
    alike = [
        spearmanr(np.abs(one), np.abs(other.values))[0]
        for one, other in zip(found, others, strict=True)
        if np.ptp(np.abs(one)) > 0 and np.ptp(np.abs(other.values)) > 0
    ]
    if not alike:
        return "check: no position contributes anything"
    mean = float(np.mean(np.asarray(alike, float)))
    verdict = (
        "they hardly depend on what was learned: do not trust them"
        if mean > _ALIKE
        else "they depend on what was learned"
    )
    return (
        f"check: with the weights of the networks in another order the contributions "
        f"correlate by {mean:.2f} (ranks): {verdict}"
    )


def _add_arguments(group: Any) -> None:
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
        help="how many shuffles (default: %(default)s)",
    )


_HELP = {
    "deeplift": "what the positions of a sequence contribute beside shuffled ones",
    "integrated": "the same by gradients along the way from these",
    "gradient": "gradient times input at each position",
    "smoothgrad": "the same of gradients averaged over noise",
    "saliency": "the size of the gradient at each position",
}

METHODS = tuple(
    Method(
        name,
        text,
        rows=functools.partial(explain_positions, method=name),
        check=lambda schema, options: sequence_input(schema.inputs),
        add_arguments=_add_arguments if name == "deeplift" else None,
    )
    for name, text in _HELP.items()
)
