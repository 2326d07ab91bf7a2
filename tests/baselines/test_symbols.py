"""Markov chains of symbols, against counting and enumeration."""

import itertools

import numpy as np

from jaxbio.baselines.symbols import SymbolChain
from jaxbio.data.batching.layouts import Ragged


def runs(*texts, letters="ab?"):
    codes = np.array([letters.index(c) for text in texts for c in text], np.uint8)
    offsets = np.cumsum([0, *map(len, texts)])
    return Ragged(codes, offsets, 9)


def test_counts_are_smoothed_by_the_lower_order():
    chain = SymbolChain.fit(runs("aab", "ab"), symbols=2, order=1)
    zero, one = (np.exp(table) for table in chain.log_probabilities)
    # Three a and two b, beside two halves of each.
    np.testing.assert_allclose(zero, [[4 / 7, 3 / 7]], rtol=1e-6)
    # After a: one a and two b, beside twice the order below.
    np.testing.assert_allclose(one[0], [(1 + 8 / 7) / 5, (2 + 6 / 7) / 5], rtol=1e-6)
    np.testing.assert_allclose(one[1], zero[0], rtol=1e-6)


def test_what_is_no_symbol_breaks_the_context():
    broken = SymbolChain.fit(runs("ab?ab"), symbols=2, order=2)
    apart = SymbolChain.fit(runs("ab", "ab"), symbols=2, order=2)
    for one, other in zip(
        broken.log_probabilities, apart.log_probabilities, strict=True
    ):
        np.testing.assert_array_equal(one, other)


def test_the_rest_of_a_row_says_what_enumeration_says():
    rng = np.random.default_rng(0)
    rows = runs(*("".join(rng.choice(["a", "b", "c"], 12)) for _ in range(4)),
                letters="abc?")  # fmt: skip
    chain = SymbolChain.fit(rows, symbols=3, order=2)

    def joint(codes):
        total = 0.0
        for at, code in enumerate(codes):
            order = min(at, 2)
            context = sum(codes[at - 1 - k] * 3**k for k in range(order))
            total += float(chain.log_probabilities[order][context][code])
        return total

    places = np.array([0, 1, 5, 11, 12, 23, 47])
    found = np.exp(chain.given_rest(rows, places))
    for at, row in zip(places, found, strict=True):
        number = int(np.searchsorted(rows.offsets, at, side="right")) - 1
        start = rows.offsets[number]
        codes = rows.values[start : rows.offsets[number + 1]].astype(int).tolist()
        weights = []
        for symbol in range(3):
            codes[at - start] = symbol
            weights.append(np.exp(joint(codes)))
        np.testing.assert_allclose(row, np.array(weights) / sum(weights), rtol=1e-5)


def test_arrays_describe_a_chain():
    chain = SymbolChain.fit(runs("abba"), symbols=2, order=2)
    again = SymbolChain.from_arrays(chain.arrays())
    assert again.order == 2 and again.symbols == 2
    for one, other in zip(
        chain.log_probabilities, again.log_probabilities, strict=True
    ):
        np.testing.assert_array_equal(one, other)
    assert chain.cut(0).order == 0
    every = list(itertools.product("ab", repeat=2))
    assert len(every) == len(chain.log_probabilities[2])
