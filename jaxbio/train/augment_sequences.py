"""Augmentation of sequences inside the compiled step."""

import dataclasses
from typing import ClassVar

import jax
import jax.numpy as jnp
from jaxtyping import Array, Int, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.specs import InputSpec
from jaxbio.errors import TrainingError
from jaxbio.train.augmentation import Augmentation


@dataclasses.dataclass(frozen=True)
class _OfSequences(Augmentation):
    takes: ClassVar[str] = "sequences"

    @classmethod
    def accepts(cls, spec: InputSpec) -> bool:
        """Check that the input is a sequence."""
        return isinstance(spec, SequenceSpec)


@dataclasses.dataclass(frozen=True)
class ReverseComplement(_OfSequences):
    """Some examples are turned to the other strand.

    Attributes:
        share: The share of examples.
    """

    name: ClassVar[str] = "reverse_complement"
    takes: ClassVar[str] = "DNA and RNA"

    share: float = 0.5

    def __post_init__(self):
        self._check("share")

    @classmethod
    def accepts(cls, spec: InputSpec) -> bool:
        """Check that the input has another strand."""
        return (
            isinstance(spec, SequenceSpec)
            and spec.alphabet.complement_codes is not None
        )

    def own_key(self, key: Array) -> Array:
        """The first half of the example's."""
        return jax.random.split(key)[0]

    def __call__(
        self, example: UInt8[Array, "len"], key: Array, spec: SequenceSpec
    ) -> UInt8[Array, "len"]:
        """The sequence, or its other strand; padding stays at the end."""
        moved = _moved(example, self.sources(example, key, spec), spec.alphabet)
        complement = jnp.asarray(spec.alphabet.complement_codes)
        return jnp.where(self._turned(key), complement[moved], moved)

    def sources(
        self, example: UInt8[Array, "len"], key: Array, spec: SequenceSpec
    ) -> Int[Array, "len"]:
        """From the other end, where the example is turned."""
        length, place = _places(example, spec)
        source = jnp.where(self._turned(key), length - 1 - place, place)
        return jnp.where((source < 0) | (place >= length), -1, source)

    def _turned(self, key: Array) -> Array:
        return jax.random.bernoulli(key, float(self.share))


@dataclasses.dataclass(frozen=True)
class Shift(_OfSequences):
    """Examples are moved left or right; the places that become free are unknown (N).

    Attributes:
        most: The most positions.
    """

    name: ClassVar[str] = "shift"

    most: int

    def __post_init__(self):
        if self.most < 0:
            raise TrainingError(f"shift: most is {self.most}, it must be at least 0")

    def own_key(self, key: Array) -> Array:
        """The second half of the example's."""
        return jax.random.split(key)[1]

    def __call__(
        self, example: UInt8[Array, "len"], key: Array, spec: SequenceSpec
    ) -> UInt8[Array, "len"]:
        """The sequence, moved."""
        return _moved(example, self.sources(example, key, spec), spec.alphabet)

    def sources(
        self, example: UInt8[Array, "len"], key: Array, spec: SequenceSpec
    ) -> Int[Array, "len"]:
        """From so many positions further."""
        length, place = _places(example, spec)
        source = place + jax.random.randint(key, (), -self.most, self.most + 1)
        return jnp.where((source < 0) | (source >= length), -1, source)


@dataclasses.dataclass(frozen=True)
class Mutate(_OfSequences):
    """Some positions get a random symbol.

    Attributes:
        share: The share of positions.
    """

    name: ClassVar[str] = "mutate"

    share: float

    def __post_init__(self):
        self._check("share")

    def own_key(self, key: Array) -> Array:
        """A further one beside the halves of the example's."""
        return jax.random.fold_in(key, 1)

    def __call__(
        self, example: UInt8[Array, "len"], key: Array, spec: SequenceSpec
    ) -> UInt8[Array, "len"]:
        """The sequence with random symbols at random positions."""
        alphabet = spec.alphabet
        where_key, symbol_key = jax.random.split(key)
        mask = jax.random.bernoulli(where_key, float(self.share), example.shape)
        symbols = jax.random.randint(symbol_key, example.shape, 0, alphabet.size)
        replaced = jnp.where(mask, symbols.astype(jnp.uint8), example)
        return jnp.where(example == alphabet.pad, example, replaced)


def _places(tokens: Array, spec: SequenceSpec) -> tuple[Array, Array]:
    """The length without padding, and the number of each position."""
    return jnp.sum(tokens != spec.alphabet.pad), jnp.arange(tokens.shape[0])


def _moved(
    tokens: UInt8[Array, "len"], source: Int[Array, "len"], alphabet: Alphabet
) -> UInt8[Array, "len"]:
    unknown = alphabet.letters.index(alphabet.any) if alphabet.any else alphabet.pad
    result = jnp.where(source < 0, jnp.uint8(unknown), tokens[jnp.maximum(source, 0)])
    return jnp.where(tokens == alphabet.pad, tokens, result)
