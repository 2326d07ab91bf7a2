import numpy as np

from jaxbio.explain import contributions, rank_agreement, untrained
from jaxbio.explain.sanity import without_training


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
