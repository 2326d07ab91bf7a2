import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.metrics import (
    at_risk_weights,
    curve_values,
    mean_times,
    median_times,
    piecewise_curves,
    restricted_mean,
    risks,
)

TIMES = np.array([1.0, 3.0, 4.0])
HAZARDS = np.array([0.2, 0.5, 0.1])
CURVES = piecewise_curves(np.log([[1.0] * 3, [2.0, 1.0, 0.5]]), TIMES, HAZARDS)


def test_curves_are_products_of_exponentials():
    expected = np.exp(-np.array([[0.2, 1.2, 1.3], [0.4, 1.4, 1.45]]))
    np.testing.assert_allclose(CURVES, expected)


def test_values_within_an_interval_have_its_hazard():
    found = curve_values(TIMES, CURVES, np.array([0.5, 2.0, 4.0, 4.1]))
    np.testing.assert_allclose(found[0, :3], np.exp([-0.1, -0.7, -1.3]))
    assert np.isnan(found[:, 3]).all()


def test_medians_solve_for_one_half():
    found = median_times(TIMES, CURVES)
    np.testing.assert_allclose(found[0], 1 + (np.log(2) - 0.2) / 0.5)
    assert np.isnan(median_times(TIMES, np.full((1, 3), 0.9)))[0]
    assert median_times(TIMES, np.array([[0.0, 0.0, 0.0]]))[0] < 1


@pytest.mark.parametrize("until", [0.4, 2.5, 4.0])
def test_means_are_areas(until):
    fine = np.linspace(0, until, 40_001)[1:]
    curves = curve_values(TIMES, CURVES, fine)
    steps = restricted_mean(fine, curves, until)
    np.testing.assert_allclose(mean_times(TIMES, CURVES, until), steps, rtol=1e-3)


def test_a_risk_is_the_mean_probability_of_the_event():
    assert risks(np.ones((1, 3))).tolist() == [0.0]
    assert risks(np.zeros((1, 3))).tolist() == [1.0]
    weights = at_risk_weights(TIMES, HAZARDS)
    np.testing.assert_allclose(weights, np.array([5, 1, 10]) / 16)
    np.testing.assert_allclose(risks(CURVES, weights), (1 - CURVES) @ weights)


def test_means_end_on_the_grid():
    with pytest.raises(DataError, match="until=5: a restricted mean ends"):
        mean_times(TIMES, CURVES, 5)
