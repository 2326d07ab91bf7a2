import numpy as np
import pytest

from jaxbio.clinical.jackknife import pseudo_observations
from jaxbio.errors import DataError
from jaxbio.metrics.survival import kaplan_meier, restricted_mean


def test_they_are_what_leaving_out_each_row_gives():
    rng = np.random.default_rng(0)
    time = rng.integers(1, 9, 30).astype(float)
    event = rng.integers(0, 2, 30)
    found = pseudo_observations(time, event, 5.0)

    def mean(rows):
        curve = kaplan_meier(time[rows], event[rows])
        return float(restricted_mean(curve.times, curve.values, 5.0))

    everybody = np.arange(30)
    expected = [
        30 * mean(everybody) - 29 * mean(np.delete(everybody, at)) for at in everybody
    ]
    np.testing.assert_allclose(found, expected)


def test_without_censoring_they_are_the_times_up_to_the_horizon():
    time = np.array([2.0, 4, 6, 8, 1])
    found = pseudo_observations(time, np.ones(5), 5.0)
    np.testing.assert_allclose(found, [2, 4, 5, 5, 1])


@pytest.mark.parametrize("horizon", [0, 9])
def test_a_horizon_without_patients_is_refused(horizon):
    with pytest.raises(DataError, match="followed up to 8"):
        pseudo_observations(np.array([1.0, 8]), np.array([1, 0]), horizon)
