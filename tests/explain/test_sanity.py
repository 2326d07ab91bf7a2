import numpy as np
import pytest

from jaxbio.explain import contributions
from jaxbio.explain.sanity import rank_agreement, untrained, without_training


def test_what_describes_rows_stays():
    rng = np.random.default_rng(0)
    values = {"a": {"mean": rng.random(9), "kernel": rng.random((3, 3))}, "n": 3}
    other = without_training(values)
    assert other["n"] == 3 and other["a"]["mean"] is values["a"]["mean"]
    assert other["a"]["kernel"].shape == (3, 3)
    assert set(other["a"]["kernel"].ravel()) == set(values["a"]["kernel"].ravel())
    assert (other["a"]["kernel"] != values["a"]["kernel"]).any()


def test_contributions_of_an_untrained_network_are_others(linear):
    predictor, table, _ = linear  # y = 3 a - b
    rows = table.head(8)
    found = contributions(predictor, rows, background=table).values
    others = contributions(untrained(predictor), rows, background=table).values
    assert rank_agreement(list(found), list(others)) < 0.9
    again = contributions(predictor, rows, background=table).values
    np.testing.assert_array_equal(again, found)  # the predictor itself is as it was


def test_ranks_of_sizes_where_there_are_many_and_of_all_where_there_are_few():
    many = np.linspace(-1, 1, 40) ** 3
    assert rank_agreement([many], [-2 * many]) == pytest.approx(1)
    one, other = np.arange(40.0), np.arange(40.0) % 20
    both = rank_agreement([one, one], [one, other])
    assert both == pytest.approx((1 + rank_agreement([one], [other])) / 2)
    few = np.array([1.0, 2.0])
    assert rank_agreement([few, -few], [-few, few]) == pytest.approx(-1)
    assert np.isnan(rank_agreement([few], [np.zeros(2)]))
    assert np.isnan(rank_agreement([], []))
