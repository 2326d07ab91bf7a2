import numpy as np
from hypothesis import given, settings, strategies as st

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.hashing import chunks, combine_hashes, hash_numbers
from tests.helpers import reverse_complement, sequences_of

bases = st.text("ACGT", min_size=1, max_size=40)


@settings(max_examples=50, deadline=None)
@given(st.lists(bases, min_size=2, max_size=8))
def test_hashes_are_equal_where_sequences_are(texts):
    texts.append(reverse_complement(texts[0]))
    hashes, both = (
        sequences_of(texts).hashes(),
        sequences_of(texts).hashes(both_strands=True),
    )
    for i, one in enumerate(texts):
        for j, other in enumerate(texts):
            assert (hashes[i] == hashes[j]) == (one == other)
            same = other in (one, reverse_complement(one))
            assert (both[i] == both[j]) == same


def test_hashes_of_numbers_and_labels():
    values = np.array([[1, np.nan], [1, np.nan], [-0.0, 1], [0, 1], [1, 0]], np.float32)
    numbers = Numeric(values, ("a", "b")).hashes()
    assert len(set(numbers.tolist())) == 3
    assert numbers[0] == numbers[1] and numbers[2] == numbers[3]
    labels = Category.from_values(["a", "b", None, "a"]).hashes()
    assert labels[0] == labels[3] and len(set(labels.tolist())) == 3
    pair = combine_hashes([numbers[:4], labels])
    assert len(set(pair.tolist())) == 4


def test_chunks_hold_every_row_once():
    lengths = np.random.default_rng(0).integers(1, 5000, 3000)
    parts = chunks(lengths)
    np.testing.assert_array_equal(np.sort(np.concatenate(parts)), np.arange(3000))
    assert max(lengths[part].sum() for part in parts) < 1 << 19


def test_numbers_in_float64_have_the_hashes_of_float32_and_their_own_beyond():
    narrow = np.array([[0.5, np.nan], [20240101, 3]], np.float32)
    assert (
        hash_numbers(narrow.astype(np.float64)).tolist()
        == hash_numbers(narrow).tolist()
    )
    days = np.array([[20240101.0], [20240102.0], [20240103.0]])
    assert len(set(hash_numbers(days).tolist())) == 3
