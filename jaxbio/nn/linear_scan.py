"""The linear recurrence h_t = a_t h_{t-1} + b_t in parallel over positions."""

import jax.numpy as jnp
from jax import Array, lax
from jaxtyping import Float

from jaxbio.nn.derivatives import custom_vjp


@custom_vjp
def linear_scan(
    keep: Float[Array, "len batch width"], add: Float[Array, "len batch width"]
) -> Float[Array, "len batch width"]:
    """All states of h_t = keep_t h_{t-1} + add_t from h = 0 (Blelloch 1990).

    The gradient, written by hand, is the same recurrence backwards.

    Args:
        keep: The share of the state that stays.
        add: What comes to it.

    Example:
        >>> ones = jnp.ones((4, 1, 1))
        >>> linear_scan(0.5 * ones, ones)[:, 0, 0].tolist()
        [1.0, 1.5, 1.75, 1.875]
    """

    def join(before, after):
        return before[0] * after[0], after[0] * before[1] + after[1]

    return lax.associative_scan(join, (keep, add))[1]


def _forward(keep, add):
    states = linear_scan(keep, add)
    return states, (keep, states)


def _backward(residuals, gradients):
    keep, states = residuals
    later = jnp.concatenate([keep[1:], jnp.zeros_like(keep[:1])])
    to_add = linear_scan(later[::-1], gradients[::-1])[::-1]
    before = jnp.concatenate([jnp.zeros_like(states[:1]), states[:-1]])
    return to_add * before, to_add


linear_scan.defvjp(_forward, _backward)
