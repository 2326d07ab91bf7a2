"""The gated recurrent unit."""

import jax.numpy as jnp
from jax import Array
from jaxtyping import Float

from jaxbio.nn.gated import State, Weights, layer_of, sigmoid


class _GRU:
    """The equations, with gates reset, update and new.

    The reset gate is applied after the product with the hidden state, as in PyTorch.
    """

    states = 1

    def advance(self, state: State, gates: Array, back: Array) -> State:
        _, update, new, _ = _activated(gates, back)
        return ((1 - update) * new + update * state[0],)

    def factors(
        self, gates: Array, back: Array, before: State, after: State
    ) -> tuple[Array, Array, Array]:
        reset, update, new, remembered = _activated(gates, back)
        to_new = (1 - update) * (1 - new * new)
        to_back = [
            to_new * remembered * reset * (1 - reset),
            (before[0] - new) * update * (1 - update),
            to_new * reset,
        ]
        return jnp.concatenate(to_back, axis=-1), to_new, update

    def retreat(
        self, later: State, factors: tuple[Array, Array, Array]
    ) -> tuple[Array, State, tuple[Array, ...]]:
        to_back, _, update = factors
        (hidden,) = later
        parts = jnp.concatenate([hidden] * 3, axis=-1) * to_back
        return parts, (hidden * update,), (parts, hidden)

    def spread(
        self, kept: tuple[Array, ...], factors: tuple[Array, Array, Array]
    ) -> tuple[Array, Array]:
        parts, hidden = kept
        _, to_new, _ = factors
        width = hidden.shape[-1]
        gates = [parts[..., : 2 * width], hidden * to_new]
        return jnp.concatenate(gates, axis=-1), parts


def _activated(gates: Array, back: Array) -> tuple[Array, Array, Array, Array]:
    """The three gates, and what the hidden state says of the new values."""
    reset, update, new = jnp.split(gates, 3, axis=-1)
    to_reset, to_update, remembered = jnp.split(back, 3, axis=-1)
    reset, update = sigmoid(reset + to_reset), sigmoid(update + to_update)
    return reset, update, jnp.tanh(new + reset * remembered), remembered


_layer = layer_of(_GRU())


def gru(
    weights: list[Weights], xs: list[Float[Array, "len batch dim"]]
) -> list[Float[Array, "len batch width"]]:
    """The hidden state after each position (Cho et al. 2014).

    Args:
        weights: Of each direction; the gates are reset, update and new.
        xs: What each direction reads, in its own order, time first.

    Returns:
        The states of each direction, in the order in which they were reached.

    Example:
        >>> weights = Weights(jnp.ones((1, 3)), jnp.zeros(3), jnp.ones((1, 3)))
        >>> states, = gru([weights], [jnp.ones((2, 1, 1))])
        >>> [round(float(h), 3) for h in states[:, 0, 0]]
        [0.205, 0.347]
    """
    return _layer(weights, xs)
