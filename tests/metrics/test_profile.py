import numpy as np
import pytest

from jaxbio.metrics import profile_metrics
from jaxbio.metrics.profile import divergence


def test_divergence_agrees_with_scipy():
    distance = pytest.importorskip("scipy.spatial.distance", reason="the oracle")
    random = np.random.default_rng(0)
    one, other = random.poisson(2.0, (2, 20, 8)) + np.eye(8)[0]
    expected = [
        distance.jensenshannon(a, b, base=2) ** 2
        for a, b in zip(one, other, strict=True)
    ]
    np.testing.assert_allclose(divergence(one, other), expected, atol=1e-9)


def test_profiles_by_hand():
    truth = np.array([[1.0, 0, 3], [0, 2, 0], [0, 0, 0], [np.nan] * 3])
    prediction = np.array([[2.0, 0, 6], [2, 0, 2], [1, 1, 1], [5, 5, 5]])
    found = profile_metrics(truth, prediction)
    # The first has the shape, the second the opposite; the third has no counts.
    np.testing.assert_allclose(found["profile_pearson"], (1 - 1) / 2, atol=1e-12)
    np.testing.assert_allclose(found["profile_jsd"], (0 + 1) / 2)
    assert found["n"] == 3
    totals = np.log1p([4, 2, 0]), np.log1p([8, 4, 3])
    np.testing.assert_allclose(found["count_pearson"], np.corrcoef(*totals)[0, 1])
    np.testing.assert_allclose(found["count_spearman"], 1)
    weighed = profile_metrics(truth, prediction, weights=np.array([3.0, 1, 1, 1]))
    np.testing.assert_allclose(weighed["profile_pearson"], (3 - 1) / 4)


def test_flat_profiles_have_no_correlation():
    truth = np.array([[1.0, 2, 3], [3, 1, 1]])
    found = profile_metrics(truth, np.full((2, 3), 2.0))
    assert found["profile_pearson"] is None and found["count_pearson"] is None
    assert 0 < found["profile_jsd"] < 1
