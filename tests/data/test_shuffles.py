"""Shuffled letters keep their pairs, and every order is as likely."""

import itertools
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.data.shuffles import shuffle_dinucleotides


@settings(max_examples=60, deadline=None)
@given(st.text("ACGTN", max_size=40), st.integers(0, 5))
def test_shuffled_letters_keep_pairs_and_ends(text, seed):
    letters = np.frombuffer(text.encode(), np.uint8)
    rng = np.random.default_rng(seed)
    other = shuffle_dinucleotides(letters, rng).tobytes().decode()
    pairs = [Counter(itertools.pairwise(each)) for each in (text, other)]
    assert pairs[0] == pairs[1]
    assert other[:1] == text[:1] and other[-1:] == text[-1:]


@pytest.mark.parametrize("text", ["ACAGATA", "ACAGATAC"])
def test_every_order_is_as_likely(text):
    def pairs(letters):
        return sorted(itertools.pairwise(letters))

    middles = set(itertools.permutations(text[1:-1]))
    orders = {text[0] + "".join(each) + text[-1] for each in middles}
    orders = {order for order in orders if pairs(order) == pairs(text)}
    letters = np.frombuffer(text.encode(), np.uint8)
    rng = np.random.default_rng(0)
    draws = [
        shuffle_dinucleotides(letters, rng).tobytes().decode() for _ in range(1200)
    ]
    counts = Counter(draws)
    assert set(counts) == orders and len(orders) >= 4
    assert min(counts.values()) > 0.75 * 1200 / len(orders)
