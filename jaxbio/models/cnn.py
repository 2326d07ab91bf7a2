"""Convolutional networks over sequences: the config `CNN`, and the module."""

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
from jaxbio.models.sequence import (
    SequenceConfig,
    SequenceEncoder,
    WideBranch,
    check_lengths,
)
from jaxbio.nn.conv import ConvBlock, NormActPool
from jaxbio.nn.norm import NormKind
from jaxbio.nn.pool import Pool, PoolKind
from jaxbio.nn.tokens import TokenConv, Tokens, padded_tokens, token_mask


@dataclasses.dataclass(frozen=True, kw_only=True)
class CNN(SequenceConfig):
    """A convolutional network over sequences, with linear branches beside it.

    Attributes:
        channels: Width of each convolution.
        kernel_sizes: Positions that each convolution sees.
        dilations: Positions between the taps of each convolution.
        pool_windows: Width of the max windows after each convolution.
        residual: Whether convolutions that keep the width add their input.
        norm: `batch`, `layer`, `group` or `none`.
        activation: A name of `jaxbio.nn.ACTIVATIONS`.
        pool: `max`, `mean`, `attention` or `flatten`, which keeps positions.
        dropout: Share of whole channels set to 0 in training.
    """

    name: ClassVar[str] = "cnn"
    also: ClassVar[tuple[str, ...]] = ("image",)

    channels: tuple[int, ...] | None = None
    kernel_sizes: tuple[int, ...] | None = None
    dilations: tuple[int, ...] | None = None
    pool_windows: tuple[int, ...] | None = None
    residual: bool | None = None
    norm: NormKind = "batch"
    activation: str = "relu"
    pool: PoolKind | None = None
    dropout: float | None = None

    def __post_init__(self):
        check_activation(self.activation)
        check_lengths(
            channels=self.channels,
            kernel_sizes=self.kernel_sizes,
            dilations=self.dilations,
            pool_windows=self.pool_windows,
        )

    @property
    def stride(self) -> int:
        """Positions of the sequence for each window."""
        return math.prod(self.pool_windows or ())

    def resolve(self, spec: SequenceSpec, schema: Schema) -> "CNN":
        """The description with every None filled."""
        return self._filled(recipes.convolutions(schema, self.channels))

    def build(
        self, spec: SequenceSpec, *, rngs: nnx.Rngs, dtype: DTypeLike = jnp.float32
    ) -> "SequenceCNN":
        """The module, with new weights."""
        return SequenceCNN(
            spec.alphabet,
            channels=given(self.channels),
            kernel_sizes=given(self.kernel_sizes),
            dilations=self.dilations,
            pool_windows=self.pool_windows,
            residual=bool(self.residual),
            norm=self.norm,
            activation=self.activation,
            pool=given(self.pool),
            length=spec.max_length,
            dropout=given(self.dropout),
            wide=self._wide(spec, rngs, dtype),
            rngs=rngs,
            dtype=dtype,
        )


