"""One row beside a cohort: what its columns contribute, lack, and have beyond it."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float

from jaxbio.clinical.patient import Contribution, Gap, Outside
from jaxbio.data.columns.category import Category, CategorySpec
from jaxbio.data.columns.numeric import Numeric, NumericSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.schema import Schema
from jaxbio.explain.players import Mixer, cells, players_of
from jaxbio.explain.shapley_values import shapley
from jaxbio.run.cohort import QUANTILES

Score = Callable[[Dataset], Float[np.ndarray, "n"]]
"""The number that is explained, of each row."""

MOST = 200
"""Columns beyond which contributions are not computed one by one."""

TOGETHER = "all of them"
_BACKGROUND = 40
_JOINT = 64  # fillings of all gaps together


def typical_rows(
    rows: Dataset, columns: Mapping[str, Any], count: int, *, seed: int = 0
) -> Dataset:
    """Rows whose columns are drawn from those of a cohort, each by itself.

    Args:
        rows: One row, of which inputs are kept that the cohort says nothing of.
        columns: What `summarize_columns` says of the cohort.
        count: How many rows.
        seed: Of the draws.

    Example:
        >>> x = Numeric(np.array([[7.0]], np.float32), ("age",))
        >>> known = {"age": {"count": 9, "missing": 0, "quantiles": [2.0] * 21}}
        >>> typical_rows(Dataset({"x": x}), known, 2).inputs["x"].values.tolist()
        [[2.0], [2.0]]
    """
    rng = np.random.default_rng(seed)
    base = rows.take(np.zeros(count, np.int64))
    inputs = dict(base.inputs)
    for name, column in base.inputs.items():
        if isinstance(column, Category) and name in columns:
            drawn = _labels(columns[name], count, rng)
            inputs[name] = dataclasses.replace(column, values=drawn)
        elif isinstance(column, Numeric):
            values = column.values.copy()
            for at, title in enumerate(column.names):
                if title in columns:
                    values[:, at] = _numbers(columns[title], count, rng)
            inputs[name] = dataclasses.replace(column, values=values)
    return Dataset(inputs, source=rows.source)


def _labels(
    known: Mapping[str, Any], count: int, rng: np.random.Generator
) -> np.ndarray:
    names = np.array([*known["labels"], None], object)
    sizes = np.array([*known["labels"].values(), known["missing"]], np.float64)
    if not sizes.sum():
        return np.full(count, None, object)
    return names[rng.choice(len(names), count, p=sizes / sizes.sum())]


def _numbers(
    known: Mapping[str, Any], count: int, rng: np.random.Generator
) -> np.ndarray:
    if not known["quantiles"]:
        return np.full(count, np.nan)
    drawn = np.interp(rng.random(count), QUANTILES, known["quantiles"])
    if known.get("whole"):
        drawn = np.round(drawn)
    share = known["missing"] / max(known["count"] + known["missing"], 1)
    return np.where(rng.random(count) < share, np.nan, drawn)


def contributions_of(
    score: Score,
    schema: Schema,
    row: Dataset,
    columns: Mapping[str, Any],
    *,
    samples: int = 32,
    seed: int = 0,
) -> tuple[tuple[Contribution, ...], float]:
    """What each column of a row contributes to its score; see `shapley`.

    Args:
        score: What is explained.
        schema: The inputs of the model.
        row: One row.
        columns: What is known of the cohort, from which other values come, each column
            by itself.
        samples: Orders of the columns.
        seed: Of the draws.

    Returns:
        The contributions, the greatest first, and the mean score of the cohort's rows;
        nothing and NaN for more than 200 columns, or none that the cohort knows.
    """
    players = players_of(schema)
    known = [player for player in players if player.name in columns]
    if not known or len(players) > MOST:
        return (), float("nan")
    background = typical_rows(row, columns, _BACKGROUND, seed=seed)
    mixer = Mixer.of(players, row, background)

    def value(there: np.ndarray, other: np.ndarray) -> np.ndarray:
        return score(mixer(there, np.zeros(len(there), np.int64), other))

    values, _ = shapley(value, len(players), _BACKGROUND, samples=samples, seed=seed)
    texts = cells(players, row)[0]
    found = [
        Contribution(player.name, str(text), float(x))
        for player, text, x in zip(players, texts, values, strict=True)
        if player.name in columns
    ]
    found.sort(key=lambda each: -abs(each.value))
    return tuple(found), float(score(row)[0] - values.sum())


def gaps_of(
    score: Score, row: Dataset, columns: Mapping[str, Any], *, seed: int = 0
) -> tuple[Gap, ...]:
    """Missing values of a row, and the scores with values of the cohort in their place.

    Args:
        score: What is predicted.
        row: One row.
        columns: What is known of the cohort.
        seed: Of the draws by which all gaps are filled together.

    Returns:
        The gaps, the one that could change most first; before them that of all together
        if there are several.
    """
    found, holes = [], []
    for name, column in row.inputs.items():
        if isinstance(column, Category) and column.values[0] is None:
            labels = list(columns.get(name, {}).get("labels", ()))
            holes.append((name, None))
            if labels:
                values = np.array(labels, object)
                found.append((name, name, dataclasses.replace(column, values=values)))
        elif isinstance(column, Numeric):
            for at in np.flatnonzero(np.isnan(column.values[0])):
                title = column.names[at]
                holes.append((name, int(at)))
                cuts = columns.get(title, {}).get("quantiles", [])
                if cuts:
                    values = np.repeat(column.values, len(cuts), axis=0)
                    values[:, at] = cuts
                    filled = dataclasses.replace(column, values=values)
                    found.append((title, name, filled))
    gaps = []
    for title, name, column in found:
        rows = row.take(np.zeros(len(column), np.int64))
        scores = score(Dataset({**rows.inputs, name: column}, source=row.source))
        gaps.append(Gap(title, float(scores.min()), float(scores.max())))
    gaps.sort(key=lambda each: each.low - each.high)
    if len(found) < 2:
        return tuple(gaps)
    drawn = typical_rows(row, columns, _JOINT, seed=seed)
    scores = score(_filled(row, drawn, holes))
    return (Gap(TOGETHER, float(scores.min()), float(scores.max())), *gaps)


def _filled(
    row: Dataset, drawn: Dataset, holes: Sequence[tuple[str, int | None]]
) -> Dataset:
    """The row as often as others were drawn, its gaps filled from these."""
    inputs = dict(row.take(np.zeros(len(drawn), np.int64)).inputs)
    for name, at in holes:
        column, other = inputs[name], drawn.inputs[name]
        if at is None:
            inputs[name] = other
        else:
            assert isinstance(column, Numeric) and isinstance(other, Numeric)
            values = column.values.copy()
            values[:, at] = other.values[:, at]
            inputs[name] = dataclasses.replace(column, values=values)
    return Dataset(inputs, source=row.source)


def outside_of(schema: Schema, row: Dataset) -> tuple[Outside, ...]:
    """Values of a row that are beyond all those of the training rows.

    Args:
        schema: What the training rows taught.
        row: One row.
    """
    found = []
    for spec in schema.own:
        column = row.inputs[spec.name]
        if isinstance(spec, NumericSpec) and isinstance(column, Numeric) and spec.low:
            places = {name: at for at, name in enumerate(column.names)}
            for name, low, high in zip(spec.columns, spec.low, spec.high, strict=True):
                value = column.values[0, places[name]] if name in places else np.nan
                # Limits are those of float32 values.
                slack = 1e-6 * max(abs(low), abs(high))
                if value < low - slack or value > high + slack:
                    found.append(Outside(name, f"{value:g}", f"{low:g} to {high:g}"))
        elif isinstance(spec, CategorySpec) and isinstance(column, Category):
            label = column.values[0]
            if label is not None and label not in spec.categories:
                known = ", ".join(spec.categories[:8])
                found.append(Outside(spec.name, str(label), known))
    return tuple(found)
