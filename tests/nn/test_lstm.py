import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from jaxbio.nn.lstm import Weights, lstm
from tests.helpers import normal


def some_weights(dim, width, seed=0):
    shapes = [(dim, 4 * width), (4 * width,), (width, 4 * width)]
    return Weights(
        *(normal(*s, seed=seed + at, scale=0.5) for at, s in enumerate(shapes))
    )


def plain_lstm(weights, xs):
    """The textbook's equations, one position after the other."""

    def one(weights, x):
        def step(state, x):
            hidden, cell = state
            gates = x @ weights.kernel + weights.bias[None] + hidden @ weights.recur
            take, forget, new, show = jnp.split(gates, 4, axis=-1)
            cell = jax.nn.sigmoid(forget) * cell + jax.nn.sigmoid(take) * jnp.tanh(new)
            hidden = jax.nn.sigmoid(show) * jnp.tanh(cell)
            return (hidden, cell), hidden

        zero = jnp.zeros((x.shape[1], len(weights.recur)), x.dtype)
        return lax.scan(step, (zero, zero), x)[1]

    return [one(w, x) for w, x in zip(weights, xs, strict=True)]


def loss_of(run):
    def loss(weights, xs):
        states = run(weights, xs)
        return sum((jnp.sin(s) * (1 + jnp.arange(s.size).reshape(s.shape))).sum()
                   for s in states)  # fmt: skip

    return loss


@pytest.mark.parametrize("length", [1, 8, 19])
@pytest.mark.parametrize("ways", [1, 2])
def test_the_gradient_of_an_lstm_is_that_of_autodiff(length, ways, double):
    weights = [some_weights(3, 4, seed=10 * way) for way in range(ways)]
    xs = [normal(length, 5, 3, seed=way) for way in range(ways)]
    for mine, theirs in zip(lstm(weights, xs), plain_lstm(weights, xs), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-14)
    got = jax.grad(loss_of(lstm), (0, 1))(weights, xs)
    expected = jax.grad(loss_of(plain_lstm), (0, 1))(weights, xs)
    for mine, theirs in zip(
        jax.tree.leaves(got), jax.tree.leaves(expected), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9)


def test_a_group_of_lstms_is_each_for_itself():
    xs = [normal(11, 2, 3)]
    weights = [some_weights(3, 4, seed=seed) for seed in (0, 7)]
    stacked = [jax.tree.map(lambda *leaves: jnp.stack(leaves), *weights)]
    gradient = jax.grad(lambda w: loss_of(lstm)(w, xs))
    together = jax.vmap(gradient)(stacked)[0]
    for at, one in enumerate(weights):
        alone = gradient([one])[0]
        for mine, theirs in zip(together, alone, strict=True):
            np.testing.assert_allclose(mine[at], theirs, rtol=1e-4, atol=1e-3)
