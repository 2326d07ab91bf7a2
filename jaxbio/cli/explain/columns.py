"""Columns of tables, and inputs: Shapley values and permutation importance."""

import argparse
import contextlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.cli.console import lookups_of, source_of
from jaxbio.cli.explain.contributions import write_contributions, write_frame
from jaxbio.cli.explain.method import Method
from jaxbio.cli.explain.rows import chosen_rows, labelled_rows
from jaxbio.cli.explain.sanity import CHECKED, check_line, check_whole
from jaxbio.cli.rows import columns_of
from jaxbio.data import Dataset, stream, write_table
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError
from jaxbio.explain import (
    contributions,
    partial_dependence,
    permutation_importance,
)
from jaxbio.explain.agreement import effect_agreement
from jaxbio.explain.players import players_of
from jaxbio.explain.shapley_values import SAMPLES
from jaxbio.explain.targets import row_target, unit_of
from jaxbio.plot import dependence_curves, importance_bars, save
from jaxbio.predict.predictor import Predictor

_CHECK_SAMPLES = 16  # orders a row, for the check of untrained networks
_CHECK_BACKGROUND = 20  # rows
_CHECK_ROWS = 500  # of those that are shuffled
_PANELS = 12  # of a page
_BACKGROUND_ROWS = 2000  # of the file, from which some are drawn


def explain_rows(
    predictor: Predictor,
    data: Dataset,
    explained: np.ndarray,
    folder: Path,
    options: argparse.Namespace,
) -> dict[str, np.ndarray]:
    """The contributions of columns to each prediction, with a picture each."""
    background = background_rows(predictor.schema, options)
    columns = columns_of(options.columns) or None
    how: dict[str, Any] = {
        "target": options.target,
        "columns": columns,
        "by_input": options.by_input,
        "unknown": options.unknown,
    }
    found = contributions(
        predictor,
        data,
        **how,
        background=background,
        label=options.label,
        samples=options.samples,
    )
    players = players_of(predictor.schema, columns, by_input=options.by_input)
    index = write_contributions(found, players, data, folder, options)

    def again(other: Predictor, rows: Dataset, label: str | None) -> Sequence[Any]:
        few = background.take(np.arange(min(len(background), _CHECK_BACKGROUND)))
        samples = min(options.samples, _CHECK_SAMPLES)
        found = contributions(
            other, rows, **how, background=few, label=label, samples=samples
        )
        return list(found.values)

    print(check_line(predictor, data, explained, list(found.values), again))
    return index


def explain_scores(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """How much worse the score of a file's rows is without each column."""
    data = labelled_rows(predictor, options)
    how: dict[str, Any] = {
        "target": options.target,
        "columns": columns_of(options.columns) or None,
    }
    found = permutation_importance(predictor, data, **how)
    table = found.frame()
    write_frame(table, folder / "importance.tsv")
    low, high = np.quantile(found.drops, (0.025, 0.975), axis=1)
    page = importance_bars(
        found.columns, found.drops.mean(axis=1), low=low, high=high,
        unit=f"fall of {found.metric} ({found.score:.3f}) when shuffled",
    )  # fmt: skip
    save(page, folder / f"importance.{options.format}")
    print(table.head(10).to_string(index=False, float_format=lambda x: f"{x:.4f}"))
    order = np.random.default_rng(0).permutation(len(data))
    few = data.take(order[:_CHECK_ROWS])

    def again(other: Predictor) -> np.ndarray:
        drops = permutation_importance(other, few, **how, repeats=1).drops
        return drops.mean(axis=1)

    means = found.drops.mean(axis=1)
    print(check_whole(predictor, means, again, effect_agreement, what="importances"))
    return len(data), "importance.tsv"


def explain_dependence(
    predictor: Predictor, folder: Path, options: argparse.Namespace
) -> tuple[int, str]:
    """How predictions depend on each column, as curves and as a table."""
    data = chosen_rows(predictor, options)
    how: dict[str, Any] = {
        "target": options.target,
        "label": options.label,
        "columns": columns_of(options.columns) or None,
    }
    found = partial_dependence(predictor, data, **how)
    found.sort(key=lambda each: -each.range)
    table = {
        "column": np.array([x.column for x in found for _ in x.values], object),
        "value": np.array([str(v) for x in found for v in x.values], object),
        "prediction": np.concatenate([x.mean for x in found]).astype(np.float32),
    }
    write_table([table], folder / "dependence.tsv")
    spec = row_target(predictor.schema, options.target)
    shown = found[:_PANELS]
    page = dependence_curves(
        [x.column for x in shown], [x.values for x in shown], [x.curves for x in shown],
        unit=unit_of(spec),
    )  # fmt: skip
    save(page, folder / f"dependence.{options.format}")
    first = [f"{x.column} {x.range:.3g}" for x in found[:3]]
    print(f"how far the mean prediction moves: {', '.join(first)}")
    few = data.take(np.arange(min(len(data), CHECKED)))

    def again(other: Predictor) -> np.ndarray:
        curves = [x.mean for x in partial_dependence(other, few, **how)]
        return np.concatenate([each - each.mean() for each in curves])

    line = check_whole(
        predictor, again(predictor), again, effect_agreement, what="curves"
    )
    print(line)
    return len(data), "dependence.tsv"


def background_rows(schema: Schema, options: argparse.Namespace) -> Dataset:
    """Rows of the background: the first ones of its file, or of the file itself."""
    source = source_of(options.background or options.data, vars(options))
    rows = stream(
        source,
        schema,
        unknown=options.unknown,
        lookups=lookups_of(getattr(options, "lookup", None)),
        rows=_BACKGROUND_ROWS,
    )
    with contextlib.closing(rows):
        first = next(rows, None)
    if first is None:
        named = options.background or options.data
        raise DataError(f"{named}: no rows for the background")
    return first


def _add_arguments(group: Any) -> None:
    group.add_argument(
        "--columns",
        action="append",
        metavar="COL[,COL…]",
        help="for shapley, permutation, dependence and gradients, names or globs of "
        "the columns that are looked at; the others are taken as one (default: all)",
    )
    group.add_argument(
        "--by-input",
        action="store_true",
        help="for shapley and gradients, take all columns of an input as one, to see "
        "how much each input contributes",
    )
    group.add_argument(
        "--background",
        metavar="FILE",
        help="for shapley, counterfactual, and integrated and deeplift of columns, "
        "rows that say what is usual, best those of training (default: the rows of "
        "DATA)",
    )
    group.add_argument(
        "--samples",
        type=int,
        default=SAMPLES,
        metavar="N",
        help="for shapley of more than 6 columns, orders in which columns come in, a "
        "row (default: %(default)s)",
    )


METHODS = (
    Method(
        "shapley",
        "what each column or input contributes to each prediction",
        rows=explain_rows,
        fits=lambda schema: True,
        add_arguments=_add_arguments,
    ),
    Method(
        "permutation",
        "how much worse the score of labelled rows is without each column",
        file=explain_scores,
        takes_function=False,
    ),
    Method(
        "dependence",
        "how predictions change as each column is set to each of its values",
        file=explain_dependence,
    ),
)
