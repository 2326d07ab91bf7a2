import jax.numpy as jnp
import numpy as np

from jaxbio.structure.folding.descent import descend


def test_descent_finds_a_narrow_valley():
    def banana(point, progress):
        return (1 - point[0]) ** 2 + 100 * (point[1] - point[0] ** 2) ** 2

    end = descend(banana, jnp.array([-1.0, 1.0]), steps=3000, rate=(0.05, 0.001))
    np.testing.assert_allclose(end, [1, 1], atol=0.05)
