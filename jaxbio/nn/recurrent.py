"""Recurrent layers over sequences of different lengths."""

from collections.abc import Sequence
from typing import Literal

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float

from jaxbio.nn.conv import masked
from jaxbio.nn.gated import Weights
from jaxbio.nn.gru import gru
from jaxbio.nn.lstm import lstm
from jaxbio.nn.mingru import mingru
from jaxbio.nn.tokens import reverse_positions

CellKind = Literal["lstm", "gru", "mingru"]
_GATES = {"lstm": 4, "gru": 3, "mingru": 2}


class Recurrent(nnx.Module):
    """One recurrent layer in one direction: LSTM, GRU or minGRU.

    LSTM and GRU step through time; the gates of minGRU do not see the state, so that it
    is a linear recurrence, which can go in parallel.
    """

    def __init__(
        self,
        kind: CellKind,
        dim: int,
        width: int,
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layer.

        Args:
            kind: `"lstm"`, `"gru"` or `"mingru"` (Feng et al. 2024).
            dim: Width of the input.
            width: Width of the state.
            rngs: Keys for the weights.
            dtype: Of the computation; the weights are float32.
        """
        self.kind = kind
        self.width = width
        self.dtype = dtype
        gates = _GATES[kind]
        self.project = nnx.Linear(dim, gates * width, dtype=dtype, rngs=rngs)
        if kind != "mingru":
            orthogonal = nnx.initializers.orthogonal()
            kernel = [orthogonal(rngs.params(), (width, width)) for _ in range(gates)]
            self.recur = nnx.Param(jnp.concatenate(kernel, axis=1))
        if kind == "lstm":  # a forget gate that starts open remembers
            bias = jnp.zeros((4, width)).at[1].set(1.0)
            assert self.project.bias is not None  # nnx.Linear has one by default
            self.project.bias[...] = bias.reshape(-1)
        if kind == "mingru":
            # Units forget over 2 to 512 positions (Tallec and Ollivier 2018): with a
            # gate that starts half open, the last state knows the last few only.
            spans = 2.0 ** jnp.linspace(1, 9, width)
            bias = jnp.concatenate([-jnp.log(spans), jnp.zeros(width)])
            assert self.project.bias is not None
            self.project.bias[...] = bias

    def weights(self) -> Weights:
        """Of an LSTM or GRU, in the precision of the computation."""
        bias = self.project.bias
        assert bias is not None  # nnx.Linear has one by default
        parts = (self.project.kernel, bias, self.recur)
        return Weights(*(part[...].astype(self.dtype) for part in parts))

    def __call__(
        self, x: Float[Array, "batch len dim"], mask: Bool[Array, "batch len"]
    ) -> Float[Array, "batch len width"]:
        """The state after each position; zeros where masked."""
        return both_ways([self], [x], mask)[0]


def both_ways(
    layers: Sequence[Recurrent],
    xs: Sequence[Float[Array, "batch len dim"]],
    mask: Bool[Array, "batch len"],
) -> list[Float[Array, "batch len width"]]:
    """The states of layers of one kind, each over its own input, side by side.

    Args:
        layers: The layers.
        xs: What each reads, in the order in which it reads it.
        mask: Positions that count.
    """
    first = layers[0]
    timed = [x.astype(first.dtype).swapaxes(0, 1) for x in xs]
    if first.kind == "mingru":
        states = [_mingru(layer, x) for layer, x in zip(layers, timed, strict=True)]
    else:
        run = lstm if first.kind == "lstm" else gru
        states = run([layer.weights() for layer in layers], timed)
    return [masked(state.swapaxes(0, 1), mask) for state in states]


def _mingru(layer: Recurrent, x: Float[Array, "len batch dim"]) -> Array:
    bias = layer.project.bias
    assert bias is not None  # nnx.Linear has one by default
    kernel = layer.project.kernel[...].astype(layer.dtype)
    return mingru(kernel, bias[...].astype(layer.dtype), x)


class RecurrentStack(nnx.Module):
    """Recurrent layers on top of each other, each in one direction or both.

    In both directions the backward layer reads each row from its own last symbol, and
    its results are put back in the order of the sequence.
    """

    def __init__(
        self,
        kind: CellKind,
        dim: int,
        widths: tuple[int, ...],
        *,
        rngs: nnx.Rngs,
        bidirectional: bool = True,
        dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layers.

        Args:
            kind: `"lstm"`, `"gru"` or `"mingru"`.
            dim: Width of the input.
            widths: Width of the state of each layer, in each direction.
            rngs: Keys for the weights.
            bidirectional: Whether each layer also reads backward.
            dropout: Share of the outputs of each layer set to 0 in training.
            dtype: Of the computation; the weights are float32.
        """
        ways = 2 if bidirectional else 1
        forward, backward = [], []
        for width in widths:
            forward.append(Recurrent(kind, dim, width, rngs=rngs, dtype=dtype))
            if bidirectional:
                backward.append(Recurrent(kind, dim, width, rngs=rngs, dtype=dtype))
            dim = ways * width
        self.forward = nnx.List(forward)
        self.backward = nnx.List(backward)
        self.dropout = nnx.Dropout(dropout)
        self.features = dim
        self.last_forward = widths[-1]

    def __call__(
        self,
        x: Float[Array, "batch len dim"],
        mask: Bool[Array, "batch len"],
        *,
        rngs: nnx.Rngs | None = None,
    ) -> Float[Array, "batch len features"]:
        """The states of the last layer, forward and backward side by side."""
        for index, layer in enumerate(self.forward):
            if len(self.backward):
                layers = [layer, self.backward[index]]
                out, back = both_ways(layers, [x, reverse_positions(x, mask)], mask)
                out = jnp.concatenate([out, reverse_positions(back, mask)], axis=-1)
            else:
                out = layer(x, mask)
            x = self.dropout(out, rngs=rngs)
        return x

    def last(
        self, states: Float[Array, "batch len features"], mask: Bool[Array, "batch len"]
    ) -> Float[Array, "batch features"]:
        """The state of each direction when it has read the whole row."""
        at = jnp.maximum(mask.sum(axis=1) - 1, 0)
        end = jnp.take_along_axis(states, at[:, None, None], axis=1)[:, 0]
        backward = states[:, 0, self.last_forward :]
        return jnp.concatenate([end[:, : self.last_forward], backward], axis=-1)
