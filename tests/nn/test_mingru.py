import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.nn.linear_scan import linear_scan
from jaxbio.nn.mingru import _at_once, _back_at_once, mingru
from tests.helpers import normal


@pytest.mark.parametrize("length", [1, 21])
def test_the_gradient_of_a_mingru_is_that_of_autodiff(length, double):
    kernel, bias, x = normal(3, 8), normal(8, seed=1), normal(length, 2, 3, seed=2)
    weights = normal(length, 2, 4, seed=3)

    def plain(kernel, bias, x):
        update, new = jnp.split(x @ kernel + bias[None, None], 2, axis=-1)
        update = jax.nn.sigmoid(update)
        return linear_scan(1 - update, update * new)

    expected, pull = jax.vjp(plain, kernel, bias, x)
    for form in (mingru, _at_once):
        np.testing.assert_allclose(form(kernel, bias, x), expected, atol=1e-13)
    wanted = pull(weights)
    in_chunks = jax.vjp(mingru, kernel, bias, x)[1](weights)
    at_once = _back_at_once(kernel, bias, x, expected, weights)
    for mine, other, theirs in zip(in_chunks, at_once, wanted, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)
        np.testing.assert_allclose(other, theirs, atol=1e-12)
