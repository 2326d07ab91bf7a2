"""Encoders of sequences trained without labels, on symbols that were hidden."""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar

import jax
import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Bool, Float, Int, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.data.batching.layouts import Dictionary
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, JaxbioError
from jaxbio.models.base import Encoder
from jaxbio.models.rnn import RNN
from jaxbio.models.self_supervised import SelfSupervised
from jaxbio.models.sequence import SequenceEncoder
from jaxbio.nn.dense import Dense
from jaxbio.nn.masking import choose_symbols, hide_symbols
from jaxbio.plugins import register

EMBEDDING = "embedding"
"""The name of the vector of a sequence among predictions."""

SYMBOLS = "symbols"
"""The name of the hidden symbols among losses and scores."""

_SYMBOLS_SEEN = 60_000_000
_LEAST_EPOCHS, _MOST_EPOCHS = 5, 50
_FIXED = 0  # the key of the masking of validation, the same in every epoch
_WITHOUT_LABELS = {"kmers": 0, "positions": False, "pool": "mean"}
"""Fields of encoders that matter for one vector a sequence only."""


class MaskedNetwork(nnx.Module):
    """An encoder of sequences, and a head that says which symbol stands at a place.

    The head sees the encoder's vectors directly and through hidden layers. An LSTM in
    both directions has the symbols before a place in one half of its vector and those
    after it in the other; without such layers what they say would only add up.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> from jaxbio.models.rnn import SequenceRNN
        >>> body = SequenceRNN(DNA, widths=(4,), pool="mean", rngs=nnx.Rngs(0))
        >>> network = MaskedNetwork("seq", body, rngs=nnx.Rngs(0))
        >>> tokens = jnp.asarray([DNA.encode("ACGNACGT")])
        >>> network.logits(tokens).shape, network({"seq": tokens})["embedding"].shape
        ((1, 8, 4), (1, 8))
    """

    def __init__(
        self,
        name: str,
        encoder: SequenceEncoder,
        *,
        rngs: nnx.Rngs,
        head: tuple[int, ...] = (),
        dtype: DTypeLike = jnp.float32,
    ):
        """Make the head.

        Args:
            name: The input.
            encoder: What gives a vector a position.
            rngs: Keys for the weights.
            head: Width of each layer before the last; empty for a linear head.
            dtype: Of the computation; logits are float32.
        """
        self.input = name
        # Where a network with labels has its encoder, so that it can begin with this.
        self.encoders = nnx.Dict({name: encoder})
        size = encoder.alphabet.size
        self.trunk = Dense(encoder.dim, head, rngs=rngs, dtype=dtype)
        width = encoder.dim + (self.trunk.features if head else 0)
        self.head = nnx.Linear(width, size, dtype=dtype, rngs=rngs)

    @property
    def encoder(self) -> SequenceEncoder:
        """What gives a vector a position."""
        return self.encoders[self.input]

    @property
    def alphabet(self) -> Alphabet:
        """What the codes mean."""
        return self.encoder.alphabet

    def tokens(self, inputs: Mapping[str, Any]) -> UInt8[Array, "batch len"]:
        """The sequences of a batch, one a row."""
        values = inputs[self.input]
        if isinstance(values, Dictionary):
            return values.values[values.indices]
        return values

    def logits(
        self, tokens: UInt8[Array, "batch len"], *, rngs: nnx.Rngs | None = None
    ) -> Float[Array, "batch len symbols"]:
        """The logarithm of how likely each symbol is at each place, but for a constant.

        Args:
            tokens: Codes, those of hidden symbols the letter for 'not known'.
            rngs: Keys for dropout; needed in training only.
        """
        x, _ = self.encoder.positions(tokens, rngs=rngs)
        if len(self.trunk.layers):
            x = jnp.concatenate([x, self.trunk(x, rngs=rngs)], axis=-1)
        return self.head(x).astype(jnp.float32)

    def log_probabilities(
        self, tokens: UInt8[Array, "batch len"]
    ) -> Float[Array, "batch len symbols"]:
        """The logarithm of the probability of each symbol at each place."""
        return jax.nn.log_softmax(self.logits(tokens))

    def __call__(self, inputs: Mapping[str, Any]) -> dict[str, Array]:
        """The mean of the positions of each sequence, `[batch dim]`."""
        x, mask = self.encoder.positions(self.tokens(inputs))
        count = jnp.maximum(mask.sum(axis=1, keepdims=True), 1)
        total = jnp.where(mask[..., None], x.astype(jnp.float32), 0.0).sum(axis=1)
        return {EMBEDDING: total / count}


