"""The training objective: the weighted mean loss of one or several tasks."""

import dataclasses
from collections.abc import Iterable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.tasks.base import Task
from jaxbio.tasks.distances import Distances

Sums = dict[str, tuple[Float[Array, ""], Float[Array, ""]]]
"""For each target the weighted sum of the losses and the sum of the weights."""


@dataclasses.dataclass(frozen=True)
class Objective:
    """Tasks bound to what the training rows taught about their targets.

    Attributes:
        tasks: Tasks by target name.
        specs: Targets by the same names.
    """

    tasks: Mapping[str, Task]
    specs: Mapping[str, TargetSpec]

    @classmethod
    def of(cls, tasks: Mapping[str, Task], schema: Schema) -> "Objective":
        """The objective for a schema's targets."""
        return cls(tasks, {name: schema.target(name) for name in tasks})

    def sums(self, outputs: Mapping[str, Any], batch: Mapping[str, Any]) -> Sums:
        """Weighted loss sums of a batch, which add up exactly over batches."""
        parts = {}
        for name, task in self.tasks.items():
            losses, mask = task.loss(
                outputs[name], batch["targets"][name], self.specs[name]
            )
            weights = mask * batch["weights"]
            parts[name] = (jnp.sum(losses * weights), jnp.sum(weights))
        return parts

    def mean(self, sums: Sums) -> Float[Array, ""]:
        """The loss: the means of the tasks, weighted by the tasks' weights.

        Example:
            >>> from jaxbio.tasks import Binary
            >>> spec = TargetSpec("y", "class", classes=("0", "1"), frequencies=(1, 1))
            >>> objective = Objective({"y": Binary(weight=2.0)}, {"y": spec})
            >>> float(objective.mean({"y": (jnp.array(6.0), jnp.array(4.0))}))
            3.0
        """
        means = [
            task.weight * sums[name][0] / jnp.maximum(sums[name][1], 1e-12)
            for name, task in self.tasks.items()
        ]
        return jnp.sum(jnp.stack(means))

    @property
    def edges(self) -> dict[str, Float[np.ndarray, "edges"]]:
        """The edges between the bins of each target of distances, in angstrom."""
        return {
            name: task.edges
            for name, task in self.tasks.items()
            if isinstance(task, Distances)
        }

    @property
    def monitored(self) -> tuple[str, ...]:
        """The targets whose headline is measured after each epoch.

        Pairs are left out: all of them at once would not go into memory.
        """
        return tuple(name for name, task in self.tasks.items() if task.over != "pair")

    def predict(
        self, outputs: Mapping[str, Any], names: Iterable[str] | None = None
    ) -> dict[str, jax.Array]:
        """Predictions by target, in the targets' own units; of all if not named."""
        return {
            name: self.tasks[name].predict(
                outputs[name].astype(jnp.float32), self.specs[name]
            )
            for name in (self.tasks if names is None else names)
        }
