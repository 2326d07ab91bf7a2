"""The linear recurrence h_t = a_t h_{t-1} + b_t, with a gradient written by hand."""

import jax
import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float

_CHUNK = 8
"""Positions in one turn of the loop on a CPU."""


@jax.custom_vjp
def linear_scan(
    keep: Float[Array, "len batch width"], add: Float[Array, "len batch width"]
) -> Float[Array, "len batch width"]:
    """All states of h_t = keep_t h_{t-1} + add_t from h = 0.

    An accelerator takes the positions in parallel (Blelloch 1990), a CPU one after the
    other, which is less work. The gradient is the same recurrence backwards.

    Args:
        keep: The share of the state that stays.
        add: What comes to it.

    Example:
        >>> ones = jnp.ones((4, 1, 1))
        >>> linear_scan(0.5 * ones, ones)[:, 0, 0].tolist()
        [1.0, 1.5, 1.75, 1.875]
    """
    return lax.platform_dependent(keep, add, cpu=_in_turn, default=_in_parallel)


def _forward(keep, add):
    states = linear_scan(keep, add)
    return states, (keep, states)


def _backward(kept, gradients):
    keep, states = kept
    later = jnp.concatenate([keep[1:], jnp.zeros_like(keep[:1])])
    to_add = linear_scan(later[::-1], gradients[::-1])[::-1]
    before = jnp.concatenate([jnp.zeros_like(states[:1]), states[:-1]])
    return to_add * before, to_add


linear_scan.defvjp(_forward, _backward)


def _in_turn(keep, add):
    length = len(keep)
    # What follows the last position changes no state before it.
    missing = ((0, -length % _CHUNK), (0, 0), (0, 0))
    chunks = [
        jnp.pad(x, missing).reshape(-1, _CHUNK, *x.shape[1:]) for x in (keep, add)
    ]

    def body(state, inputs):
        states = []
        for at in range(_CHUNK):
            state = inputs[0][at] * state + inputs[1][at]
            states.append(state)
        return state, jnp.stack(states)

    _, states = lax.scan(body, jnp.zeros_like(add[0]), tuple(chunks))
    return states.reshape(-1, *add.shape[1:])[:length]


def _in_parallel(keep, add):
    def join(before, after):
        return before[0] * after[0], after[0] * before[1] + after[1]

    return lax.associative_scan(join, (keep, add))[1]
