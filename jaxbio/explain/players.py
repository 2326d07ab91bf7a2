"""What a prediction is made of: single columns of numbers, and whole other inputs.

Rows can be put together of two: some of these from one row, the rest from another. So a
column is taken away, as methods that ask what it contributes need it: it gets the value
of another row.
"""

import dataclasses
from collections.abc import Sequence
from fnmatch import fnmatchcase

import numpy as np
from jaxtyping import Bool, Int64

from jaxbio.data.columns.base import Column
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.code_lists import CodeLists
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset, concatenate
from jaxbio.data.schema import Schema
from jaxbio.errors import DataError, nearest

OTHERS = "all others"
"""The name of the columns that are taken together."""


@dataclasses.dataclass(frozen=True)
class Player:
    """A part of a row that is there or not.

    Attributes:
        name: The column, or the input.
        places: By input the columns of it that belong to the player; None for all.
    """

    name: str
    places: dict[str, tuple[int, ...] | None]


def players_of(
    schema: Schema,
    columns: Sequence[str] | None = None,
    *,
    by_input: bool = False,
    genes: bool = False,
) -> list[Player]:
    """The parts of the rows that a model takes.

    Args:
        schema: The inputs.
        columns: Names or globs of those that are looked at; all others are one player.
            None for all.
        by_input: Whether all columns of an input are one player.
        genes: Whether each gene of counts is a player, and not all of them together.

    Raises:
        DataError: For a name that is not there.

    Example:
        >>> from jaxbio.data.columns.numeric import NumericSpec
        >>> spec = NumericSpec("x", "numeric", ("age", "weight"), (0, 0), (1, 1))
        >>> [player.name for player in players_of(Schema((spec,)))]
        ['age', 'weight']
        >>> [player.name for player in players_of(Schema((spec,)), ["a*"])]
        ['age', 'all others']
    """
    found: list[Player] = []
    for spec in schema.own:
        names = getattr(spec, "columns", ())
        apart = spec.kind == "numeric" or (genes and spec.kind == "counts")
        if apart and len(names) > 1 and not by_input:
            found += [Player(n, {spec.name: (at,)}) for at, n in enumerate(names)]
        else:
            found.append(Player(spec.name, {spec.name: None}))
    if columns is None:
        return found
    known = [player.name for player in found]
    for text in columns:
        if not any(fnmatchcase(name, text) for name in known):
            raise DataError(f"the model has no column {text!r}: {nearest(text, known)}")
    chosen = [p for p in found if any(fnmatchcase(p.name, text) for text in columns)]
    rest = [player for player in found if player not in chosen]
    return [*chosen, _together(rest)] if rest else chosen


def _together(players: Sequence[Player]) -> Player:
    places: dict[str, tuple[int, ...] | None] = {}
    for player in players:
        for name, some in player.places.items():
            places[name] = None if some is None else (*(places.get(name) or ()), *some)
    return Player(OTHERS, places)


@dataclasses.dataclass(frozen=True)
class Mixer:
    """Rows that are put together of rows that are explained and of others.

    Attributes:
        players: What is there or not.
        rows: Both, those that are explained first; inputs alone.
        explained: How many are explained.
    """

    players: Sequence[Player]
    rows: Dataset
    explained: int

    @classmethod
    def of(
        cls, players: Sequence[Player], rows: Dataset, background: Dataset
    ) -> "Mixer":
        """What puts rows together.

        Args:
            players: What is there or not.
            rows: Those that are explained.
            background: Those from which the rest comes.
        """
        names = {name for player in players for name in player.places}
        both = [
            Dataset({name: part.inputs[name] for name in sorted(names)})
            for part in (rows, background)
        ]
        return cls(players, concatenate(both), len(rows))

    def __call__(
        self,
        there: Bool[np.ndarray, "n players"],
        own: Int64[np.ndarray, "n"],
        other: Int64[np.ndarray, "n"],
    ) -> Dataset:
        """Rows, each of two.

        Args:
            there: Which players come from the row that is explained.
            own: The number of that row.
            other: The number of the row of the background for the rest.
        """
        source = np.where(there, own[:, None], self.explained + other[:, None])
        inputs = {}
        for name, column in self.rows.inputs.items():
            owners = [
                (at, player.places[name])
                for at, player in enumerate(self.players)
                if name in player.places
            ]
            whole = [at for at, places in owners if places is None]
            if whole:
                inputs[name] = column.take(source[:, whole[0]])
                continue
            assert isinstance(column, Numeric)
            values = column.values[source[:, 0]]
            for at, places in owners:
                some = np.array(places, np.int64)
                values[:, some] = column.values[source[:, at][:, None], some]
            inputs[name] = dataclasses.replace(column, values=values)
        return Dataset(inputs, source=self.rows.source)


def with_column(rows: Dataset, name: str, column: Column) -> Dataset:
    """The rows with another column as one of their inputs.

    Example:
        >>> x = Numeric(np.array([[1.5]], np.float32), ("x",))
        >>> list(with_column(Dataset({"x": x}), "y", x).inputs)
        ['x', 'y']
    """
    return dataclasses.replace(rows, inputs={**rows.inputs, name: column})


def cells(players: Sequence[Player], rows: Dataset) -> np.ndarray:
    """What rows hold of each player, as text; empty for what is no number or category.

    Args:
        players: The players.
        rows: Rows with their inputs.

    Returns:
        Texts `[n players]`.

    Example:
        >>> x = Numeric(np.array([[1.5, np.nan]], np.float32), ("a", "b"))
        >>> both = [Player("a", {"x": (0,)}), Player("b", {"x": (1,)})]
        >>> cells(both, Dataset({"x": x})).tolist()
        [['1.5', 'missing']]
    """
    found = np.full((len(rows), len(players)), "", object)
    for at, player in enumerate(players):
        if player.name == OTHERS:
            continue
        ((name, places),) = player.places.items()
        column = rows.inputs[name]
        if isinstance(column, SparseCounts):
            if places:
                counts = column.matrix[:, [column.names.index(player.name)]]
                found[:, at] = [f"{x:g}" for x in counts.toarray()[:, 0]]
        elif isinstance(column, CodeLists):
            found[:, at] = column.cells()
        elif (isinstance(column, Numeric) and column.values.shape[1] == 1) or places:
            assert isinstance(column, Numeric)
            values = column.values[:, places[0] if places else 0]
            found[:, at] = ["missing" if x != x else f"{x:g}" for x in values]
        elif isinstance(column, Category):
            found[:, at] = ["missing" if x is None else str(x) for x in column.values]
    return found
