"""Balancing of representations: features of patients that do not tell the arm."""

import dataclasses
from collections.abc import Mapping
from typing import Any

import jax.numpy as jnp
from jaxtyping import Array, Bool, Float


@dataclasses.dataclass(frozen=True)
class Balance:
    """A penalty on features of patients by which their arms can be told.

    It is the squared distance between the mean features of each arm and those of all
    patients of a batch, in units of the variance of the features: the linear maximum
    mean discrepancy. Arms are told by which outcome is known.

    Attributes:
        weight: How much it counts beside the mean loss of an outcome.

    Source:
        Shalit U, Johansson FD, Sontag D (2017) Estimating individual treatment effect:
        generalization bounds and algorithms, ICML.

    Example:
        >>> batch = {"targets": {"y|a": jnp.array([[1.0], [jnp.nan]]),
        ...                      "y|b": jnp.array([[jnp.nan], [2.0]])}}
        >>> float(Balance(0.5)(jnp.array([[0.0], [0.0]]), batch))
        0.0
        >>> round(float(Balance(0.5)(jnp.array([[-1.0], [1.0]]), batch)), 4)
        0.5
    """

    weight: float

    def __call__(
        self, features: Float[Array, "batch dim"], batch: Mapping[str, Any]
    ) -> Float[Array, ""]:
        """The penalty of a batch.

        Args:
            features: What the network makes of the patients.
            batch: With the outcome under each arm among its targets.
        """
        center = features.mean(axis=0)
        variance = jnp.mean(jnp.square(features - center[None]))
        distance = jnp.zeros(())
        for values in batch["targets"].values():
            own = _known(values).astype(features.dtype)
            count = own.sum()
            mean = own @ features / jnp.maximum(count, 1)
            square = jnp.mean(jnp.square(mean - center))
            distance = distance + square * count / len(features)
        return self.weight * distance / (variance + 1e-6)


def _known(values: Any) -> Bool[Array, "batch"]:
    """Mask of the rows with a label: a number, or a class from 0 on."""
    if jnp.issubdtype(values.dtype, jnp.floating):
        return ~jnp.isnan(values).reshape(len(values), -1).any(axis=1)
    return values.reshape(len(values), -1)[:, 0] >= 0
