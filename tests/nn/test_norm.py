import jax.numpy as jnp
import numpy as np
from flax import nnx

from jaxbio.nn import (
    Norm,
)


def test_batch_statistics_count_only_what_the_mask_lets_through():
    norm = Norm("batch", 1, rngs=nnx.Rngs(0))
    x = jnp.array([[[1.0], [3.0]], [[5.0], [99.0]]])
    mask = jnp.array([[True, True], [True, False]])
    out = norm(x, mask)
    scale = np.sqrt(8 / 3 + 1e-5)  # mean 3, variance (4 + 0 + 4) / 3
    np.testing.assert_allclose(out[0, :, 0], [-2 / scale, 0], atol=1e-6)
    np.testing.assert_allclose(norm.layer.mean[...], [0.3], rtol=1e-6)
    evaluated = nnx.view(norm, use_running_average=True)(x, mask)
    var = 0.9 + 0.1 * 8 / 3
    np.testing.assert_allclose(evaluated[0, 0, 0], 0.7 / np.sqrt(var + 1e-5), rtol=1e-5)
