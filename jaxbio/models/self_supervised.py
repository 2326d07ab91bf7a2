"""What all descriptions of networks have in common."""

from collections.abc import Mapping
from typing import Any, ClassVar

from flax import nnx
from jax.typing import DTypeLike

from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.plugins import Registry


class SelfSupervised:
    """A description of a network that learns from the inputs alone.

    Subclasses are frozen dataclasses whose fields go to JSON; `jaxbio.register` makes
    their `name` known.
    """

    registry: ClassVar[Registry[Any]] = Registry("model")
    name: ClassVar[str]

    @property
    def parts(self) -> tuple[Any, ...]:
        """The registered parts of which it is made, such as encoders."""
        return ()

    def resolve(self, schema: Schema) -> Any:
        """The description with everything filled in that the data decide."""
        raise NotImplementedError

    def build(
        self,
        schema: Schema,
        heads: Mapping[str, Any],
        *,
        rngs: nnx.Rngs,
        dtype: DTypeLike,
    ) -> nnx.Module:
        """The network, with new weights; it gives named arrays of a batch's inputs.

        Args:
            schema: The inputs.
            heads: Empty: there is no target.
            rngs: Keys for the weights.
            dtype: Of the computation.
        """
        raise NotImplementedError

    def outputs(self, schema: Schema, members: int) -> tuple[TargetSpec, ...]:
        """The named arrays that predictions have, those of all networks side by side.

        Args:
            schema: The inputs.
            members: The number of networks.
        """
        raise NotImplementedError

    def settings(self, schema: Schema) -> dict[str, Any]:
        """The settings of training that suit the network and the data, by name."""
        raise NotImplementedError

    def loss(
        self, module: Any, batch: Mapping[str, Any], rngs: nnx.Rngs | None
    ) -> dict[str, tuple[Any, Any]]:
        """The loss of a batch, as `jaxbio.train.make_train_step` takes it."""
        raise NotImplementedError
