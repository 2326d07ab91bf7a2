"""Gated recurrent layers in chunks of positions, with gradients written by hand.

The product of the inputs is one matrix product a chunk, small enough to stay in the
cache; several directions share one loop, so that they run side by side. Backward, gates
are computed again from the states instead of being kept, for a whole chunk at once; the
loop over positions is left with one product each, and the gradients of the weights are
one product a chunk.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol, runtime_checkable

import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float

from jaxbio.nn.derivatives import custom_vjp

_CHUNK = 8
"""Positions in a chunk."""

State = tuple[Array, ...]
"""Of one direction: the hidden state `[... batch width]`, then what else it has."""


class Weights(NamedTuple):
    """Of one direction; the gates are in the order of PyTorch."""

    kernel: Float[Array, "dim gates"]
    bias: Float[Array, "gates"]
    recur: Float[Array, "width gates"]


@runtime_checkable
class Cell(Protocol):
    """The equations of a gated recurrent unit."""

    states: int
    """Arrays in a state: 1, or 2 with a memory beside the hidden state."""

    def advance(self, state: State, gates: Array, back: Array) -> State:
        """The state after a position.

        Args:
            state: The one before.
            gates: The inputs' part of the gates, `[batch gates]`.
            back: The hidden state's part of them.
        """
        ...

    def factors(self, gates: Array, back: Array, before: State, after: State) -> Any:
        """What gradients are multiplied with, of all positions of a chunk at once."""
        ...

    def retreat(
        self, later: State, factors: Any
    ) -> tuple[Array, State, tuple[Array, ...]]:
        """The gradients before a position.

        Args:
            later: Gradients with regard to the state after it.
            factors: Of the position.

        Returns:
            Those with regard to `back`; those with regard to the state before that do
            not come by way of `back`; and what `spread` needs.
        """
        ...

    def spread(self, kept: tuple[Array, ...], factors: Any) -> tuple[Array, Array]:
        """The gradients with regard to `gates` and `back`, of all positions at once."""
        ...


class _Chunk(NamedTuple):
    """Residuals of a chunk of one direction, for the backward pass."""

    states: State  # `[chunk batch width]` each
    first: State  # `[batch width]` each, before the chunk


Layer = Callable[
    [list[Weights], list[Float[Array, "len batch dim"]]],
    list[Float[Array, "len batch width"]],
]
"""The hidden states after each position, by the weights and inputs of each direction,
each in its own order, time first."""


def layer_of(cell: Cell) -> Layer:
    """The recurrent layer of a cell: differentiable, over any directions."""

    @custom_vjp
    def run(weights, chunks):
        return [chunk.states[0] for chunk in _forward(cell, weights, chunks)]

    def forward(weights, chunks):
        history = _forward(cell, weights, chunks)
        return [chunk.states[0] for chunk in history], (weights, chunks, history)

    def backward(residuals, gradients):
        weights, chunks, history = residuals
        return _backward(cell, weights, chunks, history, gradients)

    run.defvjp(forward, backward)

    def layer(weights: list[Weights], xs: list[Array]) -> list[Array]:
        length = len(xs[0])
        missing = -length % _CHUNK
        # Positions after the last one change no state before them.
        padded = [jnp.pad(x, ((0, missing), (0, 0), (0, 0))) for x in xs]
        chunks = [x.reshape(-1, _CHUNK, *x.shape[1:]) for x in padded]
        states = run(weights, chunks)
        return [s.reshape(-1, *s.shape[2:])[:length] for s in states]

    return layer


def _forward(cell: Cell, weights, chunks) -> list[_Chunk]:
    def body(states, xs):
        projected = [_project(w, x) for w, x in zip(weights, xs, strict=True)]
        history = [[] for _ in weights]
        now = list(states)
        for at in range(_CHUNK):
            for way, (side, gates) in enumerate(zip(weights, projected, strict=True)):
                back = now[way][0] @ side.recur
                now[way] = cell.advance(now[way], gates[at], back)
                history[way].append(now[way])
        stacked = [
            tuple(jnp.stack(parts) for parts in zip(*own, strict=True))
            for own in history
        ]
        memory = [_Chunk(*both) for both in zip(stacked, states, strict=True)]
        return now, memory

    return lax.scan(body, _nothing(cell, weights, chunks), chunks)[1]


def _backward(cell: Cell, weights, chunks, history, gradients):
    def body(carry, inputs):
        states, sums = carry
        xs, history, gradients = inputs
        steps = zip(weights, xs, history, strict=True)
        before, factors = zip(*(_factors(cell, *step) for step in steps), strict=True)

        def back(states, inputs):
            nows, kepts = [], []
            for way, (factor, gradient) in enumerate(zip(*inputs, strict=True)):
                hidden, *rest = states[way]
                later = (hidden + gradient, *rest)
                to_back, (direct, *rest), kept = cell.retreat(later, factor)
                nows.append((to_back @ weights[way].recur.T + direct, *rest))
                kepts.append(kept)
            return nows, kepts

        states, kepts = lax.scan(back, states, (list(factors), gradients), reverse=True)
        spread = [cell.spread(*both) for both in zip(kepts, factors, strict=True)]
        ways = zip(weights, sums, xs, before, spread, strict=True)
        results = [_collect(*way) for way in ways]
        return (states, [sums for sums, _ in results]), [x for _, x in results]

    zeros = jax.tree.map(jnp.zeros_like, weights)
    start = _nothing(cell, weights, chunks), zeros
    (_, sums), to_xs = lax.scan(body, start, (chunks, history, gradients), reverse=True)
    return sums, to_xs


def _nothing(cell: Cell, weights, chunks) -> list[State]:
    """The state of each direction before the first position."""
    batch = chunks[0].shape[2]
    zeros = [jnp.zeros((batch, len(side.recur)), side.recur.dtype) for side in weights]
    return [(zero,) * cell.states for zero in zeros]


def _project(weights: Weights, x: Array) -> Array:
    """The inputs' part of the gates of a chunk, `[chunk batch gates]`."""
    flat = x.reshape(-1, x.shape[-1]) @ weights.kernel + weights.bias[None]
    return flat.reshape(*x.shape[:2], -1)


def _factors(
    cell: Cell, weights: Weights, x: Array, chunk: _Chunk
) -> tuple[Array, Any]:
    """The hidden states before each position, and the factors of the cell."""
    before = tuple(
        jnp.concatenate([first[None], states[:-1]])
        for first, states in zip(chunk.first, chunk.states, strict=True)
    )
    back = before[0] @ weights.recur
    return before[0], cell.factors(_project(weights, x), back, before, chunk.states)


def _collect(
    weights: Weights,
    sums: Weights,
    x: Array,
    before: Array,
    spread: tuple[Array, Array],
) -> tuple[Weights, Array]:
    """The sums of the weights' gradients with a chunk's, and its inputs' gradient."""
    flat, back = (gates.reshape(-1, gates.shape[-1]) for gates in spread)

    def rows(values: Array, gates: Array) -> Array:
        over_rows = (((0,), (0,)), ((), ()))
        return lax.dot_general(values.reshape(len(gates), -1), gates, over_rows)

    added = Weights(
        sums.kernel + rows(x, flat),
        sums.bias + flat.sum(0),
        sums.recur + rows(before, back),
    )
    return added, (flat @ weights.kernel.T).reshape(x.shape)


def sigmoid(x: Array) -> Array:
    """The logistic function by way of tanh, which XLA for CPUs vectorises."""
    return 0.5 * jnp.tanh(0.5 * x) + 0.5
