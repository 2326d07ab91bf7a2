"""Gradient descent with a fixed number of steps, as one compiled loop."""

from collections.abc import Callable

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

_FIRST, _SECOND = 0.9, 0.99  # decay of the moments; the second is shorter than usual


def descend(
    energy: Callable[[Array, Array], Array],
    start: Float[Array, "*shape"],
    *,
    steps: int,
    rate: tuple[float, float],
) -> Float[Array, "*shape"]:
    """Adam (Kingma and Ba 2015) with a rate that falls along a cosine.

    Args:
        energy: Of a point and of the progress from 0 to 1; a scalar.
        start: The first point.
        steps: How many.
        rate: At first and at last (units of the point a step).

    Returns:
        The last point.

    Example:
        >>> def bowl(point, progress):
        ...     return ((point - 3.0) ** 2).sum()
        >>> descend(bowl, jnp.zeros(2), steps=200, rate=(0.3, 0.001)).round(2).tolist()
        [3.0, 3.0]
    """
    first, last = rate

    def step(carry, index):
        point, mean, square = carry
        progress = index / steps
        slope = jax.grad(energy)(point, progress)
        mean = _FIRST * mean + (1 - _FIRST) * slope
        square = _SECOND * square + (1 - _SECOND) * slope**2
        size = last + (first - last) * 0.5 * (1 + jnp.cos(jnp.pi * progress))
        move = mean / (1 - _FIRST ** (index + 1))
        scale = jnp.sqrt(square / (1 - _SECOND ** (index + 1))) + 1e-8
        return (point - size * move / scale, mean, square), None

    none = jnp.zeros_like(start)
    indices = jnp.arange(steps, dtype=start.dtype)
    return jax.lax.scan(step, (start, none, none), indices)[0][0]
