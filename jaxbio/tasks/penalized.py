"""The loss of tasks with a penalty on the features of rows."""

import dataclasses
from collections.abc import Callable
from typing import Any

from flax import nnx
from jaxtyping import Array, Float

from jaxbio.tasks.objective import Batch, Objective, Sums

Penalty = Callable[[Any, Batch], Float[Array, ""]]
"""A penalty of a batch: `penalty(features, batch)`, of features of rows `[batch dim]`,
from which the outputs are made."""


@dataclasses.dataclass(frozen=True)
class Penalized(Objective):
    """An objective with a penalty in training, which validation does not count.

    It is for networks whose outputs are those of `heads` from `features`, one a row.

    Attributes:
        penalty: The penalty of a batch; it counts as much as the mean loss of a target.
    """

    penalty: Penalty | None = None

    @classmethod
    def around(cls, objective: Objective, penalty: Penalty) -> "Penalized":
        """An objective with a penalty.

        Args:
            objective: The tasks.
            penalty: A penalty of a batch.

        Example:
            >>> from jaxbio.tasks import Regression
            >>> from jaxbio.data.specs import TargetSpec
            >>> spec = TargetSpec("y", "number", columns=("y",), mean=(0,), scale=(1,))
            >>> objective = Objective({"y": Regression()}, {"y": spec})
            >>> list(Penalized.around(objective, lambda x, batch: x.sum()).tasks)
            ['y']
        """
        return cls(objective.tasks, objective.specs, objective.metrics, penalty)

    def __call__(self, module: Any, batch: Batch, rngs: nnx.Rngs | None = None) -> Sums:
        """Weighted loss sums of a batch, the penalty in that of the first target."""
        features = module.features(batch["inputs"], rngs=rngs)["row"]
        outputs = {
            name: module.heads[name](features).astype("float32") for name in self.tasks
        }
        parts = self.sums(outputs, batch)
        if self.penalty is None:
            return parts
        first = next(iter(parts))
        loss, weight = parts[first]
        return {**parts, first: (loss + weight * self.penalty(features, batch), weight)}
