"""Recurrent layers over sequences of different lengths."""

from collections.abc import Callable
from typing import Literal

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array, lax
from jax.typing import DTypeLike
from jaxtyping import Bool, Float

from jaxbio.nn.conv import masked
from jaxbio.nn.tokens import reverse_positions

CellKind = Literal["lstm", "gru", "mingru"]
_State = tuple[Array, ...]  # what a step hands to the next: LSTM two, GRU one
_GATES = {"lstm": 4, "gru": 3, "mingru": 2}


class Recurrent(nnx.Module):
    """One recurrent layer in one direction: LSTM, GRU or minGRU.

    The input projection is one matrix product for all positions. LSTM and GRU then step
    through time; minGRU, whose gates do not see the state, is a parallel scan.
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

    def __call__(
        self, x: Float[Array, "batch len dim"], mask: Bool[Array, "batch len"]
    ) -> Float[Array, "batch len width"]:
        """The state after each position; zeros where masked."""
        gates = self.project(x)
        if self.kind == "mingru":
            return masked(_mingru(gates), mask)
        recur = self.recur[...].astype(self.dtype)
        step: Callable[[_State, Array, Array], tuple[_State, Array]]
        step = _lstm_step if self.kind == "lstm" else _gru_step
        zero = jnp.zeros((len(x), self.width), self.dtype)
        carry: _State = (zero, zero) if self.kind == "lstm" else (zero,)
        _, states = lax.scan(
            lambda state, gate: step(state, gate, recur), carry, gates.swapaxes(0, 1)
        )
        return masked(states.swapaxes(0, 1), mask)


def _lstm_step(state, gate, recur):
    hidden, cell = state
    take, forget, new, show = jnp.split(gate + hidden @ recur, 4, axis=-1)
    cell = jax.nn.sigmoid(forget) * cell + jax.nn.sigmoid(take) * jnp.tanh(new)
    hidden = jax.nn.sigmoid(show) * jnp.tanh(cell)
    return (hidden, cell), hidden


def _gru_step(state, gate, recur):
    (hidden,) = state
    width = hidden.shape[-1]
    back = hidden @ recur
    both = jax.nn.sigmoid(gate[:, : 2 * width] + back[:, : 2 * width])
    reset, update = both[:, :width], both[:, width:]
    new = jnp.tanh(gate[:, 2 * width :] + reset * back[:, 2 * width :])
    hidden = (1 - update) * new + update * hidden
    return (hidden,), hidden


def _mingru(gates: Float[Array, "batch len gates"]) -> Float[Array, "batch len width"]:
    """h_t = (1 - z_t) h_{t-1} + z_t n_t with z and n from the input alone."""
    update, new = jnp.split(gates, 2, axis=-1)
    update = jax.nn.sigmoid(update)

    def join(before, after):
        return before[0] * after[0], after[0] * before[1] + after[1]

    _, hidden = lax.associative_scan(join, (1 - update, update * new), axis=1)
    return hidden


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
            out = layer(x, mask)
            if len(self.backward):
                back = self.backward[index](reverse_positions(x, mask), mask)
                out = jnp.concatenate([out, reverse_positions(back, mask)], axis=-1)
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
