"""Convolutions over sequences of different lengths."""

import functools
from collections.abc import Callable

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array, lax
from jax.typing import DTypeLike
from jaxtyping import Bool, Float

from jaxbio.nn.derivatives import custom_vjp
from jaxbio.nn.matmul import convolve, materialize
from jaxbio.nn.norm import Norm, NormKind

ACTIVATIONS: dict[str, Callable[[Array], Array]] = {
    "relu": jax.nn.relu,
    "gelu": jax.nn.gelu,
    "silu": jax.nn.silu,
    "exp": jnp.exp,
    "tanh": jnp.tanh,
}


def masked(
    x: Float[Array, "batch len dim"], mask: Bool[Array, "batch len"]
) -> Float[Array, "batch len dim"]:
    """Zeros where the mask is False."""
    return jnp.where(mask[..., None], x, 0)


class Conv(nnx.Conv):
    """A convolution whose output positions do not depend on the padded length.

    The padding is explicit, as `"SAME"` shifts a strided convolution by an amount that
    follows from the length. Position j of the result is centred on position j * stride;
    there are ceil(len / stride) of them.
    """

    def __init__(
        self,
        dim: int,
        channels: int,
        *,
        kernel_size: int,
        rngs: nnx.Rngs,
        stride: int = 1,
        dilation: int = 1,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer.

        Args:
            dim: Width of the input.
            channels: Width of the result.
            kernel_size: Positions that one output sees.
            rngs: Keys for the weights.
            stride: Positions between two outputs.
            dilation: Positions between two taps.
            dtype: Of the computation; the weights are float32.
        """
        reach = (kernel_size - 1) * dilation
        super().__init__(
            dim,
            channels,
            kernel_size=(kernel_size,),
            strides=(stride,),
            kernel_dilation=(dilation,),
            padding=[(reach // 2, reach - reach // 2)],
            dtype=dtype,
            rngs=rngs,
        )
        self.stride = stride
        self.dilation = dilation

    def __call__(
        self, inputs: Float[Array, "batch len dim"]
    ) -> Float[Array, "batch short channels"]:
        """Slide the kernel over the positions."""
        if self.stride > 1:
            return super().__call__(inputs)
        kernel, bias = self.kernel[...], self.bias
        assert bias is not None  # the constructor asked for one
        x, kernel = inputs.astype(self.dtype), kernel.astype(self.dtype)
        out: Array = convolve(x, kernel, self.dilation)
        return out + bias[...].astype(self.dtype)[None, None]


def max_windows(
    x: Float[Array, "batch len dim"], mask: Bool[Array, "batch len"], window: int
) -> tuple[Float[Array, "batch short dim"], Bool[Array, "batch short"]]:
    """The maximum over windows side by side; the last window may be partly empty.

    Args:
        x: Values by position.
        mask: Positions that count.
        window: Positions of a window.

    Returns:
        Maxima `[batch ceil(len / window) dim]`, 0 for a window without any position,
        and their mask.

    Example:
        >>> x = jnp.array([[[1.0], [-2.0], [-3.0], [9.0]]])
        >>> mask = jnp.array([[True, True, True, False]])
        >>> pooled, short = max_windows(x, mask, 2)
        >>> pooled[0, :, 0].tolist(), short.tolist()
        ([1.0, -3.0], [[True, True]])
    """
    if window == 1:
        return masked(x, mask), mask
    lowest = jnp.finfo(x.dtype).min
    missing = -x.shape[1] % window
    x = jnp.where(mask[..., None], x, lowest)
    if missing:
        x = jnp.pad(x, ((0, 0), (0, missing), (0, 0)), constant_values=lowest)
    short = mask[:, ::window]
    windows = x.reshape(len(x), -1, window, x.shape[-1])
    return masked(_best(windows, window), short), short


@functools.partial(custom_vjp, nondiff_argnums=(1,))
def _best(
    x: Float[Array, "batch short window dim"], window: int
) -> Float[Array, "batch short dim"]:
    """The maximum of each window; the first winner of a tie gets the gradient.

    One byte says who won, so that the gradient need not look at the values again and is
    a single pass over memory.
    """
    return _winners(x, window)[0]


def _winners(x, window):
    best, winner = x[:, :, 0], jnp.zeros((*x.shape[:2], x.shape[3]), jnp.uint8)
    for at in range(1, window):
        winner = jnp.where(x[:, :, at] > best, jnp.uint8(at), winner)
        best = jnp.maximum(best, x[:, :, at])
    return best, winner


def _best_backward(window, winner, g):
    at = lax.broadcasted_iota(jnp.uint8, (1, 1, window, 1), 2)
    return (jnp.where(winner[:, :, None] == at, g[:, :, None], 0),)


_best.defvjp(_winners, _best_backward)


class ConvBlock(nnx.Module):
    """Convolution, normalisation, activation, residual, max windows, dropout."""

    def __init__(
        self,
        dim: int,
        channels: int,
        *,
        kernel_size: int,
        rngs: nnx.Rngs,
        stride: int = 1,
        dilation: int = 1,
        pool_window: int = 1,
        norm: NormKind = "batch",
        activation: str = "relu",
        residual: bool = False,
        dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the block.

        Args:
            dim: Width of the input.
            channels: Width of the result.
            kernel_size: Positions that one output sees.
            rngs: Keys for the weights.
            stride: Positions between two outputs of the convolution.
            dilation: Positions between two taps.
            pool_window: Width of the max windows that follow; 1 for none.
            norm: What normalises the result of the convolution.
            activation: A name of `ACTIVATIONS`.
            residual: Whether to add the input, where its shape is that of the result.
            dropout: Share of whole channels set to 0 in training.
            dtype: Of the computation; the weights are float32.
        """
        self.conv = Conv(
            dim,
            channels,
            kernel_size=kernel_size,
            stride=stride,
            dilation=dilation,
            dtype=dtype,
            rngs=rngs,
        )
        self.stride = stride
        self.residual = residual and stride == 1 and dim == channels
        self.finish = NormActPool(
            channels,
            pool_window=pool_window,
            norm=norm,
            activation=activation,
            dropout=dropout,
            dtype=dtype,
            rngs=rngs,
        )

    def __call__(
        self,
        x: Float[Array, "batch len dim"],
        mask: Bool[Array, "batch len"],
        *,
        rngs: nnx.Rngs | None = None,
    ) -> tuple[Float[Array, "batch short channels"], Bool[Array, "batch short"]]:
        """Values and mask, shorter by stride and window (rounded up)."""
        x = masked(x, mask)
        out = self.conv(x)
        return self.finish(
            out, mask[:, :: self.stride], rngs=rngs, add=x if self.residual else None
        )


class NormActPool(nnx.Module):
    """Layers after a convolution: normalisation, activation, max windows, dropout."""

    def __init__(
        self,
        dim: int,
        *,
        rngs: nnx.Rngs,
        pool_window: int = 1,
        norm: NormKind = "batch",
        activation: str = "relu",
        dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layers; the arguments are those of `ConvBlock`."""
        self.norm = Norm(norm, dim, dtype=dtype, rngs=rngs)
        self.activation = activation
        self.pool_window = pool_window
        self.dropout = nnx.Dropout(dropout, broadcast_dims=(1,))

    def __call__(
        self,
        x: Float[Array, "batch len dim"],
        mask: Bool[Array, "batch len"],
        *,
        rngs: nnx.Rngs | None = None,
        add: Float[Array, "batch len dim"] | None = None,
    ) -> tuple[Float[Array, "batch short dim"], Bool[Array, "batch short"]]:
        """Values, zero where masked, and the mask."""
        if self.pool_window > 1 or self.norm.kind != "none":
            x = materialize(x)  # several uses follow
        if add is not None:
            x = masked(ACTIVATIONS[self.activation](self.norm(x, mask)) + add, mask)
            x = materialize(x)
            x, mask = max_windows(x, mask, self.pool_window)
            return self.dropout(x, rngs=rngs), mask
        # Maxima first: the rest then has fewer positions to work on.
        x, mask = max_windows(x, mask, self.pool_window)
        x = masked(ACTIVATIONS[self.activation](self.norm(x, mask)), mask)
        return self.dropout(x, rngs=rngs), mask
