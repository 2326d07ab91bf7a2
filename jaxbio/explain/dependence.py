"""Partial dependence: how predictions change as one column is set to its values."""

import dataclasses
from collections.abc import Iterator, Sequence
from fnmatch import fnmatchcase
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, nearest
from jaxbio.explain.players import with_column
from jaxbio.explain.targets import log_odds, output_names, row_target
from jaxbio.predict.predictor import Predictor

MISSING = "missing"
"""The value of a column that is empty."""


@dataclasses.dataclass(frozen=True)
class Dependence:
    """Predictions as a column is set to each of some values.

    Attributes:
        column: The column.
        values: Numbers in their order, or names of levels; `missing` last, where the
            model has seen gaps.
        curves: The prediction of each row with each value, `[rows values]`: log-odds of
            a class or label, or a number in its units.
    """

    column: str
    values: tuple[Any, ...]
    curves: Float[np.ndarray, "rows values"]

    @property
    def mean(self) -> Float[np.ndarray, "values"]:
        """Their mean over rows."""
        return self.curves.mean(axis=0)

    @property
    def range(self) -> float:
        """How far the mean moves over all values but `missing`."""
        own = [x != MISSING for x in self.values]
        return float(np.ptp(self.mean[own])) if any(own) else 0.0


def partial_dependence(
    predictor: Predictor,
    data: Any,
    *,
    columns: Sequence[str] | None = None,
    target: str | None = None,
    label: str | None = None,
    points: int = 12,
) -> list[Dependence]:
    """How predictions depend on each column, all others as they are in the rows.

    Where columns say much the same, rows are made that do not occur.

    Args:
        predictor: A model with columns of numbers or categories.
        data: What it takes; all of its rows are changed.
        columns: Names or globs of columns; None for all.
        target: The target; None for the only one.
        label: The class, label or number; None for the only or the last one.
        points: Values that a number is set to, quantiles of the rows.

    Raises:
        DataError: For a model without such columns, or a name that is not there.

    Source:
        Friedman 2001, Greedy function approximation; Goldstein et al. 2015 for the
        curves of single rows.

    Example:
        >>> import jaxbio as jb
        >>> x = np.linspace(-1, 1, 60, dtype=np.float32)[:, None]
        >>> data = jb.Dataset(
        ...     {"x": jb.data.Numeric(x, ("x",))}, {"y": jb.data.Numeric(2 * x, ("y",))}
        ... )
        >>> run = jb.fit(jb.MLP(hidden=()), None, data, epochs=60, members=1)
        >>> (found,) = partial_dependence(run.predictor, data, points=3)
        >>> len(found.values), bool((np.diff(found.mean) > 0).all())
        (3, True)
    """
    spec = row_target(predictor.schema, target)
    names = output_names(spec)
    label = label or names[-1]
    if label not in names:
        raise DataError(f"target {spec.name} has no {label!r}: {nearest(label, names)}")
    code = names.index(label)
    rows = predictor.dataset(data)
    plainly = {x.name: plain(rows.input(x.name)) for x in predictor.schema.own}
    rows = Dataset(plainly, source=rows.source)
    found = []
    known: list[str] = []
    for name, settings in _settings(predictor, rows, points):
        known.append(name)
        if columns is not None and not any(fnmatchcase(name, x) for x in columns):
            continue
        values, curves = [], []
        for value, changed in settings:
            predicted = predictor(changed).by_target[spec.name]
            values.append(value)
            curves.append(np.asarray(log_odds(jnp.asarray(predicted), code, spec)))
        found.append(Dependence(name, tuple(values), np.stack(curves, axis=1)))
    if not known:
        kinds = ", ".join(f"{x.name} ({x.kind})" for x in predictor.schema.own)
        raise DataError(f"there are no columns to change; this model takes {kinds}")
    if not found:
        assert columns is not None
        wrong = columns[0]
        raise DataError(f"the model has no column {wrong!r}: {nearest(wrong, known)}")
    return found


Settings = Iterator[tuple[Any, Dataset]]
"""Values of a column, and the rows when it has them."""


def _settings(
    predictor: Predictor, rows: Dataset, points: int
) -> Iterator[tuple[str, Settings]]:
    for spec in predictor.schema.own:
        column = rows.inputs[spec.name]
        if isinstance(column, Numeric) and spec.kind == "numeric":
            for at, name in enumerate(column.names):
                yield name, _of_number(rows, spec.name, column, at, points)
        elif isinstance(column, Category):
            yield spec.name, _of_category(rows, spec.name, column)


def _of_number(
    rows: Dataset, name: str, column: Numeric, at: int, points: int
) -> Settings:
    own = column.values[:, at]
    known = own[~np.isnan(own)]
    shares = np.linspace(0.02, 0.98, points)
    some = np.unique(np.quantile(known, shares)) if len(known) else np.zeros(0)
    values = [float(x) for x in some]
    for value in [*values, *([np.nan] if len(known) < len(own) else [])]:
        changed = column.values.copy()
        changed[:, at] = value
        shown = MISSING if np.isnan(value) else value
        yield (
            shown,
            with_column(rows, name, dataclasses.replace(column, values=changed)),
        )


def _of_category(rows: Dataset, name: str, column: Category) -> Settings:
    levels = sorted({str(x) for x in column.values if x is not None})
    has_gaps = any(x is None for x in column.values)
    for level in [*levels, *([None] if has_gaps else [])]:
        values = np.full(len(column.values), level, object)
        other = dataclasses.replace(column, values=values)
        yield level or MISSING, with_column(rows, name, other)
