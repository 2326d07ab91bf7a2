"""Length buckets hold every sequence and are few."""

import numpy as np
from hypothesis import given, settings, strategies as st

from jaxbio.data.batching.buckets import MOST_BUCKETS, bucket_lengths, choose_buckets

lengths = st.lists(st.integers(1, 5000), min_size=1, max_size=50).map(np.array)


@given(lengths)
@settings(max_examples=60, deadline=None)
def test_buckets_hold_the_training_sequences(lengths):
    buckets = choose_buckets(lengths)
    assert len(buckets) <= MOST_BUCKETS
    assert list(buckets) == sorted(set(buckets))
    assert buckets[-1] >= lengths.max()
    if len(set(lengths.tolist())) == 1:
        assert buckets == (lengths[0],)
    else:
        assert all(bucket % 8 == 0 for bucket in buckets)
        assert buckets[-1] < lengths.max() + 8


@given(lengths, lengths)
@settings(max_examples=60, deadline=None)
def test_each_sequence_gets_the_least_bucket_that_holds_it(training, new):
    buckets = choose_buckets(training)
    padded = bucket_lengths(new, buckets)
    assert (padded >= new).all()
    for length, given_length in zip(new, padded, strict=True):
        if length <= buckets[-1]:
            assert given_length == min(b for b in buckets if b >= length)
        else:
            assert given_length <= max(length * 5 // 4 + 8, buckets[-1] + 16)


def test_without_sequences():
    assert bucket_lengths(np.zeros(3, np.int64), (0,)).tolist() == [0, 0, 0]


def test_by_hand():
    # Quartiles of 1…100 are 25, 50, 75 and 100, rounded up to multiples of 8.
    assert choose_buckets(np.arange(1, 101), most=4) == (32, 56, 80, 104)
