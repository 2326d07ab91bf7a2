import jax.numpy as jnp
import numpy as np
from hypothesis import given, settings, strategies as st

from jaxbio.alphabet import DNA
from jaxbio.nn import (
    kmer_counts,
    kmer_width,
    one_hot,
    reverse_complement,
)
from tests.helpers import dna_row

DNA_TEXT = st.text(alphabet="ACGTN-", min_size=1, max_size=12)


@settings(max_examples=20, deadline=None)
@given(DNA_TEXT)
def test_kmer_counts_are_those_of_the_text(text):
    counts = np.asarray(kmer_counts(dna_row(text), DNA, (1, 2, 3)))[0]
    words = [
        "".join("ACGT"[(n // 4**i) % 4] for i in reversed(range(k)))
        for k in (1, 2, 3)
        for n in range(4**k)
    ]
    for word, count in zip(words, counts, strict=True):
        starts = range(len(text) - len(word) + 1)
        assert count == sum(text[at : at + len(word)] == word for at in starts)


def test_both_strands_have_one_spectrum():
    text = dna_row("GATTACAGCC")
    both = [
        kmer_counts(tokens, DNA, (2, 3), both_strands=True)
        for tokens in (text, reverse_complement(text, DNA))
    ]
    np.testing.assert_array_equal(*both)
    assert kmer_width(DNA, (2, 3), True) == 10 + 32  # palindromes stand alone


def test_counts_of_one_hot_weights_are_those_of_the_codes():
    tokens = dna_row("GATTACAGCCTA")
    for both in (False, True):
        given = {"ks": (1, 3), "both_strands": both}
        soft = kmer_counts(one_hot(tokens, DNA), DNA, **given)
        np.testing.assert_allclose(soft, kmer_counts(tokens, DNA, **given), atol=1e-6)


def test_counts_of_weights_are_those_that_are_expected():
    weights = np.zeros((1, 2, 4), np.float32)
    weights[0, 0, :2], weights[0, 1, 3] = (0.25, 0.75), 1.0
    counts = np.asarray(kmer_counts(jnp.asarray(weights), DNA, (2,)))[0]
    assert counts[3] == 0.25 and counts[7] == 0.75 and counts.sum() == 1  # AT, CT
