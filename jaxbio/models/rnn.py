"""Recurrent networks over sequences: the config `RNN`, and the module."""

import dataclasses
import math
from typing import ClassVar

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float

from jaxbio import recipes
from jaxbio.alphabet import Alphabet
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.models.base import check_activation, given
from jaxbio.models.cnn import ConvStack
from jaxbio.models.sequence import (
    SequenceConfig,
    SequenceEncoder,
    WideBranch,
    check_lengths,
)
from jaxbio.nn.norm import NormKind
from jaxbio.nn.pool import Pool, PoolKind
from jaxbio.nn.recurrent import CellKind, RecurrentStack
from jaxbio.nn.tokens import Tokens, one_hot, token_mask


@dataclasses.dataclass(frozen=True, kw_only=True)
class RNN(SequenceConfig):
    """A recurrent network over sequences, with or without convolutions before it.

    Attributes:
        cell: `lstm`, `gru` or `mingru`, which runs in parallel over positions.
        widths: Width of the state of each layer, in each direction.
        bidirectional: Whether each layer also reads backward.
        channels: Width of each convolution before the first layer; empty for none.
        kernel_sizes: Positions that each convolution sees.
        pool_windows: Width of the max windows after each convolution.
        norm: What normalises the convolutions: `batch`, `layer`, `group` or `none`.
        activation: Of the convolutions, a name of `jaxbio.nn.ACTIVATIONS`.
        pool: `last`, `max`, `mean`, `attention` or `flatten`.
        dropout: Share of the outputs of each layer set to 0 in training.
    """

    name: ClassVar[str] = "rnn"

    cell: CellKind = "gru"
    widths: tuple[int, ...] | None = None
    bidirectional: bool = True
    channels: tuple[int, ...] = ()
    kernel_sizes: tuple[int, ...] | None = None
    pool_windows: tuple[int, ...] | None = None
    norm: NormKind = "batch"
    activation: str = "relu"
    pool: PoolKind | None = None
    dropout: float = 0.1

    def __post_init__(self):
        check_activation(self.activation)
        check_lengths(
            channels=self.channels,
            kernel_sizes=self.kernel_sizes,
            pool_windows=self.pool_windows,
        )

    @property
    def stride(self) -> int:
        """Positions of the sequence for each state."""
        return math.prod(self.pool_windows or ())

    def resolve(self, spec: SequenceSpec, schema: Schema) -> "RNN":
        """The description with every None filled."""
        return self._filled(recipes.recurrence(schema, self.channels))

    def build(
        self, spec: SequenceSpec, *, rngs: nnx.Rngs, dtype: DTypeLike = jnp.float32
    ) -> "SequenceRNN":
        """The module, with new weights."""
        return SequenceRNN(
            spec.alphabet,
            cell=self.cell,
            widths=given(self.widths),
            bidirectional=self.bidirectional,
            channels=self.channels,
            kernel_sizes=given(self.kernel_sizes),
            pool_windows=self.pool_windows,
            norm=self.norm,
            activation=self.activation,
            pool=given(self.pool),
            length=spec.max_length,
            dropout=self.dropout,
            wide=self._wide(spec, rngs, dtype),
            rngs=rngs,
            dtype=dtype,
        )


class SequenceRNN(SequenceEncoder):
    """A recurrent network over sequences of any lengths.

    Example:
        >>> from jaxbio.alphabet import RNA
        >>> model = SequenceRNN(RNA, widths=(8,), outputs=2, rngs=nnx.Rngs(0))
        >>> model(jnp.asarray([RNA.encode("ACGUACGU")])).shape
        (1, 2)
    """

    def __init__(
        self,
        alphabet: Alphabet,
        *,
        rngs: nnx.Rngs,
        cell: CellKind = "gru",
        widths: tuple[int, ...] = (64,),
        bidirectional: bool = True,
        channels: tuple[int, ...] = (),
        kernel_sizes: tuple[int, ...] = (),
        pool_windows: tuple[int, ...] | None = None,
        norm: NormKind = "batch",
        activation: str = "relu",
        pool: PoolKind = "last",
        length: int = 0,
        dropout: float = 0.0,
        wide: WideBranch | None = None,
        outputs: int | None = None,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the network.

        Args:
            alphabet: What the tokens mean.
            rngs: Keys for the weights.
            cell: `"lstm"`, `"gru"` or `"mingru"`, which is parallel over positions.
            widths: Width of the state of each layer, in each direction.
            bidirectional: Whether each layer also reads backward.
            channels: Width of each convolution before the first layer; none for none.
            kernel_sizes: Positions that each convolution sees.
            pool_windows: Width of the max windows after each convolution; None for 1.
            norm: What normalises the convolutions.
            activation: Of the convolutions.
            pool: `"last"`, `"max"`, `"mean"`, `"attention"` or `"flatten"`.
            length: For `"flatten"`, the longest sequence; what follows is ignored.
            dropout: Share of the outputs of each layer set to 0 in training.
            wide: Linear branches beside the recurrent layers.
            outputs: Width of a linear head; None for the features themselves.
            dtype: Of the computation; weights and head outputs are float32.
        """
        self.alphabet = alphabet
        self.dtype = dtype
        convs = None
        short, dim = length, alphabet.size
        if channels:
            convs = ConvStack(
                alphabet,
                channels=channels,
                kernel_sizes=kernel_sizes,
                pool_windows=pool_windows,
                norm=norm,
                activation=activation,
                dropout=dropout,
                dtype=dtype,
                rngs=rngs,
            )
            short, dim = convs.short(length), channels[-1]
        self.convs = convs
        self.recurrent = RecurrentStack(
            cell,
            dim,
            widths,
            bidirectional=bidirectional,
            dropout=dropout,
            dtype=dtype,
            rngs=rngs,
        )
        dim = self.recurrent.features
        self.pool = Pool(pool, dim, length=short, dtype=dtype, rngs=rngs)
        self._finish(
            self.pool.features, dim, wide=wide, outputs=outputs, rngs=rngs, dtype=dtype
        )

    @property
    def stride(self) -> int:
        """Positions of the sequence for each vector."""
        return self.convs.stride if self.convs else 1

    def positions(
        self, tokens: Tokens, *, rngs: nnx.Rngs | None = None
    ) -> tuple[Float[Array, "batch short dim"], Bool[Array, "batch short"]]:
        """The states at each position (or window) and the mask of those that count."""
        if self.convs is None:
            x = one_hot(tokens, self.alphabet, dtype=self.dtype)
            mask = token_mask(tokens, self.alphabet)
        else:
            x, mask = self.convs(tokens, rngs=rngs)
        return self.recurrent(x, mask, rngs=rngs), mask

    def pooled(
        self, x: Float[Array, "batch short dim"], mask: Bool[Array, "batch short"]
    ) -> Float[Array, "batch pooled"]:
        """One vector a sequence."""
        if self.pool.kind == "last":
            return self.recurrent.last(x, mask)
        return self.pool(x, mask)
