"""Counterfactuals: the fewest changes of a row that change the answer."""

import dataclasses
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Float

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.errors import DataError, option
from jaxbio.explain.players import with_column
from jaxbio.explain.targets import chosen_outputs, log_odds, output_names, row_target
from jaxbio.predict.predictor import Predictor

MOST = 10
"""Changes after which is given up."""

_QUANTILES = np.linspace(0.05, 0.95, 7)  # of the background, that numbers are set to
_AT_ONCE = 4096  # changed rows that are predicted together


@dataclasses.dataclass(frozen=True)
class Change:
    """One change of a row.

    Attributes:
        column: The input or column; of a sequence the position, from 1.
        before: What stood there.
        after: What stands there then.
    """

    column: str
    before: str
    after: str

    def __str__(self) -> str:
        return f"{self.column}: {self.before} to {self.after}"


@dataclasses.dataclass(frozen=True)
class Counterfactual:
    """The changes that change the answer of a row.

    Attributes:
        changes: In the order in which they were made.
        before: The answer for the row itself.
        after: The answer with all of them.
        changed: Whether it is another one; if not, so many changes were not enough.
        choices: How many columns and positions there were to change.
    """

    changes: tuple[Change, ...]
    before: str
    after: str
    changed: bool
    choices: int


def counterfactuals(
    predictor: Predictor,
    data: Any,
    *,
    background: Any = None,
    target: str | None = None,
    most: int = MOST,
) -> Iterator[Counterfactual]:
    """Look for few changes of each row that change its class.

    Each step makes the one change that lowers the log-odds of the present answer most,
    until another class is likelier. Sequences are changed by substitutions, numbers
    within the middle 90 % of the background, categories to others of their levels. The
    search is greedy: there may be fewer changes that do it.

    Args:
        predictor: A model of classes.
        data: What it takes.
        background: Rows that say what values there are; None for the data.
        target: The target; None for the only one.
        most: Changes after which is given up.

    Raises:
        DataError: For a model of numbers, or one without columns or sequences that can
            be changed.

    Source:
        Wachter, Mittelstadt and Russell 2018, Counterfactual explanations without
        opening the black box, Harvard Journal of Law & Technology 31.

    Example:
        >>> import jaxbio as jb
        >>> x = np.linspace(-1, 1, 60, dtype=np.float32)[:, None]
        >>> kinds = jb.data.Category.from_values(np.where(x[:, 0] > 0, "up", "down"))
        >>> data = jb.Dataset({"x": jb.data.Numeric(x, ("x",))}, {"kind": kinds})
        >>> run = jb.fit(jb.MLP(hidden=()), None, data, epochs=60, members=1)
        >>> found = next(counterfactuals(run.predictor, data))
        >>> found.before, found.after, len(found.changes)
        ('down', 'up', 1)
    """
    spec = row_target(predictor.schema, target)
    if spec.kind != "class":
        raise DataError(
            f"target {spec.name} has no classes: numbers change with every change; "
            f"{option('method', 'shapley')} tells by how much"
        )
    if most < 1:
        raise DataError(f"{option('most', most)}: give at least 1 change")
    rows = predictor.dataset(data)
    usual = rows if background is None else predictor.dataset(background)
    changers = _changers(predictor, usual)
    names = output_names(spec)
    for at in range(len(rows)):
        row = rows.take(np.array([at]))
        inputs = Dataset(
            {each.name: plain(row.input(each.name)) for each in predictor.schema.own}
        )
        (code,) = chosen_outputs(predictor, inputs, spec).tolist()
        yield _search(predictor, inputs, changers, spec, int(code), names, most)


Changer = Callable[[Dataset], Iterator[tuple[Change, Dataset]]]
"""All single changes of a row, each with what becomes of it."""


