import jax.numpy as jnp

from jaxbio.nn import (
    max_windows,
)


def test_max_windows_round_up():
    x = jnp.arange(5.0).reshape(1, 5, 1) - 10
    pooled, mask = max_windows(x, jnp.array([[True, True, True, True, False]]), 3)
    assert pooled[0, :, 0].tolist() == [-8.0, -7.0]
    assert mask.tolist() == [[True, True]]
