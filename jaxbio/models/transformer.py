"""Transformers over sequences: the config `Transformer`, and the module."""

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
from jaxbio.errors import JaxbioError
from jaxbio.models.base import check_activation, given
from jaxbio.models.cnn import ConvStack
from jaxbio.models.sequence import (
    SequenceConfig,
    SequenceEncoder,
    WideBranch,
    check_lengths,
)
from jaxbio.nn.conv import masked
from jaxbio.nn.norm import NormKind
from jaxbio.nn.pool import Pool, PoolKind
from jaxbio.nn.tokens import Tokens, one_hot, token_mask
from jaxbio.nn.transformer import BlockConfig, PerceptronKind, TransformerStack


@dataclasses.dataclass(frozen=True, kw_only=True)
class Transformer(SequenceConfig):
    """A transformer over sequences, with or without convolutions before it.

    Positions are rotary, normalisation comes before each layer, as in ESM-2.

    Attributes:
        dim: Width of the vectors of positions.
        layers: Number of layers.
        heads: Heads of the attention; `dim` is a multiple of twice their number.
        hidden: Width inside the perceptrons; None for four times `dim`.
        perceptron: `gelu`, or gated: `swiglu`, `geglu`.
        channels: Width of each convolution before the first layer; empty for none.
        kernel_sizes: Positions that each convolution sees.
        pool_windows: Width of the max windows after each convolution.
        norm: What normalises the convolutions: `batch`, `layer`, `group` or `none`.
        activation: Of the convolutions, a name of `jaxbio.nn.ACTIVATIONS`.
        pool: `max`, `mean`, `attention` or `flatten`.
        dropout: Share of what attention and perceptron give set to 0 in training.
        remat: Whether gradients compute each layer again in place of keeping what it
            held, for long sequences and deep networks.
    """

    name: ClassVar[str] = "transformer"

    dim: int = 128
    layers: int = 4
    heads: int = 4
    hidden: int | None = None
    perceptron: PerceptronKind = "gelu"
    channels: tuple[int, ...] = ()
    kernel_sizes: tuple[int, ...] | None = None
    pool_windows: tuple[int, ...] | None = None
    norm: NormKind = "batch"
    activation: str = "relu"
    pool: PoolKind | None = None
    dropout: float = 0.1
    remat: bool = False

    def __post_init__(self):
        check_activation(self.activation)
        check_lengths(
            channels=self.channels,
            kernel_sizes=self.kernel_sizes,
            pool_windows=self.pool_windows,
        )
        if self.layers < 1 or self.heads < 1 or self.dim % (2 * self.heads):
            raise JaxbioError(
                f"a transformer of dim={self.dim}, heads={self.heads} and layers="
                f"{self.layers} cannot be: give one layer or more, and a dim that is a "
                f"multiple of {2 * max(self.heads, 1)}, twice the heads"
            )
        if self.pool == "last":
            raise JaxbioError(
                "pool='last' is for recurrent layers, whose last state has seen all: "
                "use max, mean, attention or flatten"
            )

    @property
    def stride(self) -> int:
        """Positions of the sequence for each vector."""
        return math.prod(self.pool_windows or ())

    def resolve(self, spec: SequenceSpec, schema: Schema) -> "Transformer":
        """The description with every None filled."""
        values = recipes.attention(schema, self.channels)
        return self._filled(values | {"hidden": 4 * self.dim})

    def build(
        self, spec: SequenceSpec, *, rngs: nnx.Rngs, dtype: DTypeLike = jnp.float32
    ) -> "SequenceTransformer":
        """The module, with new weights."""
        return SequenceTransformer(
            spec.alphabet,
            dim=self.dim,
            layers=self.layers,
            heads=self.heads,
            hidden=given(self.hidden),
            perceptron=self.perceptron,
            channels=self.channels,
            kernel_sizes=given(self.kernel_sizes),
            pool_windows=self.pool_windows,
            norm=self.norm,
            activation=self.activation,
            pool=given(self.pool),
            length=spec.max_length,
            dropout=self.dropout,
            remat=self.remat,
            wide=self._wide(spec, rngs, dtype),
            rngs=rngs,
            dtype=dtype,
        )


