"""Permutation importance: how much worse predictions are without each column."""

import dataclasses
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float

from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, nearest
from jaxbio.explain.players import Mixer, players_of
from jaxbio.explain.targets import row_target
from jaxbio.predict.predictor import Predictor
from jaxbio.run.evaluation import measure

if TYPE_CHECKING:
    import pandas

_LOWER = frozenset(("rmse", "mae", "mse", "nll", "deviance", "perplexity"))
"""Measures of which less is better."""


@dataclasses.dataclass(frozen=True)
class Importance:
    """How much a score falls when a column is shuffled among the rows.

    Attributes:
        columns: The columns.
        drops: How much worse the score is, for each shuffle.
        metric: The score.
        score: That of the rows as they are.
    """

    columns: tuple[str, ...]
    drops: Float[np.ndarray, "columns repeats"]
    metric: str
    score: float

    def frame(self) -> "pandas.DataFrame":
        """A line a column, the most important first, with a 95 % interval."""
        import pandas as pd

        low, high = np.quantile(self.drops, (0.025, 0.975), axis=1)
        table = pd.DataFrame(
            {
                "column": self.columns,
                f"drop_of_{self.metric}": self.drops.mean(axis=1),
                "low": low,
                "high": high,
            }
        )
        return table.sort_values(table.columns[1], ascending=False, ignore_index=True)


def permutation_importance(
    predictor: Predictor,
    data: Dataset,
    *,
    target: str | None = None,
    metric: str | None = None,
    columns: Sequence[str] | None = None,
    repeats: int = 10,
    seed: int = 0,
) -> Importance:
    """The fall of a score when the values of a column are shuffled (Breiman 2001).

    Columns that say the same share their importance: without one of them the network
    still has the other.

    Args:
        predictor: Any model of rows.
        data: Labelled rows, best such as the model has not learned from.
        target: The target; None for the only one.
        metric: The score; None for the first that the target's task has.
        columns: Names or globs of columns that are looked at; all others are one.
        repeats: Shuffles of each column.
        seed: Of the shuffles.

    Returns:
        The fall for each column and shuffle.

    Raises:
        DataError: For rows without the target, or a name that is not known.

    Example:
        >>> import jaxbio as jb
        >>> import pandas as pd
        >>> table = pd.DataFrame({"a": [5.5, 3.2, 8.1, 1.7] * 10, "b": [1, 0] * 20})
        >>> table["y"] = 2.0 * table["a"]
        >>> data = jb.read(table, targets=["y"])
        >>> run = jb.fit(jb.MLP(), None, data, epochs=1, members=1)
        >>> permutation_importance(run.predictor, data, repeats=2).drops.shape
        (2, 2)
    """
    spec = row_target(predictor.schema, target)
    if spec.name not in data.targets:
        raise DataError(
            f"{data.source}: importances need rows with the target {spec.name}: "
            f"{nearest(spec.name, data.targets)}"
        )
    players = players_of(predictor.schema, columns)
    arrays = predictor.schema.encode(data)

    def score(rows: Dataset) -> dict[str, Any]:
        predictions = predictor(rows, unknown="any").by_target
        found = measure(predictor.objective, arrays, predictions)
        return found.scores[spec.name]["model"]

    whole = score(data)
    known = [name for name, x in whole.items() if isinstance(x, float) and name != "n"]
    chosen = metric or known[0]
    if chosen not in known:
        raise DataError(f"no score {chosen!r}: {nearest(chosen, known)}")
    sign = -1 if chosen in _LOWER else 1
    mixer, rng = Mixer.of(players, data, data), np.random.default_rng(seed)
    drops = np.zeros((len(players), repeats))
    own, there = np.arange(len(data)), np.ones((len(data), len(players)), bool)
    for player in range(len(players)):
        there[:, player] = False
        for repeat in range(repeats):
            shuffled = mixer(there, own, rng.permutation(len(data)))
            drops[player, repeat] = sign * (whole[chosen] - score(shuffled)[chosen])
        there[:, player] = True
    names = tuple(player.name for player in players)
    return Importance(names, drops, chosen, float(whole[chosen]))
