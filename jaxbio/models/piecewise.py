"""Perceptrons over numbers in bins: the config `Piecewise`, and its module."""

import dataclasses
from typing import Any, ClassVar

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float

from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.specs import InputSpec
from jaxbio.models.base import Encoder, check_activation
from jaxbio.nn.dense import Dense
from jaxbio.nn.piecewise import PiecewiseLinear


@dataclasses.dataclass(frozen=True, kw_only=True)
class Piecewise(Encoder):
    """A perceptron over numbers that are encoded by their quantiles.

    For tables in which a number acts by thresholds, as ages and laboratory values do.

    Attributes:
        width: Of the vector of each column.
        hidden: Width of each layer after them.
        dropout: Share of the units of each layer set to 0 in training.
        activation: A name of `jaxbio.nn.ACTIVATIONS`.
    """

    name: ClassVar[str] = "piecewise"
    takes: ClassVar[str] = "numbers of up to 512 columns"

    width: int = 8
    hidden: tuple[int, ...] = (128, 128)
    dropout: float = 0.2
    activation: str = "relu"

    def __post_init__(self):
        check_activation(self.activation)

    @classmethod
    def accepts(cls, spec: InputSpec) -> bool:
        """Check that the input is numbers of which the quantiles are known."""
        return isinstance(spec, NumericSpec) and bool(spec.edges)

    def build(
        self, spec: Any, *, rngs: nnx.Rngs, dtype: DTypeLike = jnp.float32
    ) -> "PiecewiseEncoder":
        """The module, with new weights."""
        return PiecewiseEncoder(self, spec, rngs=rngs, dtype=dtype)


class PiecewiseEncoder(nnx.Module):
    """Numbers in bins, a vector for each column, then layers."""

    def __init__(
        self, config: Piecewise, spec: NumericSpec, *, rngs: nnx.Rngs, dtype: DTypeLike
    ):
        """Make the encoder."""
        self.bins = PiecewiseLinear(spec.edges, config.width, rngs=rngs, dtype=dtype)
        self.dense = Dense(
            self.bins.features,
            config.hidden,
            activation=config.activation,
            dropout=config.dropout,
            rngs=rngs,
            dtype=dtype,
        )
        self.features = self.dense.features

    def present(self, values: Float[Array, "batch columns"]) -> Bool[Array, "batch"]:
        """Mask of the rows that have any value."""
        return ~jnp.isnan(values).all(axis=-1)

    def __call__(
        self, values: Float[Array, "batch columns"], *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch features"]:
        """Features of each row; NaN is a missing value."""
        return self.dense(self.bins(values), rngs=rngs)
