import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from jaxbio.nn.linear_scan import linear_scan
from tests.helpers import normal


def plain_recurrence(keep, add):
    def step(state, inputs):
        state = inputs[0] * state + inputs[1]
        return state, state

    return lax.scan(step, jnp.zeros_like(add[0]), (keep, add))[1]


@pytest.mark.parametrize("length", [1, 8, 21])
def test_a_linear_recurrence_and_its_gradient(length, double):
    keep, add = jax.nn.sigmoid(normal(length, 2, 3)), normal(length, 2, 3, seed=1)
    expected = plain_recurrence(keep, add)
    np.testing.assert_allclose(linear_scan(keep, add), expected, atol=1e-14)

    def loss(run, keep, add):
        return (jnp.sin(run(keep, add)) * normal(length, 2, 3, seed=2)).sum()

    got = jax.grad(loss, (1, 2))(linear_scan, keep, add)
    wanted = jax.grad(loss, (1, 2))(plain_recurrence, keep, add)
    for mine, theirs in zip(got, wanted, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)
