"""Scores of mutations without labels, by what a model expects at each place."""

import dataclasses
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

import numpy as np
from jaxtyping import Float

from jaxbio.data.mutations import (
    Variant,
    letters_of,
    mutated,
    parse_mutations,
    single_mutations,
)
from jaxbio.errors import JaxbioError, nearest
from jaxbio.predict.symbols import Question, SymbolModel, symbol_model

if TYPE_CHECKING:
    import pandas

Method = Literal["masked", "wild", "pseudo"]
"""How mutations are scored; see `score_mutations`."""

_AT_ONCE = 4096  # questions that are held together


@dataclasses.dataclass(frozen=True)
class MutationScores:
    """Scores of mutants; the higher, the better a mutant fits what a model expects.

    Attributes:
        mutants: What they are called, as in A42G:K50R.
        variants: Their substitutions.
        scores: The logarithm of how much likelier each is than the wild type.
        wild: The sequence that was mutated.
        symbols: The symbols that the model tells apart.
        first: The number of the first letter of the wild type.
        method: How they were scored.
    """

    mutants: tuple[str, ...]
    variants: tuple[Variant, ...]
    scores: Float[np.ndarray, "mutants"]
    wild: str
    symbols: str
    first: int
    method: str

    def __len__(self) -> int:
        return len(self.mutants)

    def columns(self) -> dict[str, np.ndarray]:
        """`mutant` and `score`, as `write_table` takes them."""
        return {"mutant": np.array(self.mutants, object), "score": self.scores}

    def frame(self) -> "pandas.DataFrame":
        """`mutant` and `score` as a DataFrame."""
        import pandas  # slow to import, and nothing else here needs it

        return pandas.DataFrame(self.columns())

    def matrix(self) -> Float[np.ndarray, "symbols places"]:
        """Scores of single substitutions, a row a symbol; 0 for the wild type's own.

        NaN where no score is known.
        """
        table = np.full((len(self.symbols), len(self.wild)), np.nan)
        for place, letter in enumerate(self.wild):
            if letter in self.symbols:
                table[self.symbols.index(letter), place] = 0.0
        for variant, score in zip(self.variants, self.scores, strict=True):
            if len(variant) == 1:
                place, after = variant[0].place, variant[0].after
                table[self.symbols.index(after), place] = score
        return table


