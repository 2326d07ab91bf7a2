import numpy as np
from hypothesis import given, settings, strategies as st

from jaxbio.alphabet import DNA
from jaxbio.nn import (
    kmer_counts,
    kmer_width,
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
