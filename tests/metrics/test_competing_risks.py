import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.metrics import (
    aalen_johansen,
    cumulative_incidence,
    incidence_brier_score,
    incidence_values,
    piecewise_incidences,
    survival_brier_score,
)

AT = np.array([0.0, 0.5, 2.0, 3.0, 9.0])


def test_constant_hazards_by_hand():
    first, second = np.array([1.0, 3.0]), np.array([2.0, 4.0])
    rates = np.array([[0.3], [0.0]])
    one, two = np.exp(-rates * first), np.exp(-0.2 * second)[None].repeat(2, axis=0)
    found = cumulative_incidence([(first, one), (second, two)], AT)
    total = rates + 0.2
    whole = 1 - np.exp(-total * AT[:4])
    np.testing.assert_allclose(found[0][:, :4], rates / total * whole, atol=1e-12)
    np.testing.assert_allclose(found[1][:, :4], 0.2 / total * whole)
    assert np.isnan(found[0][:, 4]).all()  # after the shorter grid nothing is known


def test_all_causes_together_are_the_events():
    random = np.random.default_rng(0)
    grids = np.array([1.0, 2.0, 4.0]), np.array([0.7, 3.0])
    curves = [
        np.exp(-np.cumsum(random.exponential(size=(5, len(g))), 1)) for g in grids
    ]
    found = cumulative_incidence(list(zip(grids, curves, strict=True)), np.array([3.0]))
    halfway = np.exp((np.log(curves[0][:, 1]) + np.log(curves[0][:, 2])) / 2)
    np.testing.assert_allclose(sum(found)[:, 0], 1 - halfway * curves[1][:, 1])


def test_incidence_of_a_cohort_by_hand():
    time, cause = np.array([1, 2, 2, 3, 4]), np.array([1, 2, 1, 0, 2])
    found = aalen_johansen(time, cause, 2)
    left = [1, 0.8, 0.4]
    assert found.times.tolist() == [1, 2, 3, 4]
    np.testing.assert_allclose(found.values[0], np.cumsum([0.2, 0.2, 0, 0]))
    np.testing.assert_allclose(found.values[1], np.cumsum([0, 0.2, 0, left[2]]))
    assert found.at(np.array([0.5, 2.5])).round(6).tolist() == [[0, 0.4], [0, 0.2]]
    double = np.concatenate([time, time[:2]]), np.concatenate([cause, cause[:2]])
    weighted = aalen_johansen(time, cause, 2, weights=np.array([2, 2, 1, 1, 1]))
    np.testing.assert_allclose(weighted.values, aalen_johansen(*double, 2).values)
    with pytest.raises(DataError, match="row 1: the cause is 3"):
        aalen_johansen(np.ones(2), np.array([1, 3]), 2)


def test_incidence_of_a_cohort_as_lifelines_has_it():
    lifelines = pytest.importorskip("lifelines")
    random = np.random.default_rng(0)
    time, cause = random.exponential(size=80), random.integers(0, 3, 80)
    fitter = lifelines.AalenJohansenFitter(calculate_variance=False)
    table = fitter.fit(time, cause, event_of_interest=2).cumulative_density_
    found = aalen_johansen(time, cause, 2).at(table.index.to_numpy())[1]
    np.testing.assert_allclose(found, table.iloc[:, 0], atol=1e-9)


def test_incidences_between_the_times_of_the_grid():
    hazards, times = np.array([[0.1, 0.3], [0.2, 0.0]]), np.array([1.0, 3.0])
    grid = piecewise_incidences(np.zeros((1, 2, 2)), times, hazards)
    found = incidence_values(times, grid, np.array([0, 0.5, 2, 3, 4]))
    first = 1 - np.exp(-0.15)
    np.testing.assert_allclose(found[0, :, 0], 0, atol=1e-12)
    np.testing.assert_allclose(found[0, :, 1], [first / 3, 2 * first / 3])
    within = np.exp(-0.3) * (1 - np.exp(-0.3))
    np.testing.assert_allclose(found[0, 0, 2], (1 - np.exp(-0.3)) / 3 + within)
    np.testing.assert_allclose(found[0, :, 3], grid[0, :, 1])
    assert np.isnan(found[0, :, 4]).all()


def test_brier_score_of_one_cause_is_that_of_survival():
    random = np.random.default_rng(1)
    time, event = random.exponential(size=60), random.integers(0, 2, 60)
    at, survival = np.array([0.3, 0.8]), random.random((60, 2))
    found = incidence_brier_score(time, event, 1 - survival, at)
    expected = survival_brier_score(time, event, survival, at)
    np.testing.assert_allclose(found, expected)
