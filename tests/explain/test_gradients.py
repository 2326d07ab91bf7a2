import jax
import jax.numpy as jnp
import numpy as np

from jaxbio.explain import (
    expected_gradients,
    gradient_x_input,
    integrated_gradients,
    saliency,
    smoothgrad,
)
from jaxbio.explain.gradients import gradients

X = jnp.array([[1.0, 2.0, -1.0], [0.5, -0.5, 3.0]])


def output(x):
    return jnp.sin(x[:, 0]) + x[:, 1] * x[:, 2] ** 2


def test_gradients_of_each_row():
    slopes = gradients(output, X)
    parts = [jnp.cos(X[:, 0]), X[:, 2] ** 2, 2 * X[:, 1] * X[:, 2]]
    expected = jnp.stack(parts, axis=1)
    np.testing.assert_allclose(slopes, expected, rtol=1e-5)
    np.testing.assert_allclose(saliency(output, X), jnp.abs(expected), rtol=1e-5)
    found = gradient_x_input(output, X)
    np.testing.assert_allclose(found.values, expected * X, rtol=1e-5)
    assert jnp.abs(found.delta).max() > 0.1  # the function is not linear


def test_integrated_gradients_are_complete_and_right_for_a_polynomial():
    baseline = jnp.ones_like(X)
    found = integrated_gradients(lambda x: x[:, 1] * x[:, 2], X, baseline)
    # The way is straight, so both share the mixed part evenly.
    one, two = X[:, 1] - 1, X[:, 2] - 1
    np.testing.assert_allclose(found.values[:, 1], one + one * two / 2, atol=1e-5)
    np.testing.assert_allclose(found.delta, 0, atol=1e-5)
    assert jnp.abs(integrated_gradients(output, X, baseline).delta).max() < 1e-5


def test_the_mean_over_backgrounds_is_complete():
    usual = jnp.stack([jnp.zeros_like(X), jnp.ones_like(X)], axis=1)
    found = expected_gradients(output, X, usual)
    each = [integrated_gradients(output, X, usual[:, at], steps=8) for at in (0, 1)]
    np.testing.assert_allclose(
        found.values, (each[0].values + each[1].values) / 2, atol=1e-5
    )
    np.testing.assert_allclose(found.delta, 0, atol=1e-4)


def test_smoothgrad_is_the_gradient_of_the_smoothed_function():
    # The second derivative of a square is constant: noise does not change its mean.
    found = smoothgrad(lambda x: (x**2).sum(axis=1), X, jax.random.key(0), samples=400)
    np.testing.assert_allclose(found, 2 * X, atol=0.15)
    same = smoothgrad(output, X, jax.random.key(0), noise=0.0)
    np.testing.assert_allclose(same, gradients(output, X), rtol=1e-5)
