import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.nn import max_windows
from jaxbio.nn.matmul import (
    _by_convolution,
    _by_products,
    _gradients_by_convolution,
    _gradients_by_products,
    convolve,
    materialize,
    product,
)
from tests.helpers import normal

SHAPES = [  # taps, dim, channels, dilation, length
    (1, 3, 3, 1, 5),
    (3, 8, 5, 1, 20),
    (4, 5, 8, 1, 7),
    (5, 4, 4, 3, 11),
    (19, 3, 6, 1, 16),  # more taps than go into one product
    (19, 6, 3, 2, 9),  # a kernel that reaches beyond both ends
]


@pytest.mark.parametrize(("taps", "dim", "channels", "dilation", "length"), SHAPES)
def test_a_convolution_and_its_gradient_are_those_of_xla(
    taps, dim, channels, dilation, length, double
):
    x, kernel = normal(2, length, dim), normal(taps, dim, channels, seed=1)
    g = normal(2, length, channels, seed=2)

    def plain(x, kernel):
        return _by_convolution(x, kernel, dilation)

    expected, pull = jax.vjp(plain, x, kernel)
    got, back = jax.vjp(lambda x, kernel: convolve(x, kernel, dilation), x, kernel)
    np.testing.assert_allclose(got, expected, atol=1e-12)
    for mine, theirs in zip(back(g), pull(g), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-11)
    for form in (_gradients_by_convolution, _gradients_by_products):
        for mine, theirs in zip(form(x, kernel, g, dilation), pull(g), strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-11)


def test_a_convolution_by_hand():
    x = jnp.asarray([[[1.0], [10.0], [100.0]]])
    kernel = jnp.asarray([[[1.0]], [[2.0]]])  # the second tap sees the next position
    assert convolve(x, kernel)[0, :, 0].tolist() == [21.0, 210.0, 100.0]


@pytest.mark.parametrize("width", [2, 7])
def test_the_gradient_of_a_product_is_that_of_autodiff(width, double):
    x, kernel, g = (
        normal(3, 4, 5),
        normal(5, width, seed=1),
        normal(3, 4, width, seed=2),
    )
    expected = jax.vjp(lambda x, kernel: x @ kernel, x, kernel)[1](g)
    for mine, theirs in zip(jax.vjp(product, x, kernel)[1](g), expected, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)


@pytest.mark.parametrize("window", [2, 3, 4])
def test_the_gradient_of_max_windows_is_that_of_autodiff(window, double):
    x = normal(2, 11, 3)
    mask = jnp.asarray([[True] * 11, [True] * 5 + [False] * 6])

    def plain(x):
        x = jnp.where(mask[..., None], x, -jnp.inf)
        x = jnp.pad(x, ((0, 0), (0, -11 % window), (0, 0)), constant_values=-jnp.inf)
        best = x.reshape(2, -1, window, 3).max(axis=2)
        return jnp.where(jnp.isfinite(best), best, 0)

    expected, pull = jax.vjp(plain, x)
    got, back = jax.vjp(lambda x: max_windows(x, mask, window)[0], x)
    np.testing.assert_array_equal(got, expected)
    g = normal(*got.shape, seed=2)
    np.testing.assert_allclose(back(g)[0], pull(g)[0])


def test_the_first_of_equal_values_gets_the_gradient():
    x, mask = jnp.ones((1, 4, 1)), jnp.ones((1, 4), bool)
    gradient = jax.grad(lambda x: max_windows(x, mask, 2)[0].sum())(x)
    assert gradient[0, :, 0].tolist() == [1.0, 0.0, 1.0, 0.0]


def test_a_value_that_is_no_number_is_not_hidden():
    x = jnp.asarray([[[1.0], [jnp.nan]]])
    assert jnp.isnan(max_windows(x, jnp.ones((1, 2), bool), 2)[0]).all()


def test_half_precision_is_summed_in_single_precision():
    x, kernel = normal(4, 600, 16), normal(3, 16, 8, seed=1)
    g = normal(4, 600, 8, seed=2)
    half = [value.astype(jnp.bfloat16) for value in (x, kernel, g)]
    exact = _gradients_by_products(*(value.astype(jnp.float32) for value in half), 1)
    rounded = _gradients_by_products(*half, 1)
    assert rounded[1].dtype == jnp.bfloat16
    # A sum of 2,400 terms in bfloat16 would be off by several per cent.
    scale = np.abs(exact[1]).max()
    assert np.abs(rounded[1].astype(jnp.float32) - exact[1]).max() < 0.01 * scale


def test_a_group_of_kernels_is_each_for_itself():
    x, kernels = normal(3, 10, 4), normal(5, 3, 4, 6, seed=1)

    def loss(kernel):
        return jnp.square(convolve(x, kernel)).sum()

    together = jax.vmap(jax.grad(loss))(kernels)
    for kernel, gradient in zip(kernels, together, strict=True):
        np.testing.assert_allclose(gradient, jax.grad(loss)(kernel), atol=1e-4)


def test_both_forms_agree_in_single_precision():
    x, kernel = normal(2, 50, 8), normal(5, 8, 4, seed=1)
    plain = _by_convolution(x, kernel, 1)
    mine = _by_products(x, kernel, 1)
    np.testing.assert_allclose(mine, plain, atol=1e-5)


def test_settled_values_and_gradients_are_the_same():
    x = jnp.asarray([0.0, -0.0, 1e-30, -3.5, jnp.inf, -jnp.inf, jnp.nan])
    np.testing.assert_array_equal(jax.jit(materialize)(x), x)
    assert np.signbit(jax.jit(materialize)(x)).tolist() == np.signbit(x).tolist()
    half = jnp.asarray([1.5, 3e38], jnp.bfloat16)
    assert jax.jit(materialize)(half).dtype == jnp.bfloat16
    np.testing.assert_array_equal(jax.jit(materialize)(half), half)
    gradient = jax.grad(lambda x: (materialize(x) * jnp.arange(3.0)).sum())(jnp.ones(3))
    assert gradient.tolist() == [0.0, 1.0, 2.0]
