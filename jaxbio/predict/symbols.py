"""How likely each symbol is at a place of a sequence, by any model that can say so.

A model is asked `Question`s: a sequence, which of its symbols are hidden, and of which
places the probabilities are wanted. Questions go in batches of like lengths, as vectors
of sequences do; what is answered does not depend on the others.
"""

import dataclasses
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jax.typing import DTypeLike
from jaxtyping import Float, Int32

from jaxbio.alphabet import DNA, PROTEIN, RNA
from jaxbio.errors import AlphabetError, DataError, JaxbioError
from jaxbio.models import Masked
from jaxbio.models.pretrained import PretrainedModel, pretrained
from jaxbio.models.pretrained.embedding import WINDOW, batches
from jaxbio.models.pretrained.tokenizers import WordTokenizer
from jaxbio.models.pretrained.windows import windows
from jaxbio.predict.predictor import Predictor

_LEAST_WINDOW = 8
_RESIDUES = PROTEIN.symbols.replace("*", "")


@dataclasses.dataclass(frozen=True)
class Question:
    """A sequence, and what is asked of it.

    Attributes:
        text: The sequence.
        hidden: Places, from 0, whose symbols the model does not see.
        asked: Places of which the probability of each symbol is wanted.
    """

    text: str
    hidden: tuple[int, ...] = ()
    asked: tuple[int, ...] = ()


@runtime_checkable
class SymbolModel(Protocol):
    """What answers questions, such as a run of `Masked` or a pretrained model.

    Attributes:
        symbols: The symbols that it tells apart.
    """

    @property
    def symbols(self) -> str:
        """The symbols that it tells apart."""
        ...

    def __call__(
        self, questions: Sequence[Question]
    ) -> list[Float[np.ndarray, "asked symbols"]]:
        """For each question the logarithms of probabilities, a row a place asked."""
        ...


def symbol_model(model: Any, *, window: int | None = None) -> SymbolModel:
    """What a model says of symbols.

    Args:
        model: A run of `Masked` or its predictor, what `jaxbio.pretrained` gave, a name
            or folder for it, or a `SymbolModel`.
        window: The most symbols that the model sees at once; None for what it was made
            for.

    Raises:
        JaxbioError: For a model that gives no probabilities of single symbols.
    """
    model = getattr(model, "predictor", model)
    if isinstance(model, str | Path):
        model = pretrained(model)
    if isinstance(model, Predictor):
        return RunSymbols(model, window=window)
    if isinstance(model, PretrainedModel):
        return PretrainedSymbols(model, window=window)
    if isinstance(model, SymbolModel):
        return model
    raise JaxbioError(
        f"{model!r:.60} gives no probabilities of symbols: give a run of "
        f"jaxbio.Masked(…), or what jaxbio.pretrained(…) gives"
    )


@dataclasses.dataclass(frozen=True)
class _Row:
    """A window of a sequence as a model sees it.

    Attributes:
        question: The number of the question.
        tokens: Of the window.
        at: Places in it that are asked.
        slots: Which of the places of the question these are.
    """

    question: int
    tokens: Int32[np.ndarray, "len"]
    at: Int32[np.ndarray, "asked"]
    slots: Int32[np.ndarray, "asked"]


