"""Ragged buffers against plain lists, and values that rows share."""

import itertools

import numpy as np
from hypothesis import given, settings, strategies as st
from scipy import sparse

from jaxbio.data.batching.layouts import (
    DictionaryArray,
    Ragged,
    SparseRows,
    are_same,
    gather_ragged,
    pad_ragged,
)

runs = st.lists(st.lists(st.integers(0, 9), max_size=4), min_size=1, max_size=6)


@given(runs=runs, data=st.data())
@settings(max_examples=60, deadline=None)
def test_chosen_runs_are_those_of_lists(runs, data):
    picks = st.lists(st.integers(-len(runs), len(runs) - 1), max_size=6)
    indices = np.array(data.draw(picks), np.int64)
    values = np.array([*itertools.chain(*runs)], np.int64)
    offsets = np.cumsum([0, *map(len, runs)])
    chosen = [runs[at] for at in indices]
    flat, bounds = gather_ragged(values, offsets, indices)
    assert flat.tolist() == [*itertools.chain(*chosen)]
    assert np.diff(bounds).tolist() == list(map(len, chosen)) and bounds[0] == 0
    table = pad_ragged(values, offsets, indices, 4, -1)
    assert table.tolist() == [run + [-1] * (4 - len(run)) for run in chosen]


def test_chosen_rows_of_a_table_need_no_number_for_each_value():
    values = np.arange(24).reshape(12, 2)
    offsets = np.array([1, 4, 7, 10])  # which need not begin with the buffer
    flat, bounds = gather_ragged(values, offsets, np.array([2, 0, 2]))
    assert flat[:, 0].tolist() == [14, 16, 18, 2, 4, 6, 14, 16, 18]
    assert bounds.tolist() == [0, 3, 6, 9]


def test_rows_side_by_side_are_a_copy():
    values = np.arange(6)
    offsets = np.array([0, 2, 4, 6])
    table = pad_ragged(values, offsets, np.array([1, 2]), 2, 0)
    assert table.tolist() == [[2, 3], [4, 5]]
    table[:] = 9
    assert values.tolist() == [0, 1, 2, 3, 4, 5]


def test_different_values_of_some_rows_and_their_places():
    rows = np.array([4, 2, 4, -1, 7], np.int32)
    column = DictionaryArray(np.zeros((8, 1), np.float32), rows, {10: 3})
    values, place = column.among(np.array([0, 1, 2, 3]))
    assert values.tolist() == [2, 4] and place.tolist() == [1, 0, 1, -1]
    # At most as many as rows, as the length allows, as there are items; at least one.
    assert [column.most(10, n) for n in (2, 64)] == [2, 3]
    assert [column.most(20, n) for n in (0, 64)] == [1, 8]


def test_missing_values_expand_to_nothing():
    rows = np.array([1, -1], np.int32)
    for items, nothing in (
        (np.array([[1], [2]], np.float32), [[2], [np.nan]]),
        (np.array([3, 4], np.int32), [4, -1]),
        (np.array([[5], [6]], np.uint8), [[6], [0]]),
    ):
        np.testing.assert_array_equal(DictionaryArray(items, rows).expanded(), nothing)
    runs = Ragged(np.arange(5), np.array([0, 3, 5]), -1)
    texts = DictionaryArray(runs, np.array([1, 1, -1], np.int32)).expanded()
    assert texts.values.tolist() == [3, 4, 3, 4] and texts.lengths.tolist() == [2, 2, 0]
    matrix = sparse.csr_matrix(np.array([[5, 0], [0, 6]], np.float32))
    counts = DictionaryArray(SparseRows(matrix, ("a", "b")), rows).expanded()
    assert counts.matrix.toarray().tolist() == [[0, 6], [0, 0]]


def test_layouts_of_the_same_arrays_are_known_without_a_look():
    values, offsets = np.arange(5), np.array([0, 3, 5])
    assert are_same(Ragged(values, offsets, -1), Ragged(values, offsets, -1))
    assert not are_same(Ragged(values, offsets, -1), Ragged(values + 0, offsets, -1))
    matrix = sparse.csr_matrix(np.eye(2, dtype=np.float32))
    one, other = SparseRows(matrix, ("a", "b")), SparseRows(matrix, ("a", "b"))
    assert are_same(one, other) and not are_same(one, one.take(np.arange(2)))
    assert are_same(values, values) and not are_same(None, values)
