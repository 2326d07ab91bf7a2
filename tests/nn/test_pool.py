import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.nn.pool import Pool

X = jnp.array([[[1.0, -5.0], [3.0, -1.0], [9.0, 9.0]], [[2.0, 4.0]] * 3])
MASK = jnp.array([[True, True, False], [True, True, True]])


@pytest.mark.parametrize(
    ("kind", "expected"),
    [
        ("max", [[3, -1], [2, 4]]),
        ("mean", [[2, -3], [2, 4]]),
        ("last", [[3, -1], [2, 4]]),
        ("flatten", [[1, -5, 3, -1, 0, 0, 0, 0], [2, 4, 2, 4, 2, 4, 0, 0]]),
    ],
)
def test_pooling_by_hand(kind, expected):
    pool = Pool(kind, 2, length=4, rngs=nnx.Rngs(0))
    assert pool(X, MASK).tolist() == expected
    assert pool.features == len(expected[0])


def test_attention_without_preferences_is_the_mean_and_can_choose():
    pool = Pool("attention", 2, rngs=nnx.Rngs(0))
    pool.score.kernel[...] = jnp.zeros((2, 2))
    np.testing.assert_allclose(pool(X, MASK), [[2, -3], [2, 4]], rtol=1e-6)
    pool.score.kernel[...] = jnp.array([[100.0, 0.0], [0.0, -100.0]])
    np.testing.assert_allclose(pool(X, MASK)[0], [3, -5], atol=1e-5)  # each channel


def test_weights_are_shares_of_what_is_there():
    pool = Pool("attention", 2, rngs=nnx.Rngs(0))
    weights = pool.weights(X, MASK)
    np.testing.assert_allclose(weights.sum(axis=1), 1, rtol=1e-6)
    assert weights[0, 2].tolist() == [0, 0]
    np.testing.assert_allclose((weights * X).sum(axis=1), pool(X, MASK), rtol=1e-6)


def test_a_row_of_padding_alone_is_finite():
    none = jnp.zeros((2, 3), bool)
    for kind in ("mean", "last", "attention", "flatten"):
        pool = Pool(kind, 2, length=3, rngs=nnx.Rngs(0))
        assert np.isfinite(pool(X, none)).all()
