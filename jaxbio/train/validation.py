"""The validation loss and headline metrics of networks, computed exactly."""

import dataclasses
from collections.abc import Iterator
from concurrent.futures import Future
from typing import Any

import jax
import numpy as np
from jax import lax

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.batches import BatchPlan, in_order, plan_rows
from jaxbio.data.batching.layouts import Ragged
from jaxbio.tasks import Objective
from jaxbio.train.drivers import compile_ahead
from jaxbio.train.state import Weights
from jaxbio.train.step import EvalStep

_AT_ONCE = 16  # batches in one compiled program
_KEPT = 2**28  # bytes of batches that stay on the device for the next time

Score = tuple[float, dict[str, float | None]]
"""A loss, and metrics by names such as `valid_auroc`."""


@dataclasses.dataclass(frozen=True)
class _Group:
    """Batches of one length that one call evaluates; the last ones may not count."""

    plans: tuple[BatchPlan, ...]
    batches: Any


class Validator:
    """Scores networks on the same rows again and again."""

    def __init__(
        self,
        evaluate: EvalStep,
        objective: Objective,
        rows: Arrays,
        buckets: tuple[int, ...],
        weights: Weights,
        *,
        batch_size: int,
        members: int = 1,
    ):
        """Plan the batches and begin to compile.

        Args:
            evaluate: A function of `make_eval_step`.
            objective: What the outputs mean.
            rows: The rows.
            buckets: The lengths to which sequences are padded.
            weights: Values as they will be given; may be abstract. With a leading axis
                over networks if there are several.
            batch_size: Rows a batch.
            members: The number of networks.
        """
        self._objective, self._rows, self._members = objective, rows, members

        def program(weights: Weights, batches: Any):
            def one(weights, batch):
                return evaluate(weights.params, weights.model_state, batch)

            every = jax.vmap(one, in_axes=(0, None)) if members > 1 else one
            return lax.map(lambda batch: every(weights, batch), batches)

        plans = plan_rows(rows.lengths, buckets, batch_size)
        self._plans = [
            tuple(group[start : start + _AT_ONCE])
            for length in sorted({plan.length for plan in plans})
            for group in [[plan for plan in plans if plan.length == length]]
            for start in range(0, len(group), _AT_ONCE)
        ]
        self._programs: dict[tuple[int, int], Future] = {}
        jitted = jax.jit(program)
        for chosen in self._plans:
            shape = len(chosen), chosen[0].length
            if shape not in self._programs:
                example = jax.eval_shape(lambda: self._stack(chosen))  # noqa: B023
                lowered = jitted.lower(weights, example)
                self._programs[shape] = compile_ahead(lowered)
        self._kept: list[_Group] | None = None

    def __call__(self, weights: Weights) -> list[Score]:
        """The exact mean loss of the rows and each target's headline, by network."""
        names = list(self._objective.tasks)
        shape = (self._members,) if self._members > 1 else ()
        totals = {name: np.zeros((2, *shape)) for name in names}
        values: dict[str, list] = {name: [] for name in self._objective.monitored}
        for group in self._groups():
            program = self._programs[len(group.plans), group.plans[0].length].result()
            sums, predictions = jax.device_get(program(weights, group.batches))
            for name in names:
                totals[name] += np.sum(np.asarray(sums[name], np.float64), axis=1)
            for name in values:
                values[name] += zip(group.plans, predictions[name], strict=True)
        if self._members == 1:
            return [self._score(totals, values)]
        return [
            self._score(
                {name: total[:, at] for name, total in totals.items()},
                {
                    n: [(plan, v[at]) for plan, v in parts]
                    for n, parts in values.items()
                },
            )
            for at in range(self._members)
        ]

    def _groups(self) -> Iterator[_Group]:
        if self._kept is not None:
            yield from self._kept
            return
        groups, size = [], 0
        for plans in self._plans:
            group = _Group(plans, jax.device_put(self._stack(plans)))
            size += sum(leaf.nbytes for leaf in jax.tree.leaves(group.batches))
            if size <= _KEPT:
                groups.append(group)
            yield group
        if size <= _KEPT:
            self._kept = groups

    def _stack(self, plans: tuple[BatchPlan, ...]) -> Any:
        batches = [
            self._rows.batch(plan.rows, plan.length, counted=plan.counted)
            for plan in plans
        ]
        return jax.tree.map(lambda *leaves: np.stack(leaves), *batches)

    def _score(self, totals: dict[str, np.ndarray], outputs: dict[str, list]) -> Score:
        objective, metrics = self._objective, {}
        for name in objective.monitored:
            task = objective.tasks[name]
            lengths = self._rows.lengths * task.per_position
            values = in_order(outputs[name], lengths)
            predicted = (np.concatenate if task.per_position else np.stack)(values)
            truth = self._rows.targets[name]
            truth = truth.values if isinstance(truth, Ragged) else truth
            measured = task.metrics(truth, predicted, objective.specs[name])
            suffix = f":{name}" if len(objective.tasks) > 1 else ""
            metrics[f"valid_{task.primary_metric}{suffix}"] = measured.get(
                task.primary_metric
            )
        loss = sum(
            task.weight * totals[name][0] / max(totals[name][1], 1e-12)
            for name, task in objective.tasks.items()
        )
        return float(loss), metrics
