"""What sequences are compared with: shuffled, or of all symbols alike."""

from collections.abc import Callable, Mapping

import numpy as np
from jaxtyping import Float32, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.data.shuffles import shuffle_dinucleotides
from jaxbio.errors import JaxbioError, nearest, option

Codes = UInt8[np.ndarray, "len"]
Background = Callable[[Codes, Alphabet, np.random.Generator], np.ndarray]
"""One background `[len symbols]` of a sequence."""


def dinucleotides(
    codes: Codes, alphabet: Alphabet, rng: np.random.Generator
) -> np.ndarray:
    """The sequence shuffled so that all pairs of neighbours stay."""
    return alphabet.profile[shuffle_dinucleotides(codes, rng)]


def shuffled(codes: Codes, alphabet: Alphabet, rng: np.random.Generator) -> np.ndarray:
    """The sequence with its symbols in another order."""
    return alphabet.profile[rng.permutation(codes)]


def random(codes: Codes, alphabet: Alphabet, rng: np.random.Generator) -> np.ndarray:
    """Symbols drawn alike."""
    return alphabet.profile[rng.integers(0, alphabet.size, len(codes))]


def uniform(codes: Codes, alphabet: Alphabet, rng: np.random.Generator) -> np.ndarray:
    """All symbols in equal parts at each position."""
    return np.full((len(codes), alphabet.size), 1 / alphabet.size, np.float32)


def zeros(codes: Codes, alphabet: Alphabet, rng: np.random.Generator) -> np.ndarray:
    """Nothing at any position, which no sequence is."""
    return np.zeros((len(codes), alphabet.size), np.float32)


BACKGROUNDS: Mapping[str, Background] = {
    each.__name__: each for each in (dinucleotides, shuffled, random, uniform, zeros)
}
"""All kinds by name."""

_DRAWN = frozenset(("dinucleotides", "shuffled", "random"))


def usual_background(alphabet: Alphabet) -> str:
    """The kind for an alphabet: pairs stay in nucleic acids, symbols in others."""
    return "dinucleotides" if alphabet.complement else "shuffled"


def backgrounds_of(
    codes: Codes,
    alphabet: Alphabet,
    *,
    kind: str | None = None,
    count: int = 20,
    seed: int = 0,
) -> Float32[np.ndarray, "backgrounds len symbols"]:
    """Backgrounds of a sequence, as weights of symbols.

    Args:
        codes: The sequence.
        alphabet: What the codes mean.
        kind: A name of `BACKGROUNDS`; None for the usual one of the alphabet.
        count: How many, of a kind that is drawn; others are one.
        seed: Of the draws.

    Raises:
        JaxbioError: For a kind that is not known.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> backgrounds_of(DNA.encode("ACGT"), DNA, kind="uniform")[0, 0].tolist()
        [0.25, 0.25, 0.25, 0.25]
        >>> backgrounds_of(DNA.encode("ACGTAC"), DNA, count=3).shape
        (3, 6, 4)
    """
    kind = kind or usual_background(alphabet)
    if kind not in BACKGROUNDS:
        known = nearest(kind, list(BACKGROUNDS))
        raise JaxbioError(f"{option('background', kind)}: {known}")
    if count < 1:
        raise JaxbioError(f"count={count}: give at least 1 background")
    rng = np.random.default_rng(seed)
    draws = count if kind in _DRAWN else 1
    each = [BACKGROUNDS[kind](codes, alphabet, rng) for _ in range(draws)]
    return np.stack(each).astype(np.float32)
