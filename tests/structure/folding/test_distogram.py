"""Distograms as energies, means and confidence."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.structure.folding.distogram import (
    EDGES,
    KNOT_STEP,
    checked_distogram,
    checked_edges,
    energies,
    expected,
    expected_lddt,
    first_knot,
    from_distances,
    pair_energy,
)

EDGE = np.array(EDGES)


def pair(distance, **more):
    return from_distances(np.array([[0, distance], [distance, 0]]), EDGE, **more)


@pytest.mark.parametrize("distance", [4.1, 7.75, 19.3])
def test_energy_is_lowest_at_the_distance(distance):
    table, slope = map(jnp.asarray, energies(pair(distance, spread=0.5), EDGE))
    at = jnp.linspace(2, 24, 2201)[:, None, None]
    both = at * jnp.ones((1, 2, 2))
    scan = jax.vmap(pair_energy, (None, 0, None, None))(
        table, both, first_knot(EDGE), slope
    )[:, 0, 1]
    assert abs(float(at[scan.argmin(), 0, 0]) - distance) < 0.1
    # There is a way back from everywhere.
    below, above = at[:, 0, 0] < distance - 0.3, at[:, 0, 0] > distance + 0.3
    assert (np.diff(scan[below]) < 0).all() and (np.diff(scan[above]) > 0).all()


def test_energy_meets_the_knots_and_has_no_jumps():
    table, slope = map(jnp.asarray, energies(pair(6.0), EDGE))
    first, knots = first_knot(EDGE), table.shape[-1]
    for knot in (1, 8, knots - 2):
        at = jnp.full((2, 2), first + KNOT_STEP * knot)
        value = float(pair_energy(table, at, first, slope)[0, 1])
        assert value == pytest.approx(float(table[0, 1, knot]), abs=1e-3)
    last = first + KNOT_STEP * (knots - 1)
    beyond = pair_energy(table, jnp.full((2, 2), last + 4), first, slope)[0, 1]
    assert float(beyond) == pytest.approx(
        float(table[0, 1, -1] + 4 * slope[0, 1]), abs=1e-3
    )


def test_unknown_and_far_pairs_feel_nothing_where_they_may_be():
    unknown, slope = energies(pair(np.nan), EDGE)
    assert np.ptp(unknown[0, 1, 3:-2]) < 0.1
    far, slope = energies(pair(60.0), EDGE)
    assert slope[0, 1] < 1e-6
    assert far[0, 1, 0] - far[0, 1, -1] > 3


def test_expected_distances():
    distances = np.array([[0, 7.3, 60], [7.3, 0, np.nan], [60, np.nan, 0]])
    mean, precision = expected(from_distances(distances, EDGE), EDGE)
    assert mean[0, 1] == pytest.approx(7.3, abs=0.1)
    assert np.isnan(mean[0, 2]) and np.isnan(mean[1, 2])
    assert precision[0, 1] > 10 * precision[0, 2]


def test_probabilities_of_known_distances_by_hand():
    table = from_distances(np.array([[5.0]]), np.array([4.0, 5, 6]), spread=1.0)
    np.testing.assert_allclose(table[0, 0], [0.1587, 0.3413, 0.3413, 0.1587], atol=1e-4)
    unknown = from_distances(np.array([[np.nan]]), np.array([4.0, 5, 6]))
    np.testing.assert_allclose(unknown[0, 0], np.array([1, 1, 1, 10]) / 13, rtol=1e-5)


def test_expected_lddt_by_hand():
    # Two neighbours, one kept to 0.3 angstrom and one off by 3, which counts a quarter.
    true = np.array([[0, 6.0, 9], [6, 0, 30], [9, 30, 0]])
    table = from_distances(true, EDGE, spread=0.01)
    model = true + np.array([[0, 0, 2.9], [0, 0, 0], [2.9, 0, 0]])
    score = expected_lddt(table, EDGE, model)
    np.testing.assert_allclose(score, [62.5, 100, 25], atol=0.5)


def test_expected_lddt_of_even_odds():
    # 5.0 to 5.5 or 11 to 11.5: right half of the time.
    table = np.zeros((2, 2, len(EDGE) + 1), np.float32)
    for low in (5.0, 11.0):
        table[0, 1, np.searchsorted(EDGE, low) + 1] = 0.5
    table[1, 0] = table[0, 1]
    model = np.array([[0, 5.25], [5.25, 0]])
    np.testing.assert_allclose(expected_lddt(table, EDGE, model), 50, atol=1)


def test_distograms_are_made_symmetric():
    table = pair(6.0)
    table[0, 1], table[1, 0] = 0, 0
    table[0, 1, 3] = table[1, 0, 7] = 1
    found = checked_distogram(table, EDGE)
    assert found[0, 1, 3] == found[1, 0, 3] == found[0, 1, 7] == 0.5


@pytest.mark.parametrize("edges", [[3.0], [3.0, 3.0], [4.0, 3.0], [-1.0, 3.0]])
def test_edges_that_do_not_ascend_are_refused(edges):
    with pytest.raises(DataError, match="edges"):
        checked_edges(np.array(edges))


def test_distances_that_are_not_square_are_refused():
    with pytest.raises(DataError, match=r"\(2, 3\)"):
        from_distances(np.zeros((2, 3)), EDGE)
    with pytest.raises(DataError, match="spread"):
        from_distances(np.zeros((2, 2)), EDGE, spread=0.0)
