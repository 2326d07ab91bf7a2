import numpy as np

from jaxbio.clinical.scores import doubly_robust_scores


def test_means_are_right_if_either_part_is():
    rng = np.random.default_rng(0)
    x = rng.normal(size=40_000)
    chance = 1 / (1 + np.exp(-x))
    arm = (rng.random(40_000) < chance).astype(np.int64)
    values = x + arm * 2.0
    right, wrong = np.stack([x, x + 2], axis=1), np.zeros((40_000, 2))
    known = np.stack([1 - chance, chance], axis=1)
    for outcomes, propensities in ((right, np.full((40_000, 2), 0.5)), (wrong, known)):
        scores = doubly_robust_scores(outcomes, propensities, arm, values)
        assert abs((scores[:, 1] - scores[:, 0]).mean() - 2) < 0.1
    naive = values[arm == 1].mean() - values[arm == 0].mean()
    assert naive > 2.5
