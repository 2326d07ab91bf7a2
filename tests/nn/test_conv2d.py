import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax import lax

from jaxbio.nn import conv2d
from jaxbio.nn.conv2d import Conv2D, convolve2d, mean_windows2d, side_by_side
from tests.helpers import normal

SHAPES = [  # images, height, width, rows, columns, dim, channels
    (2, 5, 6, 3, 3, 4, 4),
    (3, 7, 4, 3, 3, 1, 6),
    (4, 6, 6, 3, 5, 6, 2),
    (2, 4, 5, 2, 4, 3, 3),  # reaches one further down and right
    (2, 3, 2, 7, 7, 2, 3),  # a kernel larger than the image
    (5, 4, 4, 1, 1, 3, 5),
]


def plain(x, kernel):
    padding = [((taps - 1) // 2, taps // 2) for taps in kernel.shape[:2]]
    return lax.conv_general_dilated(
        x, kernel, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("limit", [1, 1 << 22])
def test_a_convolution_and_its_gradient_are_those_of_xla(
    shape, limit, double, monkeypatch
):
    monkeypatch.setattr(conv2d, "_BYTES", limit)  # one image at a time, or all
    jax.clear_caches()  # of what was traced with another limit
    images, height, width, rows, columns, dim, channels = shape
    x, kernel = normal(images, height, width, dim), normal(rows, columns, dim, channels)
    g = normal(images, height, width, channels, seed=2)
    expected, pull = jax.vjp(plain, x, kernel)
    got, back = jax.vjp(convolve2d, x, kernel)
    np.testing.assert_allclose(got, expected, atol=1e-12)
    for gradients in (
        back(g),
        conv2d._gradients_by_products(x, kernel, g),
        conv2d._gradients_by_convolution(x, kernel, g),
    ):
        for mine, theirs in zip(gradients, pull(g), strict=True):
            np.testing.assert_allclose(mine, theirs, atol=1e-11)


def test_a_convolution_by_hand():
    x = jnp.asarray([[1.0, 10.0], [100.0, 1000.0]]).reshape(1, 2, 2, 1)
    kernel = jnp.zeros((3, 3, 1, 1)).at[0, 1].set(1.0).at[1, 2].set(2.0)
    # What stands above, and twice what stands to the right.
    assert convolve2d(x, kernel)[0, :, :, 0].tolist() == [[20.0, 0.0], [2001.0, 10.0]]


def test_the_layer_is_that_of_pytorch():
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    layer = Conv2D(3, 5, kernel_size=3, rngs=nnx.Rngs(0))
    layer.bias = nnx.Param(normal(5, seed=1))
    x = normal(2, 6, 7, 3)
    theirs = torch.nn.Conv2d(3, 5, 3, padding=1)
    kernel = np.asarray(layer.kernel[...]).transpose(3, 2, 0, 1)
    with torch.no_grad():
        theirs.weight.copy_(torch.tensor(np.ascontiguousarray(kernel)))
        theirs.bias.copy_(torch.tensor(np.asarray(layer.bias[...])))
        expected = theirs(torch.tensor(np.asarray(x)).permute(0, 3, 1, 2))
    expected = expected.permute(0, 2, 3, 1).numpy()
    np.testing.assert_allclose(layer(x), expected, atol=1e-5)


def test_half_precision_is_summed_in_single_precision():
    x, kernel, g = normal(8, 14, 14, 8), normal(3, 3, 8, 8), normal(8, 14, 14, 8)
    half = [value.astype(jnp.bfloat16) for value in (x, kernel, g)]
    whole = [value.astype(jnp.float32) for value in half]
    exact = conv2d._gradients_by_products(*whole)[1]
    rounded = conv2d._gradients_by_products(*half)[1]
    assert rounded.dtype == jnp.bfloat16
    difference = np.abs(rounded.astype(jnp.float32) - exact).max()
    assert difference < 0.01 * np.abs(exact).max()


def test_a_group_of_kernels_is_each_for_itself():
    x, kernels = normal(2, 5, 5, 3), normal(4, 3, 3, 3, 2)
    gradient = jax.grad(lambda kernel: jnp.square(convolve2d(x, kernel)).sum())
    together = jax.vmap(gradient)(kernels)
    for kernel, expected in zip(kernels, together, strict=True):
        np.testing.assert_allclose(gradient(kernel), expected, atol=1e-3)


def test_images_at_once_divide_their_number():
    at_once = conv2d._images_at_once
    assert at_once(128, 1 << 21) == 2
    assert at_once(128, 1 << 30) == 1
    assert at_once(7, 1) == 7
    assert at_once(9, (1 << 22) // 4) == 3


def test_means_of_windows_count_the_pixels_that_there_are():
    x = jnp.arange(9.0).reshape(1, 3, 3, 1)
    means = mean_windows2d(x, 2)[0, :, :, 0]
    assert means.tolist() == [[2.0, 3.5], [6.5, 8.0]]
    np.testing.assert_array_equal(mean_windows2d(x, 1), x)


def test_windows_of_an_even_image_are_those_of_xla():
    x = normal(2, 4, 6, 3)
    sums = lax.reduce_window(x, 0.0, lax.add, (1, 2, 2, 1), (1, 2, 2, 1), "VALID")
    np.testing.assert_allclose(mean_windows2d(x, 2), sums / 4, atol=1e-6)


def test_pixels_side_by_side_keep_their_channels_together():
    x = jnp.arange(8).reshape(1, 2, 2, 2)
    assert side_by_side(x, 2).tolist() == [[[[0, 1, 2, 3, 4, 5, 6, 7]]]]
