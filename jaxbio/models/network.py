"""The config of a whole network: an encoder for each input, fusion, hidden layers."""

import dataclasses
import functools
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
from flax import nnx
from jax.typing import DTypeLike

from jaxbio import recipes
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import DictionaryArray, Ragged
from jaxbio.data.schema import Schema
from jaxbio.data.specs import InputSpec
from jaxbio.errors import JaxbioError, nearest
from jaxbio.models.base import Encoder, check_activation, given
from jaxbio.models.batch_ensemble import BatchEnsembleNetwork
from jaxbio.models.cnn import CNN
from jaxbio.models.embedding import Embedding
from jaxbio.models.fusion import Concat, Fusion
from jaxbio.models.fusion_network import FusionNetwork, Head
from jaxbio.models.image import ResNet
from jaxbio.models.mlp import MLP
from jaxbio.models.piecewise import Piecewise
from jaxbio.models.pretrained.encoder import Pretrained
from jaxbio.models.rnn import RNN
from jaxbio.models.transformer import Transformer
from jaxbio.nn import pairs
from jaxbio.plugins import origin, register

Given = Encoder | Sequence[Encoder] | Mapping[str, Encoder]

for _kind in (CNN, RNN, Transformer, MLP, Piecewise, ResNet, Embedding, Pretrained):
    register(_kind)


@dataclasses.dataclass(frozen=True)
class Pairs:
    """Layers over pairs of positions, for targets of pairs such as distances.

    Attributes:
        channels: Width of the vectors of pairs.
        dilations: For each block the positions between two taps of its convolution.
        dropout: Share of their channels set to 0 in training.
    """

    channels: int = 64
    dilations: tuple[int, ...] = (1, 2, 4, 1, 2, 4)
    dropout: float = 0.1


CONCAT, PAIRS = Concat(), Pairs()


@dataclasses.dataclass(frozen=True)
class Network:
    """An encoder for each input, their fusion, hidden layers, a head for each target.

    What is None or not given is chosen by the data.

    Attributes:
        encoders: An encoder by input; or one, or several, each for all inputs that it
            accepts. Inputs without one get the encoder that suits them.
        fusion: How several inputs become one vector.
        hidden: Width of each layer between the fused inputs and the heads.
        skip: Whether the heads also see the fused inputs directly.
        activation: A name of `jaxbio.nn.ACTIVATIONS`.
        dropout: Share of the hidden units set to 0 in training.
        modality_dropout: Share of the rows in training that lose an input, so that the
            network can do without it; 0 if every row always has all.
        average_strands: Whether outputs are means over both strands.
        pairs: Layers over pairs of positions, for such targets.
        copies: How many copies of the network share all weights but a few, as a batch
            ensemble.

    Example:
        >>> from jaxbio.models import CNN, MLP
        >>> network = Network({"drug": MLP(hidden=(64,)), "protein": CNN()})
        >>> network.encoders["drug"].hidden
        (64,)
    """

    encoders: Given = ()
    _: dataclasses.KW_ONLY
    fusion: Fusion = CONCAT
    hidden: tuple[int, ...] | None = None
    skip: bool = True
    activation: str = "relu"
    dropout: float | None = None
    modality_dropout: float = 0.0
    average_strands: bool | None = None
    pairs: Pairs = PAIRS
    copies: int = 1

    def __post_init__(self):
        check_activation(self.activation)
        encoders = self.encoders
        if isinstance(encoders, Mapping):
            encoders = dict(encoders)
        else:
            several = isinstance(encoders, Sequence)
            encoders = tuple(encoders) if several else (encoders,)
        object.__setattr__(self, "encoders", encoders)
        for part in self.parts:
            _check_config(part, Encoder, "an encoder such as jaxbio.CNN()")
        _check_config(self.fusion, Fusion, "a fusion such as jaxbio.Gated(64)")

    @property
    def parts(self) -> tuple[Encoder, ...]:
        """The encoders, whichever way they are given."""
        encoders: Any = self.encoders
        return tuple(encoders.values() if isinstance(encoders, Mapping) else encoders)

    def resolve(self, schema: Schema) -> "Network":
        """The description with an encoder for each input, and every None filled.

        Args:
            schema: What the inputs are and how many training rows there are.

        Raises:
            JaxbioError: For an encoder without an input that it accepts, and for an
                input with two.
        """
        chosen = self.by_input(schema)
        names = {name: encoder.name for name, encoder in chosen.items()}
        values = recipes.network(schema, names, self.dropout)
        for name, fields in values["encoders"].items():
            chosen[name] = Encoder.registry.make(fields)
        for spec in schema.inputs:
            if spec.name not in chosen:
                chosen[spec.name] = _newest(spec)
        if len(schema.inputs) == 1 and any(
            getattr(e, "hidden", ()) for e in chosen.values()
        ):
            values["hidden"] = ()  # the encoder has layers of its own
        still = [e for e in chosen.values() if getattr(e, "tune", "") == "frozen"]
        if still and self.average_strands:
            raise JaxbioError(
                "a frozen model's vectors are those of one strand: leave "
                "average_strands out, or adapt the model (tune='lora')"
            )
        if still:
            values["average_strands"] = False
        missing = {
            name: values[name]
            for name in ("hidden", "dropout", "average_strands")
            if getattr(self, name) is None
        }
        encoders = {
            spec.name: chosen[spec.name].resolve(spec, schema) for spec in schema.inputs
        }
        return dataclasses.replace(self, encoders=encoders, **missing)

    def check(self, rows: Arrays) -> None:
        """See that encoders take the rows, as far as lengths go.

        Args:
            rows: Encoded rows.

        Raises:
            JaxbioError: For a sequence that is longer than one of them takes.
        """
        for name, encoder in zip(_named(self.encoders), self.parts, strict=False):
            column = rows.inputs.get(name)
            if isinstance(column, DictionaryArray):
                column = column.values
            if isinstance(column, Ragged) and len(column):
                encoder.check(name, int(column.lengths.max()))

    def build(
        self,
        schema: Schema,
        heads: Mapping[str, Head],
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ) -> FusionNetwork:
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
        encoders = config.by_input(schema)
        if any(head.over != "row" for head in heads.values()):
            for name, encoder in encoders.items():
                if encoder.stride > 1:
                    remedy = "choose a model with a token a letter"
                    if hasattr(encoder, "pool_windows"):
                        remedy = "make pool_windows 1"
                    raise JaxbioError(
                        f"the {encoder.name} of {name} has one position for "
                        f"{encoder.stride} of the sequence, but a target has a value a "
                        f"position: {remedy}"
                    )
        over_pairs = config.pairs
        make: Callable[..., FusionNetwork] = FusionNetwork
        if config.copies > 1:
            make = functools.partial(BatchEnsembleNetwork, copies=config.copies)
        return make(
            schema,
            heads,
            encode=lambda spec: encoders[spec.name].build(spec, rngs=rngs, dtype=dtype),
            pairs=lambda dim: pairs.Pairs(
                dim,
                over_pairs.channels,
                dilations=over_pairs.dilations,
                activation=config.activation,
                dropout=over_pairs.dropout,
                rngs=rngs,
                dtype=dtype,
            ),
            fusion=config.fusion,
            hidden=given(config.hidden),
            skip=config.skip,
            activation=config.activation,
            dropout=given(config.dropout),
            modality_dropout=config.modality_dropout,
            average_strands=bool(config.average_strands),
            rngs=rngs,
            dtype=dtype,
        )

    def by_input(self, schema: Schema) -> dict[str, Encoder]:
        """The encoders that were given, by input."""
        names = [spec.name for spec in schema.inputs]
        if isinstance(self.encoders, Mapping):
            for name, encoder in self.encoders.items():
                if name not in names:
                    raise JaxbioError(
                        f"an encoder is given for {name!r}, which is no input: "
                        f"{nearest(name, names)}"
                    )
                _check_accepts(encoder, schema.input(name))
            return dict(self.encoders)
        found: dict[str, Encoder] = {}
        for encoder in self.parts:
            accepted = [spec for spec in schema.inputs if encoder.accepts(spec)]
            if not accepted and not _means_usual(encoder, schema):
                _check_accepts(encoder, schema.inputs[0])
            for spec in accepted:
                if spec.name in found:
                    raise JaxbioError(
                        f"both {found[spec.name].name} and {encoder.name} accept the "
                        f"input {spec.name}: say which encoder is for which input, as "
                        f"in {{{spec.name!r}: …}}"
                    )
                found[spec.name] = encoder
        return found


