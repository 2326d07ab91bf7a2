"""The minimal gated recurrent unit: gates that do not see the state.

h_t = (1 - z_t) h_{t-1} + z_t n_t, where z = sigmoid and n is linear, of the input alone
(Feng et al. 2024). Accelerators take all positions in parallel. A CPU takes them in
short chunks, one after the other: projection, gates and states of a chunk stay in the
cache.
"""

import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float

from jaxbio.nn.derivatives import custom_vjp
from jaxbio.nn.linear_scan import linear_scan
from jaxbio.nn.matmul import product

_CHUNK = 8
"""Positions in a chunk."""


@custom_vjp
def mingru(
    kernel: Float[Array, "dim gates"],
    bias: Float[Array, "gates"],
    x: Float[Array, "len batch dim"],
) -> Float[Array, "len batch width"]:
    """The state after each position, from 0.

    Args:
        kernel: Of the update gate, then of the new values.
        bias: Likewise.
        x: What is read, time first.

    Example:
        >>> kernel, bias = jnp.array([[0.0, 1.0]]), jnp.zeros(2)
        >>> mingru(kernel, bias, jnp.ones((3, 1, 1)))[:, 0, 0].tolist()
        [0.5, 0.75, 0.875]
    """
    return lax.platform_dependent(kernel, bias, x, cpu=_in_chunks, default=_at_once)


def _forward(kernel, bias, x):
    states = mingru(kernel, bias, x)
    return states, (kernel, bias, x, states)


def _backward(residuals, gradients):
    return lax.platform_dependent(
        *residuals, gradients, cpu=_back_in_chunks, default=_back_at_once
    )


mingru.defvjp(_forward, _backward)


def _at_once(kernel, bias, x):
    keep, add = _gates(kernel, bias, x)
    return linear_scan(keep, add)


def _back_at_once(kernel, bias, x, states, gradients):
    del states
    return jax.vjp(_at_once, kernel, bias, x)[1](gradients)


def _gates(kernel, bias, x):
    """The share of the state that stays, and what comes to it."""
    update, new = _update_and_new(kernel, bias, x)
    return 1 - update, update * new


def _update_and_new(kernel, bias, x):
    update, new = jnp.split(product(x, kernel) + bias[None, None], 2, axis=-1)
    return 0.5 * jnp.tanh(0.5 * update) + 0.5, new


def _in_chunks(kernel, bias, x):
    def body(state, x):
        keep, add = _gates(kernel, bias, x)
        states = []
        for at in range(_CHUNK):
            state = keep[at] * state + add[at]
            states.append(state)
        return state, jnp.stack(states)

    zero = jnp.zeros((x.shape[1], len(bias) // 2), x.dtype)
    return _joined(lax.scan(body, zero, _chunks(x))[1], len(x))


def _back_in_chunks(kernel, bias, x, states, gradients):
    """Chunk by chunk from the end; gates are computed again."""

    def body(carry, inputs):
        later, to_kernel, to_bias = carry
        first, states, x, gradient = inputs
        update, new = _update_and_new(kernel, bias, x)
        to_add = []
        for at in reversed(range(_CHUNK)):
            to_add.append(gradient[at] + later)
            later = (1 - update[at]) * to_add[-1]
        to_state = jnp.stack(to_add[::-1])
        before = jnp.concatenate([first[None], states[:-1]])
        to_update = to_state * (new - before) * update * (1 - update)
        to_gates = jnp.concatenate([to_update, to_state * update], axis=-1)
        pull = jax.vjp(lambda kernel, x: product(x, kernel), kernel, x)[1]
        kernel_part, to_x = pull(to_gates)
        to_bias = to_bias + to_gates.sum((0, 1))
        return (later, to_kernel + kernel_part, to_bias), to_x

    chunks = _chunks(states)
    first = jnp.concatenate([jnp.zeros_like(chunks[:1, -1]), chunks[:-1, -1]])
    zeros = jnp.zeros_like(states[0]), jnp.zeros_like(kernel), jnp.zeros_like(bias)
    inputs = first, chunks, _chunks(x), _chunks(gradients)
    (_, to_kernel, to_bias), to_x = lax.scan(body, zeros, inputs, reverse=True)
    return to_kernel, to_bias, _joined(to_x, len(x))


def _chunks(x: Array) -> Array:
    """Whole chunks; positions after the last one change no state before them."""
    padded = jnp.pad(x, ((0, -len(x) % _CHUNK), (0, 0), (0, 0)))
    return padded.reshape(-1, _CHUNK, *x.shape[1:])


def _joined(chunks: Array, length: int) -> Array:
    return chunks.reshape(-1, *chunks.shape[2:])[:length]
