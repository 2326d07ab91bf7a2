"""Shapley values of the columns of a table against shap's KernelExplainer.

    python benchmarks/speed/shapley.py [--quick]

A perceptron over 12 columns of numbers; 20 rows are explained against 100 others, by
what both choose themselves: jaxbio asks 200 orders of the columns a row, the peer about
2,000 coalitions with every row of the background. The peer calls the compiled network
on arrays. Both are compared with Shapley's definition, over all 4,096 coalitions, of
some rows: `error` and `peer_error` are root mean squares, in shares of the largest
contribution.
"""

import functools
import itertools
import math
import sys
from collections.abc import Callable, Sequence

import harness
import jax
import numpy as np
import pandas as pd

import jaxbio as jb
from jaxbio.explain import contributions

CASE, PEER = "Shapley values of 12 columns", "shap KernelExplainer"
COLUMNS, ROWS, BACKGROUND, CHECKED = 12, 20, 100, 4
TARGET = "y"

Predict = Callable[[np.ndarray], np.ndarray]
"""The network on numbers `[n columns]`, `[n]`."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("shapley", __doc__, arguments)
    table = made_table()
    data = jb.read(table, targets=[TARGET])
    run = jb.fit(
        jb.MLP(hidden=(64, 64)), None, data, epochs=5, members=1, baselines=False
    )
    rows, background = table.head(ROWS), table.tail(BACKGROUND)

    def ours() -> np.ndarray:
        return contributions(run.predictor, rows, background=background).values

    repeats = 2 if suite.quick else 5
    if suite.alone:
        suite.compare(CASE, "none", ours, None, agreement=None, repeats=repeats)
        return 0
    if suite.peer("shap", CASE, PEER):
        predict = on_arrays(run.predictor, data)
        inputs, others = (x.drop(columns=TARGET).to_numpy() for x in (rows, background))
        import shap

        explainer = shap.KernelExplainer(predict, others)

        def theirs() -> np.ndarray:
            return np.asarray(explainer.shap_values(inputs, silent=True))

        own, other = ours()[:CHECKED], theirs()[:CHECKED]
        exact = np.array([by_definition(predict, x, others) for x in inputs[:CHECKED]])
        error, peer_error = (
            float(np.sqrt(np.mean((x - exact) ** 2)) / np.abs(exact).max())
            for x in (own, other)
        )
        suite.compare(
            CASE, PEER, ours, theirs,
            agreement=float(np.abs(own - exact).max() / np.abs(exact).max()),
            repeats=repeats, warmup=1, rows=ROWS, error=error, peer_error=peer_error,
        )  # fmt: skip
    return 0


def made_table(*, seed: int = 0) -> pd.DataFrame:
    """Numbers with pairs that act together."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(400, COLUMNS))
    y = x @ random.normal(size=COLUMNS) + x[:, 0] * x[:, 1] + np.sin(3 * x[:, 2])
    names = [f"x{at}" for at in range(COLUMNS)]
    return pd.DataFrame(x, columns=pd.Index(names)).assign(**{TARGET: y})


def on_arrays(predictor: jb.Predictor, data: jb.Dataset) -> Predict:
    """The compiled network as a function of arrays."""
    function, params = predictor.function()
    (name,) = predictor.schema.encode(data, targets=False).inputs
    compiled = jax.jit(lambda x: function(params, {name: x})[TARGET])
    return lambda x: np.asarray(compiled(np.asarray(x, np.float32))).reshape(len(x))


def by_definition(
    predict: Predict, row: np.ndarray, background: np.ndarray
) -> np.ndarray:
    """Shapley values over all coalitions, `[columns]`.

    Example:
        >>> weights = np.array([1.0, -2.0])
        >>> found = by_definition(lambda x: x @ weights, np.ones(2), np.zeros((1, 2)))
        >>> found.round(6).tolist()
        [1.0, -2.0]
    """
    columns = len(row)
    coalitions = np.array(list(itertools.product((False, True), repeat=columns)))
    worth = np.array([predict(np.where(c, row, background)).mean() for c in coalitions])
    sizes = coalitions.sum(axis=1)
    share = functools.partial(_share, columns)
    found = np.zeros(columns)
    for column in range(columns):
        without = np.flatnonzero(~coalitions[:, column])
        joined = without + (1 << (columns - 1 - column))
        weights = np.array([share(size) for size in sizes[without]])
        found[column] = weights @ (worth[joined] - worth[without])
    return found


def _share(players: int, size: int) -> float:
    """The share of the orders in which a player comes after a coalition."""
    before = math.factorial(size) * math.factorial(players - size - 1)
    return before / math.factorial(players)


if __name__ == "__main__":
    sys.exit(main())
