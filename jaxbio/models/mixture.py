"""Mixtures: networks of different kinds whose outputs are added up by weights."""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import jax.numpy as jnp
from flax import nnx
from jax import Array
from jax.typing import DTypeLike
from jaxtyping import Float

from jaxbio.data.batching.layouts import Dictionary
from jaxbio.data.schema import Schema
from jaxbio.models.boosting import Boosting
from jaxbio.models.fusion_network import Head
from jaxbio.models.linear import Linear
from jaxbio.models.network import Network
from jaxbio.models.pairwise import Pairwise
from jaxbio.models.plain_features import Fitted
from jaxbio.nn.inputs import Statistic

Part = Network | Linear | Boosting | Pairwise
"""What a mixture is made of."""

_OF = " of "


@dataclasses.dataclass(frozen=True)
class Mixture:
    """Networks that see the inputs, or some of them, each in its own way.

    Each is trained by itself. Their outputs, before the link, are added up by weights
    that validation rows choose, for each target; they are not negative and sum to 1.

    Attributes:
        parts: The networks by name, with everything filled in: what has an encoder is
            what they see.
    """

    parts: Mapping[str, Part]

    def resolve(self, schema: Schema) -> "Mixture":
        """The description with every None of its networks filled."""
        parts = {
            name: part.resolve(schema.of(inputs_of(part)))
            for name, part in self.parts.items()
        }
        return Mixture(parts)

    def only(self, names: Collection[str]) -> "Mixture":
        """The mixture of some of the parts.

        Args:
            names: Which, in any order.
        """
        return Mixture({n: part for n, part in self.parts.items() if n in names})

    def build(
        self,
        schema: Schema,
        heads: Mapping[str, Head],
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike = jnp.float32,
    ) -> "MixtureNetwork":
        """The networks with new weights; arguments as for `Network.build`."""
        return MixtureNetwork(
            {
                name: part.build(
                    schema.of(inputs_of(part)), heads, rngs=rngs, dtype=dtype
                )
                for name, part in self.parts.items()
            },
            {name: inputs_of(part) for name, part in self.parts.items()},
            tuple(heads),
        )


def inputs_of(part: Part) -> tuple[str, ...]:
    """The inputs that a network with everything filled in sees."""
    if isinstance(part, Fitted):
        return part.inputs
    assert isinstance(part.encoders, Mapping)  # it was resolved
    return tuple(part.encoders)


class MixtureNetwork(nnx.Module):
    """Networks side by side, and the weights of their outputs."""

    def __init__(
        self,
        parts: Mapping[str, Any],
        inputs: Mapping[str, tuple[str, ...]],
        targets: tuple[str, ...],
    ):
        """Make the mixture, in which all networks weigh the same.

        Args:
            parts: The networks by name.
            inputs: What each sees.
            targets: The names of the outputs.
        """
        self.names = tuple(parts)  # in the order of the weights
        self.parts = nnx.Dict(dict(parts))
        self.inputs = dict(inputs)
        even = jnp.full(len(parts), 1 / len(parts), jnp.float32)
        self.weights = nnx.Dict({name: Statistic(even) for name in targets})

    @property
    def shares_items(self) -> bool:
        """Check that rows can share `items` in each of the networks."""
        return all(part.shares_items for part in self.parts.values())

    @property
    def absent(self) -> set[str]:
        """Inputs that rows may lack, as all networks that see them learned."""
        seen = {name for names in self.inputs.values() for name in names}
        return {
            name
            for name in seen
            if all(
                name in self.parts[part].absent
                for part, names in self.inputs.items()
                if name in names and hasattr(self.parts[part], "encoders")
            )
        }

    def __call__(
        self, inputs: Mapping[str, Any], *, rngs: nnx.Rngs | None = None
    ) -> dict[str, Float[Array, "batch ..."]]:
        """Weighted means of the outputs of the networks, by target."""
        outputs = [
            self.parts[name](self._of(name, inputs), rngs=rngs) for name in self.names
        ]
        return {
            target: jnp.stack([each[target] for each in outputs], axis=-1)
            @ weights[...]
            for target, weights in self.weights.items()
        }

    def features(
        self,
        inputs: Mapping[str, Any],
        *,
        rngs: nnx.Rngs | None = None,
        among: Sequence[str] | None = None,
    ) -> dict[str, Float[Array, "batch ..."]]:
        """Features of all networks side by side, or of some."""
        each = [
            self.parts[name].features(self._of(name, inputs), rngs=rngs)
            for name in (self.names if among is None else among)
        ]
        return {
            over: jnp.concatenate([some[over] for some in each], axis=-1)
            for over in each[0]
        }

    def items(
        self, name: str, values: Any, *, rngs: nnx.Rngs | None = None
    ) -> dict[str, Array]:
        """Encodings of items of an input by all networks that see it."""
        encoded = {}
        for part, names in self.inputs.items():
            if name in names:
                own = self.parts[part].items(name, values, rngs=rngs)
                encoded |= {f"{key}{_OF}{part}": value for key, value in own.items()}
        return encoded

    def _of(self, part: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
        """What a network sees of the inputs."""
        return {name: _own(inputs[name], f"{_OF}{part}") for name in self.inputs[part]}


def _own(values: Any, ending: str) -> Any:
    """The encodings of one network among those of all; other values as they are."""
    if not (isinstance(values, Dictionary) and isinstance(values.values, dict)):
        return values
    mine = {
        key.removesuffix(ending): value
        for key, value in values.values.items()
        if key.endswith(ending)
    }
    return Dictionary(mine, values.indices)
