"""Symbols hidden from a network that has to say what they were."""

import jax
import jax.numpy as jnp
from jax import Array
from jaxtyping import Bool, Float, Int, UInt8

from jaxbio.alphabet import Alphabet


def choose_symbols(
    tokens: UInt8[Array, "batch len"],
    alphabet: Alphabet,
    key: Array,
    index: Int[Array, "batch"],
    *,
    share: float,
) -> Bool[Array, "batch len"]:
    """Mask of symbols chosen at random, each by itself.

    Padding, gaps and letters for several symbols (N, X) are never chosen: there is no
    symbol to be found behind them.

    Args:
        tokens: Codes of the alphabet, padded with its pad.
        alphabet: What the codes mean.
        key: From which the choice follows, with the number of the row.
        index: The number of each row.
        share: The share of symbols.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> tokens = jnp.array([[0, 1, 4, DNA.pad]], jnp.uint8)
        >>> rows, key = jnp.arange(1), jax.random.key(0)
        >>> choose_symbols(tokens, DNA, key, rows, share=1.0).tolist()
        [[True, True, False, False]]
    """
    draws = jax.vmap(
        lambda row: jax.random.uniform(jax.random.fold_in(key, row), tokens.shape[1:])
    )(index)
    return (draws < share) & (tokens < alphabet.size)


def hide_symbols(
    tokens: UInt8[Array, "batch len"],
    chosen: Bool[Array, "batch len"],
    alphabet: Alphabet,
    key: Array,
    index: Int[Array, "batch"],
    *,
    hidden: float = 0.8,
    random: float = 0.1,
) -> UInt8[Array, "batch len"]:
    """Sequences whose chosen symbols are hidden, replaced or kept (Devlin et al. 2019).

    A hidden symbol is the alphabet's letter for 'not known' (N, X), which networks see
    as the mean of all symbols. Some of the chosen ones are a random symbol instead, and
    the rest stay, so that a network also learns what to expect where something stands.

    Args:
        tokens: Codes of the alphabet.
        chosen: The symbols that the network has to find.
        alphabet: What the codes mean; one with a letter for 'not known'.
        key: From which everything random follows, with the number of the row.
        index: The number of each row.
        hidden: The share of the chosen ones that is hidden.
        random: The share of the chosen ones that becomes a random symbol.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> tokens = jnp.array([[0, 1, 2]], jnp.uint8)
        >>> chosen = jnp.array([[False, True, False]])
        >>> rows, key = jnp.arange(1), jax.random.key(0)
        >>> seen = hide_symbols(tokens, chosen, DNA, key, rows, hidden=1.0, random=0.0)
        >>> "".join(DNA.letters[code] for code in seen[0])
        'ANG'
    """
    unknown = alphabet.letters.index(alphabet.any)

    def draw(row: Array) -> tuple[Float[Array, "len"], UInt8[Array, "len"]]:
        fate, symbol = jax.random.split(jax.random.fold_in(key, row))
        length = tokens.shape[1:]
        symbols = jax.random.randint(symbol, length, 0, alphabet.size)
        return jax.random.uniform(fate, length), symbols.astype(tokens.dtype)

    fates, symbols = jax.vmap(draw)(index)
    seen = jnp.where(fates < hidden + random, symbols, tokens)
    seen = jnp.where(fates < hidden, jnp.asarray(unknown, tokens.dtype), seen)
    return jnp.where(chosen, seen, tokens)