class _Asked:
    """Questions in windows and batches; subclasses know tokens and networks.

    A sequence longer than a window is read in windows: one place alone in that in whose
    middle it is nearest to lie, several in windows that overlap by half.
    """

    symbols: str
    window: int
    pad: int
    mask: int
    before: int = 0  # tokens before the first symbol

    def _encode(self, text: str) -> Int32[np.ndarray, "symbols"]:
        raise NotImplementedError

    def _framed(self, tokens: Any) -> Any:
        """Tokens with those of beginning and end."""
        return tokens

    def _run(self, tokens: Any, lengths: Any, at: Any) -> Any:
        """Log-probabilities `[batch asked symbols]` at some places of rows."""
        raise NotImplementedError

    def __call__(
        self, questions: Sequence[Question]
    ) -> list[Float[np.ndarray, "asked symbols"]]:
        """For each question the logarithms of probabilities, a row a place asked."""
        found = [
            np.empty((len(question.asked), len(self.symbols)), np.float32)
            for question in questions
        ]
        rows = list(self._rows(questions))
        for batch, length, size in batches(rows):
            asked = max(len(row.at) for row in batch)
            asked = asked if asked == 1 else length
            tokens = np.full((size, length), self.pad, np.int32)
            at = np.zeros((size, asked), np.int32)
            lengths = np.ones(size, np.int32)
            for number, row in enumerate(batch):
                lengths[number] = len(row.tokens)
                tokens[number, : lengths[number]] = row.tokens
                at[number, : len(row.at)] = row.at
            values = np.asarray(self._run(tokens, lengths, at))
            for row, value in zip(batch, values, strict=False):
                found[row.question][row.slots] = value[: len(row.at)]
        return found

    def _rows(self, questions: Sequence[Question]) -> Iterator[_Row]:
        last, codes = None, np.zeros(0, np.int32)
        for number, question in enumerate(questions):
            if question.text is not last:
                last, codes = question.text, self._encode(question.text)
            asked = np.asarray(question.asked, np.int64)
            seen = codes
            if question.hidden:
                seen = codes.copy()
                seen[list(question.hidden)] = self.mask
            for start, stop, slots in _parts(asked, len(codes), self.window):
                at = asked[slots] - start + self.before
                tokens = self._framed(seen[start:stop])
                yield _Row(number, tokens, at.astype(np.int32), slots.astype(np.int32))


