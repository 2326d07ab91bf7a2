"""Shapley values: what each column of a row contributes to its prediction."""

import dataclasses
import functools
import itertools
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

import jax.numpy as jnp
import numpy as np
from jaxtyping import Bool, Float, Int64

from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, JaxbioError, option
from jaxbio.explain.players import Mixer, Player, players_of
from jaxbio.explain.targets import (
    chosen_outputs,
    log_odds,
    output_names,
    row_target,
    unit_of,
)
from jaxbio.predict.predictor import Predictor

if TYPE_CHECKING:
    import pandas

Value = Callable[
    [Bool[np.ndarray, "n players"], Int64[np.ndarray, "n"]], Float[np.ndarray, "n"]
]
"""What a prediction is where only some players come from the row, and the others from
the row of the background whose number is given."""

EXACT = 6
"""Up to so many players all coalitions are asked."""

BACKGROUND = 100
"""Rows of the background that are drawn, at most."""

SAMPLES = 200
"""Orders a row: each row of the background with one order and its reverse."""

_LEAST_BACKGROUND = 10
_MOST_PLAYERS = 512
_TOGETHER = 1 << 14  # rows that are put together at once


def shapley(
    value: Value,
    players: int,
    background: int,
    *,
    samples: int = SAMPLES,
    seed: int = 0,
) -> tuple[Float[np.ndarray, "players"], Float[np.ndarray, "players"]]:
    """Shapley values of one row (Shapley 1953; Strumbelj & Kononenko 2014).

    Of few players all coalitions are asked, each with every row of the background. Of
    more, players come in in random orders, each order once forwards and once backwards
    (Mitchell et al. 2022) with a row of the background; each of these is taken as often
    as any other, as far as that goes.

    Args:
        value: The prediction for coalitions.
        players: How many there are.
        background: How many rows the rest can come from.
        samples: Orders, rounded up to even; without effect where all are asked.
        seed: Of the draws.

    Returns:
        The values, which add up to the prediction less that of the background (the mean
        of those rows that were drawn), and the standard error of each by sampling.

    Example:
        >>> weights, row, other = np.array([1.0, -2.0]), np.ones(2), np.zeros(2)
        >>> value = lambda there, _: np.where(there, row, other) @ weights
        >>> shapley(value, 2, 1)[0].tolist()
        [1.0, -2.0]
    """
    if players <= EXACT:
        return _exact(value, players, background), np.zeros(players)
    rng = np.random.default_rng(seed)
    pairs = -(-samples // 2)
    orders, others = [], []
    for drawn in _in_turn(background, pairs, rng):
        order = rng.permutation(players)
        orders += [order, order[::-1]]
        others += [drawn] * 2
    steps = players + 1
    there = np.zeros((len(orders), steps, players), bool)
    for at, order in enumerate(orders):
        for step in range(1, steps):
            there[at, step:, order[step - 1]] = True
    rows = np.repeat(np.array(others), steps)
    found = value(there.reshape(-1, players), rows).reshape(len(orders), steps)
    gains = np.empty((len(orders), players))
    for at, order in enumerate(orders):
        gains[at, order] = np.diff(found[at])
    means = gains.reshape(pairs, 2, players).mean(axis=1)  # of an order and its reverse
    errors = means.std(axis=0, ddof=1) / math.sqrt(pairs) if pairs > 1 else means * 0
    return means.mean(axis=0), errors


def _in_turn(
    background: int, count: int, rng: np.random.Generator
) -> Int64[np.ndarray, "count"]:
    """Rows of the background, all as often as each other as far as that goes.

    Rows that differ by chance would be most of the error: of a linear model all of it.
    """
    turns = -(-count // background)
    rows = np.concatenate([rng.permutation(background) for _ in range(turns)])
    return rows[:count]


def _exact(value: Value, players: int, background: int) -> Float[np.ndarray, "players"]:
    """By the definition, over all coalitions."""
    coalitions = np.array(list(itertools.product((False, True), repeat=players)), bool)
    rows = np.tile(np.arange(background), len(coalitions))
    asked = np.repeat(coalitions, background, axis=0)
    worth = value(asked, rows).reshape(len(coalitions), background).mean(axis=1)
    by_coalition = dict(zip(map(tuple, coalitions.tolist()), worth, strict=True))
    found = np.zeros(players)
    for coalition, without in by_coalition.items():
        size = sum(coalition)
        for player in range(players):
            if not coalition[player]:
                joined = (*coalition[:player], True, *coalition[player + 1 :])
                weight = math.factorial(size) * math.factorial(players - size - 1)
                gain = by_coalition[joined] - without
                found[player] += weight / math.factorial(players) * gain
    return found


@dataclasses.dataclass(frozen=True)
class Contributions:
    """What each column contributes to the prediction of each row.

    Attributes:
        ids: The rows.
        columns: The columns.
        values: Contributions, in log odds of a class or in units of a number.
        errors: Their standard errors by sampling; 0 where all coalitions were asked.
        predictions: What is explained, in the same units.
        explained: The class, label or number.
        unit: `log odds`, or empty for numbers.
    """

    ids: np.ndarray
    columns: tuple[str, ...]
    values: Float[np.ndarray, "n columns"]
    errors: Float[np.ndarray, "n columns"]
    predictions: Float[np.ndarray, "n"]
    explained: tuple[str, ...]
    unit: str

    @property
    def base(self) -> Float[np.ndarray, "n"]:
        """What would be predicted without the row: the mean over the background."""
        return self.predictions - self.values.sum(axis=1)

    @property
    def importance(self) -> Float[np.ndarray, "columns"]:
        """The mean size of the contributions of each column."""
        return np.abs(self.values).mean(axis=0)

    def frame(self) -> "pandas.DataFrame":
        """A line a row and column, the greatest contributions of a row first."""
        import pandas as pd

        parts = []
        for row, name in enumerate(self.ids):
            order = np.argsort(-np.abs(self.values[row]))
            parts.append(
                pd.DataFrame(
                    {
                        "id": name,
                        "explained": self.explained[row],
                        "column": np.array(self.columns, object)[order],
                        "contribution": self.values[row, order],
                        "error": self.errors[row, order],
                    }
                )
            )
        return pd.concat(parts, ignore_index=True)


def contributions(
    predictor: Predictor,
    data: Any,
    *,
    background: Any = None,
    target: str | None = None,
    label: str | None = None,
    columns: Sequence[str] | None = None,
    by_input: bool = False,
    samples: int = SAMPLES,
    seed: int = 0,
    unknown: str = "error",
) -> Contributions:
    """Shapley values of the columns and inputs of rows; see `shapley`.

    A column that is not there has the value of another row, with whatever is missing in
    that. So a missing value is a value as the network takes it, and contributes, too.

    Args:
        predictor: Any model of rows.
        data: The rows that are explained.
        background: Rows from which the rest comes, best those that the model learned
            from; at most 100 are drawn. None for the rows themselves.
        target: The target; None for the only one.
        label: The class, label or number; None for the likeliest of each row.
        columns: Names or globs of columns and inputs that are looked at; all others
            are one. None for all, up to 512.
        by_input: Whether all columns of an input are one.
        samples: Orders a row; twice as many halve the squared error.
        seed: Of the draws.
        unknown: As for `Predictor`.

    Returns:
        A contribution a row and column.

    Raises:
        DataError: For too few rows in the background, too many columns, or a name that
            is not known.

    Example:
        >>> import jaxbio as jb
        >>> import pandas as pd
        >>> table = pd.DataFrame({"a": [5.5, 3.2, 8.1, 1.7] * 10, "b": [1, 0] * 20})
        >>> table["y"] = 2.0 * table["a"] + table["b"]
        >>> data = jb.read(table, targets=["y"])
        >>> run = jb.fit(jb.MLP(), None, data, epochs=1, members=1)
        >>> found = contributions(run.predictor, table.head(2), background=table)
        >>> found.columns, found.values.shape
        (('a', 'b'), (2, 2))
    """
    if samples < 2:
        raise JaxbioError(f"samples={samples}: give 2 or more")
    spec = row_target(predictor.schema, target)
    rows = predictor.dataset(data, unknown=unknown)
    rest = rows
    if background is not None:
        rest = predictor.dataset(background, unknown=unknown)
    rest = _drawn(rest, seed)
    players = _few(players_of(predictor.schema, columns, by_input=by_input))
    codes = chosen_outputs(predictor, rows, spec, label, unknown=unknown).tolist()
    mixer = Mixer.of(players, rows, rest)

    def score(some: Dataset, code: int) -> Float[np.ndarray, "n"]:
        found = predictor(some, unknown="any").by_target[spec.name]
        return np.asarray(log_odds(jnp.asarray(found), code, spec), np.float64)

    def worth(
        row: int,
        code: int,
        there: Bool[np.ndarray, "n players"],
        other: Int64[np.ndarray, "n"],
    ) -> Float[np.ndarray, "n"]:
        own = np.full(len(there), row)
        parts = [slice(at, at + _TOGETHER) for at in range(0, len(there), _TOGETHER)]
        mixed = (mixer(there[at], own[at], other[at]) for at in parts)
        return np.concatenate([score(some, code) for some in mixed])

    each = [
        shapley(
            functools.partial(worth, row, code), len(players), len(rest),
            samples=samples, seed=seed + row,
        )
        for row, code in enumerate(codes)
    ]  # fmt: skip
    predictions = [score(rows.take([at]), code)[0] for at, code in enumerate(codes)]
    return Contributions(
        np.asarray(rows.ids),
        tuple(player.name for player in players),
        np.array([values for values, _ in each]),
        np.array([errors for _, errors in each]),
        np.array(predictions),
        tuple(output_names(spec)[code] for code in codes),
        unit_of(spec).replace("-", " "),
    )


def _drawn(background: Dataset, seed: int) -> Dataset:
    """Some rows of the background, if there are enough."""
    if len(background) < _LEAST_BACKGROUND:
        raise DataError(
            f"{background.source}: {len(background)} rows are too few for what columns "
            f"have on average: give further ones, best those of training "
            f"({option('background', 'train.csv')})"
        )
    order = np.random.default_rng(seed).permutation(len(background))
    return background.take(np.sort(order[:BACKGROUND]))


def _few(players: list[Player]) -> list[Player]:
    """The players, if they are not too many."""
    if len(players) > _MOST_PLAYERS:
        raise DataError(
            f"the model has {len(players):,} columns: name up to {_MOST_PLAYERS} of "
            f"them, such as those that importances find, with "
            f"{option('columns', players[0].name)}; the others are taken as one"
        )
    return players
