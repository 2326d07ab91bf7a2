"""How much likelier ALT is than REF, by a model that learned bases without labels."""

from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float

from jaxbio.alphabet import DNA, RNA
from jaxbio.errors import DataError, JaxbioError, nearest, option
from jaxbio.genome.pairs import Pairs
from jaxbio.predict.mutations import pseudo_log_likelihoods
from jaxbio.predict.symbols import Question, SymbolModel

METHODS = ("masked", "pseudo")
USUAL_WINDOW = 512
"""Bases of a window for models that read longer ones."""


class Likelihood(NamedTuple):
    """The only output."""

    name: str = ""


class LikelihoodEffects:
    """The logarithm of how much likelier ALT is than REF.

    Attributes:
        length: Of the windows.
        views: One a strand.
        primary: `LLR`.
        substitutions: Whether only substitutions are scored.
    """

    outputs = (Likelihood(),)
    primary = "LLR"
    measures = ("LLR",)
    places: tuple[str, ...] = ()

    def __init__(
        self,
        model: SymbolModel,
        *,
        length: int | None = None,
        strands: str = "both",
        method: str = "masked",
    ):
        """Choose windows.

        Args:
            model: What gives the probabilities of bases.
            length: Of the windows; None for what the model was made for, at most 512.
            strands: `both`, `forward` or `reverse`.
            method: `masked`: at each place that a substitution changes, the
                log-probability of the new base less that of the old one, the place
                hidden in the window of REF, summed over places. `pseudo`: the
                difference of the sums, over all places of the windows, of the
                log-probability of what stands there, each hidden in turn; for
                insertions and deletions, too, and as many passes as a window has bases.

        Raises:
            JaxbioError: For a model of other symbols than bases.
        """
        if method not in METHODS:
            raise JaxbioError(f"method={method!r}: {nearest(method, METHODS)}")
        alphabets = {DNA.symbols: DNA, RNA.symbols: RNA}
        alphabet = alphabets.get(model.symbols)
        if alphabet is None:
            raise DataError(
                f"variants of a genome are scored by a model of DNA or RNA; this one "
                f"tells {model.symbols} apart: for mutations of a protein give a table "
                f"of them with {option('parent', 'wild.fa')}"
            )
        most = getattr(model, "window", USUAL_WINDOW)
        self.length = min(most, USUAL_WINDOW) if length is None else length
        if self.length > most:
            raise JaxbioError(f"length={length}: the model sees {most} bases at most")
        both = ("forward", "reverse")
        self.strands = both if strands == "both" else (strands,)
        self.averages_strands = False
        self.views = len(self.strands)
        self.model, self.method, self.alphabet = model, method, alphabet
        self.substitutions = method == "masked"

    def description(self, measure: str, output: Any) -> str:
        """What the header says."""
        how = (
            "each changed base hidden in turn"
            if self.method == "masked"
            else "pseudo-likelihoods of the windows"
        )
        return f"natural logarithm of how much likelier ALT is than REF, {how}"

    def __call__(self, pairs: Pairs) -> dict[str, Float[np.ndarray, "n views outputs"]]:
        """The logarithms, `[n views 1]`."""
        score = self._masked if self.method == "masked" else self._pseudo
        views = [score(pairs, strand == "reverse") for strand in self.strands]
        return {"LLR": np.stack(views, axis=1)[..., None].astype(np.float32)}

    def _texts(self, windows: np.ndarray, reverse: bool) -> list[str]:
        texts = [row.tobytes().decode("ascii") for row in windows]
        texts = [_turned(text) for text in texts] if reverse else texts
        return [self._spelt(text) for text in texts]

    def _masked(self, pairs: Pairs, reverse: bool) -> Float[np.ndarray, "n"]:
        texts = self._texts(pairs.references, reverse)
        column = {symbol: at for at, symbol in enumerate(self.model.symbols)}
        length = self.length
        asked: dict[tuple[int, int], int] = {}
        terms: list[tuple[int, int, str, str]] = []  # edit, question, before, after
        for row in range(len(pairs)):
            of, start = int(pairs.of[row]), int(pairs.at[row])
            bases = pairs.inserted[row]
            here = pairs.references[of, start : start + len(bases)].tobytes().decode()
            for at, (before, after) in enumerate(zip(here, bases, strict=True)):
                if before == after:
                    continue
                place = start + at
                place = length - 1 - place if reverse else place
                number = asked.setdefault((of, place), len(asked))
                turned = (
                    (_turned(before), _turned(after)) if reverse else (before, after)
                )
                terms.append((row, number, *turned))
        questions = [Question(texts[of], (place,), (place,)) for of, place in asked]
        table = np.concatenate(self.model(questions)) if questions else np.zeros((0, 4))
        scores = np.zeros(len(pairs))
        spelt = self._spelt
        for row, number, before, after in terms:
            known = before in "ACGT" and after in "ACGT"
            values = table[number].astype(np.float64)
            scores[row] += (
                values[column[spelt(after)]] - values[column[spelt(before)]]
                if known
                else np.nan
            )
        return scores

    def _spelt(self, text: str) -> str:
        return text.replace("T", "U") if self.alphabet is RNA else text

    def _pseudo(self, pairs: Pairs, reverse: bool) -> Float[np.ndarray, "n"]:
        texts = self._texts(pairs.references, reverse)
        count = len(texts)
        texts += self._texts(pairs.alternatives, reverse)
        places = {text: at for at, text in enumerate(dict.fromkeys(texts))}
        size = max(4096 // self.length, 1)
        once = list(places)
        parts = [
            pseudo_log_likelihoods(self.model, once[start : start + size])
            for start in range(0, len(once), size)
        ]
        found = np.concatenate(parts)[[places[text] for text in texts]]
        return found[count:] - found[pairs.of]


_OTHER = str.maketrans("ACGTNRYSWKMBDHV", "TGCANYRSWMKVHDB")


def _turned(text: str) -> str:
    """The other strand, as DNA.

    Example:
        >>> _turned("AACG")
        'CGTT'
    """
    return text.translate(_OTHER)[::-1]
