"""In-silico mutagenesis: what every single substitution does to a prediction."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any, TypeVar

import numpy as np
from jaxtyping import Array, Float, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.specs import InputSpec
from jaxbio.errors import DataError, JaxbioError
from jaxbio.explain.receptive_fields import is_local, local_function
from jaxbio.explain.targets import chosen_outputs, log_odds, row_target
from jaxbio.nn.closures import Program
from jaxbio.predict.predictor import Predictor

_BATCH = 128  # rows of a batch
_LETTERS = 100_000  # of a batch of windows, where sequences are short

PredictTokens = Callable[[UInt8[Array, "batch len"]], Float[Array, "batch"]]


def ism(
    predict: PredictTokens,
    tokens: UInt8[np.ndarray, "len"],
    alphabet: Alphabet,
    *,
    symbols: Iterable[str] | None = None,
    batch_size: int = _BATCH,
    window: tuple[int, int] | None = None,
) -> Float[np.ndarray, "len alphabet"]:
    """The change of a prediction by each substitution of one symbol.

    Args:
        predict: A pure function from codes to one number a sequence; it is jitted here.
        tokens: The codes of one sequence, without padding.
        alphabet: What the codes mean.
        symbols: The symbols to put in; all of the alphabet if not given.
        batch_size: Sequences a batch; no more than two batches are held at a time. The
            first of each is the sequence itself.
        window: The first position that is substituted, from 0, and the one after the
            last; None for all.

    Returns:
        The prediction with the symbol of the column at the position of the row, less
        the prediction of the sequence itself; 0 where nothing is substituted.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> count_of_t = lambda tokens: (tokens == 3).sum(axis=1).astype("float32")
        >>> ism(count_of_t, DNA.encode("AT"), DNA).tolist()
        [[0.0, 0.0, 0.0, 1.0], [-1.0, -1.0, -1.0, 0.0]]
    """
    spellings = alphabet.spelt[: alphabet.size]  # a symbol may be of several letters
    columns = [spellings.index(symbol) for symbol in symbols or spellings]
    first, last = _within(window, len(tokens))
    rows = np.repeat(np.arange(first, last), len(columns))
    codes = np.tile(np.array(columns, np.int64), last - first)
    other = tokens[rows] != codes
    rows, codes = rows[other], codes[other]
    count = max(batch_size, 2) - 1

    def batches() -> Iterator[tuple[slice, np.ndarray]]:
        """All of one shape."""
        for start in range(0, len(rows), count):
            some = slice(start, start + count)
            batch = np.tile(tokens, (count + 1, 1))
            batch[1 + np.arange(len(rows[some])), rows[some]] = codes[some]
            yield some, batch

    effects = np.zeros((len(tokens), alphabet.size), np.float32)
    for some, predicted in _predicted(Program(predict), batches()):
        changed = predicted[1 : 1 + len(rows[some])]
        effects[rows[some], codes[some]] = changed - predicted[0]
    return effects


T = TypeVar("T")


def _predicted(
    predict: Callable[[np.ndarray], Any], batches: Iterable[tuple[T, np.ndarray]]
) -> Iterator[tuple[T, np.ndarray]]:
    """Predictions of each batch, while those of the next one are under way.

    No more than two batches are held, however long a sequence is.
    """
    before = None
    for about, batch in batches:
        now = about, predict(batch)
        if before is not None:
            yield before[0], np.asarray(before[1])
        before = now
    if before is not None:
        yield before[0], np.asarray(before[1])


def deletions(
    predict: PredictTokens,
    tokens: UInt8[np.ndarray, "len"],
    alphabet: Alphabet,
    *,
    batch_size: int = _BATCH,
    window: tuple[int, int] | None = None,
) -> Float[np.ndarray, "len"]:
    """The change of a prediction by the loss of each symbol.

    Args:
        predict: As for `ism`; it takes padding at the end.
        tokens: The codes of one sequence, without padding.
        alphabet: What the codes mean.
        batch_size: As for `ism`.
        window: The first position that is deleted, from 0, and the one after the last;
            None for all.

    Returns:
        The prediction without the symbol of the position, less that of the sequence
        itself; 0 where nothing is deleted.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> count_of_t = lambda tokens: (tokens == 3).sum(axis=1).astype("float32")
        >>> deletions(count_of_t, DNA.encode("AT"), DNA).tolist()
        [0.0, -1.0]
    """
    first, last = _within(window, len(tokens))
    count = max(batch_size, 2) - 1

    def batches() -> Iterator[tuple[np.ndarray, np.ndarray]]:
        for start in range(first, last, count):
            places = np.arange(start, min(start + count, last))
            batch = np.tile(tokens, (count + 1, 1))
            for row, place in enumerate(places, 1):
                batch[row, place:-1] = tokens[place + 1 :]
                batch[row, -1] = alphabet.pad
            yield places, batch

    effects = np.zeros(len(tokens), np.float32)
    for places, predicted in _predicted(Program(predict), batches()):
        effects[places] = predicted[1 : 1 + len(places)] - predicted[0]
    return effects


def _within(window: tuple[int, int] | None, length: int) -> tuple[int, int]:
    first, last = window or (0, length)
    if not 0 <= first < last <= max(length, 1):
        raise JaxbioError(
            f"window {first}:{last}: give a start and an end within {length} positions"
        )
    return (first, last) if length else (0, 0)


def substitution_effects(
    predictor: Predictor,
    data: Any,
    *,
    target: str | None = None,
    label: str | None = None,
    symbols: Iterable[str] | None = None,
    window: tuple[int, int] | None = None,
) -> Iterator[Any]:
    """Effect of each substitution in each sequence on a prediction; see `ism`.

    Of networks with convolutions only what a substitution reaches is computed again,
    if that is less work; the effects are the same up to rounding.

    Args:
        predictor: A network whose only input is a sequence.
        data: What it takes.
        target: The target; None for the only one.
        label: The class, label or number that is looked at; None for the likeliest of
            each row.
        symbols: The symbols to put in; all of the alphabet if not given.
        window: As for `ism`.

    Yields:
        For each row float32 `[len alphabet]`: changes of the log-odds of a class or
        label, or of a number in its units; of an ensemble those of its mean.

    Raises:
        DataError: For a network with other inputs, or a name that is not known.

    Example:
        >>> import jaxbio as jb
        >>> texts = ["ACGTACGTAC", "ACGAACGAAC"] * 20
        >>> rows = jb.data.Sequences.from_strings(texts, jb.DNA)
        >>> kinds = jb.data.Category.from_values(["a", "b"] * 20)
        >>> data = jb.Dataset({"seq": rows}, {"kind": kinds})
        >>> run = jb.fit(None, None, data, epochs=1, members=1, batch_size=8)
        >>> [x.shape for x in substitution_effects(run.predictor, ["ACGTACGTAC"])]
        [(10, 4)]
    """
    subset = None if symbols is None else tuple(symbols)
    how: dict[str, Any] = {"symbols": subset, "window": window}
    for tokens, alphabet, score, rows in _scores(
        predictor, data, target, label, local=True
    ):
        yield ism(score, tokens, alphabet, **how, batch_size=rows)


def _rows_at_once(length: int, alphabet: Alphabet) -> int:
    """Rows of a batch of windows, which are small: all batches about as full."""
    most = max(_LETTERS // max(length, 1), _BATCH - 1)
    edits = max(length, 1) * (alphabet.size - 1)
    return 1 + -(-edits // -(-edits // most))


def deletion_effects(
    predictor: Predictor,
    data: Any,
    *,
    target: str | None = None,
    label: str | None = None,
    window: tuple[int, int] | None = None,
) -> Iterator[Any]:
    """Effect of the loss of each symbol of each sequence; see `deletions`.

    Args:
        predictor: As for `substitution_effects`, like all that follows.
        data: What it takes.
        target: The target.
        label: The class, label or number that is looked at.
        window: As for `deletions`.

    Yields:
        For each row float32 `[len]`, in the units of `substitution_effects`.

    Raises:
        DataError: As `substitution_effects`.

    Example:
        >>> import jaxbio as jb
        >>> texts = ["ACGTACGTAC", "ACGAACGAAC"] * 20
        >>> rows = jb.data.Sequences.from_strings(texts, jb.DNA)
        >>> kinds = jb.data.Category.from_values(["a", "b"] * 20)
        >>> data = jb.Dataset({"seq": rows}, {"kind": kinds})
        >>> run = jb.fit(None, None, data, epochs=1, members=1, batch_size=8)
        >>> [x.shape for x in deletion_effects(run.predictor, ["ACGTACGTAC"])]
        [(10,)]
    """
    # What stands behind a lost symbol moves: all of it is computed.
    for tokens, alphabet, score, rows in _scores(
        predictor, data, target, label, local=False
    ):
        yield deletions(score, tokens, alphabet, batch_size=rows, window=window)


def _scores(
    predictor: Predictor,
    data: Any,
    target: str | None,
    label: str | None,
    *,
    local: bool,
) -> Iterator[tuple[np.ndarray, Alphabet, PredictTokens, int]]:
    """The codes of each row, what they mean, the function, and rows of a batch."""
    name = sequence_input(predictor.schema.inputs).name
    spec = row_target(predictor.schema, target)
    rows = predictor.dataset(data)
    codes = chosen_outputs(predictor, rows, spec, label)

    def scores(code: int, local: bool) -> PredictTokens:
        make = local_function if local else _whole_function
        predict, params = make(predictor, name)
        return lambda tokens: log_odds(
            predict(params, {name: tokens})[spec.name], code, spec
        )

    def kept(code: int, local: bool) -> PredictTokens:
        """The same function in every call, as each is compiled anew."""
        key = ("mutagenesis", spec.name, code, local)
        return predictor.program(key, lambda: scores(code, local))

    def pays(length: int) -> bool:
        """Kept, as it takes longer than to predict some rows."""
        key = ("mutagenesis", "local", length)
        return local and predictor.program(
            key, lambda: is_local(predictor, name, length)
        )

    column = plain(rows.input(name))
    assert isinstance(column, Sequences)  # as the predictor took them
    for row, code in enumerate(codes.tolist()):
        tokens = column.codes[column.offsets[row] : column.offsets[row + 1]]
        few = pays(len(tokens))
        at_once = _rows_at_once(len(tokens), column.alphabet) if few else _BATCH
        yield tokens, column.alphabet, kept(code, few), at_once


def _whole_function(predictor: Predictor, name: str) -> tuple[Any, Any]:
    return predictor.function()


def sequence_input(inputs: tuple[InputSpec, ...]) -> InputSpec:
    """The only input of a model, if it is a sequence.

    Raises:
        DataError: For other inputs.
    """
    first, *others = inputs
    if others or not first.is_sequence:
        listed = ", ".join(f"{spec.name} ({spec.kind})" for spec in inputs)
        raise DataError(
            f"substitutions are made in the only input of a model, a sequence; this "
            f"one takes {listed}: use jaxbio.explain.ism with a function of your own"
        )
    return first
