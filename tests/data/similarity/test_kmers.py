import numpy as np
from hypothesis import given, settings, strategies as st

from jaxbio.alphabet import DNA, Alphabet
from jaxbio.data.similarity.kmers import NONE, kmer_table, longest_k, pack
from tests.helpers import reverse_complement, sequences_of

bases = st.text("ACGT", min_size=1, max_size=40)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.text("ACGT", min_size=7, max_size=7), min_size=1), st.integers(1, 7))
def test_packed_windows_are_numbers_in_base_four(texts, k):
    codes = np.stack([DNA.encode(text) for text in texts]).astype(np.uint32)
    expected = [
        [int(t[at : at + k].translate(str.maketrans("ACGT", "0123")), 4)
         for at in range(8 - k)]
        for t in texts
    ]  # fmt: skip
    assert pack(codes, k, 4).tolist() == expected
    backwards = pack(codes[:, ::-1].copy(), k, 4, reverse=True)[:, ::-1]
    assert backwards.tolist() == expected


@settings(max_examples=60, deadline=None)
@given(bases, st.integers(2, 6))
def test_a_sequence_and_its_other_strand_have_the_same_kmers(text, k):
    table = kmer_table(
        sequences_of([text, reverse_complement(text)]),
        np.arange(2),
        k,
        both_strands=True,
    )
    np.testing.assert_array_equal(table[0], table[1])
    assert (table[0] != NONE).sum() == max(len(text) - k + 1, 0)
    assert len(set(table[0][table[0] != NONE])) == (table[0] != NONE).sum()


def test_k_fits_into_32_bits():
    for size in (2, 3, 4, 20, 21, 75, 200):
        letters = "".join(chr(33 + i) for i in range(min(size, 94)))
        k = longest_k(Alphabet("own", letters))
        assert len(letters) ** k <= 2**32 < len(letters) ** (k + 1)
