"""Whole networks: an encoder for each input, their fusion, a head for each target."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any, Literal

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from jaxbio.data.batching.layouts import Dictionary
from jaxbio.data.schema import Schema
from jaxbio.data.specs import InputSpec
from jaxbio.errors import JaxbioError
from jaxbio.models.encoders import Encoded, Encoders
from jaxbio.models.fusion import Fusion
from jaxbio.nn.dense import Dense
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


class FusionNetwork(Encoders):
    """An encoder for each input, their fusion, and the heads.

    The heads see the fused features both directly and through hidden layers, so that a
    network is never poorer than a linear model of its features.
    """

    def __init__(
        self,
        schema: Schema,
        heads: Mapping[str, Head],
        *,
        encode: Callable[[InputSpec], Any],
        pairs: Callable[[int], Pairs],
        fusion: Fusion,
        rngs: nnx.Rngs,
        hidden: tuple[int, ...] = (),
        skip: bool = True,
        activation: str = "relu",
        dropout: float = 0.0,
        modality_dropout: float = 0.0,
        average_strands: bool = False,
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the network.

        Args:
            schema: The inputs.
            heads: The shape of the output of each target.
            encode: Makes the encoder of an input: a module with `features`.
            pairs: Makes what turns positions of a width into pairs of positions.
            fusion: How the inputs become one vector.
            rngs: Keys for the weights.
            hidden: Width of each layer between the fusion and the heads.
            skip: Whether the heads also see the fused features directly.
            activation: Of the hidden layers.
            dropout: Share of the hidden units set to 0 in training.
            modality_dropout: Share of the rows in training that lose an input.
            average_strands: Whether outputs are means over both strands of all nucleic
                acid inputs.
            dtype: Of the computation; weights and outputs are float32.
        """
        sequences = tuple(spec.name for spec in schema.sequences)
        self.names = {
            over: tuple(name for name, head in heads.items() if head.over == over)
            for over in ("row", "position", "pair")
        }
        self.per_position = self.names["position"] + self.names["pair"]
        along = sequences if fusion.along else sequences[:1]
        super().__init__(
            schema,
            encode,
            along=along if fusion.along or self.per_position else (),
            modality_dropout=modality_dropout,
        )
        self.sequences = sequences
        self.stranded = {
            spec.name: spec.alphabet
            for spec in schema.sequences
            if spec.alphabet.complement
        }
        self.average_strands = average_strands and bool(self.stranded)
        self.skip = skip
        common = {"rngs": rngs, "dtype": dtype}
        layers: dict[str, nnx.Linear] = {}
        features = sum(encoder.features for encoder in self.encoders.values())
        ordered = [(self.encoders[name], name in self.along) for name in self.order]
        widths = [encoder.features for encoder, _ in ordered]
        dims = [encoder.dim if asked else 0 for encoder, asked in ordered]
        self.fusion: Any = fusion.build(widths, dims, **common)
        trunks: dict[str, Dense] = {}
        self.pairs = (
            pairs(self._position_features(features)) if self.names["pair"] else None
        )
        for over, names in self.names.items():
            if not names:
                continue
            if over == "row":
                width_in = self.fusion.features
            else:
                width_in = self._position_features(features)
            if over == "pair" and self.pairs is not None:
                width = self.pairs.features
            else:
                # Features that begin at 0 are heard by the heads, or by these biases.
                biases = 0.0 if skip else 0.1
                trunks[over] = Dense(
                    width_in,
                    hidden,
                    activation=activation,
                    dropout=dropout,
                    biases=biases,
                    **common,
                )
                width = trunks[over].features + (width_in if skip and hidden else 0)
            for name in names:
                layers[name] = nnx.Linear(width, heads[name].width, **common)
        self.trunks = nnx.Dict(trunks)
        self.heads = nnx.Dict(layers)

    @property
    def shares_items(self) -> bool:
        """Check that rows can share `items`: not by position or both strands."""
        return not (self.per_position or self.average_strands)

    def _position_features(self, features: int) -> int:
        if not self.sequences or self.sequences[0] not in self.along:
            raise JaxbioError(
                f"target {self.per_position[0]} has a value a position, which this "
                f"model cannot give: use a CNN, an RNN or a Transformer over a "
                f"sequence input"
            )
        first = self.sequence(self.sequences[0])
        return first.dim + features - first.features

    def __call__(
        self, inputs: Mapping[str, Any], *, rngs: nnx.Rngs | None = None
    ) -> dict[str, Float[Array, "batch ..."]]:
        """Outputs on the scale of each target's link.

        Args:
            inputs: By name: tokens uint8 `[batch len]`, numbers float32
                `[batch columns]` (NaN missing), categories int32 `[batch]` (-1 not
                known), images uint8 `[batch height width channels]`. Soft sequences
                are float32 `[batch len symbols]`. What rows share may stand once, as a
                `Dictionary` of these or of what `items` gave.
            rngs: Keys for dropout; needed in training only.

        Returns:
            By target, float32 `[batch width]`, `[batch len width]` or
            `[batch len len width]`.
        """
        return self._over_strands(inputs, rngs, self._heads)

    def features(
        self, inputs: Mapping[str, Any], *, rngs: nnx.Rngs | None = None
    ) -> dict[str, Float[Array, "batch ..."]]:
        """Features from which the heads give their outputs.

        Args:
            inputs: As for a call.
            rngs: Keys for dropout; needed in training only.

        Returns:
            `row` `[batch dim]`, `position` `[batch len dim]` and `pair`
            `[batch len len dim]`, as far as there are targets of each.
        """
        return self._over_strands(inputs, rngs, lambda over, x: {over: x})

    def _over_strands(self, inputs, rngs, give: Callable[[str, Any], dict[str, Any]]):
        """What `give` makes of the features, averaged over both strands if asked."""
        first = self.sequences[0] if self.per_position else None
        if first is not None and isinstance(inputs[first], Dictionary):
            values, indices = inputs[first]
            inputs = {**inputs, first: values[indices]}
        if not self.average_strands:
            return self._strand(inputs, rngs, give)
        if self.names["pair"]:
            raise JaxbioError(
                f"target {self.names['pair'][0]} is of pairs: both strands cannot be "
                f"averaged; set average_strands to False"
            )
        both = {name: self._both_strands(name, x) for name, x in inputs.items()}
        # Both strands in one batch: one pass, and shared batch statistics.
        outputs = self._strand(both, rngs, give)
        mask = jnp.ones((1, 1), bool)  # without values by position it is not looked at
        if first is not None:
            mask = token_mask(inputs[first], self.sequence(first).alphabet)
        averaged = {}
        for name, values in outputs.items():
            forward, backward = jnp.split(values, 2)
            if name in ("position", *self.per_position):
                backward = reverse_positions(backward, mask)
            averaged[name] = (forward + backward) / 2
        return averaged

    def _both_strands(self, name: str, values: Any) -> Any:
        """The rows once more after themselves, nucleic acids as their other strand."""
        if isinstance(values, Dictionary):
            values, rows = values
            if name not in self.stranded:
                return Dictionary(values, jnp.concatenate([rows, rows]))
            opposite = jnp.where(rows < 0, -1, rows + len(values))
            both = self._both_strands(name, values)
            return Dictionary(both, jnp.concatenate([rows, opposite]))
        strand = values
        if name in self.stranded:
            strand = reverse_complement(values, self.stranded[name])
        return jnp.concatenate([values, strand])

    def _strand(self, inputs, rngs, give: Callable[[str, Any], dict[str, Any]]):
        first = self.sequences[0] if self.per_position else None
        unused = () if self.names["row"] or first is None else (first,)
        encoded = self.encode(inputs, rngs=rngs, without_summary=unused)
        outputs = {}
        if self.names["row"]:
            fused = self.fusion([encoded[name] for name in self.order])
            outputs |= give("row", self._trunk("row", fused, rngs))
        if first is not None:
            fused = self._fuse_positions(first, encoded)
            if self.names["position"]:
                outputs |= give("position", self._trunk("position", fused, rngs))
            if self.pairs is not None:
                mask = encoded[first]["mask"]
                outputs |= give("pair", self.pairs(fused, mask, rngs=rngs))
        return outputs

    def _fuse_positions(
        self, first: str, encoded: Mapping[str, Encoded]
    ) -> Float[Array, "batch len features"]:
        """Other inputs stand beside every position of the first sequence."""
        x = encoded[first]["positions"]
        parts = [x]
        for name in self.order:
            if name != first:
                beside = encoded[name]["summary"][:, None]
                parts.append(jnp.broadcast_to(beside, (*x.shape[:2], beside.shape[-1])))
        return jnp.concatenate(parts, axis=-1)

    def _trunk(self, over, fused, rngs):
        """The hidden layers, and beside them what they saw."""
        trunk = self.trunks[over]
        features = trunk(fused, rngs=rngs)
        if self.skip and len(trunk.layers):
            features = jnp.concatenate([features, fused], axis=-1)
        return features

    def _heads(self, over, features):
        return {
            name: self.heads[name](features).astype(jnp.float32)
            for name in self.names[over]
        }
