"""Losses: any function of a network and a batch, and the one that tasks make."""

import dataclasses
import inspect
from collections.abc import Callable, Iterable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import Ragged
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.plugins import METRICS
from jaxbio.tasks.base import Task
from jaxbio.tasks.distances import Distances

Batch = Mapping[str, Any]
Sums = dict[str, tuple[Float[Array, ""], Float[Array, ""]]]
"""By name a weighted sum of losses and the sum of the weights."""

Loss = Callable[[Any, Batch, nnx.Rngs | None], Sums]
"""`loss(module, batch, rngs)`: sums that add up exactly over batches. Training makes
small the sum of the means; `rngs` are keys in training and None in validation."""


def apply(module: Any, inputs: Any, rngs: nnx.Rngs | None) -> Any:
    """The outputs of a module, which gets keys if its `__call__` takes `rngs`."""
    takes = "rngs" in inspect.signature(type(module).__call__).parameters
    return module(inputs, rngs=rngs) if takes else module(inputs)


def total(sums: Sums) -> Float[Array, ""]:
    """The loss: the sum of the means.

    Example:
        >>> float(total({"y": (jnp.array(6.0), jnp.array(4.0))}))
        1.5
    """
    means = [part / jnp.maximum(weight, 1e-12) for part, weight in sums.values()]
    return jnp.sum(jnp.stack(means))


@dataclasses.dataclass(frozen=True)
class Objective:
    """The loss of tasks, bound to what the training rows taught about their targets.

    It is a `Loss`, and knows what the outputs mean besides.

    Attributes:
        tasks: Tasks by target name.
        specs: Targets by the same names.
        metrics: Names of further metrics, which were registered (`jaxbio.register`).
    """

    tasks: Mapping[str, Task]
    specs: Mapping[str, TargetSpec]
    metrics: tuple[str, ...] = ()

    @classmethod
    def of(
        cls, tasks: Mapping[str, Task], schema: Schema, metrics: Iterable[str] = ()
    ) -> "Objective":
        """The objective for a schema's targets."""
        specs = {name: schema.target(name) for name in tasks}
        return cls(tasks, specs, tuple(metrics))

    def __call__(self, module: Any, batch: Batch, rngs: nnx.Rngs | None = None) -> Sums:
        """Weighted loss sums of a batch, times the weights of the tasks."""
        return self.sums(apply(module, batch["inputs"], rngs), batch)

    def sums(self, outputs: Mapping[str, Any], batch: Batch) -> Sums:
        """As a call, from the outputs of the network.

        Example:
            >>> from jaxbio.tasks import Binary
            >>> spec = TargetSpec("y", "class", classes=("0", "1"), frequencies=(1, 1))
            >>> objective = Objective({"y": Binary(weight=2.0)}, {"y": spec})
            >>> batch = {"targets": {"y": jnp.array([1])}, "weights": jnp.ones(1)}
            >>> round(float(total(objective.sums({"y": jnp.zeros((1, 1))}, batch))), 4)
            1.3863
        """
        parts = {}
        for name, task in self.tasks.items():
            targets = batch["targets"][name]
            losses, mask = task.loss(outputs[name], targets, self.specs[name])
            weights = mask * batch["weights"]
            loss = task.weight * jnp.sum(losses * weights)
            parts[name] = (loss, jnp.sum(weights))
        return parts

    def evaluate(self, module: Any, batch: Batch) -> tuple[Sums, dict[str, jax.Array]]:
        """Loss sums, and the predictions of what is measured after each epoch."""
        outputs = apply(module, batch["inputs"], None)
        return self.sums(outputs, batch), self.predict(outputs, self.monitored)

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
        """The targets whose metrics are taken after each epoch.

        Pairs are left out: all of them at once would not go into memory.
        """
        return tuple(name for name, task in self.tasks.items() if task.over != "pair")

    def predict(
        self, outputs: Mapping[str, Any], names: Iterable[str] | None = None
    ) -> dict[str, jax.Array]:
        """Predictions by target, in the targets' own units; of all if not named.

        Outputs without a task, such as descriptions of the inputs, stay as they are.
        """
        return {
            name: self.tasks[name].predict(
                outputs[name].astype(jnp.float32), self.specs[name]
            )
            if name in self.tasks
            else outputs[name]
            for name in (outputs if names is None else names)
        }

    def score(
        self, name: str, truth: Any, prediction: Any, weights: Any = None
    ) -> dict[str, Any]:
        """Metrics of a target: those of its task, and the further ones.

        Args:
            name: The target.
            truth: Its values for all rows (or all positions); for pairs a list.
            prediction: The predictions likewise.
            weights: Of each row (or position), likewise; None where all weigh the same.

        Returns:
            Metrics by name; a further one looks at rows with a known truth, and is
            given `weights` if it takes them.
        """
        how = {} if weights is None else {"weights": weights}
        scores = self.tasks[name].metrics(truth, prediction, self.specs[name], **how)
        if self.metrics and self.tasks[name].over != "pair":
            known = _known(truth)
            some = truth[known], prediction[known]
            for each in self.metrics:
                metric = METRICS[each]
                weighed = how and takes_weights(metric)
                own = {"weights": np.asarray(weights)[known]} if weighed else {}
                scores[each] = float(metric(*some, **own))
        return scores

    def validation(
        self, rows: Arrays, predictions: Mapping[str, Any]
    ) -> dict[str, float | None]:
        """The metrics that can be watched, by names such as `valid_auroc`.

        Args:
            rows: The rows, with targets.
            predictions: For all rows (or all positions), of the `monitored` targets.

        Returns:
            Numbers; with several targets they are called `valid_METRIC:TARGET`.
        """
        metrics = {}
        for name, prediction in predictions.items():
            truth = rows.targets[name]
            weights = uneven(rows.weights)
            if isinstance(truth, Ragged):
                if weights is not None:
                    weights = np.repeat(weights, truth.lengths)
                truth = truth.values
            found = self.score(name, truth, prediction, weights)
            for metric, value in found.items():
                if value is None or isinstance(value, float):
                    metrics[self.watched(metric, name)] = value
        return metrics

    @property
    def headlines(self) -> tuple[str, ...]:
        """The name of each target's primary metric in `validation`."""
        return tuple(
            self.watched(self.tasks[name].primary_metric, name)
            for name in self.monitored
        )

    @property
    def further(self) -> tuple[str, ...]:
        """The names of the further metrics in `validation`."""
        return tuple(
            self.watched(metric, name)
            for name in self.monitored
            for metric in self.metrics
        )

    def watched(self, metric: str, target: str) -> str:
        """Name of a metric of the validation rows."""
        suffix = f":{target}" if len(self.tasks) > 1 else ""
        return f"valid_{metric}{suffix}"

    def watchable(self, rows: Arrays) -> tuple[str, ...]:
        """The names in `validation`, from what a network without opinion would give."""
        empty = {}
        for name in self.monitored:
            task, spec, truth = self.tasks[name], self.specs[name], rows.targets[name]
            count = len(truth.values if isinstance(truth, Ragged) else truth)
            shape = (count, task.width(spec))
            outputs = jnp.zeros((1, *shape) if task.per_position else shape)
            prediction = np.asarray(task.predict(outputs, spec))
            empty[name] = prediction[0] if task.per_position else prediction
        return tuple(self.validation(rows, empty))


