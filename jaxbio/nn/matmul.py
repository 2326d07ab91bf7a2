"""Matrix products and convolutions with gradients that are fast where they run.

Compilers for CPUs differ from those for accelerators in what they are good at. There, a
convolution's gradient is slow inside a loop, and a product whose first operand has to
be transposed computes that operand slowly. Here convolutions on CPUs are matrix
products, forward and backward, and the smaller operand is the one that is transposed;
accelerators get plain convolutions. Models read the same everywhere.
"""

import functools

import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float

from jaxbio.nn.derivatives import custom_vjp

_TAPS = 8
"""Most taps of a kernel in one matrix product: bounds the memory for shifted copies."""


@custom_vjp
def product(
    x: Float[Array, "*batch dim"], kernel: Float[Array, "dim out"]
) -> Float[Array, "*batch out"]:
    """The matrix product of rows and a kernel.

    Args:
        x: Rows.
        kernel: What each is multiplied with.

    Example:
        >>> product(jnp.ones((2, 3)), jnp.ones((3, 1))).tolist()
        [[3.0], [3.0]]
    """
    return _rows(x, kernel)


def _product_forward(x, kernel):
    return _rows(x, kernel), (x, kernel)


def _product_backward(residuals, g):
    x, kernel = residuals
    return _rows(g, kernel.T), _columns(x, g).astype(kernel.dtype)


product.defvjp(_product_forward, _product_backward)


@functools.partial(custom_vjp, nondiff_argnums=(2,))
def convolve(
    x: Float[Array, "batch len dim"],
    kernel: Float[Array, "taps dim channels"],
    dilation: int = 1,
) -> Float[Array, "batch len channels"]:
    """A convolution that keeps the length; beyond the ends there are zeros.

    Args:
        x: Values by position.
        kernel: The weights by tap; an even number of taps reaches one further right.
        dilation: Positions between two taps.

    Example:
        >>> x = jnp.array([[[1.0], [2.0], [3.0]]])
        >>> convolve(x, jnp.ones((3, 1, 1)))[0, :, 0].tolist()
        [3.0, 6.0, 5.0]
    """
    return lax.platform_dependent(
        x,
        kernel,
        cpu=functools.partial(_by_products, dilation=dilation),
        default=functools.partial(_by_convolution, dilation=dilation),
    )


def _convolve_forward(x, kernel, dilation):
    return convolve(x, kernel, dilation), (x, kernel)


def _convolve_backward(dilation, residuals, g):
    return lax.platform_dependent(
        *residuals,
        g,
        cpu=functools.partial(_gradients_by_products, dilation=dilation),
        default=functools.partial(_gradients_by_convolution, dilation=dilation),
    )


convolve.defvjp(_convolve_forward, _convolve_backward)


@custom_vjp
def materialize(x: Float[Array, "*shape"]) -> Float[Array, "*shape"]:
    """The same values, computed once.

    XLA for CPUs computes cheap values again wherever they are used. In a chain of
    residual blocks each block then recomputes all blocks before it, forward and
    backward. A division is not cheap, so its result is kept; this one divides by 1 in a
    way that no compiler sees through. Accelerators get the values as they are.

    Args:
        x: Values with several uses.

    Example:
        >>> materialize(jnp.array([1.5, -jnp.inf])).tolist()
        [1.5, -inf]
    """
    return _settled(x)


def _settled(x):
    def divided(x):
        return x / jnp.where(jnp.isnan(x), 2, 1).astype(x.dtype)

    return lax.platform_dependent(x, cpu=divided, default=lambda x: x)


materialize.defvjp(lambda x: (_settled(x), None), lambda _, g: (_settled(g),))


def _by_convolution(x, kernel, dilation):
    offsets = _offsets(len(kernel), dilation)
    return lax.conv_general_dilated(
        x,
        kernel,
        window_strides=(1,),
        padding=[(-offsets[0], offsets[-1])],
        rhs_dilation=(dilation,),
        dimension_numbers=("NHC", "HIO", "NHC"),
    )


