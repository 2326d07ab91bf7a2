"""Shuffled letters keep their pairs, and every order is as likely."""

import itertools
from collections import Counter

import numpy as np
from hypothesis import given, settings, strategies as st

from jaxbio.genome.shuffles import shuffle_dinucleotides


@settings(max_examples=60, deadline=None)
@given(st.text("ACGTN", max_size=40), st.integers(0, 5))
def test_shuffled_letters_keep_pairs_and_ends(text, seed):
    letters = np.frombuffer(text.encode(), np.uint8)
    rng = np.random.default_rng(seed)
    other = shuffle_dinucleotides(letters, rng).tobytes().decode()
    pairs = [Counter(itertools.pairwise(each)) for each in (text, other)]
    assert pairs[0] == pairs[1]
    assert other[:1] == text[:1] and other[-1:] == text[-1:]


def test_every_order_is_as_likely():
    letters = np.frombuffer(b"ACAGATA", np.uint8)  # three loops in 6 orders
    rng = np.random.default_rng(0)
    draws = [shuffle_dinucleotides(letters, rng).tobytes() for _ in range(1200)]
    counts = Counter(draws)
    assert len(counts) == 6
    assert min(counts.values()) > 150 and max(counts.values()) < 250
