"""Whole networks: an encoder for each input, their fusion, a head for each target."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Literal, cast

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from jaxbio.data.schema import InputSpec, Schema
from jaxbio.errors import JaxbioError
from jaxbio.models.mlp import Perceptron
from jaxbio.models.sequence import SequenceEncoder
from jaxbio.nn.dense import Dense
from jaxbio.nn.inputs import Categories, Standardise
from jaxbio.nn.pairs import Pairs
from jaxbio.nn.tokens import reverse_complement, reverse_positions, token_mask


@dataclasses.dataclass(frozen=True)
class Head:
    """The shape of what a network gives for one target.

    Attributes:
        width: Numbers a row, a position or a pair of positions.
        over: Which of these.
    """

    width: int
    over: Literal["row", "position", "pair"] = "row"


class NumericEncoder(nnx.Module):
    """Standard scores of a numeric vector through a perceptron."""

    def __init__(
        self,
        spec: InputSpec,
        hidden: tuple[int, ...],
        *,
        rngs: nnx.Rngs,
        activation: str = "relu",
        dropout: float = 0.0,
        input_dropout: float = 0.0,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the encoder; the arguments are those of `Perceptron`."""
        self.scores = Standardise(
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

    def __call__(
        self, values: Float[Array, "batch columns"], *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch features"]:
        """Features of each row; NaN is a missing value."""
        return self.body(self.scores(values), rngs=rngs)


class Network(nnx.Module):
    """An encoder for each input, their features side by side, and the heads.

    The heads see the fused features both directly and through hidden layers, so that a
    network is never poorer than a linear model of its features.
    """

    def __init__(
        self,
        schema: Schema,
        heads: Mapping[str, Head],
        *,
        encode_sequence: Callable[[InputSpec], SequenceEncoder],
        encode_numeric: Callable[[InputSpec], NumericEncoder],
        pairs: Callable[[int], Pairs],
        rngs: nnx.Rngs,
        hidden: tuple[int, ...] = (),
        skip: bool = True,
        activation: str = "relu",
        dropout: float = 0.0,
        category_width: int = 8,
        average_strands: bool = False,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the network.

        Args:
            schema: The inputs.
            heads: The shape of the output of each target.
            encode_sequence: Makes the encoder of a sequence input.
            encode_numeric: Makes the encoder of a numeric input.
            pairs: Makes what turns positions of a width into pairs of positions.
            rngs: Keys for the weights.
            hidden: Width of each layer between the fusion and the heads.
            skip: Whether the heads also see the fused features directly.
            activation: Of the hidden layers.
            dropout: Share of the hidden units set to 0 in training.
            category_width: Width of the vector of a category.
            average_strands: Whether outputs are means over both strands of all nucleic
                acid inputs.
            dtype: Of the computation; weights and outputs are float32.
        """
        encoders: dict[str, SequenceEncoder | NumericEncoder | Categories] = {}
        for spec in schema.inputs:
            if spec.is_sequence:
                encoders[spec.name] = encode_sequence(spec)
            elif spec.kind == "category":
                encoders[spec.name] = Categories(
                    len(spec.categories), category_width, dtype=dtype, rngs=rngs
                )
            else:
                encoders[spec.name] = encode_numeric(spec)
        self.encoders = nnx.Dict(encoders)
        self.order = tuple(spec.name for spec in schema.inputs)
        self.sequences = tuple(s.name for s in schema.inputs if s.is_sequence)
        self.stranded = tuple(
            spec.name
            for spec in schema.inputs
            if spec.alphabet is not None and spec.alphabet.complement
        )
        self.average_strands = average_strands and bool(self.stranded)
        self.names = {
            over: tuple(name for name, head in heads.items() if head.over == over)
            for over in ("row", "position", "pair")
        }
        self.per_position = self.names["position"] + self.names["pair"]
        self.skip = skip
        common = {"rngs": rngs, "dtype": dtype}
        layers: dict[str, nnx.Linear] = {}
        features = sum(encoder.features for encoder in encoders.values())
        trunks: dict[str, Dense] = {}
        self.pairs = (
            pairs(self._position_features(features)) if self.names["pair"] else None
        )
        for over, names in self.names.items():
            if not names:
                continue
            seen = features if over == "row" else self._position_features(features)
            if over == "pair" and self.pairs is not None:
                width = self.pairs.features
            else:
                trunks[over] = Dense(
                    seen, hidden, activation=activation, dropout=dropout, **common
                )
                width = trunks[over].features + (seen if skip and hidden else 0)
            for name in names:
                layers[name] = nnx.Linear(width, heads[name].width, **common)
        self.trunks = nnx.Dict(trunks)
        self.heads = nnx.Dict(layers)

    def _sequence(self, name: str) -> SequenceEncoder:
        """The encoder of a sequence input, as `encode_sequence` made it."""
        return cast(SequenceEncoder, self.encoders[name])

    def _position_features(self, features: int) -> int:
        first = self._sequence(self.sequences[0]) if self.sequences else None
        if first is None or not first.dim:
            raise JaxbioError(
                f"target {self.per_position[0]} has a value a position, which this "
                f"model cannot give: use a CNN or an RNN over a sequence input"
            )
        return first.dim + features - first.features

    def __call__(
        self, inputs: Mapping[str, Array], *, rngs: nnx.Rngs | None = None
    ) -> dict[str, Float[Array, "batch ..."]]:
        """Outputs on the scale of each target's link.

        Args:
            inputs: By name: tokens uint8 `[batch len]`, numbers float32
                `[batch columns]` (NaN missing), categories int32 `[batch]` (-1 not
                known).
            rngs: Keys for dropout; needed in training only.

        Returns:
            By target, float32 `[batch width]`, `[batch len width]` or
            `[batch len len width]`.
        """
        if not self.average_strands:
            return self._strand(inputs, rngs)
        size = len(inputs[self.stranded[0]])
        opposite = dict(inputs)
        for name in self.stranded:
            alphabet = self._sequence(name).alphabet
            opposite[name] = reverse_complement(inputs[name], alphabet)
        # Both strands in one batch: one pass, and shared batch statistics.
        both = {n: jnp.concatenate([x, opposite[n]]) for n, x in inputs.items()}
        outputs = self._strand(both, rngs)
        first = self.sequences[0]
        mask = token_mask(inputs[first], self._sequence(first).alphabet)
        averaged = {}
        for name, values in outputs.items():
            forward, backward = values[:size], values[size:]
            if name in self.names["pair"]:
                raise JaxbioError(
                    f"target {name} is of pairs: both strands cannot be averaged; "
                    f"set average_strands to False"
                )
            if name in self.per_position:
                backward = reverse_positions(backward, mask)
            averaged[name] = (forward + backward) / 2
        return averaged

    def _strand(self, inputs, rngs):
        encodings, positions = {}, None
        for name in self.order:
            encoder, values = self.encoders[name], inputs[name]
            if self.per_position and name == self.sequences[0]:
                sequence = self._sequence(name)
                positions = sequence.positions(values, rngs=rngs)
                if self.names["row"]:
                    encodings[name] = sequence.summary(*positions, values, rngs=rngs)
            elif isinstance(encoder, Categories):
                encodings[name] = encoder(values)
            else:
                encodings[name] = encoder(values, rngs=rngs)
        outputs = {}
        if self.names["row"]:
            fused = jnp.concatenate([encodings[n] for n in self.order], axis=-1)
            outputs |= self._apply_heads(fused, "row", rngs)
        if positions is not None:
            fused = self._fuse_positions(positions[0], encodings)
            outputs |= self._apply_heads(fused, "position", rngs)
            if self.pairs is not None:
                seen = self.pairs(fused, positions[1], rngs=rngs)
                outputs |= self._heads("pair", seen)
        return outputs

    def _fuse_positions(
        self, x: Float[Array, "batch len dim"], encodings: Mapping[str, Array]
    ) -> Float[Array, "batch len features"]:
        """Other inputs stand beside every position of the first sequence."""
        parts = [x]
        for name in self.order:
            if name != self.sequences[0]:
                other = encodings[name][:, None]
                parts.append(jnp.broadcast_to(other, (*x.shape[:2], other.shape[-1])))
        return jnp.concatenate(parts, axis=-1)

    def _apply_heads(self, fused, over, rngs):
        if not self.names[over]:
            return {}
        trunk = self.trunks[over]
        seen = trunk(fused, rngs=rngs)
        if self.skip and len(trunk.layers):
            seen = jnp.concatenate([seen, fused], axis=-1)
        return self._heads(over, seen)

    def _heads(self, over, seen):
        return {
            name: self.heads[name](seen).astype(jnp.float32)
            for name in self.names[over]
        }
