"""Base of the encoder configs: what turns one input into features."""

import dataclasses
from collections.abc import Mapping
from typing import Any, ClassVar, TypeVar

import jax.numpy as jnp
from flax import nnx
from jax.typing import DTypeLike

from jaxbio.data.schema import Schema
from jaxbio.data.specs import InputSpec
from jaxbio.errors import JaxbioError, nearest
from jaxbio.nn.conv import ACTIVATIONS
from jaxbio.plugins import Registry

_T = TypeVar("_T")
_E = TypeVar("_E", bound="Encoder")


@dataclasses.dataclass(frozen=True)
class Encoder:
    """The description of the encoder of one input; goes to JSON and back.

    Subclasses are frozen dataclasses of numbers, texts and tuples of them. A field that
    is None is chosen by the data, in `resolve`. `@jaxbio.register` makes a class of
    yours known by its `name`.
    """

    registry: ClassVar[Registry[Any]] = Registry("encoder")
    name: ClassVar[str]
    takes: ClassVar[str] = "other inputs"
    """What it accepts, as messages say it."""
    also: ClassVar[tuple[str, ...]] = ()
    """Kinds of inputs whose usual encoder goes by this name, too, where it is given
    without settings: a residual network of images is a CNN."""

    @property
    def stride(self) -> int:
        """Positions of a sequence for each position that the encoder gives."""
        return 1

    @classmethod
    def accepts(cls, spec: InputSpec) -> bool:
        """Check that this encodes inputs of such a type."""
        raise NotImplementedError

    def resolve(self, spec: Any, schema: Schema) -> "Encoder":
        """The description with every None filled.

        Args:
            spec: The input, as the training rows showed it; of a type that it accepts.
            schema: All inputs and targets, and how many training rows there are.
        """
        return self

    def check(self, name: str, length: int) -> None:
        """See that it takes a sequence of a length.

        Args:
            name: The input.
            length: Its longest sequence.

        Raises:
            JaxbioError: If it does not.
        """

    def build(
        self, spec: Any, *, rngs: nnx.Rngs, dtype: DTypeLike = jnp.float32
    ) -> nnx.Module:
        """The encoder, with new weights.

        Args:
            spec: The input.
            rngs: Keys for the weights.
            dtype: Of the computation; weights are float32.

        Returns:
            A module with `features`, the width of what it gives; it takes a batch of
            the input and `rngs=`, keys for dropout, and gives `[batch features]`. Its
            method `present` says which rows have anything of the input, `[batch]`.
            What has values a position is a `SequenceEncoder`.
        """
        raise NotImplementedError

    def _filled(self: _E, values: Mapping[str, Any]) -> _E:
        """The description with values for what is None."""
        missing = {
            field.name: values[field.name]
            for field in dataclasses.fields(self)
            if getattr(self, field.name) is None
        }
        return dataclasses.replace(self, **missing)


def check_activation(name: str) -> None:
    """Refuse an activation that is not known.

    Raises:
        JaxbioError: With the nearest name.
    """
    if name not in ACTIVATIONS:
        raise JaxbioError(
            f"activation {name!r} is not known: {nearest(name, ACTIVATIONS)}"
        )


def given(value: _T | None) -> _T:
    """A field after `resolve`, which leaves none of them None."""
    assert value is not None
    return value
