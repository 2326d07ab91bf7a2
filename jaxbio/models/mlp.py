"""Multi-layer perceptrons over numbers and over sequences that keep their positions."""

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from jaxbio.alphabet import Alphabet
from jaxbio.models.sequence import SequenceEncoder, WideBranch
from jaxbio.nn.dense import Dense


class Perceptron(nnx.Module):
    """A multi-layer perceptron over numeric vectors.

    Example:
        >>> model = Perceptron(1000, (64, 64), outputs=1, rngs=nnx.Rngs(0))
        >>> model(jnp.zeros((2, 1000))).shape
        (2, 1)
    """

    def __init__(
        self,
        columns: int,
        hidden: tuple[int, ...] = (64, 64),
        *,
        rngs: nnx.Rngs,
        outputs: int | None = None,
        activation: str = "relu",
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the network.

        Args:
            columns: Width of the input.
            hidden: Width of each hidden layer.
            rngs: Keys for the weights.
            outputs: Width of a linear head; None for the last hidden layer itself.
            activation: Of the hidden layers.
            dropout: Share of the hidden units set to 0 in training.
            input_dropout: Share of the inputs set to 0 in training.
            dtype: Of the computation; weights and head outputs are float32.
        """
        self.dense = Dense(
            columns,
            hidden,
            activation=activation,
            dropout=dropout,
            input_dropout=input_dropout,
            dtype=dtype,
            rngs=rngs,
        )
        self.features = self.dense.features
        self.head = (
            None
            if outputs is None
            else nnx.Linear(self.features, outputs, dtype=dtype, rngs=rngs)
        )

    def __call__(
        self, x: Float[Array, "batch columns"], *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch features"]:
        """Features, or the outputs of the head in float32."""
        x = self.dense(x, rngs=rngs)
        if self.head is None:
            return x
        return self.head(x).astype(jnp.float32)


class LinearSequenceEncoder(SequenceEncoder):
    """Symbol by position (and k-mers), linearly mapped: what an MLP sees of a sequence.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> wide = WideBranch(DNA, length=8, width=4, rngs=nnx.Rngs(0))
        >>> model = LinearSequenceEncoder(DNA, wide=wide, rngs=nnx.Rngs(0))
        >>> model(jnp.asarray([DNA.encode("ACGTACGT")])).shape
        (1, 4)
    """

    def __init__(
        self,
        alphabet: Alphabet,
        *,
        wide: WideBranch,
        rngs: nnx.Rngs,
        outputs: int | None = None,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the encoder.

        Args:
            alphabet: What the tokens mean.
            wide: The linear maps.
            rngs: Keys for the weights.
            outputs: Width of a linear head; None for the features themselves.
            dtype: Of the computation.
        """
        self.alphabet = alphabet
        self._finish(0, 0, wide=wide, outputs=outputs, rngs=rngs, dtype=dtype)
