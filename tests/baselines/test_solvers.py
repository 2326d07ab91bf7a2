import numpy as np
from sklearn.linear_model import Ridge

from jaxbio.baselines.solvers import PENALTIES, _solve, fit_ridge


def test_ridge_is_that_of_scikit_learn():
    rng = np.random.default_rng(0)
    y_of = rng.normal(size=(30, 2))
    for n, p in ((200, 30), (20, 30)):  # by columns, and by rows
        x = rng.normal(size=(n, p)).astype(np.float32)
        y = x @ y_of[:p] + rng.normal(size=(n, 2)) + 5
        weights = rng.uniform(0.5, 2, n)
        b, a = fit_ridge(x, y, weights=weights, candidates=[np.ones(p, bool)])
        close = []
        for penalty in PENALTIES:
            # Weights are relative here, absolute there.
            peer = Ridge(penalty).fit(x, y, sample_weight=weights / weights.mean())
            close.append(
                np.allclose(b, peer.coef_.T, atol=1e-3)
                and np.allclose(a, peer.intercept_, atol=1e-2)
            )
        assert sum(close) == 1


def test_columns_are_chosen_by_held_out_rows():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(150, 100)).astype(np.float32)
    good = np.arange(100) < 3
    y = x[:, :3].sum(axis=1, keepdims=True) + 0.5 * rng.normal(size=(150, 1))
    candidates = [~good, good, np.ones(100, bool)]
    b, _ = fit_ridge(x, y, weights=np.ones(150), candidates=candidates)
    assert (b[3:] == 0).all() and np.allclose(b[:3], 1, atol=0.2)


def test_so_many_columns_are_those_that_say_most_in_the_rows_of_a_fold():
    rng = np.random.default_rng(0)
    good = np.isin(np.arange(400), (7, 70, 300))
    for n in (450, 120):  # by columns, and by rows
        x = rng.normal(size=(n, 400)).astype(np.float32)
        x[:, 9] = 0.0  # does not vary
        y = x[:, good].sum(axis=1, keepdims=True) + 0.5 * rng.normal(size=(n, 1))
        every = np.ones(400, bool)
        weights = np.ones(n)
        b, _ = fit_ridge(x, y, weights=weights, candidates=[3, every])
        assert set(np.flatnonzero(b[:, 0])) == {7, 70, 300}
        alone = fit_ridge(x, y, weights=weights, candidates=[good])
        assert np.allclose(b, alone[0], atol=1e-4)


def test_columns_are_ranked_without_the_rows_held_out():
    """Of noise a choice by all rows would find what holds in the rows held out."""
    rng = np.random.default_rng(0)
    x = rng.normal(size=(60, 3000)).astype(np.float32)
    y = rng.normal(size=(60, 1))
    b, _ = fit_ridge(x, y, weights=np.ones(60), candidates=[10])
    assert (x @ b).std() < 0.2 * y.std()  # the strongest penalty


def test_sums_that_are_just_not_positive_get_a_larger_penalty():
    values = np.linalg.qr(np.random.default_rng(0).normal(size=(6, 6)))[0]
    left = values @ np.diag([1e6, 1.0, 1.0, 1.0, 1.0, -0.05]) @ values.T
    right = np.ones((6, 1))
    found = _solve(left, right, 1e-3)
    assert np.isfinite(found).all()
    fine = values @ np.diag([1e6, 1.0, 1.0, 1.0, 1.0, 2.0]) @ values.T
    expected = np.linalg.solve(fine + 0.5 * np.eye(6), right)
    np.testing.assert_allclose(_solve(fine, right, 0.5), expected, rtol=1e-6)