def score_mutations(
    model: Any,
    wild: str,
    mutations: Sequence[str] | None = None,
    *,
    method: str = "masked",
    first: int = 1,
    window: int | None = None,
    where: Sequence[str] | None = None,
    on_part: Callable[[int], None] = lambda done: None,
) -> MutationScores:
    """Score mutants of a sequence by a model that never saw a label.

    `masked`: for each substitution the log-probability of the new symbol less that of
    the old one, its place hidden in the wild type, summed over the substitutions
    (masked marginals). `wild`: the same with nothing hidden, which takes one pass
    (wild-type marginals). `pseudo`: the difference of the pseudo-log-likelihoods of
    mutant and wild type, the sum over all places of the log-probability of what stands
    there, each hidden in turn; it takes a pass a place and mutant.

    Args:
        model: A run of `jaxbio.Masked` or its predictor, what `jaxbio.pretrained` gave,
            or a name or folder for it.
        wild: The sequence that is mutated.
        mutations: A mutant each, as in `A42G` or `A42G:K50R`; None for all single
            substitutions.
        method: `"masked"`, `"wild"` or `"pseudo"`.
        first: The number of the first letter of `wild` in the names of mutations.
        window: The most symbols that the model sees at once; a longer sequence is read
            in windows in whose middle a place is nearest to lie. None for what the
            model was made for.
        where: What messages call each mutation, such as `m.csv, line 3`.
        on_part: Called with the number of mutants that are done.

    Returns:
        The scores, in the order of the mutations.

    Raises:
        JaxbioError: For a model that gives no probabilities of single symbols, or a
            mutation that does not fit the wild type, with what is likely meant.

    Source:
        Meier et al. 2021, NeurIPS 34, Language models enable zero-shot prediction of
        the effects of mutations on protein function; substitutions of one mutant are
        added up as ProteinGym does (Notin et al. 2023, NeurIPS 36).

    Example:
        >>> import jaxbio as jb
        >>> from jaxbio.data import Dataset, Sequences
        >>> column = Sequences.from_strings(["ACGTACGT"] * 40, jb.DNA)
        >>> data = Dataset({"seq": column})
        >>> run = jb.fit(jb.Masked(jb.RNN(widths=(4,))), None, data, epochs=1)
        >>> scores = score_mutations(run, "ACGTACGT", ["A1C", "A1C:G3T"])
        >>> scores.mutants, scores.scores.shape
        (('A1C', 'A1C:G3T'), (2,))
    """
    if method not in get_args(Method):
        raise JaxbioError(f"method={method!r}: {nearest(method, get_args(Method))}")
    asked = symbol_model(model, window=window)
    symbols = asked.symbols
    wild = letters_of("".join(wild.split()), symbols)
    if mutations is None:
        usual = symbols.replace("*", "")  # a stop is no residue
        names, variants = single_mutations(wild, usual, first=first)
    else:
        names = [str(each) for each in mutations]
        variants = parse_mutations(
            names, wild, symbols=symbols, first=first, where=where
        )
    if method == "pseudo":
        scores = _pseudo(asked, wild, variants, on_part)
    else:
        scores = _marginal(asked, wild, variants, hide=method == "masked")
        on_part(len(variants))
    return MutationScores(
        tuple(names), tuple(variants), scores, wild, symbols, first, method
    )


def _marginal(
    model: SymbolModel, wild: str, variants: Sequence[Variant], *, hide: bool
) -> Float[np.ndarray, "mutants"]:
    places = sorted({each.place for variant in variants for each in variant})
    if not places:
        return np.zeros(len(variants))
    if hide:
        questions = [Question(wild, (place,), (place,)) for place in places]
    else:
        questions = [Question(wild, (), tuple(places))]
    table = np.concatenate(model(questions)).astype(np.float64)
    row = {place: number for number, place in enumerate(places)}
    column = {symbol: number for number, symbol in enumerate(model.symbols)}
    return np.array(
        [
            sum(
                table[row[each.place], column[each.after]]
                - table[row[each.place], column[each.before]]
                for each in variant
            )
            for variant in variants
        ],
        np.float64,
    )


def pseudo_log_likelihoods(
    model: SymbolModel, texts: Sequence[str]
) -> Float[np.ndarray, "n"]:
    """For each sequence the sum of the log-probabilities of its symbols, each hidden.

    Places that hold something else than a symbol, as N, count nothing.

    Args:
        model: What gives probabilities.
        texts: The sequences, in the letters of its symbols.
    """
    column = {symbol: number for number, symbol in enumerate(model.symbols)}
    questions, own, text_of = [], [], []
    for number, text in enumerate(texts):
        for place, letter in enumerate(text):
            if letter in column:
                questions.append(Question(text, (place,), (place,)))
                own.append(column[letter])
                text_of.append(number)
    found = np.concatenate(model(questions)).astype(np.float64)
    values = found[np.arange(len(own)), own]
    return np.bincount(text_of, weights=values, minlength=len(texts))


def _pseudo(
    model: SymbolModel,
    wild: str,
    variants: Sequence[Variant],
    on_part: Callable[[int], None],
) -> Float[np.ndarray, "mutants"]:
    own = pseudo_log_likelihoods(model, [wild])[0]
    size = max(_AT_ONCE // len(wild), 1)
    parts = []
    for start in range(0, len(variants), size):
        some = variants[start : start + size]
        texts = [mutated(wild, variant) for variant in some]
        parts.append(pseudo_log_likelihoods(model, texts) - own)
        on_part(start + len(some))
    return np.concatenate(parts) if parts else np.zeros(0)
