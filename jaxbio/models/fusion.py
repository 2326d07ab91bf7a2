"""How several inputs become one vector: configs of the modules of the same names."""

import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

import jax.numpy as jnp
from flax import nnx
from jax.typing import DTypeLike

from jaxbio.nn import fusion
from jaxbio.plugins import Registry, register


@dataclasses.dataclass(frozen=True)
class Fusion:
    """The description of a fusion; goes to JSON and back."""

    registry: ClassVar[Registry[Any]] = Registry("fusion")
    name: ClassVar[str]
    along: ClassVar[bool] = False
    """Whether it sees the positions of the sequences, too."""

    def build(
        self,
        widths: Sequence[int],
        dims: Sequence[int],
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ) -> nnx.Module:
        """The module, with new weights.

        Args:
            widths: The width of the summary of each input.
            dims: The width of its positions; 0 for none.
            rngs: Keys for the weights.
            dtype: Of the computation.

        Returns:
            A module with `features`, the width of its result, that takes
            `jaxbio.nn.fusion.Encodings`.
        """
        raise NotImplementedError


@register
@dataclasses.dataclass(frozen=True)
class Concat(Fusion):
    """The summaries side by side."""

    name: ClassVar[str] = "concat"

    def build(self, widths, dims, **common) -> fusion.Concat:
        """The module; it has no weights."""
        return fusion.Concat(widths)


@register
@dataclasses.dataclass(frozen=True)
class Gated(Fusion):
    """A mean of the inputs, weighed anew for each row.

    Attributes:
        width: Width of the result.
    """

    name: ClassVar[str] = "gated"

    width: int = 128

    def build(self, widths, dims, **common) -> fusion.Gated:
        """The module, with new weights."""
        return fusion.Gated(widths, self.width, **common)


@register
@dataclasses.dataclass(frozen=True)
class CrossAttention(Fusion):
    """Each input asks the positions of the others.

    Attributes:
        width: Width of what is found, a multiple of the four heads.
    """

    name: ClassVar[str] = "attention"
    along: ClassVar[bool] = True

    width: int = 128

    def build(self, widths, dims, **common) -> fusion.CrossAttention:
        """The module, with new weights."""
        return fusion.CrossAttention(widths, dims, self.width, **common)
