"""Groups of like rows of a cohort: their centers and what became of them, no row."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Int64

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.data.specs import TargetSpec
from jaxbio.metrics.competing_risks import aalen_johansen
from jaxbio.metrics.survival import kaplan_meier

FEWEST = 20
"""Rows of a group, at least."""

_MOST_GROUPS = 200
_MOST_COLUMNS = 100  # beyond which all rows are about as far from each other
_MOST_AWAY = 3.0  # standard deviations that count
_NAMED = 5  # rows of a category that has a place


def microaggregate(
    values: Float[np.ndarray, "n columns"], fewest: int = FEWEST
) -> Int64[np.ndarray, "n"]:
    """Groups of like rows, none of which is small.

    Groups are halved along the direction in which they vary most, until they would be
    too small.

    Args:
        values: The rows.
        fewest: Rows of a group.

    Returns:
        The number of the group of each row, from 0 on.

    Source:
        Domingo-Ferrer J, Mateo-Sanz JM (2002) IEEE Transactions on Knowledge and Data
        Engineering 14:189 (microaggregation).

    Example:
        >>> microaggregate(np.array([[9.0], [1.0], [8.0], [2.0]]), 2).tolist()
        [1, 0, 1, 0]
    """
    found = np.zeros(len(values), np.int64)
    waiting, done = [np.arange(len(values))], []
    while waiting:
        rows = waiting.pop()
        if len(rows) < 2 * fewest:
            done.append(rows)
            continue
        away = values[rows] - values[rows].mean(axis=0)
        _, vectors = np.linalg.eigh(away.T @ away)
        main = vectors[:, -1]
        main = main * np.sign(main[np.abs(main).argmax()])
        order = rows[np.argsort(away @ main, kind="stable")]
        waiting += [order[len(order) // 2 :], order[: len(order) // 2]]
    for number, rows in enumerate(done):
        found[rows] = number
    return found


@dataclasses.dataclass(frozen=True)
class Space:
    """Columns in which rows are alike or not.

    Attributes:
        numbers: By column of numbers the mean and the standard deviation.
        labels: By column of categories those that have a place.
    """

    numbers: Mapping[str, tuple[float, float]]
    labels: Mapping[str, tuple[str, ...]]

    @classmethod
    def of(cls, rows: Dataset) -> "Space":
        """The space of a cohort: its columns of numbers and of categories."""
        numbers, labels = {}, {}
        for name, column in rows.inputs.items():
            if isinstance(column, Category):
                known = [str(x) for x in column.values.tolist() if x is not None]
                names, counts = np.unique(np.array(known, str), return_counts=True)
                labels[name] = tuple(map(str, names[counts >= _NAMED]))
            elif isinstance(column, Numeric):
                for title, values in zip(column.names, column.values.T, strict=True):
                    there = values[np.isfinite(values)].astype(np.float64)
                    if len(there) and there.std() > 0:
                        numbers[title] = float(there.mean()), float(there.std())
        return cls(numbers, labels)

    @property
    def width(self) -> int:
        """The number of coordinates."""
        return len(self.numbers) + sum(map(len, self.labels.values()))

    def coordinates(self, rows: Dataset) -> Float[np.ndarray, "n width"]:
        """Rows as points; NaN where a value is missing.

        A number counts in standard deviations, and categories that differ as one.
        """
        points = {
            title: values.astype(np.float64)
            for column in rows.inputs.values()
            if isinstance(column, Numeric)
            for title, values in zip(column.names, column.values.T, strict=True)
        }
        parts = []
        for title, (mean, deviation) in self.numbers.items():
            values = points.get(title, np.full(len(rows), np.nan))
            scaled = (values - mean) / deviation
            parts.append(np.clip(scaled, -_MOST_AWAY, _MOST_AWAY)[:, None])
        for name, known in self.labels.items():
            column = rows.inputs.get(name)
            cells: Any = np.full(len(rows), None, object)
            if isinstance(column, Category):
                cells = np.asarray(column.values, object)
            block = np.zeros((len(rows), len(known)))
            for place, label in enumerate(known):
                block[:, place] = np.sqrt(0.5) * (cells == label)
            block[[cell is None for cell in cells]] = np.nan
            parts.append(block)
        return np.concatenate(parts, axis=1) if parts else np.zeros((len(rows), 0))


def summarize_groups(
    rows: Dataset, specs: Sequence[TargetSpec], targets: Mapping[str, Any]
) -> dict[str, Any]:
    """Groups of like rows: their centers, and what became of them, as JSON values.

    Args:
        rows: The cohort.
        specs: Its targets.
        targets: What was observed, encoded.

    Returns:
        `numbers` and `labels` of the `Space`, and `groups`, each with its number of
        `rows`, its `center`, the distance within which nine tenths of its rows are of
        that (`reach`), and by target what `_outcome` tells; empty for fewer than 40
        rows, for more than 100 columns, or without a column of numbers or categories.
    """
    numbers = [x.names for x in rows.inputs.values() if isinstance(x, Numeric)]
    if len(rows) < 2 * FEWEST or sum(map(len, numbers)) > _MOST_COLUMNS:
        return {}
    space = Space.of(rows)
    if not 0 < space.width <= _MOST_COLUMNS:
        return {}
    points = np.nan_to_num(space.coordinates(rows))
    group = microaggregate(points, max(FEWEST, len(rows) // _MOST_GROUPS))
    groups = []
    for number in range(int(group.max()) + 1):
        own = np.flatnonzero(group == number)
        center = points[own].mean(axis=0)
        away = np.sqrt(np.square(points[own] - center).sum(axis=1))
        told = {}
        for spec in specs:
            if not spec.per_position and isinstance(targets[spec.name], np.ndarray):
                seen = _outcome(spec, np.asarray(targets[spec.name], np.float64)[own])
                told |= {spec.name: seen} if seen else {}
        groups.append(
            {
                "rows": len(own),
                "center": [float(f"{x:.4g}") for x in center],
                "reach": float(f"{np.quantile(away, 0.9):.4g}"),
                "targets": told,
            }
        )
    return {
        "numbers": {name: list(pair) for name, pair in space.numbers.items()},
        "labels": {name: list(known) for name, known in space.labels.items()},
        "groups": groups,
    }


def nearest_group(known: Mapping[str, Any], row: Dataset) -> tuple[dict, float]:
    """The group whose center is nearest to a row, and how far that is.

    What the row lacks is not compared.

    Args:
        known: What `summarize_groups` gave, not empty.
        row: One row.

    Returns:
        The group, and the distance from its center over its `reach`: above 1 for a row
        that is less like the group than nine tenths of its own rows.
    """
    space = Space(
        {name: (pair[0], pair[1]) for name, pair in known["numbers"].items()},
        {name: tuple(labels) for name, labels in known["labels"].items()},
    )
    point = space.coordinates(row)[0]
    there = ~np.isnan(point)
    centers = np.array([group["center"] for group in known["groups"]])
    away = np.square(centers[:, there] - point[there]).sum(axis=1)
    at = int(away.argmin())
    group = known["groups"][at]
    # As far as it would be with all its values.
    scale = len(point) / max(int(there.sum()), 1)
    return group, float(np.sqrt(away[at] * scale) / max(group["reach"], 1e-9))


def _outcome(
    spec: TargetSpec, values: Float[np.ndarray, "n *columns"]
) -> dict[str, Any]:
    """What was seen of a target in a group; nothing if of too few rows.

    `known` rows, with the `mean` of each column of numbers or labels, the `counts` of
    classes, the `survival` at the times of the grid (Kaplan-Meier), or the `incidence`
    of each cause (Aalen-Johansen).
    """
    table = values.reshape(len(values), -1)
    missing = table < 0 if spec.kind == "class" else np.isnan(table)
    table = table[~missing.any(axis=1)]
    if len(table) < FEWEST // 2:
        return {}
    found: dict[str, Any] = {"known": len(table)}
    if spec.kind == "class":
        counts = np.bincount(table[:, 0].astype(int), minlength=len(spec.classes))
        return found | {"counts": dict(zip(spec.classes, counts.tolist(), strict=True))}
    times = np.asarray(spec.times)
    if spec.kind == "survival":
        curve = kaplan_meier(table[:, 0], table[:, 1], entry=table[:, 2])
        return found | {"survival": _few_digits(curve.at(times))}
    if spec.kind == "competing":
        cause = table[:, 1].astype(np.int64)
        count = len(spec.causes)
        curves = aalen_johansen(table[:, 0], cause, count, entry=table[:, 2]).at(times)
        pairs = zip(spec.causes, curves, strict=True)
        return found | {"incidence": {name: _few_digits(x) for name, x in pairs}}
    if spec.kind not in ("number", "count", "labels"):
        return {}
    offset = np.asarray(spec.offset or np.zeros(table.shape[1]))
    means = _few_digits(table.mean(axis=0) + offset)
    return found | {"mean": dict(zip(spec.columns, means, strict=True))}


def _few_digits(values: Float[np.ndarray, "_"]) -> list[float]:
    return [float(f"{each:.4g}") for each in values]
