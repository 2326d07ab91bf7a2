import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx

from jaxbio.nn.piecewise import PiecewiseLinear

EDGES = ((0.0, 1.0, 3.0), (5.0,), (2.0, 2.5))


def test_bins_say_how_far_a_value_is_through_them():
    layer = PiecewiseLinear(EDGES, 4, rngs=nnx.Rngs(0))
    values = jnp.array([[-1.0, 5.0, 2.25], [4.0, 7.0, 3.0], [jnp.nan, 5.0, 2.0]])
    bins = np.asarray(layer.bins(values))
    np.testing.assert_allclose(bins[0, 0], [-1, 0, 0])  # below the first: it goes on
    np.testing.assert_allclose(bins[1, 0], [1, 1.5, 0])
    np.testing.assert_allclose(bins[2, 0], [0, 0, 1])
    assert not bins[:, 1].any()  # a constant column says nothing
    np.testing.assert_allclose(bins[:, 2, 0], [0.5, 2.0, 0.0])
    assert np.abs(np.asarray(layer.bins(jnp.full((1, 3), 1e30)))).max() <= 3


def test_each_column_has_a_vector_of_its_own():
    layer = PiecewiseLinear(EDGES, 4, rngs=nnx.Rngs(0))
    x = jnp.array([[0.5, 5.0, 2.25]])
    assert layer(x).shape == (1, layer.features) == (1, 12)
    change = jax.jacobian(lambda x: layer(x).reshape(3, 4))(x)[:, :, 0]
    others = np.abs(np.asarray(change)).sum(axis=1) * (1 - np.eye(3))
    assert not others.any()
