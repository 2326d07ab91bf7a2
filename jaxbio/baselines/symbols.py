"""Markov chains over symbols: what a symbol is by its neighbours alone."""

import dataclasses
from collections.abc import Mapping

import numpy as np
from jaxtyping import Float32, Float64, Int64

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import DictionaryArray, Ragged

CHAIN = "chain"
"""The name of the chain among the baselines of a run."""

ORDERS = {4: 5, 21: 2}
"""The order by the number of symbols; 1 for others."""

_AT_ONCE = 1 << 16  # places that are looked at together


@dataclasses.dataclass(frozen=True)
class SymbolChain:
    """A Markov chain over symbols, smoothed by those of lower orders.

    Attributes:
        log_probabilities: For each order from 0 the logarithm of the probability of a
            symbol after each context, `[symbols**order symbols]`.

    Example:
        >>> codes = np.array([0, 1] * 50)
        >>> rows = Ragged(codes, np.array([0, 100]), 4)
        >>> chain = SymbolChain.fit(rows, symbols=4, order=1)
        >>> np.exp(chain.given_rest(rows, np.array([50]))).round(2).tolist()
        [[1.0, 0.0, 0.0, 0.0]]
    """

    log_probabilities: tuple[Float32[np.ndarray, "_ symbols"], ...]

    @property
    def order(self) -> int:
        """The number of symbols before one on which it depends."""
        return len(self.log_probabilities) - 1

    @property
    def symbols(self) -> int:
        """The number of different symbols."""
        return self.log_probabilities[0].shape[1]

    @classmethod
    def fit(cls, rows: Ragged, *, symbols: int, order: int) -> "SymbolChain":
        """Count.

        A context that was seen n times has the weight n beside `symbols` times the
        chain of the next lower order.

        Args:
            rows: Codes; those from `symbols` on are no symbols.
            symbols: The number of different symbols.
            order: The number of symbols before one on which it depends.
        """
        codes, before, number = _contexts(rows, symbols, order)
        found, lower = [], np.full((1, symbols), 1 / symbols)
        for each in range(order + 1):
            usable = (codes < symbols) & (before >= each)
            context = number[usable] % symbols**each
            size = symbols ** (each + 1)
            counts = np.bincount(context * symbols + codes[usable], minlength=size)
            counts = counts.reshape(-1, symbols).astype(np.float64)
            below = lower[np.arange(symbols**each) % len(lower)]
            total = counts.sum(axis=1, keepdims=True)
            lower = (counts + symbols * below) / (total + symbols)
            found.append(np.log(lower).astype(np.float32))
        return cls(tuple(found))

    def cut(self, order: int) -> "SymbolChain":
        """The chain of a lower order."""
        return SymbolChain(self.log_probabilities[: order + 1])

    def given_before(
        self, rows: Ragged, places: Int64[np.ndarray, "n"]
    ) -> Float64[np.ndarray, "n symbols"]:
        """The logarithm of the probability of each symbol, by those before it.

        Args:
            rows: Codes.
            places: Where in `rows.values`.
        """
        _, before, number = _contexts(rows, self.symbols, self.order)
        return self._after(before[places], number[places])

    def given_rest(
        self, rows: Ragged, places: Int64[np.ndarray, "n"]
    ) -> Float64[np.ndarray, "n symbols"]:
        """The logarithm of the probability of each symbol, by all others of the row.

        That is proportional to the probability of the symbol after those before it,
        times that of each of the next ones, as many as the order, after it.

        Args:
            rows: Codes.
            places: Where in `rows.values`, of symbols.
        """
        codes, before, number = _contexts(rows, self.symbols, self.order)
        ends = np.repeat(rows.offsets[1:], rows.lengths)
        parts = []
        for start in range(0, max(len(places), 1), _AT_ONCE):
            some = places[start : start + _AT_ONCE]
            total = self._after(before[some], number[some])
            for step in range(1, self.order + 1):
                at = np.minimum(some + step, len(codes) - 1)
                seen = (some + step < ends[some]) & (codes[at] < self.symbols)
                seen &= before[at] >= step
                weight = self.symbols ** (step - 1)
                own = codes[some].astype(np.int64)
                for symbol in range(self.symbols):
                    changed = number[at] + (symbol - own) * weight
                    after = self._after(before[at], np.where(seen, changed, 0))
                    next_one = np.minimum(codes[at], self.symbols - 1)
                    values = after[np.arange(len(some)), next_one]
                    total[:, symbol] += np.where(seen, values, 0.0)
            top = total.max(axis=1, keepdims=True)
            log_sum = top + np.log(np.exp(total - top).sum(axis=1, keepdims=True))
            parts.append(total - log_sum)
        return np.concatenate(parts)

    def _after(
        self, before: Int64[np.ndarray, "n"], number: Int64[np.ndarray, "n"]
    ) -> Float64[np.ndarray, "n symbols"]:
        """By as many symbols before as there are."""
        result = np.empty((len(before), self.symbols))
        for order, table in enumerate(self.log_probabilities):
            chosen = before == order
            result[chosen] = table[number[chosen] % len(table)]
        return result

    def predict(self, rows: Arrays) -> Float64[np.ndarray, "places symbols"]:
        """The logarithm of the probability of each symbol at each place of all rows.

        Args:
            rows: Encoded rows of one input of sequences.
        """
        runs = runs_of(rows)
        return self.given_before(runs, np.arange(len(runs.values)))

    def arrays(self) -> dict[str, np.ndarray]:
        """What a file keeps of it."""
        tables = enumerate(self.log_probabilities)
        return {f"order{order}": table for order, table in tables}

    @classmethod
    def from_arrays(cls, arrays: Mapping[str, np.ndarray]) -> "SymbolChain":
        """The chain that `arrays` described."""
        count = sum(name.startswith("order") for name in arrays)
        return cls(tuple(arrays[f"order{order}"] for order in range(count)))


def runs_of(rows: Arrays) -> Ragged:
    """The codes of encoded rows of one input of sequences, each row by itself."""
    (layout,) = rows.inputs.values()
    if isinstance(layout, DictionaryArray):
        layout = layout.expanded()
    assert isinstance(layout, Ragged)
    return layout


def usual_order(symbols: int) -> int:
    """The order that suits an alphabet: as many contexts as data can fill.

    Example:
        >>> usual_order(4), usual_order(21)
        (5, 2)
    """
    return ORDERS.get(symbols, 1)


def _contexts(rows: Ragged, symbols: int, order: int):
    """Codes; how many symbols stand right before each; and which, as a number."""
    codes = rows.values
    number = np.zeros(len(codes), np.int64)
    before = np.zeros(len(codes), np.int64)
    starts = np.repeat(rows.offsets[:-1], rows.lengths)
    place = np.arange(len(codes))
    unbroken = np.ones(len(codes), bool)
    for step in range(1, order + 1):
        at = place - step
        unbroken &= at >= starts
        unbroken[unbroken] &= codes[at[unbroken]] < symbols
        before[unbroken] = step
        number[unbroken] += codes[at[unbroken]].astype(np.int64) * symbols ** (step - 1)
    return codes, before, number
