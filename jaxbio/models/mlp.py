"""Multi-layer perceptrons: the config `MLP`, and the modules over both its inputs."""

import dataclasses
from typing import Any, ClassVar

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float

from jaxbio import recipes
from jaxbio.alphabet import Alphabet
from jaxbio.data.columns.counts import CountsSpec
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import InputSpec
from jaxbio.errors import JaxbioError
from jaxbio.models.base import check_activation, given
from jaxbio.models.sequence import SequenceConfig, SequenceEncoder, WideBranch
from jaxbio.nn.counts import LogNormalize
from jaxbio.nn.dense import Dense
from jaxbio.nn.inputs import Standardize
from jaxbio.nn.tokens import Tokens


@dataclasses.dataclass(frozen=True, kw_only=True)
class MLP(SequenceConfig):
    """A multi-layer perceptron over numbers, or over sequences position by position.

    `MLP(hidden=(64, 64))` over 1,000 columns, alone, is the classic 1000-64-64-1
    network.

    Attributes:
        hidden: Width of each layer; none for standard scores, or for what the linear
            branches say of a sequence, as they are.
        dropout: Share of the units of each layer set to 0 in training.
        input_dropout: Share of the values of a numeric input set to 0 in training.
        activation: A name of `jaxbio.nn.ACTIVATIONS`.
    """

    name: ClassVar[str] = "mlp"
    takes: ClassVar[str] = "numbers, counts, fingerprints and sequences"

    hidden: tuple[int, ...] | None = None
    dropout: float | None = None
    input_dropout: float | None = None
    activation: str = "relu"

    def __post_init__(self):
        check_activation(self.activation)

    @classmethod
    def accepts(cls, spec: InputSpec) -> bool:
        """Check that the input is a vector or a sequence."""
        return isinstance(spec, SequenceSpec | NumericSpec | CountsSpec)

    def resolve(self, spec: Any, schema: Schema) -> "MLP":
        """The description with every None filled."""
        return self._filled(recipes.perceptron(schema))

    def build(
        self,
        spec: SequenceSpec | NumericSpec | CountsSpec,
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ) -> "NumericEncoder | LinearSequenceEncoder":
        """The module, with new weights.

        Raises:
            JaxbioError: For a sequence of which nothing is seen.
        """
        common = {"activation": self.activation, "dropout": given(self.dropout)}
        hidden = given(self.hidden)
        if not isinstance(spec, SequenceSpec):
            rate = given(self.input_dropout)
            return NumericEncoder(
                spec, hidden, input_dropout=rate, rngs=rngs, dtype=dtype, **common
            )
        wide = self._wide(spec, rngs, dtype)
        if wide is None:
            raise JaxbioError("an MLP over sequences needs positions=True or kmers > 0")
        return LinearSequenceEncoder(
            spec.alphabet,
            wide=wide,
            hidden=hidden,
            rngs=rngs,
            dtype=dtype,
            **common,
        )


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


class NumericEncoder(nnx.Module):
    """Standard scores of a numeric vector, or of counts, through a perceptron."""

    def __init__(
        self,
        spec: NumericSpec | CountsSpec,
        hidden: tuple[int, ...],
        *,
        rngs: nnx.Rngs,
        activation: str = "relu",
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the encoder; the arguments are those of `Perceptron`."""
        if isinstance(spec, CountsSpec):
            self.scores = LogNormalize(
                spec.mean, spec.scale, share=spec.share, dtype=dtype
            )
        else:
            self.scores = Standardize(
                spec.mean, spec.scale, has_missing=spec.has_missing, dtype=dtype
            )
        self.body = Perceptron(
            self.scores.features,
            hidden,
            activation=activation,
            dropout=dropout,
            input_dropout=input_dropout,
            dtype=dtype,
            rngs=rngs,
        )
        self.features = self.body.features

    def present(self, values: Float[Array, "batch columns"]) -> Bool[Array, "batch"]:
        """Mask of the rows that have any value."""
        return ~jnp.isnan(values).all(axis=-1)

    def __call__(
        self, values: Float[Array, "batch columns"], *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch features"]:
        """Features of each row; NaN is a missing value."""
        return self.body(self.scores(values), rngs=rngs)


class LinearSequenceEncoder(SequenceEncoder):
    """Symbol by position (and k-mers), linearly mapped, then through layers if any.

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
        hidden: tuple[int, ...] = (),
        activation: str = "relu",
        dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the encoder.

        Args:
            alphabet: What the tokens mean.
            wide: The linear maps.
            rngs: Keys for the weights.
            hidden: Width of each layer after them.
            activation: Of these layers.
            dropout: Share of their units set to 0 in training.
            dtype: Of the computation.
        """
        self.alphabet = alphabet
        self._finish(0, 0, wide=wide, outputs=None, rngs=rngs, dtype=dtype)
        self.dense = Dense(
            self.features,
            hidden,
            activation=activation,
            dropout=dropout,
            # Of variants the maps begin at 0, where units without a bias would stay.
            biases=0.1,
            rngs=rngs,
            dtype=dtype,
        )
        self.features = self.dense.features

    def summary(
        self,
        x: Float[Array, "batch short dim"] | None,
        mask: Bool[Array, "batch short"] | None,
        tokens: Tokens,
        *,
        rngs: nnx.Rngs | None = None,
    ) -> Float[Array, "batch features"]:
        """The features of each sequence."""
        return self.dense(super().summary(x, mask, tokens, rngs=rngs), rngs=rngs)