def _search(
    predictor: Predictor,
    row: Dataset,
    changers: Sequence[Changer],
    spec: Any,
    code: int,
    names: Sequence[str],
    most: int,
) -> Counterfactual:
    made: list[Change] = []
    touched: set[str] = set()
    now, choices = code, 0
    while len(made) < most and now == code:
        tried = [
            (change, changed)
            for changer in changers
            for change, changed in changer(row)
            if change.column not in touched
        ]
        if not tried:
            break
        choices = choices or len({change.column for change, _ in tried})
        scores = _scores(predictor, [changed for _, changed in tried], spec, code)
        best = int(np.nanargmin(scores))
        change, row = tried[best]
        made.append(change)
        touched.add(change.column)
        (now,) = chosen_outputs(predictor, row, spec).tolist()
    before, after = names[code], names[int(now)]
    return Counterfactual(tuple(made), before, after, now != code, choices)


def _scores(
    predictor: Predictor, rows: Sequence[Dataset], spec: Any, code: int
) -> Float[np.ndarray, "n"]:
    """The log-odds of the answer for each changed row."""
    parts = []
    for start in range(0, len(rows), _AT_ONCE):
        some = concatenate(list(rows[start : start + _AT_ONCE]))
        predicted = jnp.asarray(predictor(some).by_target[spec.name])
        parts.append(np.asarray(log_odds(predicted, code, spec)))
    return np.concatenate(parts)


def _changers(predictor: Predictor, usual: Dataset) -> list[Changer]:
    found: list[Changer] = []
    for spec in predictor.schema.own:
        column = plain(usual.input(spec.name))
        if isinstance(column, Numeric):
            values = np.nanquantile(column.values, _QUANTILES, axis=0)
            found.append(_of_numbers(spec.name, values))
        elif isinstance(column, Category):
            levels = sorted({x for x in column.values if x is not None})
            found.append(_of_category(spec.name, levels))
        elif isinstance(column, Sequences) and not column.alphabet.tokens:
            found.append(_of_sequence(spec.name))
    if not found:
        kinds = ", ".join(f"{spec.name} ({spec.kind})" for spec in predictor.schema.own)
        raise DataError(
            f"columns and sequences of letters can be changed; this model takes {kinds}"
        )
    return found


def _of_numbers(name: str, values: np.ndarray) -> Changer:
    def changes(row: Dataset) -> Iterator[tuple[Change, Dataset]]:
        column = row.inputs[name]
        assert isinstance(column, Numeric)
        for at, title in enumerate(column.names):
            own = column.values[0, at]
            for value in np.unique(values[:, at]):
                if np.isnan(value) or value == own:
                    continue
                changed = column.values.copy()
                changed[0, at] = value
                before = "missing" if np.isnan(own) else f"{own:.4g}"
                yield (
                    Change(title, before, f"{value:.4g}"),
                    with_column(row, name, dataclasses.replace(column, values=changed)),
                )

    return changes


def _of_category(name: str, levels: Sequence[Any]) -> Changer:
    def changes(row: Dataset) -> Iterator[tuple[Change, Dataset]]:
        column = row.inputs[name]
        assert isinstance(column, Category)
        own = column.values[0]
        for level in levels:
            if level != own:
                other = dataclasses.replace(column, values=np.array([level], object))
                before = "missing" if own is None else str(own)
                yield Change(name, before, str(level)), with_column(row, name, other)

    return changes


def _of_sequence(name: str) -> Changer:
    def changes(row: Dataset) -> Iterator[tuple[Change, Dataset]]:
        column = row.inputs[name]
        assert isinstance(column, Sequences)
        alphabet = column.alphabet
        for at, own in enumerate(column.codes.tolist()):
            for code in range(alphabet.size):
                if code != own:
                    codes = column.codes.copy()
                    codes[at] = code
                    yield (
                        Change(str(at + 1), alphabet.spelt[own], alphabet.spelt[code]),
                        with_column(
                            row, name, dataclasses.replace(column, codes=codes)
                        ),
                    )

    return changes
