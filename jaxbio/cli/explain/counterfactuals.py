"""The fewest changes of rows that change the answer."""

import argparse
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.cli.explain.columns import background_rows
from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.sanity import CHECKED, check_whole
from jaxbio.data import Dataset
from jaxbio.explain.agreement import choice_agreement
from jaxbio.explain.fewest_changes import MOST, Counterfactual, counterfactuals
from jaxbio.predict.predictor import Predictor


def explain_by_changes(
    predictor: Predictor,
    data: Dataset,
    explained: np.ndarray,
    folder: Path,
    options: argparse.Namespace,
) -> dict[str, np.ndarray]:
    """The changes of each row, in a column of the index."""
    how: dict[str, Any] = {
        "background": background_rows(predictor.schema, options),
        "target": options.target,
        "most": options.most,
    }
    found = list(counterfactuals(predictor, data, **how))
    done = sum(each.changed for each in found)
    print(f"{done} of {len(found)} rows get another answer by at most {options.most}")
    few = data.take(np.arange(min(len(data), CHECKED)))
    line = check_whole(
        predictor,
        found[: len(few)],
        lambda other: list(counterfactuals(other, few, **how)),
        _agreement,
        what="changes",
    )
    print(line)
    return {
        "changes": np.array(["; ".join(map(str, x.changes)) for x in found], object),
        "count": np.array([len(x.changes) for x in found]),
        "becomes": np.array([x.after if x.changed else "" for x in found], object),
    }


def _agreement(
    found: Sequence[Counterfactual], others: Sequence[Counterfactual]
) -> float:
    """Of the columns and positions that are changed."""
    one, other = (
        [{change.column for change in each.changes} for each in some]
        for some in (found, others)
    )
    return choice_agreement(one, other, [each.choices for each in found])


def _add_arguments(group: Any) -> None:
    group.add_argument(
        "--most",
        type=int,
        default=MOST,
        metavar="N",
        help="for counterfactual, the most changes of a row (default: %(default)s)",
    )


METHODS = (
    Method(
        "counterfactual",
        "the few changes of a row, in sequence or columns, that change its class",
        rows=explain_by_changes,
        takes_function=False,
        add_arguments=_add_arguments,
    ),
)
