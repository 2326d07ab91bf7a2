import jax.numpy as jnp
import numpy as np
from flax import nnx

from jaxbio.nn import Dense
from tests.helpers import normal


def test_layers_by_numpy():
    layers = Dense(3, (5, 2), rngs=nnx.Rngs(0))
    x = expected = np.asarray(normal(4, 3))
    for layer in layers.layers:
        kernel, bias = np.asarray(layer.kernel[...]), np.asarray(layer.bias[...])
        expected = np.maximum(expected @ kernel + bias, 0)
    assert layers.features == 2
    np.testing.assert_allclose(layers(jnp.asarray(x)), expected, atol=1e-6)


def test_no_widths_are_the_identity():
    layers = Dense(3, (), rngs=nnx.Rngs(0))
    x = normal(2, 3)
    np.testing.assert_array_equal(layers(x), x)
    assert layers.features == 3


def test_dropout_keeps_the_mean_and_is_off_in_evaluation():
    layers = Dense(1000, (), input_dropout=0.25, rngs=nnx.Rngs(0))
    x = jnp.ones((4, 1000))
    dropped = np.asarray(layers(x, rngs=nnx.Rngs(dropout=1)))
    np.testing.assert_allclose(np.unique(dropped), [0, 4 / 3], rtol=1e-6)
    assert abs(dropped.mean() - 1) < 0.05
    evaluated = nnx.view(layers, deterministic=True)
    np.testing.assert_array_equal(evaluated(x), x)