class SequenceTransformer(SequenceEncoder):
    """A transformer over sequences of any lengths.

    Example:
        >>> from jaxbio.alphabet import RNA
        >>> model = SequenceTransformer(
        ...     RNA, dim=8, layers=2, heads=2, hidden=16, outputs=2, rngs=nnx.Rngs(0))
        >>> model(jnp.asarray([RNA.encode("ACGUACGU")])).shape
        (1, 2)
    """

    def __init__(
        self,
        alphabet: Alphabet,
        *,
        rngs: nnx.Rngs,
        dim: int = 128,
        layers: int = 4,
        heads: int = 4,
        hidden: int = 512,
        perceptron: PerceptronKind = "gelu",
        channels: tuple[int, ...] = (),
        kernel_sizes: tuple[int, ...] = (),
        pool_windows: tuple[int, ...] | None = None,
        norm: NormKind = "batch",
        activation: str = "relu",
        pool: PoolKind = "mean",
        length: int = 0,
        dropout: float = 0.0,
        remat: bool = False,
        wide: WideBranch | None = None,
        outputs: int | None = None,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the network.

        Args:
            alphabet: What the tokens mean.
            rngs: Keys for the weights.
            dim: Width of the vectors of positions.
            layers: Number of layers.
            heads: Heads of the attention.
            hidden: Width inside the perceptrons.
            perceptron: `"gelu"`, or gated: `"swiglu"`, `"geglu"`.
            channels: Width of each convolution before the first layer; none for none.
            kernel_sizes: Positions that each convolution sees.
            pool_windows: Width of the max windows after each convolution; None for 1.
            norm: What normalises the convolutions.
            activation: Of the convolutions.
            pool: `"max"`, `"mean"`, `"attention"` or `"flatten"`.
            length: For `"flatten"`, the longest sequence; what follows is ignored.
            dropout: Share of what attention and perceptron give set to 0 in training.
            remat: Whether gradients compute each layer again.
            wide: Linear branches beside the layers.
            outputs: Width of a linear head; None for the features themselves.
            dtype: Of the computation; weights and head outputs are float32.
        """
        self.alphabet = alphabet
        self.dtype = dtype
        convs = None
        short, width = length, alphabet.size
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
            short, width = convs.short(length), channels[-1]
        self.convs = convs
        self.project = nnx.Linear(width, dim, dtype=dtype, rngs=rngs)
        self.stack = TransformerStack(
            BlockConfig(dim=dim, heads=heads, hidden=hidden, perceptron=perceptron),
            layers,
            dropout=dropout,
            remat=remat,
            dtype=dtype,
            rngs=rngs,
        )
        self.final_norm = nnx.LayerNorm(dim, epsilon=1e-5, dtype=dtype, rngs=rngs)
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
        """A vector for each position (or window) and the mask of those that count."""
        x, mask = self._read(tokens, rngs)
        x = self.stack(x, mask.sum(axis=1), rngs=rngs)
        return masked(self.final_norm(x), mask), mask

    def attention(self, tokens: Tokens) -> Float[Array, "layers batch heads n n"]:
        """By how much each position (or window) looks at each other one."""
        x, mask = self._read(tokens, None)
        return self.stack.attention(x, mask.sum(axis=1))

    def _read(self, tokens: Tokens, rngs: nnx.Rngs | None) -> tuple[Array, Array]:
        """What the first layer sees, and the mask of what counts."""
        if self.convs is None:
            x = one_hot(tokens, self.alphabet, dtype=self.dtype)
            mask = token_mask(tokens, self.alphabet)
        else:
            x, mask = self.convs(tokens, rngs=rngs)
        return self.project(x), mask

    def pooled(
        self, x: Float[Array, "batch short dim"], mask: Bool[Array, "batch short"]
    ) -> Float[Array, "batch pooled"]:
        """One vector a sequence."""
        return self.pool(x, mask)
