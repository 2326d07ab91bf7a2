import numpy as np
import pytest

from jaxbio.baselines.pairwise import Pairs, fit_pairwise, learn_side


def normal(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


A, B = normal(12, 20, seed=1), normal(15, 2, seed=2)


def pairs(some, values):
    places = np.divmod(np.asarray(some), len(B))
    return Pairs(A, B, places, values[some])


def test_vectors_of_a_side_have_the_kernel_of_their_power():
    linear = learn_side(A, 1.0).vectors(A)
    centered = A - A.mean(axis=0)
    expected = centered @ centered.T
    expected = expected / np.diag(expected).mean() + 0.3
    np.testing.assert_allclose(linear @ linear.T, expected, atol=1e-6)
    square = normal(4, 6, seed=3)
    alike = learn_side(square, 0.0).vectors(square)
    # Three directions of four things: all that is known is which one it is.
    own = (np.eye(4) - 0.25) * 4 / 3 + 0.3
    np.testing.assert_allclose(alike @ alike.T, own, atol=1e-6)


def test_it_is_the_ridge_regression_of_products():
    """With all pairs of a grid known it agrees with the closed form."""
    values = normal(len(A) * len(B), seed=4)
    everything = np.arange(len(values))
    fitted = fit_pairwise(pairs(everything, values), pairs(everything, values))
    a, b = fitted.left.vectors(A), fitted.right.vectors(B)
    products = np.einsum("ai,bj->abij", a, b).reshape(len(values), -1)
    y = (values - values.mean()) / values.std()
    best = min(
        (
            np.linalg.solve(
                products.T @ products + penalty * np.eye(products.shape[1]),
                products.T @ y,
            )
            for penalty in (0.1, 0.3, 1.0, 3.0, 10.0)
        ),
        key=lambda core: np.mean((products @ core - y) ** 2),
    )
    found = a @ fitted.core @ b.T
    np.testing.assert_allclose(found.ravel() / values.std(), products @ best, atol=0.02)


def test_each_thing_has_weights_of_its_own():
    """A linear model of features side by side says nothing of such values."""
    table = np.sign(A[:, :1]) * B[None, :, 0]
    values = table.ravel() + 0.01 * normal(table.size, seed=5)
    order = np.random.default_rng(0).permutation(table.size)
    fitted = fit_pairwise(pairs(order[:120], values), pairs(order[120:150], values))
    rest = order[150:]
    places = np.divmod(rest, len(B))
    found = fitted.predict(A[places[0]], B[places[1]])
    assert np.corrcoef(found, values[rest])[0, 1] > 0.9


def test_repeated_pairs_and_one_value_for_all():
    values = np.full(len(A) * len(B), 7.0)
    twice = np.repeat(np.arange(60), 2)
    fitted = fit_pairwise(pairs(twice, values), pairs(twice, values))
    assert fitted.predict(A[:2], B[:2]) == pytest.approx([7.0, 7.0])


def test_without_pairs_that_decide_and_without_features():
    values = normal(len(A) * len(B), seed=6)
    some = np.arange(90)
    fitted = fit_pairwise(pairs(some, values), pairs(some[:0], values))
    assert np.isfinite(fitted.predict(A, B[: len(A)])).all()
    assert learn_side(np.zeros((4, 0)), 1.0).vectors(np.zeros((2, 0))).shape == (2, 1)
