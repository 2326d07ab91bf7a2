"""Long short-term memory."""

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jaxbio.nn.gated import State, Weights, layer_of, sigmoid


class _LSTM:
    """The equations, with gates input, forget, new and output."""

    states = 2

    def advance(self, state: State, gates: Array, back: Array) -> State:
        take, forget, new, show = _activated(gates + back)
        cell = forget * state[1] + take * new
        return show * jnp.tanh(cell), cell

    def factors(
        self, gates: Array, back: Array, before: State, after: State
    ) -> tuple[Array, Array, Array]:
        take, forget, new, show = _activated(gates + back)
        top = jnp.tanh(after[1])
        to_gates = [
            new * take * (1 - take),
            before[1] * forget * (1 - forget),
            take * (1 - new * new),
            top * show * (1 - show),
        ]
        to_cell = show * (1 - top * top)
        return jnp.concatenate(to_gates, axis=-1), to_cell, forget

    def retreat(
        self, later: State, factors: tuple[Array, Array, Array]
    ) -> tuple[Array, State, tuple[Array, ...]]:
        to_gates, to_cell, forget = factors
        hidden, cell = later
        cell = cell + hidden * to_cell
        parts = jnp.concatenate([cell, cell, cell, hidden], axis=-1) * to_gates
        return parts, (jnp.zeros((), hidden.dtype), cell * forget), (parts,)

    def spread(self, kept: tuple[Array, ...], factors: object) -> tuple[Array, Array]:
        (parts,) = kept
        return parts, parts


def _activated(gates: Array) -> tuple[Array, Array, Array, Array]:
    take, forget, new, show = jnp.split(gates, 4, axis=-1)
    return sigmoid(take), sigmoid(forget), jnp.tanh(new), sigmoid(show)


_layer = layer_of(_LSTM())


def lstm(
    weights: list[Weights], xs: list[Float[Array, "len batch dim"]]
) -> list[Float[Array, "len batch width"]]:
    """The hidden state after each position (Hochreiter and Schmidhuber 1997).

    Args:
        weights: Of each direction; the gates are input, forget, new and output.
        xs: What each direction reads, in its own order, time first.

    Returns:
        The states of each direction, in the order in which they were reached.

    Example:
        >>> weights = Weights(jnp.ones((1, 4)), jnp.zeros(4), jnp.ones((1, 4)))
        >>> states, = lstm([weights], [jnp.ones((2, 1, 1))])
        >>> [round(float(h), 3) for h in states[:, 0, 0]]
        [0.37, 0.651]
    """
    return _layer(weights, xs)
