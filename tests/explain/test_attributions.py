import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.explain import (
    deeplift,
    deeplift_shap,
    expected_gradients,
    integrated_gradients,
)
from jaxbio.explain.attributions import Attribution, over_backgrounds


def test_what_is_not_explained():
    values = jnp.array([[1.0, 2.0], [0.0, -1.0]])
    found = Attribution(values, values, jnp.array([5.0, 1.0]), jnp.array([1.0, 2.0]))
    assert found.delta.tolist() == [1.0, 0.0]


def test_the_mean_over_backgrounds_of_each_row():
    def method(x, usual):
        base = usual.sum(axis=1)
        return Attribution(x - usual, jnp.ones_like(x), x.sum(axis=1), base)

    x = jnp.array([[3.0, 1.0]])
    usual = jnp.array([[[0.0, 0.0], [2.0, 4.0]]])
    found = over_backgrounds(method, x, usual)
    np.testing.assert_allclose(found.values, [[2.0, -1.0]])
    assert found.base.tolist() == [3.0] and found.delta.tolist() == [0.0]


@pytest.mark.parametrize(
    ("method", "usual", "message"),
    [
        (integrated_gradients, (2, 8, 4), r"\(9, 4\) are compared with \(8, 4\)"),
        (deeplift, (2, 8, 4), "a background of the same length and columns"),
        (integrated_gradients, (3, 9, 4), "2 rows are compared with 3"),
        (deeplift_shap, (2, 5, 8, 4), r"\(9, 4\) are compared with \(8, 4\)"),
        (expected_gradients, (2, 0, 9, 4), "give one or more for each row"),
    ],
)
def test_backgrounds_of_another_shape(method, usual, message):
    with pytest.raises(DataError, match=message):
        method(lambda x: x.sum(axis=(1, 2)), jnp.ones((2, 9, 4)), jnp.ones(usual))
