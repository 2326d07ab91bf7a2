"""Long short-term memory with a gradient written by hand.

Positions go through in short chunks. The product of the inputs is one matrix product a
chunk, small enough to stay in the cache; several directions share one loop, so that
they run side by side. Backward, gates are computed again from the states instead of
being kept, for a whole chunk at once; the loop over positions is left with one product
each, and the gradients of the weights are one product a chunk.
"""

from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float

from jaxbio.nn.derivatives import custom_vjp

_CHUNK = 8
"""Positions in a chunk."""


class Weights(NamedTuple):
    """Of one direction; the gates are input, forget, new and output, as in PyTorch."""

    kernel: Float[Array, "dim gates"]
    bias: Float[Array, "gates"]
    recur: Float[Array, "width gates"]


class _Chunk(NamedTuple):
    """Residuals of a chunk of one direction, for the backward pass."""

    hidden: Float[Array, "len batch width"]
    cell: Float[Array, "len batch width"]
    before: tuple[Array, Array]  # hidden and cell `[batch width]` before the chunk


def lstm(
    weights: list[Weights], xs: list[Float[Array, "len batch dim"]]
) -> list[Float[Array, "len batch width"]]:
    """The hidden state after each position (Hochreiter and Schmidhuber 1997).

    Args:
        weights: Of each direction.
        xs: What each direction reads, in its own order, time first.

    Returns:
        The states of each direction, in the order in which they were reached.

    Example:
        >>> weights = Weights(jnp.ones((1, 4)), jnp.zeros(4), jnp.ones((1, 4)))
        >>> states, = lstm([weights], [jnp.ones((2, 1, 1))])
        >>> [round(float(h), 3) for h in states[:, 0, 0]]
        [0.37, 0.651]
    """
    length = len(xs[0])
    missing = -length % _CHUNK
    # Positions after the last one change no state before them.
    padded = [jnp.pad(x, ((0, missing), (0, 0), (0, 0))) for x in xs]
    chunks = [x.reshape(-1, _CHUNK, *x.shape[1:]) for x in padded]
    states = _lstm(weights, chunks)
    return [s.reshape(-1, *s.shape[2:])[:length] for s in states]


@custom_vjp
def _lstm(weights, chunks):
    return [hidden for hidden, _, _ in _forward(weights, chunks)]


def _lstm_forward(weights, chunks):
    history = _forward(weights, chunks)
    return [chunk.hidden for chunk in history], (weights, chunks, history)


def _forward(weights, chunks) -> list[_Chunk]:
    def body(states, xs):
        projected = [_project(w, x) for w, x in zip(weights, xs, strict=True)]
        history = [([], []) for _ in weights]
        now = list(states)
        for at in range(_CHUNK):
            for way, (side, gates) in enumerate(zip(weights, projected, strict=True)):
                hidden, cell = now[way]
                take, forget, new, show = _activated(gates[at] + hidden @ side.recur)
                cell = forget * cell + take * new
                now[way] = show * jnp.tanh(cell), cell
                for kind, value in zip(history[way], now[way], strict=True):
                    kind.append(value)
        stacked = [(jnp.stack(h), jnp.stack(c)) for h, c in history]
        memory = [_Chunk(*s, before) for s, before in zip(stacked, states, strict=True)]
        return now, memory

    return lax.scan(body, _nothing(weights, chunks), chunks)[1]


def _lstm_backward(residuals, gradients):
    weights, chunks, history = residuals

    def body(carry, inputs):
        states, sums = carry
        xs, history, gradients = inputs
        steps = zip(weights, xs, history, strict=True)
        before, factors = zip(*(_factors(*step) for step in steps), strict=True)

        def back(states, inputs):
            results = []
            for way, (factor, gradient) in enumerate(zip(*inputs, strict=True)):
                to_gates, to_cell, forget = factor
                hidden, cell = states[way]
                hidden = hidden + gradient
                cell = cell + hidden * to_cell
                parts = jnp.concatenate([cell, cell, cell, hidden], axis=-1) * to_gates
                results.append((parts @ weights[way].recur.T, cell * forget, parts))
            return [(h, c) for h, c, _ in results], [parts for _, _, parts in results]

        states, gates = lax.scan(back, states, (list(factors), gradients), reverse=True)
        ways = zip(weights, sums, xs, before, gates, strict=True)
        results = [_collect(*way) for way in ways]
        return (states, [sums for sums, _ in results]), [x for _, x in results]

    zeros = jax.tree.map(jnp.zeros_like, weights)
    start = _nothing(weights, chunks), zeros
    (_, sums), to_xs = lax.scan(body, start, (chunks, history, gradients), reverse=True)
    return sums, to_xs


_lstm.defvjp(_lstm_forward, _lstm_backward)


def _nothing(weights, chunks) -> list[tuple[Array, Array]]:
    """Hidden and cell state before the first position."""
    batch = chunks[0].shape[2]
    zeros = [jnp.zeros((batch, len(side.recur)), side.recur.dtype) for side in weights]
    return [(zero, zero) for zero in zeros]


def _project(weights: Weights, x: Array) -> Array:
    """The inputs' part of the gates of a chunk, `[chunk batch gates]`."""
    flat = x.reshape(-1, x.shape[-1]) @ weights.kernel + weights.bias[None]
    return flat.reshape(*x.shape[:2], -1)


def _activated(gates: Array) -> tuple[Array, Array, Array, Array]:
    take, forget, new, show = jnp.split(gates, 4, axis=-1)
    return _sigmoid(take), _sigmoid(forget), jnp.tanh(new), _sigmoid(show)


def _sigmoid(x: Array) -> Array:
    """By way of tanh, which XLA for CPUs computes on whole vectors."""
    return 0.5 * jnp.tanh(0.5 * x) + 0.5


def _factors(weights: Weights, x: Array, chunk: _Chunk) -> Any:
    """The hidden states before each position, and what gradients are multiplied with.

    Returns:
        `[chunk batch width]`, and for the four gates `[chunk batch gates]`, for the
        hidden state's way into the cell, and for the cell's way back.
    """
    hidden, cell, (first_hidden, first_cell) = chunk
    before = jnp.concatenate([first_hidden[None], hidden[:-1]])
    cell_before = jnp.concatenate([first_cell[None], cell[:-1]])
    take, forget, new, show = _activated(_project(weights, x) + before @ weights.recur)
    top = jnp.tanh(cell)
    to_gates = [
        new * take * (1 - take),
        cell_before * forget * (1 - forget),
        take * (1 - new * new),
        top * show * (1 - show),
    ]
    to_cell = show * (1 - top * top)
    return before, (jnp.concatenate(to_gates, axis=-1), to_cell, forget)


def _collect(
    weights: Weights, sums: Weights, x: Array, before: Array, gates: Array
) -> tuple[Weights, Array]:
    """The sums of the weights' gradients with a chunk's, and its inputs' gradient."""
    flat = gates.reshape(-1, gates.shape[-1])

    def rows(values: Array) -> Array:
        over_rows = (((0,), (0,)), ((), ()))
        return lax.dot_general(values.reshape(len(flat), -1), flat, over_rows)

    added = Weights(
        sums.kernel + rows(x), sums.bias + flat.sum(0), sums.recur + rows(before)
    )
    return added, (flat @ weights.kernel.T).reshape(x.shape)