class ConvStack(nnx.Module):
    """Convolution blocks over tokens, the first one directly from the codes."""

    def __init__(
        self,
        alphabet: Alphabet,
        *,
        channels: tuple[int, ...],
        kernel_sizes: tuple[int, ...],
        rngs: nnx.Rngs,
        dilations: tuple[int, ...] | None = None,
        pool_windows: tuple[int, ...] | None = None,
        residual: bool = False,
        norm: NormKind = "batch",
        activation: str = "relu",
        dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the blocks; one entry of each tuple a block, as in `SequenceCNN`."""
        ones = (1,) * len(channels)
        dilations, pool_windows = dilations or ones, pool_windows or ones
        common = {
            "norm": norm,
            "activation": activation,
            "dropout": dropout,
            "dtype": dtype,
            "rngs": rngs,
        }
        self.alphabet = alphabet
        self.stem = TokenConv(
            alphabet, channels[0], kernel_size=kernel_sizes[0], dtype=dtype, rngs=rngs
        )
        self.finish = NormActPool(channels[0], pool_window=pool_windows[0], **common)
        self.blocks = nnx.List(
            ConvBlock(
                channels[index - 1],
                channels[index],
                kernel_size=kernel_sizes[index],
                dilation=dilations[index],
                pool_window=pool_windows[index],
                residual=residual,
                **common,
            )
            for index in range(1, len(channels))
        )
        self.pool_windows = pool_windows
        self.features = channels[-1]

    def __call__(
        self, tokens: Tokens, *, rngs: nnx.Rngs | None = None
    ) -> tuple[Float[Array, "batch short dim"], Bool[Array, "batch short"]]:
        """A vector for each window and the mask of those that count."""
        # Whole windows at every block: to fill up tokens costs less than to fill up
        # values later, and what is added is padding like any other.
        missing = -tokens.shape[1] % self.stride
        filled = padded_tokens(tokens, missing, self.alphabet)
        mask = token_mask(filled, self.alphabet)
        x, mask = self.finish(self.stem(filled), mask, rngs=rngs)
        for block in self.blocks:
            x, mask = block(x, mask, rngs=rngs)
        return x, mask

    @property
    def stride(self) -> int:
        """Positions of the sequence for each window."""
        return math.prod(self.pool_windows)

    def short(self, length: int) -> int:
        """Number of windows of a sequence of that length."""
        for window in self.pool_windows:
            length = -(-length // window)
        return length


class SequenceCNN(SequenceEncoder):
    """A convolutional network over sequences of any lengths.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> model = SequenceCNN(DNA, channels=(8,), kernel_sizes=(5,), outputs=1,
        ...                     norm="layer", rngs=nnx.Rngs(0))
        >>> model(jnp.asarray([DNA.encode("ACGTACGT")])).shape
        (1, 1)
    """

    def __init__(
        self,
        alphabet: Alphabet,
        *,
        rngs: nnx.Rngs,
        channels: tuple[int, ...] = (64, 64),
        kernel_sizes: tuple[int, ...] = (11, 5),
        dilations: tuple[int, ...] | None = None,
        pool_windows: tuple[int, ...] | None = None,
        residual: bool = False,
        norm: NormKind = "batch",
        activation: str = "relu",
        pool: PoolKind = "max",
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
            channels: Width of each convolution.
            kernel_sizes: Positions that each convolution sees.
            dilations: Positions between the taps of each convolution; None for 1.
            pool_windows: Width of the max windows after each convolution; None for 1.
            residual: Whether convolutions that keep the width add their input.
            norm: `"batch"`, `"layer"`, `"group"` or `"none"`.
            activation: Of each convolution.
            pool: `"max"`, `"mean"`, `"attention"` or position-keeping `"flatten"`.
            length: For `"flatten"`, the longest sequence; what follows is ignored.
            dropout: Share of whole channels set to 0 in training.
            wide: Linear branches beside the convolutions.
            outputs: Width of a linear head; None for the features themselves.
            dtype: Of the computation; weights and head outputs are float32.
        """
        self.alphabet = alphabet
        self.stack = ConvStack(
            alphabet,
            channels=channels,
            kernel_sizes=kernel_sizes,
            dilations=dilations,
            pool_windows=pool_windows,
            residual=residual,
            norm=norm,
            activation=activation,
            dropout=dropout,
            dtype=dtype,
            rngs=rngs,
        )
        short = self.stack.short(length)
        self.pool = Pool(pool, channels[-1], length=short, dtype=dtype, rngs=rngs)
        self._finish(
            self.pool.features,
            channels[-1],
            wide=wide,
            outputs=outputs,
            rngs=rngs,
            dtype=dtype,
        )

    @property
    def stride(self) -> int:
        """Positions of the sequence for each vector."""
        return self.stack.stride

    def positions(
        self, tokens: Tokens, *, rngs: nnx.Rngs | None = None
    ) -> tuple[Float[Array, "batch short dim"], Bool[Array, "batch short"]]:
        """A vector for each window and the mask of those that count."""
        return self.stack(tokens, rngs=rngs)

    def pooled(
        self, x: Float[Array, "batch short dim"], mask: Bool[Array, "batch short"]
    ) -> Float[Array, "batch pooled"]:
        """One vector a sequence."""
        return self.pool(x, mask)