def uneven(weights: np.ndarray) -> np.ndarray | None:
    """The weights of rows, or None where all weigh the same."""
    first = weights[:1]
    return None if (weights == first).all() and (first > 0).all() else weights


def takes_weights(metric: Callable[..., Any]) -> bool:
    """Check that a function of truth and prediction takes weights."""
    try:
        parameters = inspect.signature(metric).parameters.values()
    except (TypeError, ValueError):  # of another language
        return False
    return any(p.name == "weights" or p.kind == p.VAR_KEYWORD for p in parameters)


def as_loss(loss: Loss | Task | Mapping[str, Task]) -> Loss:
    """The loss of a task, or of a task for each output; a loss is one already.

    Without training rows the targets are numbers in the network's own units, or classes
    as many as the network has outputs.

    Args:
        loss: A task for a network with one output array and batches with one target
            array, tasks by name for mappings of both, or a loss.

    Example:
        >>> from jaxbio.tasks import MultiClass
        >>> module = nnx.Linear(3, 5, rngs=nnx.Rngs(0))
        >>> batch = {"inputs": jnp.ones((2, 3)), "targets": jnp.array([0, 4]),
        ...          "weights": jnp.ones(2)}
        >>> list(as_loss(MultiClass())(module, batch, None))
        ['loss']
    """
    if isinstance(loss, Task):
        return _Bare({"loss": loss}, alone=True)
    return _Bare(loss) if isinstance(loss, Mapping) else loss


@dataclasses.dataclass(frozen=True)
class _Bare:
    """The loss of tasks that know no training rows."""

    tasks: Mapping[str, Task]
    alone: bool = False

    def __call__(self, module: Any, batch: Batch, rngs: nnx.Rngs | None) -> Sums:
        outputs, targets = apply(module, batch["inputs"], rngs), batch["targets"]
        if self.alone:
            outputs, targets = {"loss": outputs}, {"loss": targets}
        specs = {
            name: _bare_spec(name, task, outputs[name], targets[name])
            for name, task in self.tasks.items()
        }
        objective = Objective(self.tasks, specs)
        return objective.sums(outputs, {**batch, "targets": targets})


def _bare_spec(name: str, task: Task, outputs: Array, targets: Array) -> TargetSpec:
    if task.target_kind == "class":
        count = max(outputs.shape[-1], 2)
        classes = tuple(map(str, range(count)))
        return TargetSpec(name, "class", classes=classes, frequencies=(1,) * count)
    count = 1 if task.per_position else targets.shape[-1]
    columns = tuple(map(str, range(count)))
    return TargetSpec(
        name,
        task.target_kind,
        columns=columns,
        frequencies=(1,) * count,
        mean=(0.0 if task.target_kind == "number" else 1.0,) * count,
        scale=(1.0,) * count,
    )


def _known(truth: np.ndarray) -> np.ndarray:
    """Mask of the rows whose truth is known."""
    if not np.issubdtype(truth.dtype, np.floating):
        return truth >= 0
    return np.asarray(~np.isnan(truth).any(axis=tuple(range(1, truth.ndim))))
