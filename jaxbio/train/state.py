"""Everything that training changes, as one pytree of plain dicts."""

import dataclasses
from typing import Any

import jax
from jaxtyping import Array, Float, Int


@jax.tree_util.register_dataclass
@dataclasses.dataclass(frozen=True)
class TrainState:
    """The state of training between two steps.

    Attributes:
        step: The number of steps done.
        params: The trained values, a nested dict of arrays.
        model_state: What the model keeps besides (running statistics), likewise.
        opt_state: The optimizer's state.
        key: The key of the run; every step folds its number into it.
        rate_scale: A factor on the updates, lowered when the validation loss stands
            still (`schedule="plateau"`).
    """

    step: Int[Array, "*members"]
    params: Any
    model_state: Any
    opt_state: Any
    key: Array
    rate_scale: Float[Array, "*members"]