def _gradients_by_convolution(x, kernel, g, dilation):
    plain = functools.partial(_by_convolution, dilation=dilation)
    return jax.vjp(plain, x, kernel)[1](g)


def _by_products(x, kernel, dilation):
    """Some taps at a time; the narrower side is the one that is copied for each tap."""
    _, dim, channels = kernel.shape
    parts = []
    for offsets, taps in _groups(kernel, dilation):
        if channels <= dim:
            wide = taps.swapaxes(0, 1).reshape(dim, -1)
            parts.append(_fold(_rows(x, wide), offsets, channels))
        else:
            wide = taps.reshape(-1, channels)
            parts.append(_rows(_unfold(x, offsets), wide))
    return sum(parts[1:], parts[0])


def _gradients_by_products(x, kernel, g, dilation):
    _, dim, channels = kernel.shape
    to_x, to_kernel = [], []
    for offsets, taps in _groups(kernel, dilation):
        back = [-offset for offset in offsets]
        if channels <= dim:
            shifted = _unfold(g, back)
            to_x.append(_rows(shifted, taps.swapaxes(1, 2).reshape(-1, dim)))
            part = _columns(x, shifted).reshape(dim, len(taps), channels)
            to_kernel.append(part.swapaxes(0, 1))
        else:
            wide = taps.reshape(-1, channels).T
            to_x.append(_fold(_rows(g, wide), back, dim))
            part = _columns(_unfold(x, offsets), g)
            to_kernel.append(part.reshape(len(taps), dim, channels))
    kernel_gradient = jnp.concatenate(to_kernel).astype(kernel.dtype)
    return sum(to_x[1:], to_x[0]), kernel_gradient


def _groups(kernel, dilation):
    """Taps in groups, each with the offsets of the positions that they see."""
    offsets = _offsets(len(kernel), dilation)
    for start in range(0, len(kernel), _TAPS):
        yield offsets[start : start + _TAPS], kernel[start : start + _TAPS]


def _offsets(taps: int, dilation: int) -> list[int]:
    left = (taps - 1) * dilation // 2
    return [tap * dilation - left for tap in range(taps)]


def _rows(x, kernel):
    """X @ kernel; half precision is summed in single precision."""
    sums = jnp.promote_types(x.dtype, jnp.float32)
    return jnp.matmul(x, kernel, preferred_element_type=sums).astype(x.dtype)


def _columns(x, g):
    """x^T g over all rows. XLA transposes the first operand: let it be the smaller."""
    x, g = x.reshape(-1, x.shape[-1]), g.reshape(-1, g.shape[-1])
    if x.shape[1] > g.shape[1]:
        return _columns(g, x).T
    sums = jnp.promote_types(x.dtype, jnp.float32)
    over_rows = (((0,), (0,)), ((), ()))
    return lax.dot_general(x, g, over_rows, preferred_element_type=sums)


def _unfold(x, offsets):
    """Shifted copies side by side: at position l what stands at l + offset."""
    return jnp.concatenate([_shifted(x, at) for at in offsets], axis=-1)


def _fold(wide, offsets, width):
    """The sum of shifted blocks of columns: the transpose of `_unfold`'s copying."""
    blocks = [
        _shifted(wide[..., block * width : (block + 1) * width], at)
        for block, at in enumerate(offsets)
    ]
    return sum(blocks[1:], blocks[0])


def _shifted(x, at):
    """At position l what stands at l + at, zeros beyond the ends."""
    if not at:
        return x
    length = x.shape[1]
    if abs(at) >= length:
        return jnp.zeros_like(x)
    part = x[:, max(at, 0) : length + min(at, 0)]
    return jnp.pad(part, ((0, 0), (max(-at, 0), max(at, 0)), (0, 0)))
