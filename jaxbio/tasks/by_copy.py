"""The loss of batch ensembles, whose copies answer each for itself."""

import dataclasses
from typing import Any

import jax
from flax import nnx

from jaxbio.tasks.objective import Batch, Objective, Sums


@dataclasses.dataclass(frozen=True)
class ByCopy(Objective):
    """An objective that takes the mean of the losses of all copies in training.

    Validation takes the loss of their mean output.

    Source:
        Gorishniy Y, Kotelnikov A, Babenko A (2025) TabM, ICLR, section 3.3.
    """

    @classmethod
    def around(cls, objective: Objective) -> "ByCopy":
        """An objective for networks with a method `by_copy`.

        Args:
            objective: The tasks.

        Example:
            >>> from jaxbio.tasks import Regression
            >>> from jaxbio.data.specs import TargetSpec
            >>> spec = TargetSpec("y", "number", columns=("y",), mean=(0,), scale=(1,))
            >>> objective = Objective({"y": Regression()}, {"y": spec})
            >>> list(ByCopy.around(objective).tasks)
            ['y']
        """
        return cls(objective.tasks, objective.specs, objective.metrics)

    def __call__(self, module: Any, batch: Batch, rngs: nnx.Rngs | None = None) -> Sums:
        """Weighted loss sums of a batch, the mean over the copies."""
        outputs = module.by_copy(batch["inputs"], rngs=rngs)
        sums = jax.vmap(lambda one: self.sums(one, batch))(outputs)
        return {name: (loss.mean(), w.mean()) for name, (loss, w) in sums.items()}
