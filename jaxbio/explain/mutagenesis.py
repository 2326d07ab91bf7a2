"""In-silico mutagenesis: what every single substitution does to a prediction."""

from collections.abc import Callable, Iterable

import jax
import numpy as np
from jaxtyping import Array, Float, UInt8

from jaxbio.alphabet import Alphabet

PredictTokens = Callable[[UInt8[Array, "batch len"]], Float[Array, "batch"]]


def ism(
    predict: PredictTokens,
    tokens: UInt8[np.ndarray, "len"],
    alphabet: Alphabet,
    *,
    symbols: Iterable[str] | None = None,
    batch_size: int = 128,
) -> Float[np.ndarray, "len alphabet"]:
    """The change of a prediction by each substitution of one symbol.

    Args:
        predict: A pure function from codes to one number a sequence; it is jitted here.
        tokens: The codes of one sequence, without padding.
        alphabet: What the codes mean.
        symbols: The symbols to put in; all of the alphabet if not given.
        batch_size: Substituted sequences a batch.

    Returns:
        The prediction with the symbol of the column at the position of the row, less
        the prediction of the sequence itself; 0 where nothing is substituted.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> count_of_t = lambda tokens: (tokens == 3).sum(axis=1).astype("float32")
        >>> ism(count_of_t, DNA.encode("AT"), DNA).tolist()
        [[0.0, 0.0, 0.0, 1.0], [-1.0, -1.0, -1.0, 0.0]]
    """
    known = alphabet.spelt[: alphabet.size]  # a symbol may be of several letters
    columns = [known.index(symbol) for symbol in symbols or known]
    edits = [
        (position, code)
        for position in range(len(tokens))
        for code in columns
        if tokens[position] != code
    ]
    rows, codes = np.array(edits, np.int64).reshape(-1, 2).T
    predict = jax.jit(predict)
    # The first batch carries the sequence itself, so that all batches have one shape.
    mutants = np.tile(tokens, (len(edits) + 1, 1))
    mutants[np.arange(1, len(mutants)), rows] = codes
    predictions = []
    for start in range(0, len(mutants), batch_size):
        batch = mutants[start : start + batch_size]
        filled = np.resize(batch, (batch_size, len(tokens)))
        predictions.append(np.asarray(predict(filled))[: len(batch)])
    values = np.concatenate(predictions)
    effects = np.zeros((len(tokens), alphabet.size), np.float32)
    effects[rows, codes] = values[1:] - values[0]
    return effects
