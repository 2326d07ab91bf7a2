import numpy as np
import pytest

from jaxbio.baselines import cox


def cohort(n=120, p=3, seed=0, ties=False):
    random = np.random.default_rng(seed)
    x = random.normal(size=(n, p)).astype(np.float32)
    time = random.exponential(np.exp(-x @ np.linspace(1, -0.5, p)))
    censored = random.exponential(1.5, n)
    rows = np.stack([np.minimum(time, censored), time < censored, np.zeros(n)], axis=1)
    if ties:
        rows[:, 0] = np.ceil(4 * rows[:, 0])
    return x, rows


def test_slopes_are_those_of_the_likelihood():
    _, rows = cohort(30, ties=True)
    random = np.random.default_rng(1)
    rows[:, 2] = rows[:, 0] * random.uniform(0, 0.9, 30)
    weights, at = random.uniform(0.5, 2, 30), random.normal(size=30)
    sets = cox.risk_sets(rows, weights)
    _, slopes = cox.partial_likelihood(sets, at)
    for row in range(30):
        step = np.eye(30)[row] * 1e-5
        up, down = (cox.partial_likelihood(sets, at + s)[0] for s in (step, -step))
        np.testing.assert_allclose(slopes[row], (up - down) / 2e-5, atol=1e-6)


@pytest.mark.parametrize("ties", [False, True])
def test_coefficients_of_scikit_survival(ties, monkeypatch):
    linear = pytest.importorskip("sksurv.linear_model")
    x, rows = cohort(ties=ties)
    y = np.array([(e > 0, t) for t, e, _ in rows], [("e", bool), ("t", float)])
    monkeypatch.setattr(cox, "PENALTIES", (2.0,))
    found = cox.fit_cox(x, rows, weights=np.ones(len(x)))
    expected = linear.CoxPHSurvivalAnalysis(alpha=2.0, ties="efron").fit(x, y).coef_
    np.testing.assert_allclose(found, expected, atol=2e-3)


def test_a_ridge_solution_with_more_columns_than_rows(monkeypatch):
    x, rows = cohort(30, 50)
    monkeypatch.setattr(cox, "PENALTIES", (3.0,))
    rotated = cox.fit_cox(x, rows, weights=np.ones(30))
    monkeypatch.setattr(cox, "_DIRECT", 0)
    direct = cox.fit_cox(x, rows, weights=np.ones(30))
    np.testing.assert_allclose(rotated, direct, atol=2e-3)


def test_folds_shrink_what_says_nothing():
    x, rows = cohort(60)
    noise = np.random.default_rng(5).normal(size=(60, 40)).astype(np.float32)
    found = cox.fit_cox(np.concatenate([x, noise], axis=1), rows, weights=np.ones(60))
    assert abs(found[0]) > 2 * np.abs(found[3:]).max()
    assert not cox.fit_cox(x, rows * [1, 0, 1], weights=np.ones(60)).any()
    assert cox.fit_cox(x[:, :0], rows, weights=np.ones(60)).shape == (0,)
