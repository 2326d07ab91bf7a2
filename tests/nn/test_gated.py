import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax import lax

from jaxbio.nn.gated import Weights
from jaxbio.nn.gru import gru
from jaxbio.nn.lstm import lstm
from tests.helpers import normal

LAYERS = {"lstm": lstm, "gru": gru}
GATES = {"lstm": 4, "gru": 3}


def some_weights(cell, dim, width, seed=0):
    gates = GATES[cell] * width
    shapes = [(dim, gates), (gates,), (width, gates)]
    return Weights(
        *(normal(*s, seed=seed + at, scale=0.5) for at, s in enumerate(shapes))
    )


def plain_lstm(weights, state, x):
    hidden, cell = state
    gates = x @ weights.kernel + weights.bias[None] + hidden @ weights.recur
    take, forget, new, show = jnp.split(gates, 4, axis=-1)
    cell = jax.nn.sigmoid(forget) * cell + jax.nn.sigmoid(take) * jnp.tanh(new)
    return jax.nn.sigmoid(show) * jnp.tanh(cell), cell


def plain_gru(weights, state, x):
    hidden, other = state
    reset, update, new = jnp.split(x @ weights.kernel + weights.bias[None], 3, axis=-1)
    back = jnp.split(hidden @ weights.recur, 3, axis=-1)
    update = jax.nn.sigmoid(update + back[1])
    new = jnp.tanh(new + jax.nn.sigmoid(reset + back[0]) * back[2])
    return (1 - update) * new + update * hidden, other


def plain(cell):
    """The textbook's equations, one position after the other."""
    equations = plain_lstm if cell == "lstm" else plain_gru

    def one(weights, x):
        def step(state, x):
            state = equations(weights, state, x)
            return state, state[0]

        zero = jnp.zeros((x.shape[1], len(weights.recur)), x.dtype)
        return lax.scan(step, (zero, zero), x)[1]

    return lambda weights, xs: [one(w, x) for w, x in zip(weights, xs, strict=True)]


def loss_of(run):
    def loss(weights, xs):
        states = run(weights, xs)
        return sum((jnp.sin(s) * (1 + jnp.arange(s.size).reshape(s.shape))).sum()
                   for s in states)  # fmt: skip

    return loss


@pytest.mark.parametrize("length, ways", [(1, 1), (8, 2), (19, 2)])
@pytest.mark.parametrize("cell", LAYERS)
def test_the_gradient_of_a_gated_layer_is_that_of_autodiff(cell, length, ways, double):
    layer, textbook = LAYERS[cell], plain(cell)
    weights = [some_weights(cell, 3, 4, seed=10 * way) for way in range(ways)]
    xs = [normal(length, 5, 3, seed=way) for way in range(ways)]
    for mine, theirs in zip(layer(weights, xs), textbook(weights, xs), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-14)
    got = jax.grad(loss_of(layer), (0, 1))(weights, xs)
    expected = jax.grad(loss_of(textbook), (0, 1))(weights, xs)
    for mine, theirs in zip(
        jax.tree.leaves(got), jax.tree.leaves(expected), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9)


@pytest.mark.parametrize("cell", LAYERS)
def test_a_group_of_gated_layers_is_each_for_itself(cell):
    layer, xs = LAYERS[cell], [normal(11, 2, 3)]
    weights = [some_weights(cell, 3, 4, seed=seed) for seed in (0, 7)]
    stacked = [jax.tree.map(lambda *leaves: jnp.stack(leaves), *weights)]
    gradient = jax.grad(lambda w: loss_of(layer)(w, xs))
    together = jax.vmap(gradient)(stacked)[0]
    for at, one in enumerate(weights):
        alone = gradient([one])[0]
        for mine, theirs in zip(together, alone, strict=True):
            np.testing.assert_allclose(mine[at], theirs, rtol=1e-4, atol=1e-3)
