"""Convolutions over images, and windows side by side."""

import functools
import math

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array, lax
from jax.typing import DTypeLike
from jaxtyping import Float, Num

from jaxbio.nn.derivatives import custom_vjp

_BYTES = 1 << 22
"""Of the shifted copies in one product: they should stay in the caches."""


@custom_vjp
def convolve2d(
    x: Float[Array, "batch height width dim"],
    kernel: Float[Array, "rows columns dim channels"],
) -> Float[Array, "batch height width channels"]:
    """A convolution that keeps height and width; beyond the edges there are zeros.

    XLA for CPUs is fast at convolutions but, inside a loop, slow at the gradient of
    their kernels. There that gradient is made of matrix products over some images at a
    time.

    Args:
        x: Values by pixel.
        kernel: The weights by tap; an even number of taps reaches one further down and
            right.

    Example:
        >>> x = jnp.arange(4.0).reshape(1, 2, 2, 1)
        >>> convolve2d(x, jnp.ones((3, 3, 1, 1)))[0, :, :, 0].tolist()
        [[6.0, 6.0], [6.0, 6.0]]
    """
    return _convolution(x, kernel, _reach(kernel))


def _forward(x, kernel):
    return convolve2d(x, kernel), (x, kernel)


def _backward(residuals, g):
    return lax.platform_dependent(
        *residuals, g, cpu=_gradients_by_products, default=_gradients_by_convolution
    )


convolve2d.defvjp(_forward, _backward)


def _reach(kernel) -> list[tuple[int, int]]:
    """Padding before and after, by axis."""
    return [((taps - 1) // 2, taps // 2) for taps in kernel.shape[:2]]


def _convolution(x, kernel, padding):
    return lax.conv_general_dilated(
        x, kernel, (1, 1), padding, dimension_numbers=("NHWC", "HWIO", "NHWC")
    )


def _gradients_by_convolution(x, kernel, g):
    plain = functools.partial(_convolution, padding=_reach(kernel))
    return jax.vjp(plain, x, kernel)[1](g)


def _gradients_by_products(x, kernel, g):
    turned = kernel[::-1, ::-1].swapaxes(2, 3)
    reach = _reach(kernel)
    to_x = _convolution(g, turned, [(after, before) for before, after in reach])
    _, _, dim, channels = kernel.shape
    offsets = [
        (row - reach[0][0], column - reach[1][0])
        for row in range(kernel.shape[0])
        for column in range(kernel.shape[1])
    ]
    # The narrower side is the one that is copied for each tap.
    if dim <= channels:
        sums = _correlate(g, x, offsets).reshape(channels, *kernel.shape[:3])
        return to_x, jnp.moveaxis(sums, 0, -1).astype(kernel.dtype)
    back = [(-row, -column) for row, column in offsets]
    sums = _correlate(x, g, back).reshape(dim, *kernel.shape[:2], channels)
    return to_x, jnp.moveaxis(sums, 0, 2).astype(kernel.dtype)


def _correlate(still, moved, offsets):
    """Sums over all pixels of `still` times what stands at each offset in `moved`."""
    total = jnp.promote_types(still.dtype, jnp.float32)
    width = len(offsets) * moved.shape[-1]
    size = _images_at_once(len(still), math.prod(still.shape[1:3]) * width * 4)

    def products(sums, parts):
        still, moved = parts
        rows = still.reshape(-1, still.shape[-1])
        copies = _unfold(moved, offsets).reshape(-1, width)
        return sums + jnp.matmul(rows.T, copies, preferred_element_type=total), None

    parts = tuple(a.reshape(-1, size, *a.shape[1:]) for a in (still, moved))
    start = jnp.zeros((still.shape[-1], width), total)
    return lax.scan(products, start, parts)[0]


def _images_at_once(images: int, size: int) -> int:
    """A divisor of the number of images: as many as fit into the caches, at least 1."""
    most = max(1, _BYTES // max(size, 1))
    return max(d for d in range(1, min(most, images) + 1) if images % d == 0)


def _unfold(x, offsets):
    """Shifted copies side by side, zeros beyond the edges."""
    rows = max(abs(row) for row, _ in offsets)
    columns = max(abs(column) for _, column in offsets)
    height, width = x.shape[1:3]
    wide = jnp.pad(x, ((0, 0), (rows, rows), (columns, columns), (0, 0)))
    copies = [
        wide[:, rows + dy : rows + dy + height, columns + dx : columns + dx + width]
        for dy, dx in offsets
    ]
    return jnp.concatenate(copies, axis=-1)


class Conv2D(nnx.Conv):
    """A convolution over images that keeps their height and width."""

    def __init__(
        self,
        dim: int,
        channels: int,
        *,
        kernel_size: int,
        rngs: nnx.Rngs,
        use_bias: bool = True,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer.

        Args:
            dim: Width of the input.
            channels: Width of the result.
            kernel_size: Rows and columns that one output sees.
            rngs: Keys for the weights.
            use_bias: Whether to add a bias; normalisation takes it away again.
            dtype: Of the computation; the weights are float32.
        """
        super().__init__(
            dim,
            channels,
            kernel_size=(kernel_size, kernel_size),
            use_bias=use_bias,
            kernel_init=nnx.initializers.he_normal(),
            dtype=dtype,
            rngs=rngs,
        )

    def __call__(
        self, inputs: Float[Array, "batch height width dim"]
    ) -> Float[Array, "batch height width channels"]:
        """Slide the kernel over the pixels."""
        x, kernel = inputs.astype(self.dtype), self.kernel[...].astype(self.dtype)
        out: Array = convolve2d(x, kernel)
        if self.bias is None:
            return out
        return out + self.bias[...].astype(self.dtype)[None, None, None]


def mean_windows2d(
    x: Float[Array, "batch height width dim"], window: int
) -> Float[Array, "batch short narrow dim"]:
    """The mean over square windows side by side; the last may be partly empty.

    Args:
        x: Values by pixel.
        window: Rows and columns of a window.

    Returns:
        Means over the pixels that there are `[batch ceil(height / window) ceil(width /
        window) dim]`.

    Example:
        >>> x = jnp.asarray([[1.0, 3.0, 8.0]]).reshape(1, 1, 3, 1)
        >>> mean_windows2d(x, 2)[0, 0, :, 0].tolist()
        [2.0, 8.0]
    """
    if window == 1:
        return x
    counts = jnp.ones((1, *x.shape[1:3], 1), x.dtype)
    return _window_sums(x, window) / _window_sums(counts, window)


def _window_sums(x, window):
    patches = side_by_side(x, window)
    return patches.reshape(*patches.shape[:3], window * window, -1).sum(axis=3)


def side_by_side(
    x: Num[Array, "batch height width dim"], window: int
) -> Num[Array, "batch short narrow wide"]:
    """The pixels of each square window side by side, zeros where the image has ended.

    Args:
        x: Values by pixel.
        window: Rows and columns of a window.

    Returns:
        `[batch ceil(height / window) ceil(width / window) window * window * dim]`.

    Example:
        >>> side_by_side(jnp.arange(6).reshape(1, 2, 3, 1), 2)[0, 0].tolist()
        [[0, 1, 3, 4], [2, 0, 5, 0]]
    """
    batch, height, width, dim = x.shape
    x = jnp.pad(x, ((0, 0), (0, -height % window), (0, -width % window), (0, 0)))
    shape = (batch, x.shape[1] // window, window, x.shape[2] // window, window, dim)
    x = x.reshape(shape).swapaxes(2, 3)
    return x.reshape(*x.shape[:3], window * window * dim)
