"""Attributions by gradients: saliency, gradient times input, integrated gradients.

Each function takes a pure function from a batch of inputs to one number a row, in which
no row sees another one, and can itself be jitted.
"""

from collections.abc import Callable

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float, PRNGKeyArray

from jaxbio.explain.attributions import (
    Attribution,
    check_baseline,
    over_backgrounds,
)
from jaxbio.explain.differentiability import check_output, check_slopes, name_of

Output = Callable[[Float[Array, "n *shape"]], Float[Array, "n"]]
"""One number a row, such as a logit."""


def gradients(
    output: Output, inputs: Float[Array, "n *shape"]
) -> Float[Array, "n *shape"]:
    """Gradient of the output of each row by its input.

    Args:
        output: What is explained.
        inputs: One-hot sequences, numbers or pixels.

    Raises:
        JaxbioError: For a function that has no gradient, or gives other than a number a
            row; or one that changes by steps, if this is not computed within `jax.jit`.

    Example:
        >>> gradients(lambda x: (x**2).sum(axis=1), jnp.array([[1.0, 3.0]])).tolist()
        [[2.0, 6.0]]
    """
    check_output(output, inputs)
    slopes, outputs = jax.grad(_total, argnums=1, has_aux=True)(output, inputs)
    check_slopes(slopes, outputs, name=name_of(output))
    return slopes


def _total(output: Output, inputs: Array) -> tuple[Array, Array]:
    outputs = output(inputs)
    return outputs.sum(), outputs


def saliency(
    output: Output, inputs: Float[Array, "n *shape"]
) -> Float[Array, "n *shape"]:
    """Size of the gradient (Simonyan et al. 2014): how much, not in which direction.

    Args:
        output: What is explained.
        inputs: One-hot sequences, numbers or pixels.

    Example:
        >>> saliency(lambda x: -2 * x[:, 0], jnp.array([[1.0, 3.0]])).tolist()
        [[2.0, 0.0]]
    """
    return jnp.abs(gradients(output, inputs))


def gradient_x_input(output: Output, inputs: Float[Array, "n *shape"]) -> Attribution:
    """Gradient times input (Shrikumar et al. 2016), with an input of 0 as baseline.

    It is complete for a linear function only; `delta` tells.

    Args:
        output: What is explained.
        inputs: One-hot sequences, numbers or pixels.

    Example:
        >>> found = gradient_x_input(lambda x: 2 * x[:, 0] + 1, jnp.array([[3.0, 1.0]]))
        >>> found.values.tolist(), found.delta.tolist()
        ([[6.0, 0.0]], [0.0])
    """
    slopes = gradients(output, inputs)
    return Attribution(
        slopes * inputs, slopes, output(inputs), output(jnp.zeros_like(inputs))
    )


def smoothgrad(
    output: Output,
    inputs: Float[Array, "n *shape"],
    key: PRNGKeyArray,
    *,
    noise: float = 0.15,
    samples: int = 32,
    spread: Float[Array, "n *shape"] | None = None,
) -> Float[Array, "n *shape"]:
    """Mean gradient over inputs with noise (Smilkov et al. 2017).

    Args:
        output: What is explained.
        inputs: One-hot sequences, numbers or pixels.
        key: Of the noise.
        noise: Its standard deviation, as a share of the spread.
        samples: How many are averaged.
        spread: That of each number; None for the range of each row.

    Example:
        >>> found = smoothgrad(lambda x: 3 * x[:, 0], jnp.eye(2), jax.random.key(0))
        >>> found.tolist()
        [[3.0, 0.0], [3.0, 0.0]]
    """
    if spread is None:
        axes = tuple(range(1, inputs.ndim))
        most = inputs.max(axis=axes, keepdims=True)
        spread = most - inputs.min(axis=axes, keepdims=True)
    deviation = noise * spread

    def one(total: Array, key: Array) -> tuple[Array, None]:
        draw = jax.random.normal(key, inputs.shape, inputs.dtype)
        noisy = inputs + deviation * draw
        return total + gradients(output, noisy), None

    total, _ = jax.lax.scan(one, jnp.zeros_like(inputs), jax.random.split(key, samples))
    check_slopes(total, output(inputs), name=name_of(output))
    return total / samples


def integrated_gradients(
    output: Output,
    inputs: Float[Array, "n *shape"],
    baseline: Float[Array, "..."],
    *,
    steps: int = 32,
) -> Attribution:
    """Mean gradient on the way from a baseline, times the way.

    The integral is taken by Gauss and Legendre's rule.

    Args:
        output: What is explained.
        inputs: One-hot sequences, numbers or pixels.
        baseline: Where each row's way begins, of the shape of the inputs.
        steps: Points on it.

    Raises:
        DataError: For a baseline of another shape than the inputs.

    Source:
        Sundararajan et al. 2017, Axiomatic attribution for deep networks, ICML.

    Example:
        >>> square = lambda x: (x**2).sum(axis=1)
        >>> row, zero = jnp.array([[1.0, 3.0]]), jnp.zeros((1, 2))
        >>> found = integrated_gradients(square, row, zero)
        >>> found.values.round(4).tolist(), abs(found.delta.item()) < 1e-5
        ([[1.0, 9.0]], True)
    """
    check_baseline(inputs, baseline)
    points, weights = np.polynomial.legendre.leggauss(steps)
    shares = jnp.asarray((points + 1) / 2, inputs.dtype)
    weights = jnp.asarray(weights / 2, inputs.dtype)
    way = inputs - baseline

    def one(total: Array, at: tuple[Array, Array]) -> tuple[Array, None]:
        share, weight = at
        return total + weight * gradients(output, baseline + share * way), None

    slopes, _ = jax.lax.scan(one, jnp.zeros_like(inputs), (shares, weights))
    own, base = output(inputs), output(baseline)
    check_slopes(slopes, own, base, name=name_of(output))
    return Attribution(slopes * way, slopes, own, base)


def expected_gradients(
    output: Output,
    inputs: Float[Array, "n *shape"],
    backgrounds: Float[Array, "..."],
    *,
    steps: int = 8,
) -> Attribution:
    """Integrated gradients averaged over backgrounds (Erion et al. 2021).

    Args:
        output: What is explained.
        inputs: One-hot sequences, numbers or pixels.
        backgrounds: For each row several that are usual, such as shuffled sequences:
            `[n backgrounds *shape]`.
        steps: Points on the way from each.

    Example:
        >>> rows, usual = jnp.array([[4.0]]), jnp.array([[[0.0], [2.0]]])
        >>> found = expected_gradients(lambda x: x[:, 0], rows, usual)
        >>> found.values.tolist(), found.base.tolist()
        ([[3.0]], [1.0])
    """
    return over_backgrounds(
        lambda x, usual: integrated_gradients(output, x, usual, steps=steps),
        inputs,
        backgrounds,
    )