def _parts(asked: np.ndarray, length: int, size: int) -> Iterable[tuple]:
    """Windows, and which of the places asked are taken from each."""
    if length <= size:
        return [(0, length, np.arange(len(asked)))]
    if len(asked) == 1:
        start = min(max(int(asked[0]) - size // 2, 0), length - size)
        return [(start, start + size, np.arange(1))]
    parts = []
    for window in windows(length, size):
        slots = np.flatnonzero((asked >= window.first) & (asked < window.last))
        if slots.size:
            parts.append((window.start, window.stop, slots))
    return parts


class RunSymbols(_Asked):
    """What a network trained on hidden symbols says; of several the mean probability.

    Example:
        >>> import jaxbio as jb
        >>> predictor = jb.load("run")  # doctest: +SKIP
        >>> RunSymbols(predictor).symbols  # doctest: +SKIP
        'ACGT'
    """

    def __init__(self, predictor: Predictor, *, window: int | None = None):
        """Compile nothing yet.

        Args:
            predictor: Of a run of `Masked`.
            window: The most symbols that it sees at once; None for the longest training
                sequence.

        Raises:
            JaxbioError: For a predictor of something else.
        """
        if not isinstance(predictor.model, Masked):
            raise JaxbioError(
                "the run learned a target, not which symbols stand where: make one by "
                "jaxbio pretrain, or jaxbio.fit(jaxbio.Masked(…), None, …)"
            )
        spec = predictor.schema.sequences[0]
        self.alphabet = spec.alphabet
        self.symbols = spec.alphabet.symbols
        self.window = _checked(window, max(spec.max_length, _LEAST_WINDOW))
        self.pad = spec.alphabet.pad
        self.mask = spec.alphabet.letters.index(spec.alphabet.any)
        self._members = predictor.members

        def run(members: Any, tokens: Any, at: Any) -> Any:
            parts = []
            for member in members:
                found = predictor.network(member).log_probabilities(tokens)
                parts.append(jnp.take_along_axis(found, at[..., None], axis=1))
            return jax.nn.logsumexp(jnp.stack(parts), axis=0) - jnp.log(len(parts))

        self._jitted = jax.jit(run)

    def _encode(self, text: str) -> Int32[np.ndarray, "symbols"]:
        return _codes(self.alphabet.encode, text)

    def _run(self, tokens: Any, lengths: Any, at: Any) -> Any:
        return self._jitted(self._members, tokens.astype(np.uint8), at)


class PretrainedSymbols(_Asked):
    """What a pretrained language model with a token a letter says.

    Probabilities are among all its tokens, as those who made these models take them.
    """

    def __init__(
        self,
        model: PretrainedModel,
        *,
        window: int | None = None,
        dtype: DTypeLike = jnp.float32,
    ):
        """Compile nothing yet.

        Args:
            model: The model.
            window: The most letters that it sees at once; None for what it was made
                for.
            dtype: Of the computation.

        Raises:
            JaxbioError: For a model without a head for tokens, or whose tokens are
                words of several letters.
        """
        tokenizer = model.tokenizer
        if not model.config.head:
            raise JaxbioError(f"{model.name} has no head that says which token it is")
        if not isinstance(tokenizer, WordTokenizer) or tokenizer.width > 1:
            raise JaxbioError(
                f"{model.name} reads words of several letters, so that it gives no "
                f"probability of one letter: use a model with a token a letter, such "
                f"as esm2-8m"
            )
        known = set(tokenizer.tokens)
        usual = (_RESIDUES, DNA.symbols, RNA.symbols)
        symbols = next((x for x in usual if known >= set(x)), None)
        if symbols is None:
            raise JaxbioError(
                f"{model.name} knows neither all residues nor all bases by their "
                f"letters"
            )
        self.symbols = symbols
        ends = [tokenizer.start is not None, tokenizer.end is not None]
        self.before = int(ends[0])
        most = model.config.max_tokens
        self.window = _checked(window, min(WINDOW, most or WINDOW) - sum(ends))
        if most is not None and self.window > most - sum(ends):
            usable = most - sum(ends)
            raise JaxbioError(
                f"window={window}: {model.name} has learned {most} positions, of which "
                f"{sum(ends)} are for beginning and end: give at most {usable}"
            )
        self.pad, self.mask = tokenizer.pad, tokenizer.mask
        self._tokenizer = tokenizer
        columns = np.array([tokenizer.tokens.index(x) for x in symbols])
        graph, params, rest = nnx.split(model.module(dtype=dtype), nnx.Param, ...)
        self._values = nnx.to_pure_dict(params)

        def run(values: Any, tokens: Any, lengths: Any, at: Any) -> Any:
            logits = nnx.merge(graph, values, rest).logits(tokens, lengths)
            some = jnp.take_along_axis(logits, at[..., None], axis=1)
            return jax.nn.log_softmax(some)[..., columns]

        self._jitted = jax.jit(run)

    def _encode(self, text: str) -> Int32[np.ndarray, "symbols"]:
        tokens = _codes(self._tokenizer.encode, text)
        return tokens[self.before : len(tokens) - (self._tokenizer.end is not None)]

    def _framed(self, tokens: Any) -> Any:
        ends = [self._tokenizer.start], [self._tokenizer.end]
        first, last = ([x for x in each if x is not None] for each in ends)
        return np.array([*first, *tokens, *last], np.int32)

    def _run(self, tokens: Any, lengths: Any, at: Any) -> Any:
        return self._jitted(self._values, tokens, lengths, at)


def _codes(encode: Any, text: str) -> Int32[np.ndarray, "symbols"]:
    if not text:
        raise DataError("the sequence is empty")
    try:
        return np.asarray(encode(text)).astype(np.int32)
    except AlphabetError as error:
        raise DataError(str(error)) from None


def _checked(window: int | None, usual: int) -> int:
    if window is None:
        return usual
    if window < _LEAST_WINDOW:
        raise JaxbioError(f"window={window}: give at least {_LEAST_WINDOW} symbols")
    return window