@register
@dataclasses.dataclass(frozen=True)
class Masked(SelfSupervised):
    """An encoder that learns to say which symbols of a sequence were hidden.

    In each step a share of the symbols is chosen anew. Of the chosen ones 80 % are
    hidden behind the letter for 'not known' (N for bases, X for residues), 10 % become
    a random symbol and 10 % stay (Devlin et al. 2019, arXiv 1810.04805); the loss is
    the cross entropy of the chosen ones alone. In validation the choice is the same in
    every epoch, and all chosen ones are hidden. Padding, gaps and ambiguity letters are
    never chosen.

    Attributes:
        encoder: What is trained: a CNN, an RNN or a Transformer.
        share: The share of symbols that is chosen.
        hidden: The share of the chosen ones that is hidden.
        random: The share of the chosen ones that becomes a random symbol.
        head: Width of each layer between the encoder and the last one; empty for none.

    Example:
        >>> import jaxbio as jb
        >>> from jaxbio.data import Dataset, Sequences
        >>> column = Sequences.from_strings(["ACGTACGT"] * 40, jb.DNA)
        >>> data = Dataset({"seq": column})
        >>> model = jb.Masked(jb.RNN(widths=(4,)))
        >>> run = jb.fit(model, None, data, epochs=1)
        >>> sorted(run.scores["valid"].scores["symbols"]["model"])
        ['accuracy', 'n', 'perplexity']
    """

    name: ClassVar[str] = "masked"

    encoder: Encoder = dataclasses.field(
        default_factory=lambda: RNN(cell="lstm", widths=(128,))
    )
    share: float = 0.15
    hidden: float = 0.8
    random: float = 0.1
    head: tuple[int, ...] = (128,)

    def __post_init__(self):
        if not isinstance(self.encoder, Encoder):
            raise JaxbioError(
                f"{self.encoder!r:.60} is no encoder: give one such as "
                f"jaxbio.RNN(cell='lstm')"
            )
        if not 0 < self.share < 1:
            raise JaxbioError(f"share={self.share}: give a number between 0 and 1")
        if min(self.hidden, self.random) < 0 or not 0 < self.hidden + self.random <= 1:
            raise JaxbioError(
                f"hidden={self.hidden}, random={self.random}: give shares of the "
                f"chosen symbols, together above 0 and at most 1"
            )

    @property
    def parts(self) -> tuple[Encoder, ...]:
        """The encoder."""
        return (self.encoder,)

    @property
    def trunk(self) -> Encoder:
        """The encoder for a network with labels that begins with these weights.

        What makes one vector of a sequence is left to be chosen by the data.
        """
        return dataclasses.replace(
            self.encoder, **dict.fromkeys(_own(self.encoder, _WITHOUT_LABELS))
        )

    def resolve(self, schema: Schema) -> "Masked":
        """The description with an encoder in which nothing is None.

        Raises:
            DataError: For inputs other than one of sequences.
            JaxbioError: For an encoder that gives no vector a position.
        """
        spec = _only_sequence(schema)
        if not self.encoder.accepts(spec):
            raise JaxbioError(
                f"the encoder {self.encoder.name} takes {self.encoder.takes}: use a "
                f"CNN, an RNN or a Transformer"
            )
        values = _own(self.encoder, _WITHOUT_LABELS)
        missing = {n: v for n, v in values.items() if getattr(self.encoder, n) is None}
        # What is chosen by the data is chosen as for labels of positions.
        target = TargetSpec(SYMBOLS, "class", True, classes=tuple(spec.alphabet.spelt))
        along = dataclasses.replace(schema, targets=(target,))
        encoder = self.encoder.resolve(spec, along)
        made = nnx.eval_shape(lambda: encoder.build(spec, rngs=nnx.Rngs(0)))
        if not (isinstance(made, SequenceEncoder) and made.dim):
            raise JaxbioError(
                f"the encoder {encoder.name} gives no vector a position, from which a "
                f"hidden symbol could be told: use a CNN, an RNN or a Transformer"
            )
        if encoder.stride > 1:
            raise JaxbioError(
                f"the {encoder.name} has one position for {encoder.stride} of the "
                f"sequence (pool_windows), and every symbol needs its own: make them 1"
            )
        encoder = dataclasses.replace(self.encoder, **missing).resolve(spec, along)
        return dataclasses.replace(self, encoder=encoder)

    def build(
        self,
        schema: Schema,
        heads: Mapping[str, Any],
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike,
    ) -> MaskedNetwork:
        """The network, with new weights."""
        spec = _only_sequence(schema)
        body: Any = self.encoder.build(spec, rngs=rngs, dtype=dtype)
        how: dict[str, Any] = {"head": self.head, "rngs": rngs, "dtype": dtype}
        return MaskedNetwork(spec.name, body, **how)

    def outputs(self, schema: Schema, members: int) -> tuple[TargetSpec, ...]:
        """The mean vector of each sequence, `embedding_1` and so on."""
        spec = _only_sequence(schema)
        body: Any = nnx.eval_shape(lambda: self.encoder.build(spec, rngs=nnx.Rngs(0)))
        columns = tuple(f"{EMBEDDING}_{at + 1}" for at in range(body.dim * members))
        return (TargetSpec(EMBEDDING, "embedding", columns=columns),)

    def settings(self, schema: Schema) -> dict[str, Any]:
        """AdamW with warm-up and a cosine, one network, for 60 million symbols."""
        symbols = schema.n_train * _only_sequence(schema).max_length
        epochs = -(-_SYMBOLS_SEEN // max(symbols, 1))
        return {
            "epochs": min(max(epochs, _LEAST_EPOCHS), _MOST_EPOCHS),
            "batch_size": max(1, min(32, schema.n_train)),
            "learning_rate": 3e-3 if isinstance(self.encoder, RNN) else 2e-3,
            "patience": 10,
        }

    def loss(
        self, module: Any, batch: Mapping[str, Any], rngs: nnx.Rngs | None
    ) -> dict[str, tuple[Array, Array]]:
        """Nats a chosen symbol; without keys as in validation."""
        tokens, index = module.tokens(batch["inputs"]), batch["index"]
        if rngs is None:
            seen, chosen = self.fixed(tokens, index, module.alphabet)
        else:
            key, other = jax.random.split(rngs.masking())
            alphabet, shares = module.alphabet, (self.hidden, self.random)
            chosen = choose_symbols(tokens, alphabet, key, index, share=self.share)
            seen = hide_symbols(
                tokens, chosen, alphabet, other, index, hidden=shares[0],
                random=shares[1],
            )  # fmt: skip
        found = jax.nn.log_softmax(module.logits(seen, rngs=rngs))
        weights = chosen * batch["weights"][:, None]
        losses = -_of(found, tokens)
        return {SYMBOLS: (jnp.sum(losses * weights), jnp.sum(weights))}

    def fixed(
        self,
        tokens: UInt8[Array, "batch len"],
        index: Int[Array, "batch"],
        alphabet: Alphabet,
    ) -> tuple[UInt8[Array, "batch len"], Bool[Array, "batch len"]]:
        """The masking of validation: what is seen, and which symbols are to be found.

        Args:
            tokens: Codes of the alphabet.
            index: The number of each row, from which the choice follows.
            alphabet: What the codes mean.
        """
        key = jax.random.key(_FIXED)
        chosen = choose_symbols(tokens, alphabet, key, index, share=self.share)
        seen = hide_symbols(tokens, chosen, alphabet, key, index, hidden=1.0, random=0)
        return seen, chosen


def _of(
    found: Float[Array, "batch len symbols"], tokens: UInt8[Array, "batch len"]
) -> Float[Array, "batch len"]:
    """What is said of each symbol; of one that is none, of the last one."""
    at = jnp.minimum(tokens, found.shape[-1] - 1).astype(jnp.int32)
    return jnp.take_along_axis(found, at[..., None], axis=-1)[..., 0]


def _own(encoder: Encoder, values: Mapping[str, Any]) -> dict[str, Any]:
    """Those of some fields that an encoder has."""
    names = {field.name for field in dataclasses.fields(encoder)}
    return {name: value for name, value in values.items() if name in names}


def _only_sequence(schema: Schema) -> SequenceSpec:
    kinds = [f"{spec.name}: {spec.kind}" for spec in schema.inputs]
    spec = schema.inputs[0]
    if len(schema.inputs) != 1 or not isinstance(spec, SequenceSpec):
        raise DataError(
            f"hidden symbols are learned of one input of sequences, not of {kinds}: "
            f"read the file with that input alone"
        )
    if not spec.alphabet.any:
        raise DataError(
            f"input {spec.name}: the alphabet {spec.alphabet.name} has no letter for "
            f"'not known', as N and X are, behind which a symbol could be hidden: use "
            f"dna, rna, protein, or an Alphabet with `any`"
        )
    return spec
