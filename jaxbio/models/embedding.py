"""A learned vector for each category: the config `Embedding`."""

import dataclasses
from typing import ClassVar

import jax.numpy as jnp
from flax import nnx
from jax.typing import DTypeLike

from jaxbio.data.columns.category import CategorySpec
from jaxbio.data.columns.ordinal import OrdinalSpec
from jaxbio.data.specs import InputSpec
from jaxbio.models.base import Encoder
from jaxbio.nn.inputs import Categories


@dataclasses.dataclass(frozen=True)
class Embedding(Encoder):
    """A learned vector for each category.

    Attributes:
        width: Width of the vector.
    """

    name: ClassVar[str] = "embedding"
    takes: ClassVar[str] = "categories"

    width: int = 8

    @classmethod
    def accepts(cls, spec: InputSpec) -> bool:
        """Check that the input is a category."""
        return isinstance(spec, CategorySpec)

    def build(
        self, spec: CategorySpec, *, rngs: nnx.Rngs, dtype: DTypeLike = jnp.float32
    ) -> Categories:
        """The module, with new weights."""
        return Categories(
            len(spec.categories),
            self.width,
            ordered=isinstance(spec, OrdinalSpec),
            rngs=rngs,
            dtype=dtype,
        )
