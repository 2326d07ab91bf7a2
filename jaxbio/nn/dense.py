"""Dense layers."""

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from jaxbio.nn.conv import ACTIVATIONS


class Dense(nnx.Module):
    """Hidden layers, each linear, activation, dropout; the widths are the caller's."""

    def __init__(
        self,
        dim: int,
        widths: tuple[int, ...],
        *,
        rngs: nnx.Rngs,
        activation: str = "relu",
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        biases: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the layers.

        Args:
            dim: Width of the input.
            widths: Width of each hidden layer; none for the identity.
            rngs: Keys for the weights.
            activation: A name of `ACTIVATIONS`.
            dropout: Share of the outputs of each layer set to 0 in training.
            input_dropout: The same for the input.
            biases: Standard deviation of the biases, before training.
            dtype: Of the computation; the weights are float32.
        """
        sizes = (dim, *widths)
        zeros, drawn = nnx.initializers.zeros_init(), nnx.initializers.normal(biases)
        bias_init = drawn if biases else zeros
        self.layers = nnx.List(
            nnx.Linear(before, after, bias_init=bias_init, dtype=dtype, rngs=rngs)
            for before, after in zip(sizes[:-1], widths, strict=True)
        )
        self.activation = activation
        self.input_dropout = nnx.Dropout(input_dropout)
        self.dropout = nnx.Dropout(dropout)
        self.features = sizes[-1]

    def __call__(
        self, x: Float[Array, "*batch dim"], *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "*batch features"]:
        """The output of the last layer."""
        x = self.input_dropout(x, rngs=rngs)
        for layer in self.layers:
            x = self.dropout(ACTIVATIONS[self.activation](layer(x)), rngs=rngs)
        return x
