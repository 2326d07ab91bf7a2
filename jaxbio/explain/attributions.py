"""What a method of attribution gives back."""

from collections.abc import Callable
from typing import NamedTuple

import jax
import jax.numpy as jnp
from jaxtyping import Array, Float

from jaxbio.errors import DataError


class Attribution(NamedTuple):
    """Parts of an output, one for each number of an input.

    Attributes:
        values: The parts, of the shape of the input.
        multipliers: What the output changes by a unit of each number, of that shape:
            the parts divided by the difference of the input and its baseline.
        output: What was explained, one number a row.
        base: The output of the baseline, or the mean of several.
    """

    values: Float[Array, "n ..."]
    multipliers: Float[Array, "n ..."]
    output: Float[Array, "n"]
    base: Float[Array, "n"]

    @property
    def delta(self) -> Float[Array, "n"]:
        """What is not explained: the output less its base and all parts.

        Of a method that is complete it is 0 but for rounding and steps.
        """
        parts = self.values.reshape(len(self.values), -1).sum(axis=1)
        return self.output - self.base - parts


Method = Callable[[Array, Array], Attribution]
"""Attributions of inputs beside a baseline of each."""


def check_baseline(
    inputs: Float[Array, "n ..."], baseline: Float[Array, "..."]
) -> None:
    """Refuse a baseline or reference of another shape than the rows.

    Args:
        inputs: The rows.
        baseline: What they are compared with.

    Raises:
        DataError: With both shapes.

    Example:
        >>> check_baseline(jnp.zeros((2, 9, 4)), jnp.zeros((2, 8, 4)))
        Traceback (most recent call last):
        jaxbio.errors.DataError: rows of shape (9, 4) are compared with (8, 4): ...
    """
    own, other = jnp.shape(inputs), jnp.shape(baseline)
    if own[1:] != other[1:]:
        raise DataError(
            f"rows of shape {own[1:]} are compared with {other[1:]}: give a background "
            "of the same length and columns"
        )
    if own != other:
        raise DataError(
            f"{own[0]} rows are compared with {other[0]}: give a background for each"
        )


def over_backgrounds(
    method: Method,
    inputs: Float[Array, "n ..."],
    backgrounds: Float[Array, "..."],
) -> Attribution:
    """The mean of a method over several backgrounds of each row, one after the other.

    Args:
        method: What explains.
        inputs: The rows.
        backgrounds: For each row several baselines `[n backgrounds *shape]`.

    Raises:
        DataError: For backgrounds of another shape than the rows, or without any.
    """
    if backgrounds.ndim < 2 or not backgrounds.shape[1]:
        raise DataError(
            f"backgrounds of shape {backgrounds.shape}: give one or more for each row, "
            "in the second axis"
        )
    check_baseline(inputs, backgrounds[:, 0])
    order = jnp.moveaxis(backgrounds, 1, 0)
    each = jax.lax.map(lambda usual: method(inputs, usual), order)
    return jax.tree.map(lambda x: x.mean(axis=0), each)
