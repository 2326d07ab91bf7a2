"""Which symbols are chosen, and what becomes of them."""

import jax
import jax.numpy as jnp
import numpy as np

from jaxbio.alphabet import DNA, PROTEIN, RNA
from jaxbio.nn.masking import choose_symbols, hide_symbols

KEY = jax.random.key(3)


def rows(alphabet, count=64, length=500):
    codes = np.random.default_rng(0).integers(0, alphabet.size, (count, length))
    return jnp.asarray(codes, jnp.uint8)


def test_the_shares_are_those_that_were_asked_for():
    for alphabet in (DNA, RNA, PROTEIN):
        tokens, index = rows(alphabet), jnp.arange(64)
        first, second = jax.random.split(KEY)
        chosen = choose_symbols(tokens, alphabet, first, index, share=0.15)
        seen = np.asarray(hide_symbols(tokens, chosen, alphabet, second, index))
        mask, tokens = np.asarray(chosen), np.asarray(tokens)
        unknown = alphabet.letters.index(alphabet.any)
        assert abs(mask.mean() - 0.15) < 0.01
        assert (seen[~mask] == tokens[~mask]).all()
        assert abs((seen[mask] == unknown).mean() - 0.8) < 0.02
        others = mask & (seen != unknown)
        assert (seen[others] < alphabet.size).all()
        # A random symbol is the same by chance once in as many as there are.
        same = 0.1 + 0.1 / alphabet.size
        assert abs((seen[mask] == tokens[mask]).mean() - same) < 0.02


def test_padding_gaps_and_ambiguity_are_never_chosen():
    tokens = jnp.asarray([[*DNA.encode("ANR-C"), DNA.pad, DNA.pad]])
    chosen = choose_symbols(tokens, DNA, KEY, jnp.arange(1), share=1.0)
    assert chosen.tolist() == [[True, False, False, False, True, False, False]]


def test_a_row_is_masked_alike_in_any_batch():
    tokens, index = rows(DNA, 8, 40), jnp.arange(8)
    whole = choose_symbols(tokens, DNA, KEY, index, share=0.3)
    some = jnp.asarray([5, 2])
    again = choose_symbols(tokens[some], DNA, KEY, some, share=0.3)
    assert (again == whole[some]).all() and (whole[5] != whole[2]).any()
    seen = hide_symbols(tokens, whole, DNA, KEY, index)
    part = hide_symbols(tokens[some], again, DNA, KEY, some)
    assert (part == seen[some]).all()
