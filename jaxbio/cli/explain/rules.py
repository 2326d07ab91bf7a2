"""Rules that imitate a model."""

import argparse
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.rows import labelled_rows, read_rows
from jaxbio.cli.explain.sanity import check_whole
from jaxbio.data import Dataset, write_table
from jaxbio.errors import DataError
from jaxbio.explain.agreement import answer_agreement
from jaxbio.explain.surrogate import OneAnswer, rules
from jaxbio.predict.predictor import Predictor


def explain_by_rules(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """The rules as text and as a table, with how well they imitate the model."""
    data = _rows(predictor, options)
    how: dict[str, Any] = {
        "target": options.target,
        "label": options.label,
        "depth": options.depth,
    }
    found = rules(predictor, data, **how)
    (folder / "rules.txt").write_text(f"{found}\n")
    table = {
        "conditions": np.array(
            [" and ".join(x.conditions) for x in found.rules], object
        ),
        "answer": np.array([x.answer for x in found.rules], object),
        "rows": np.array([x.rows for x in found.rules]),
        "spread" if found.is_number else "share": np.array(
            [x.share for x in found.rules], np.float32
        ),
    }
    write_table([table], folder / "rules.tsv")
    print(found)

    def again(other: Predictor) -> np.ndarray:
        try:
            return rules(other, data, **how).answers
        except OneAnswer:
            return np.zeros_like(found.answers)

    line = check_whole(
        predictor, found.answers, again, answer_agreement, what="answers of rules"
    )
    print(line)
    return len(data), "rules.tsv"


def _rows(predictor: Predictor, options: argparse.Namespace) -> Dataset:
    """The rows, with labels where the file has them."""
    try:
        return labelled_rows(predictor, options)
    except DataError as error:
        data = read_rows(predictor, options)  # which says what is wrong with inputs
        print(f"rules are not scored, as labels cannot be read: {error}")
        return data


def _add_arguments(group: Any) -> None:
    group.add_argument(
        "--depth",
        type=int,
        default=3,
        metavar="N",
        help="for rules, the most conditions of one (default: %(default)s)",
    )


METHODS = (
    Method(
        "rules",
        "a few rules in words that answer as the model mostly does",
        file=explain_by_rules,
        add_arguments=_add_arguments,
    ),
)
