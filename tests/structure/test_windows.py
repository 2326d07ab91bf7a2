"""Windows over long chains: every residue in one, and whole results from parts."""

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.structure.windows import join_pairs, join_positions, window_starts


@given(st.integers(1, 300), st.integers(2, 60))
@settings(max_examples=60, deadline=None)
def test_windows_cover_a_chain_and_end_with_it(length, window):
    starts = window_starts(length, window)
    assert starts[0] == 0 and starts == sorted(set(starts))
    ends = [min(start + window, length) for start in starts]
    assert ends[-1] == length
    assert all(later <= end for later, end in zip(starts[1:], ends, strict=False))


def test_equal_windows_give_the_whole_back():
    values = np.random.default_rng(0).random((30, 3)).astype(np.float32)
    starts = window_starts(30, 12)
    parts = [values[start : start + 12] for start in starts]
    np.testing.assert_allclose(join_positions(parts, starts, 30), values, rtol=1e-6)
    one = values[:, 0]
    parts = [one[start : start + 12] for start in starts]
    np.testing.assert_allclose(join_positions(parts, starts, 30), one, rtol=1e-6)


def test_the_middle_of_a_window_counts_more_than_its_end():
    parts = [np.zeros(4, np.float32), np.ones(4, np.float32)]
    # Of position 2 the first window is two from its end and the other one.
    joined = join_positions(parts, [0, 2], 6)
    assert joined.tolist() == pytest.approx([0, 0, 1 / 3, 2 / 3, 1, 1])


def test_pairs_come_from_a_window_that_holds_both():
    random = np.random.default_rng(0)
    whole = random.random((9, 9, 4)).astype(np.float16)
    starts = window_starts(9, 5)
    parts = [whole[start : start + 5, start : start + 5] for start in starts]
    joined = join_pairs(parts, starts, 9, np.full(4, 0.25))
    assert starts == [0, 4] and joined.dtype == np.float16
    held = np.zeros((9, 9), bool)
    for start in starts:
        held[start : start + 5, start : start + 5] = True
    np.testing.assert_array_equal(joined[held], whole[held])
    assert (joined[~held] == 0.25).all()


def test_a_single_window_is_not_copied():
    part = np.ones((3, 3, 2), np.float16)
    assert join_pairs([part], [0], 3, np.full(2, 0.5)) is part
