"""The validation loss and metrics of networks, computed exactly."""

import dataclasses
from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import jax
import numpy as np
from jax import lax

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.batches import BatchPlan, in_order, plan_rows
from jaxbio.nn.closures import Program
from jaxbio.tasks.objective import Loss, Objective
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
        loss: Loss,
        rows: Arrays | Sequence[Arrays],
        buckets: tuple[int, ...],
        weights: Weights,
        *,
        batch_size: int,
        members: int = 1,
    ):
        """Plan the batches and begin to compile.

        Args:
            evaluate: A function of `make_eval_step`.
            loss: What was evaluated; of an `Objective` metrics are taken, too.
            rows: The rows; or those of each network, as many and as long for all.
            buckets: The lengths to which sequences are padded.
            weights: Values as they will be given; may be abstract. With a leading axis
                over networks if there are several.
            batch_size: Rows a batch.
            members: The number of networks.
        """
        self._objective = loss if isinstance(loss, Objective) else None
        several = [rows] if isinstance(rows, Arrays) else list(rows)
        own = len(several) > 1
        self._rows, self._members = several, members

        def program(weights: Weights, batches: Any):
            def one(weights, batch):
                return evaluate(weights.params, weights.model_state, batch)

            every = jax.vmap(one, in_axes=(0, 0 if own else None))
            every = every if members > 1 else one
            return lax.map(lambda batch: every(weights, batch), batches)

        plans = plan_rows(several[0].lengths, buckets, batch_size)
        self._plans = [
            tuple(group[start : start + _AT_ONCE])
            for length in sorted({plan.length for plan in plans})
            for group in [[plan for plan in plans if plan.length == length]]
            for start in range(0, len(group), _AT_ONCE)
        ]
        self._programs: dict[tuple[int, int], Future] = {}
        jitted = Program(program)
        for chosen in self._plans:
            shape = len(chosen), chosen[0].length
            if shape not in self._programs:
                example = jax.eval_shape(lambda: self._stack(chosen))  # noqa: B023
                lowered = jitted.lower(weights, example)
                self._programs[shape] = compile_ahead(lowered)
        self._kept: list[_Group] | None = None

    def __call__(self, weights: Weights) -> list[Score]:
        """The exact mean loss of the rows and their metrics, by network."""
        shape = (self._members,) if self._members > 1 else ()
        totals: dict[str, np.ndarray] = {}
        values: dict[str, list] = {}
        for group in self._groups():
            program = self._programs[len(group.plans), group.plans[0].length].result()
            sums, predictions = jax.device_get(program(weights, group.batches))
            for name, part in sums.items():
                total = totals.setdefault(name, np.zeros((2, *shape)))
                total += np.sum(np.asarray(part, np.float64), axis=1)
            for name, part in predictions.items():
                values.setdefault(name, []).extend(zip(group.plans, part, strict=True))
        if self._members == 1:
            return [self._score(self._rows[0], totals, values)]
        return [
            self._score(
                self._rows[at % len(self._rows)],
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
        each = [
            [rows.batch(plan.rows, plan.length, counted=plan.counted) for plan in plans]
            for rows in self._rows
        ]
        batches = each[0]
        if len(each) > 1:
            batches = [
                jax.tree.map(lambda *leaves: np.stack(leaves), *some)
                for some in zip(*each, strict=True)
            ]
        return jax.tree.map(lambda *leaves: np.stack(leaves), *batches)

    def _score(
        self, rows: Arrays, totals: dict[str, np.ndarray], outputs: dict[str, list]
    ) -> Score:
        loss = sum(part / max(weight, 1e-12) for part, weight in totals.values())
        if self._objective is None:
            means: dict[str, float | None] = {
                f"valid_{name}": float(part / max(weight, 1e-12))
                for name, (part, weight) in totals.items()
            }
            return float(loss), means if len(totals) > 1 else {}
        predictions = {}
        for name, parts in outputs.items():
            per_position = self._objective.tasks[name].per_position
            values = in_order(parts, rows.lengths * per_position)
            predictions[name] = (np.concatenate if per_position else np.stack)(values)
        return float(loss), self._objective.validation(rows, predictions)
