"""Length buckets hold every sequence and are few."""

import itertools

import numpy as np
from hypothesis import given, settings, strategies as st

from jaxbio.data.batching.buckets import (
    MOST_BUCKETS,
    bucket_lengths,
    choose_buckets,
    rows_at,
)

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
    # 10 x 8 + 11 x 80 = 960 positions; with 16 in place of 8 they would be 976.
    assert choose_buckets(np.repeat([7, 16, 79], [10, 1, 10]), most=2) == (8, 80)
    assert choose_buckets(np.repeat([7, 16, 79], [1, 10, 10]), most=2) == (16, 80)


def test_buckets_are_those_with_the_least_padding():
    rng = np.random.default_rng(0)
    for _ in range(60):
        lengths = rng.integers(1, 90, rng.integers(2, 30))
        most = int(rng.integers(1, 5))
        found = choose_buckets(lengths, most)
        edges = np.unique(-(-lengths // 8) * 8)
        every = [
            chosen
            for count in range(1, most + 1)
            for chosen in itertools.combinations(edges.tolist(), min(count, len(edges)))
            if chosen[-1] == edges[-1]
        ]
        least = min(bucket_lengths(lengths, chosen).sum() for chosen in every)
        assert len(found) <= most and bucket_lengths(lengths, found).sum() == least


def test_one_very_long_sequence_does_not_lengthen_the_others():
    rng = np.random.default_rng(0)
    lengths = np.append(rng.lognormal(6, 0.6, 20_000).astype(int), 34_350)
    found = choose_buckets(lengths)
    assert found[-1] == 34_352
    assert bucket_lengths(lengths, found).sum() < 1.4 * lengths.sum()


def test_batches_of_very_long_sequences_have_fewer_rows():
    buckets = (400, 2000, 40_000)
    assert [rows_at(length, buckets, 256) for length in buckets] == [256, 256, 13]
    assert rows_at(400_000, buckets, 256) == 1  # of a new file
