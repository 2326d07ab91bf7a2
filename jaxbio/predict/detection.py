"""Symbols that a model did not expect: mutations found without labels."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import numpy as np
from jaxtyping import Float, Int64

from jaxbio.data.mutations import letters_of
from jaxbio.errors import DataError, JaxbioError, option
from jaxbio.predict.symbols import Question, SymbolModel, symbol_model

if TYPE_CHECKING:
    import pandas

PASSES = 8
"""In each pass every eighth symbol is hidden: about the share of training."""

Named = Sequence[str] | Mapping[str, str] | Sequence[tuple[str, str]]
"""Sequences, also with names."""

_AT_ONCE = 256  # sequences that are asked together


@dataclasses.dataclass(frozen=True)
class Surprises:
    """What a model expects at places of sequences, and what stands there.

    Attributes:
        sequence: The number of the sequence of each place.
        place: The place in it, from 0.
        code: The number of the symbol that stands there.
        log_probabilities: Of each symbol; of one row they add up to 1.
    """

    sequence: Int64[np.ndarray, "n"]
    place: Int64[np.ndarray, "n"]
    code: Int64[np.ndarray, "n"]
    log_probabilities: Float[np.ndarray, "n symbols"]

    @property
    def excess(self) -> Float[np.ndarray, "n symbols"]:
        """How much likelier the expected symbol is than each, as a logarithm."""
        table = self.log_probabilities
        return table.max(axis=1, keepdims=True) - table

    @property
    def scores(self) -> Float[np.ndarray, "n"]:
        """How much likelier the expected symbol is than the one that stands there."""
        return self.excess[np.arange(len(self.code)), self.code]


@dataclasses.dataclass(frozen=True)
class Detection:
    """Places whose symbol is not the one that a model expects, the clearest first.

    Attributes:
        ids: The name of the sequence of each.
        positions: The place in it, from 1.
        symbols: What stands there.
        expected: What the model expects.
        scores: The logarithm of how much likelier that is.
        fdr: The share of false ones among the places with such a score or a higher one.
        tested: The number of places that were looked at.
    """

    ids: np.ndarray
    positions: Int64[np.ndarray, "hits"]
    symbols: np.ndarray
    expected: np.ndarray
    scores: Float[np.ndarray, "hits"]
    fdr: Float[np.ndarray, "hits"]
    tested: int

    def __len__(self) -> int:
        return len(self.positions)

    def columns(self) -> dict[str, np.ndarray]:
        """The places as columns by name, as `write_table` takes them."""
        return {
            "id": self.ids,
            "position": self.positions,
            "symbol": self.symbols,
            "expected": self.expected,
            "score": self.scores,
            "fdr": self.fdr,
        }

    def frame(self) -> "pandas.DataFrame":
        """The places as a DataFrame; see `columns`."""
        import pandas  # slow to import, and nothing else here needs it

        return pandas.DataFrame(self.columns())


def detect(
    model: Any,
    sequences: Named,
    *,
    background: Named | None = None,
    fdr: float = 0.1,
    passes: int | None = PASSES,
    window: int | None = None,
    on_part: Callable[[int], None] = lambda done: None,
) -> Detection:
    """Find symbols that a model did not expect, such as mutations in reads.

    The score of a place is the log-probability of the likeliest symbol less that of the
    one that stands there, while it is hidden. How many places of sequences without
    mutations would have such a score or a higher one, on average, is the false
    discovery rate's numerator. It is counted on `background`, sequences that are known
    to have none; without these it is what the model itself says: the sum, over all
    places, of the probabilities of the symbols that would have such a score. That is
    the mean over all ways to draw the sequences anew from the model, place by place,
    and right as far as its probabilities are.

    Args:
        model: As for `score_mutations`.
        sequences: The sequences, also by name, or pairs of names and sequences, where
            a name may come again.
        background: Sequences without mutations.
        fdr: Places up to this false discovery rate are given back; 1 for all with a
            score above 0.
        passes: In each of so many passes every such symbol is hidden; None to hide each
            symbol alone, which takes as many passes as there are symbols.
        window: The most symbols that the model sees at once.
        on_part: Called with the number of sequences that are done.

    Returns:
        The places, those with the highest score first.

    Raises:
        JaxbioError: For a model or sequences that cannot be used.

    Source:
        Storey and Tibshirani 2003, PNAS 100, 9440, for q-values, with all places taken
        for null ones.

    Example:
        >>> class Model:
        ...     symbols = "ACGT"
        ...     def __call__(self, questions):
        ...         row = np.log([0.97, 0.01, 0.01, 0.01])
        ...         return [np.tile(row, (len(q.asked), 1)) for q in questions]
        >>> reads = {"a": "AAAAACAAAA", "b": "AAAAAAAAAA"}
        >>> found = detect(Model(), reads, fdr=0.7)
        >>> found.ids.tolist(), found.positions.tolist(), found.fdr.round(2).tolist()
        (['a'], [6], [0.6])
    """
    if isinstance(sequences, str) or isinstance(background, str):
        raise JaxbioError("give a list of sequences, or a mapping of names to them")
    if not 0 < fdr <= 1:
        raise JaxbioError(f"{option('fdr', fdr)}: give a share above 0 and at most 1")
    if passes is not None and passes < 2:
        raise JaxbioError(
            f"{option('passes', passes)}: give at least 2, or None for all"
        )
    asked = symbol_model(model, window=window)
    ids, texts = _named(sequences)
    found = surprises(asked, texts, passes=passes, names=ids, on_part=on_part)
    scores = found.scores
    if background is None:
        null, weights = found.excess.ravel(), np.exp(found.log_probabilities).ravel()
    else:
        names, others = _named(background)
        null = surprises(asked, others, passes=passes, names=names).scores
        if not len(null):
            raise DataError("the background has no place that could be looked at")
        weights = np.full(len(null), len(scores) / len(null))
    rates = false_discovery_rates(scores, null, weights)
    chosen = np.flatnonzero((rates <= fdr) & (scores > 0))
    chosen = chosen[np.argsort(-scores[chosen], kind="stable")]
    letters = np.array(list(asked.symbols), object)
    return Detection(
        np.array(ids, object)[found.sequence[chosen]],
        found.place[chosen] + 1,
        letters[found.code[chosen]],
        letters[found.log_probabilities[chosen].argmax(axis=1)],
        scores[chosen],
        rates[chosen],
        len(scores),
    )


def surprises(
    model: SymbolModel,
    texts: Sequence[str],
    *,
    passes: int | None = PASSES,
    names: Sequence[str] | None = None,
    on_part: Callable[[int], None] = lambda done: None,
) -> Surprises:
    """What a model expects at each place of sequences while it is hidden.

    Places that hold something else than a symbol, as N, are left out.

    Args:
        model: What gives probabilities.
        texts: The sequences.
        passes: As for `detect`.
        names: How messages call them.
        on_part: Called with the number of sequences that are done.
    """
    numbers = {symbol: number for number, symbol in enumerate(model.symbols)}
    sequence, place, code, tables = [], [], [], []
    for start in range(0, len(texts), _AT_ONCE):
        questions, own = [], []
        for number in range(start, min(start + _AT_ONCE, len(texts))):
            text = letters_of(texts[number], model.symbols)
            known = [at for at, letter in enumerate(text) if letter in numbers]
            for some in _turns(known, passes):
                questions.append(Question(text, some, some))
                own.append(number)
                sequence += [number] * len(some)
                place += some
                code += [numbers[text[at]] for at in some]
        try:
            tables += model(questions)
        except DataError as error:
            raise _named_error(error, model, texts, start, names) from None
        on_part(min(start + _AT_ONCE, len(texts)))
    table = np.concatenate(tables) if tables else np.zeros((0, len(numbers)))
    table = table.astype(np.float64)
    top = table.max(axis=1, keepdims=True, initial=-np.inf)
    table = table - top
    table -= np.log(np.exp(table).sum(axis=1, keepdims=True))
    order = np.lexsort((place, sequence))
    numbered, placed, coded = (
        np.array(x, np.int64)[order] for x in (sequence, place, code)
    )
    return Surprises(numbered, placed, coded, table[order])


def false_discovery_rates(
    scores: Float[np.ndarray, "n"],
    null: Float[np.ndarray, "m"],
    weights: Float[np.ndarray, "m"],
) -> Float[np.ndarray, "n"]:
    """The least false discovery rate at which each score is called (q-value).

    Args:
        scores: The scores; a higher one is called sooner.
        null: Scores under the null hypothesis.
        weights: How many of as many places as there are scores each stands for.

    Example:
        >>> scores, null = np.array([3.0, 1.0, 2.0]), np.array([0.5, 2.5])
        >>> false_discovery_rates(scores, null, np.ones(2)).tolist()
        [0.0, 0.3333333333333333, 0.3333333333333333]
    """
    order = np.argsort(null)
    above = np.concatenate([np.cumsum(weights[order][::-1])[::-1], [0.0]])
    expected = above[np.searchsorted(null[order], scores, side="left")]
    ranked = np.sort(scores)
    called = len(scores) - np.searchsorted(ranked, scores, side="left")
    rates = np.minimum(expected / np.maximum(called, 1), 1.0)
    down = np.argsort(scores, kind="stable")  # from the lowest score, called last
    best = np.empty_like(rates)
    best[down] = np.minimum.accumulate(rates[down])
    # Equal scores are called together.
    _, same = np.unique(scores, return_inverse=True)
    least = np.full(same.max(initial=-1) + 1, 1.0)
    np.minimum.at(least, same, best)
    return least[same]


def _turns(places: list[int], passes: int | None) -> list[tuple[int, ...]]:
    """Places that are hidden together."""
    if passes is None:
        return [(at,) for at in places]
    turns = (tuple(at for at in places if at % passes == n) for n in range(passes))
    return [turn for turn in turns if turn]


def _named(given: Named) -> tuple[list[str], list[str]]:
    pairs: Any = given.items() if isinstance(given, Mapping) else given
    texts = [each for each in pairs if isinstance(each, str)]
    if texts:
        return [str(at + 1) for at in range(len(texts))], texts
    return [str(name) for name, _ in pairs], [text for _, text in pairs]


def _named_error(
    error: DataError,
    model: SymbolModel,
    texts: Sequence[str],
    start: int,
    names: Sequence[str] | None,
) -> DataError:
    """The error with the name of the sequence."""
    for number in range(start, min(start + _AT_ONCE, len(texts))):
        try:
            model([Question(letters_of(texts[number], model.symbols), (), (0,))])
        except DataError as again:
            name = names[number] if names is not None else f"sequence {number + 1}"
            return DataError(f"{name}: {again}")
    return error
