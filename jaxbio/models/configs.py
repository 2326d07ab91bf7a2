"""Frozen JSON-able descriptions of networks: `CNN`, `RNN` and `MLP`."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, TypeVar

import jax.numpy as jnp
from flax import nnx
from jax.typing import DTypeLike

from jaxbio.data.columns.category import CategorySpec
from jaxbio.data.columns.counts import CountsSpec
from jaxbio.data.columns.images import ImageSpec
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import SHORT, VARIANT_LIBRARY, InputSpec
from jaxbio.errors import JaxbioError, nearest
from jaxbio.models.cnn import SequenceCNN
from jaxbio.models.encoders import NumericEncoder
from jaxbio.models.mlp import LinearSequenceEncoder
from jaxbio.models.network import Head, Network
from jaxbio.models.rnn import SequenceRNN
from jaxbio.models.sequence import SequenceEncoder, WideBranch
from jaxbio.nn.conv import ACTIVATIONS
from jaxbio.nn.fusion import FusionKind
from jaxbio.nn.inputs import Categories
from jaxbio.nn.norm import NormKind
from jaxbio.nn.pairs import Pairs
from jaxbio.nn.pool import PoolKind
from jaxbio.nn.recurrent import CellKind

_T = TypeVar("_T")

_KEPT = 25  # beyond, about so many windows are


@dataclasses.dataclass(frozen=True, kw_only=True)
class Config:
    """Settings that all networks have; None is chosen from the schema.

    Attributes:
        hidden: Width of each layer between the fused inputs and the heads.
        skip: Whether the heads also see the fused inputs directly.
        activation: A name of `jaxbio.nn.ACTIVATIONS`.
        dropout: Share of the hidden units set to 0 in training.
        numeric_hidden: Width of each layer over a numeric input.
        numeric_dropout: Share of a numeric input's values set to 0 in training.
        category_width: Width of the vector of a category.
        image_channels: Width of each stage of residual blocks over an image; each
            stage after the first halves its sides.
        image_blocks: Residual blocks of each stage.
        image_dropout: Share of the channels after the last stage set to 0 in training.
        fusion: How several inputs become one vector: `concat`, `gated` or `attention`.
        fusion_width: Width of what the latter two make.
        modality_dropout: Share of the rows in training that lose an input, so that the
            network can do without it; 0 if every row always has all.
        kmers: The longest k-mers of the spectrum branch; 0 for no such branch.
        both_strands: Whether the spectrum counts a k-mer and its reverse complement as
            one.
        kmer_dropout: Share of the k-mers left out in training.
        positions: Whether there is a branch that maps symbol by position linearly.
        properties: Whether it also sees properties of the amino acids.
        position_dropout: Share of its symbols left out in training.
        wide_width: Width of each of these branches.
        average_strands: Whether outputs are means over both strands.
        pair_channels: Width of the vectors of pairs of positions, for such targets.
        pair_dilations: For each block of layers over pairs, the positions between two
            taps of its convolution.
        pair_dropout: Share of their channels set to 0 in training.
    """

    hidden: tuple[int, ...] | None = None
    skip: bool = True
    activation: str = "relu"
    dropout: float | None = None
    numeric_hidden: tuple[int, ...] | None = None
    numeric_dropout: float | None = None
    category_width: int = 8
    image_channels: tuple[int, ...] = (32, 64, 128)
    image_blocks: int = 1
    image_dropout: float = 0.1
    fusion: FusionKind = "concat"
    fusion_width: int = 128
    modality_dropout: float = 0.0
    kmers: int | None = None
    both_strands: bool | None = None
    kmer_dropout: float = 0.5
    positions: bool | None = None
    properties: bool = True
    position_dropout: float | None = None
    wide_width: int = 32
    average_strands: bool | None = None
    pair_channels: int = 64
    pair_dilations: tuple[int, ...] = (1, 2, 4, 1, 2, 4)
    pair_dropout: float = 0.1

    def __post_init__(self):
        if self.activation not in ACTIVATIONS:
            raise JaxbioError(
                f"activation {self.activation!r} is not known: "
                f"{nearest(self.activation, ACTIVATIONS)}"
            )

    def resolve(self, schema: Schema) -> "Config":
        """The description with every None filled.

        Args:
            schema: What the inputs are and how many training rows there are.
        """
        values = self._choose(schema)
        missing = {
            field.name: values[field.name]
            for field in dataclasses.fields(self)
            if getattr(self, field.name) is None
        }
        return dataclasses.replace(self, **missing)

    def build(
        self,
        schema: Schema,
        heads: Mapping[str, Head],
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ) -> Network:
        """The network, with new weights.

        Args:
            schema: The inputs, in order.
            heads: The shape of the output of each target.
            rngs: Keys for the weights.
            dtype: Of the computation; weights and outputs are float32.

        Raises:
            JaxbioError: For a description that does not fit the schema.
        """
        config = self.resolve(schema)
        config._check(schema, heads)
        return Network(
            schema,
            heads,
            encode=lambda spec: config._encode(spec, rngs, dtype),
            pairs=lambda dim: Pairs(
                dim,
                config.pair_channels,
                dilations=config.pair_dilations,
                activation=config.activation,
                dropout=config.pair_dropout,
                rngs=rngs,
                dtype=dtype,
            ),
            hidden=_filled(config.hidden),
            skip=config.skip,
            activation=config.activation,
            dropout=_filled(config.dropout),
            fusion=config.fusion,
            fusion_width=config.fusion_width,
            modality_dropout=config.modality_dropout,
            average_strands=bool(config.average_strands),
            rngs=rngs,
            dtype=dtype,
        )

    def _choose(self, schema: Schema) -> dict[str, Any]:
        sequences = schema.sequences
        fixed = any(spec.fixed_length for spec in sequences)
        variants = _variants(schema)
        anywhere = not _placed(schema)
        return {
            "hidden": (128, 128) if variants else (128,),
            "dropout": 0.2 if variants else 0.3 if anywhere else 0.5,
            "numeric_hidden": (64,),
            "numeric_dropout": 0.2,
            "kmers": _longest_kmers(sequences, schema.n_train),
            # What may stand anywhere may stand on either strand.
            "both_strands": anywhere,
            "average_strands": anywhere,
            "positions": fixed and not anywhere,
            # A mutation left out of one of two alike variants is mere noise.
            "position_dropout": 0.0 if variants else 0.2,
        }

    def _check(self, schema: Schema, heads: Mapping[str, Head]):
        """Refuse what cannot be built; subclasses have more to refuse."""

    def _encode(self, spec: InputSpec, rngs: nnx.Rngs, dtype: DTypeLike) -> Any:
        """The encoder of an input of any kind."""
        common: dict[str, Any] = {"rngs": rngs, "dtype": dtype}
        if isinstance(spec, SequenceSpec):
            return self._encoder(spec, rngs, dtype)
        if isinstance(spec, CategorySpec):
            return Categories(len(spec.categories), self.category_width, **common)
        if isinstance(spec, ImageSpec):
            from jaxbio.models.image import ImageCNN  # few need it

            return ImageCNN(
                spec.size[-1],
                channels=self.image_channels,
                blocks=self.image_blocks,
                activation=self.activation,
                dropout=self.image_dropout,
                **common,
            )
        if not isinstance(spec, NumericSpec | CountsSpec):
            raise JaxbioError(
                f"no encoder is known for input {spec.name}, which is {spec.kind}"
            )
        return NumericEncoder(
            spec,
            _filled(self.numeric_hidden),
            activation=self.activation,
            dropout=_filled(self.dropout),
            input_dropout=_filled(self.numeric_dropout),
            **common,
        )

    def _encoder(
        self, spec: SequenceSpec, rngs: nnx.Rngs, dtype: DTypeLike
    ) -> SequenceEncoder:
        raise NotImplementedError

    def _wide(
        self, spec: SequenceSpec, rngs: nnx.Rngs, dtype: DTypeLike
    ) -> WideBranch | None:
        if not (self.kmers or self.positions):
            return None
        alphabet = spec.alphabet
        return WideBranch(
            alphabet,
            width=self.wide_width,
            kmers=_filled(self.kmers),
            both_strands=bool(self.both_strands and alphabet.complement),
            kmer_dropout=self.kmer_dropout,
            length=spec.max_length if self.positions else 0,
            wild_type=spec.wild_type if spec.conservation >= VARIANT_LIBRARY else "",
            properties=self.properties,
            position_dropout=_filled(self.position_dropout),
            rngs=rngs,
            dtype=dtype,
        )


def _filled(value: _T | None) -> _T:
    """A field after `resolve`, which leaves none of them None."""
    assert value is not None
    return value


def _variants(schema: Schema) -> bool:
    """Check that the sequences are variants of one parent."""
    sequences = schema.sequences
    return bool(sequences) and all(
        spec.conservation >= VARIANT_LIBRARY for spec in sequences
    )


def _placed(schema: Schema) -> bool:
    """Check that it matters where in the sequences a symbol stands."""
    return all(spec.position_dependent for spec in schema.sequences)


def _longest_kmers(sequences: Sequence[SequenceSpec], n_train: int) -> int:
    """As long as the rows can bear: words that few rows share are learned by heart.

    Where positions mean something and rows are few, a spectrum only does harm.
    """
    if not sequences:
        return 0
    fixed = any(spec.fixed_length and spec.position_dependent for spec in sequences)
    longest = max(spec.max_length for spec in sequences)
    if fixed and (n_train < 10_000 or longest < 40):
        return 0
    symbols = max(spec.alphabet.size for spec in sequences)
    words = 4**6 if n_train >= 10_000 else 4**4
    return max((k for k in range(1, 7) if symbols**k <= words), default=1)


def _needs_full_length(windows: tuple[int, ...], heads: Mapping[str, Head]):
    if (
        any(head.over != "row" for head in heads.values())
        and max(windows, default=1) > 1
    ):
        raise JaxbioError(
            f"pool_windows {windows} shorten the sequence, but a target has a value a "
            f"position: make them 1"
        )


def _same_length(**tuples: tuple | None):
    sizes = {name: len(values) for name, values in tuples.items() if values is not None}
    if len(set(sizes.values())) > 1:
        raise JaxbioError(f"these need one entry for each convolution: {sizes}")


@dataclasses.dataclass(frozen=True, kw_only=True)
class CNN(Config):
    """A convolutional network over sequences, with linear branches beside it.

    Attributes:
        channels: Width of each convolution.
        kernel_sizes: Positions that each convolution sees.
        dilations: Positions between the taps of each convolution.
        pool_windows: Width of the max windows after each convolution.
        residual: Whether convolutions that keep the width add their input.
        norm: `batch`, `layer`, `group` or `none`.
        pool: `max`, `mean`, `attention` or `flatten`, which keeps positions.
        conv_dropout: Share of whole channels set to 0 in training.
    """

    channels: tuple[int, ...] | None = None
    kernel_sizes: tuple[int, ...] | None = None
    dilations: tuple[int, ...] | None = None
    pool_windows: tuple[int, ...] | None = None
    residual: bool | None = None
    norm: NormKind = "batch"
    pool: PoolKind | None = None
    conv_dropout: float | None = None

    def _choose(self, schema: Schema) -> dict[str, Any]:
        per_position = any(target.per_position for target in schema.targets)
        sequences = schema.sequences
        fixed = bool(sequences) and all(
            spec.fixed_length and spec.position_dependent for spec in sequences
        )
        longest = max((spec.max_length for spec in sequences), default=0)
        short = longest <= SHORT
        if per_position and not short:
            return super()._choose(schema) | self._along(schema)
        channels = self.channels or (64, 64)
        first = 1 if per_position or (fixed and short) else 4 if fixed else 2
        windows = [first] + [1] * (len(channels) - 1)
        if fixed and not per_position and len(channels) > 1:
            windows[1] = max(1, round(longest / first / _KEPT))
        return (
            super()._choose(schema)
            | {
                "channels": channels,
                "kernel_sizes": (5 if short else 11,) + (5,) * (len(channels) - 1),
                "dilations": (1,) * len(channels),
                "residual": False,
                "pool_windows": tuple(windows),
                "pool": "flatten" if fixed else "max",
                "conv_dropout": 0.0 if short else 0.2 if _placed(schema) else 0.1,
            }
            | ({"dropout": 0.2} if fixed and short else {})
        )

    def _along(self, schema: Schema) -> dict[str, Any]:
        """For values along sequences: deeper, and every position sees far."""
        channels = self.channels or (128,) * 5
        blocks = range(len(channels))
        return {
            "channels": channels,
            "kernel_sizes": tuple(11 if not at else 7 for at in blocks),
            "dilations": tuple(2 ** min(max(at - 1, 0), 4) for at in blocks),
            "pool_windows": (1,) * len(channels),
            "residual": True,
            "pool": "max",
            "conv_dropout": 0.1,
            "dropout": 0.3,
        }

    def _check(self, schema: Schema, heads: Mapping[str, Head]):
        _needs_full_length(_filled(self.pool_windows), heads)
        _same_length(
            channels=self.channels,
            kernel_sizes=self.kernel_sizes,
            dilations=self.dilations,
            pool_windows=self.pool_windows,
        )

    def _encoder(
        self, spec: SequenceSpec, rngs: nnx.Rngs, dtype: DTypeLike
    ) -> SequenceEncoder:
        return SequenceCNN(
            spec.alphabet,
            channels=_filled(self.channels),
            kernel_sizes=_filled(self.kernel_sizes),
            dilations=self.dilations,
            pool_windows=self.pool_windows,
            residual=bool(self.residual),
            norm=self.norm,
            activation=self.activation,
            pool=_filled(self.pool),
            length=spec.max_length,
            dropout=_filled(self.conv_dropout),
            wide=self._wide(spec, rngs, dtype),
            rngs=rngs,
            dtype=dtype,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class RNN(Config):
    """A recurrent network over sequences, with or without convolutions before it.

    Attributes:
        cell: `lstm`, `gru` or `mingru`, which runs in parallel over positions.
        widths: Width of the state of each layer, in each direction.
        bidirectional: Whether each layer also reads backward.
        channels: Width of each convolution before the first layer; empty for none.
        kernel_sizes: Positions that each convolution sees.
        pool_windows: Width of the max windows after each convolution.
        norm: What normalises the convolutions: `batch`, `layer`, `group` or `none`.
        pool: `last`, `max`, `mean`, `attention` or `flatten`.
        recurrent_dropout: Share of the outputs of each layer set to 0 in training.
    """

    cell: CellKind = "gru"
    widths: tuple[int, ...] | None = None
    bidirectional: bool = True
    channels: tuple[int, ...] = ()
    kernel_sizes: tuple[int, ...] | None = None
    pool_windows: tuple[int, ...] | None = None
    norm: NormKind = "batch"
    pool: PoolKind | None = None
    recurrent_dropout: float = 0.1

    def _choose(self, schema: Schema) -> dict[str, Any]:
        fixed = all(spec.fixed_length for spec in schema.sequences)
        short = max((spec.max_length for spec in schema.sequences), default=0) <= 64
        return super()._choose(schema) | {
            "widths": (64,),
            "kernel_sizes": (9,) * len(self.channels),
            "pool_windows": (1,) * len(self.channels),
            "pool": "flatten" if fixed and short else "attention",
        }

    def _check(self, schema: Schema, heads: Mapping[str, Head]):
        _needs_full_length(_filled(self.pool_windows), heads)
        _same_length(
            channels=self.channels,
            kernel_sizes=self.kernel_sizes,
            pool_windows=self.pool_windows,
        )

    def _encoder(
        self, spec: SequenceSpec, rngs: nnx.Rngs, dtype: DTypeLike
    ) -> SequenceEncoder:
        return SequenceRNN(
            spec.alphabet,
            cell=self.cell,
            widths=_filled(self.widths),
            bidirectional=self.bidirectional,
            channels=self.channels,
            kernel_sizes=_filled(self.kernel_sizes),
            pool_windows=self.pool_windows,
            norm=self.norm,
            activation=self.activation,
            pool=_filled(self.pool),
            length=spec.max_length,
            dropout=self.recurrent_dropout,
            wide=self._wide(spec, rngs, dtype),
            rngs=rngs,
            dtype=dtype,
        )


@dataclasses.dataclass(frozen=True, kw_only=True)
class MLP(Config):
    """A multi-layer perceptron over numbers, or over sequences position by position.

    `MLP(hidden=(64, 64), skip=False)` on 1,000 columns is the classic 1000-64-64-1
    network.
    """

    hidden: tuple[int, ...] | None = None
    skip: bool = True

    def _choose(self, schema: Schema) -> dict[str, Any]:
        values = super()._choose(schema) | {"numeric_hidden": (), "positions": True}
        if any(spec.is_sequence for spec in schema.inputs):
            return values | {"kmers": 0}
        return values | {"hidden": (64, 64)}

    def _encoder(
        self, spec: SequenceSpec, rngs: nnx.Rngs, dtype: DTypeLike
    ) -> SequenceEncoder:
        wide = self._wide(spec, rngs, dtype)
        if wide is None:
            raise JaxbioError("an MLP over sequences needs positions=True or kmers > 0")
        return LinearSequenceEncoder(spec.alphabet, wide=wide, rngs=rngs, dtype=dtype)