def _named(encoders: Any) -> list[str]:
    return list(encoders) if isinstance(encoders, Mapping) else []


def as_network(model: Any) -> Network:
    """A model as a whole network: an encoder alone is for all that it accepts.

    Raises:
        JaxbioError: For something else, such as a module of Flax.
    """
    if model is None or isinstance(model, Encoder):
        return Network(model or ())
    return _check_config(
        model, Network, "a config such as jaxbio.CNN() or jaxbio.Network(…)"
    )


def _check_config(part: Any, kind: type, wanted: str) -> Any:
    if isinstance(part, kind):
        return part
    what = part.__name__ if isinstance(part, type) else type(part).__name__
    if isinstance(part, type) and issubclass(part, Encoder | Fusion | Network):
        raise JaxbioError(f"{what} is a class: call it, as in {what}()")
    hint = ""
    if isinstance(part, nnx.Module) or (
        isinstance(part, type) and issubclass(part, nnx.Module)
    ):
        hint = (
            "; a module of Flax is made by an encoder's `build`: write one, or train "
            "the module with jaxbio.train.make_train_step"
        )
    raise JaxbioError(f"{what} is not {wanted}{hint}")


def _newest(spec: InputSpec) -> Encoder:
    """The encoder of a user for a type of input that is no one of the package's."""
    takers = [kind for _, kind in Encoder.registry.items() if kind.accepts(spec)]
    if not takers:
        raise JaxbioError(
            f"no encoder takes the input {spec.name}, which is {spec.kind}: register "
            f"one whose `accepts` says that it does"
        )
    return takers[-1]()


def _means_usual(encoder: Encoder, schema: Schema) -> bool:
    """Check that the usual encoder of an input is what a bare name stands for."""
    bare = all(
        getattr(encoder, field.name) == field.default
        for field in dataclasses.fields(encoder)
    )
    return bare and any(spec.kind in encoder.also for spec in schema.inputs)


def _check_accepts(encoder: Encoder, spec: InputSpec) -> None:
    if encoder.accepts(spec):
        return
    kind = f"a sequence ({spec.kind})" if spec.is_sequence else spec.kind
    ours = [(name, each) for name, each in Encoder.registry.items() if not origin(each)]
    fitting = [name for name, each in ours if each.accepts(spec)]
    raise JaxbioError(
        f"the encoder {encoder.name} takes {encoder.takes}, and the input {spec.name} "
        f"is {kind}: use {' or '.join(fitting) or 'an encoder of your own'} for it"
    )
