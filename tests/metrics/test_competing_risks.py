import numpy as np

from jaxbio.metrics import cumulative_incidence

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
