"""Agreement of clusters: by hand, by pairs, and what does not count."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.errors import DataError
from jaxbio.metrics.clustering import (
    adjusted_rand_index,
    cluster_metrics,
    normalized_mutual_information,
)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=2))
@settings(max_examples=100, deadline=None)
def test_rand_index_is_that_of_all_pairs(labels):
    truth, found = (np.array(column) for column in zip(*labels, strict=True))
    pairs = list(itertools.combinations(range(len(truth)), 2))
    same = np.array([truth[a] == truth[b] for a, b in pairs])
    together = np.array([found[a] == found[b] for a, b in pairs])
    both, chance = (same & together).sum(), same.sum() * together.sum() / len(pairs)
    most = (same.sum() + together.sum()) / 2
    expected = 1.0 if most == chance else (both - chance) / (most - chance)
    assert adjusted_rand_index(truth, found) == pytest.approx(expected)


def test_mutual_information_by_hand():
    # Entropies log 2 and (3/4 log 4/3 + 1/4 log 4); information by the table 2 0 1 1.
    truth, found = np.array(["a", "a", "b", "b"]), np.array([0, 0, 0, 1])
    first, second = np.log(2), 0.75 * np.log(4 / 3) + 0.25 * np.log(4)
    table = np.array([[2, 0], [1, 1]]) / 4
    expected = np.outer(table.sum(1), table.sum(0))
    some = table > 0
    shared = (table[some] * np.log(table[some] / expected[some])).sum()
    assert normalized_mutual_information(truth, found) == pytest.approx(
        2 * shared / (first + second)
    )


def test_rows_without_a_group_do_not_count():
    truth = np.array(["T", None, "B", np.nan, "", -1, "T"], object)
    found = np.array([1, 0, 0, 1, 1, 0, 1])
    result = cluster_metrics(truth, found)
    assert result == {"ari": 1.0, "nmi": 1.0, "clusters": 2, "n": 3}
    assert adjusted_rand_index(np.array([-1, -1]), np.array([0, 1])) is None
    with pytest.raises(DataError, match="row by row"):
        adjusted_rand_index(truth, found[:2])
