"""Ragged buffers against plain lists."""

import itertools

import numpy as np
from hypothesis import given, settings, strategies as st

from jaxbio.data.columns.base import gather_ragged, pad_ragged

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


def test_rows_side_by_side_are_a_copy():
    values = np.arange(6)
    offsets = np.array([0, 2, 4, 6])
    table = pad_ragged(values, offsets, np.array([1, 2]), 2, 0)
    assert table.tolist() == [[2, 3], [4, 5]]
    table[:] = 9
    assert values.tolist() == [0, 1, 2, 3, 4, 5]
