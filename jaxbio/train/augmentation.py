"""Base of all augmentations: random changes of training examples."""

import dataclasses
import zlib
from typing import Any, ClassVar

import jax
from jaxtyping import Array

from jaxbio.data.specs import InputSpec
from jaxbio.errors import TrainingError
from jaxbio.plugins import Registry


@dataclasses.dataclass(frozen=True)
class Augmentation:
    """A random change of one input of training examples, anew at each step.

    Subclasses are frozen dataclasses of numbers and pure functions of one example and a
    key; they run inside the compiled step. `@jaxbio.register` makes a class of yours
    known by its `name`.
    """

    registry: ClassVar[Registry[Any]] = Registry("augmentation")
    name: ClassVar[str]
    takes: ClassVar[str] = "other inputs"
    """What it accepts, as messages say it."""

    @classmethod
    def accepts(cls, spec: InputSpec) -> bool:
        """Check that this changes inputs of such a type."""
        raise NotImplementedError

    def __call__(self, example: Array, key: Array, spec: Any) -> Array:
        """One example, changed.

        Args:
            example: Codes uint8 `[len]`, padded with the alphabet's pad; numbers
                float32 `[columns]`; or pixels float32 `[height width channels]`, from 0
                to 255.
            key: From which the change follows.
            spec: The input.

        Returns:
            An array of the same shape and type.
        """
        raise NotImplementedError

    def sources(self, example: Array, key: Array, spec: Any) -> Array | None:
        """Where each position of a changed sequence comes from, -1 for nowhere.

        None where positions stay. Targets with a value a position move along.
        """
        return None

    def own_key(self, key: Array) -> Array:
        """The key of this augmentation, from that of an example and a step."""
        return jax.random.fold_in(key, zlib.crc32(self.name.encode()) >> 1)

    def _check(self, field: str, most: float = 1.0) -> None:
        """Refuse a field that is not from 0 to the most."""
        value = getattr(self, field)
        if not 0 <= value <= most:
            raise TrainingError(
                f"{self.name}: {field} is {value}, not from 0 to {most:g}"
            )
