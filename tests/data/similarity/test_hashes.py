import numpy as np
from hypothesis import given, settings, strategies as st

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.similarity.hashes import column_hashes, combine_hashes, row_hashes
from tests.helpers import reverse_complement, sequences_of

bases = st.text("ACGT", min_size=1, max_size=40)


@settings(max_examples=50, deadline=None)
@given(st.lists(bases, min_size=2, max_size=8))
def test_hashes_are_equal_where_sequences_are(texts):
    texts.append(reverse_complement(texts[0]))
    hashes, both = (
        row_hashes(sequences_of(texts)),
        row_hashes(sequences_of(texts), both_strands=True),
    )
    for i, one in enumerate(texts):
        for j, other in enumerate(texts):
            assert (hashes[i] == hashes[j]) == (one == other)
            same = other in (one, reverse_complement(one))
            assert (both[i] == both[j]) == same


def test_hashes_of_numbers_and_labels():
    values = np.array([[1, np.nan], [1, np.nan], [-0.0, 1], [0, 1], [1, 0]], np.float32)
    numbers = column_hashes(Numeric(values, ("a", "b")))
    assert len(set(numbers.tolist())) == 3
    assert numbers[0] == numbers[1] and numbers[2] == numbers[3]
    labels = column_hashes(Category.from_values(["a", "b", None, "a"]))
    assert labels[0] == labels[3] and len(set(labels.tolist())) == 3
    pair = combine_hashes([numbers[:4], labels])
    assert len(set(pair.tolist())) == 4
