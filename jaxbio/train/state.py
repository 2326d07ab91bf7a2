"""Everything that training changes, as one pytree of plain dicts."""

import dataclasses
from typing import Any

import jax


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class TrainState:
    """The state of training between two steps.

    The states of a group of networks are one state whose leaves have a leading axis.
    Fields are not checked for type: JAX also fills them with shapes and other marks.

    Attributes:
        step: The number of steps done, int32.
        params: The trained values, a nested dict of arrays.
        model_state: What the model keeps besides (running statistics), likewise.
        opt_state: The optimizer's state.
        key: The key of the run; every step folds its number into it.
        rate_scale: A factor on the updates, float32, lowered when the validation loss
            stands still (`schedule="plateau"`).
        average: The moving average of the parameters; None if none is kept.
    """

    step: Any
    params: Any
    model_state: Any
    opt_state: Any
    key: Any
    rate_scale: Any
    average: Any = None

    @property
    def weights(self) -> "Weights":
        """What predictions need: of the parameters the average, if it is kept."""
        params = self.params if self.average is None else self.average
        return Weights(params, self.model_state)


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class Weights:
    """Weights that predictions need: nested dicts of arrays."""

    params: Any
    model_state: Any
