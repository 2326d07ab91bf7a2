"""Two ways through the batches of an epoch, with the same numbers.

A compiled program has fixed costs at each call: above all the memory for intermediate
results, which the operating system hands out anew, and a batch that has to come from
the host. `ScanDriver` therefore puts the rows on the device once and makes many steps
in each program. `LoopDriver` calls a program for each step, with batches that a thread
prepares; it serves rows that do not fit on the device.
"""

import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, Literal, Protocol

import jax
import jax.numpy as jnp
import numpy as np
from jax import lax
from jaxtyping import Float

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.batches import BatchPlan
from jaxbio.data.batching.buckets import rows_at
from jaxbio.data.batching.prefetch import prefetch
from jaxbio.data.schema import Schema
from jaxbio.nn.closures import Lowered, Program
from jaxbio.train.device_rows import DeviceDataset, fit_on_device
from jaxbio.train.state import TrainState
from jaxbio.train.step import Batch, Step

Plans = Sequence[Sequence[BatchPlan]]
"""For each network of a group the batches of an epoch, equally many."""

StepMetrics = dict[str, Float[np.ndarray, "members steps"]]
"""The `loss` of each step, and the norms of gradient, parameters and update."""

Check = Callable[[StepMetrics, int], None]
"""Looks at the metrics of some steps, of which the second argument is the first."""

_KEPT = ("loss", "gradient_norm", "parameter_norm", "update_norm")

_MOST = 256  # steps in one call: bounds the arrays that say which rows are in a batch
_FIRST = 8  # steps in the first call, by which the others are measured
_SECONDS = 2.0  # a call takes about so long, so that Ctrl-C is heard in time


class Driver(Protocol):
    """Takes a state through an epoch."""

    def __call__(
        self, state: TrainState, plans: Plans, check: Check
    ) -> tuple[TrainState, StepMetrics]:
        """The state after all batches, and metrics of each; the state is not donated.

        Args:
            state: With a leading axis over networks if there are several.
            plans: The batches of each network.
            check: Called with metrics from time to time; may raise.
        """
        ...


def scan_steps(step: Step) -> Step:
    """The function that makes many steps, for one compiled program.

    Args:
        step: A step of `make_train_step`.

    Returns:
        `steps(state, batches) -> (state, metrics)`: batches and metrics are those of
        `step` with a leading axis over steps.

    Example:
        >>> import optax
        >>> from flax import nnx
        >>> from jaxbio.tasks import Regression
        >>> from jaxbio.train import make_train_step
        >>> state, step = make_train_step(
        ...     nnx.Linear(3, 1, rngs=nnx.Rngs(0)), Regression(), optax.sgd(0.1),
        ...     key=jax.random.key(0))
        >>> batches = {"inputs": jnp.ones((5, 4, 3)), "targets": jnp.ones((5, 4, 1)),
        ...            "weights": jnp.ones((5, 4))}
        >>> many = jax.jit(scan_steps(step), donate_argnums=0)
        >>> state, metrics = many(state, batches)
        >>> int(state.step), metrics["loss"].shape
        (5, (5,))
    """

    def steps(state: TrainState, batches: Batch) -> tuple[TrainState, dict[str, Any]]:
        return lax.scan(step, state, batches)

    return steps


def choose_driver(rows: Arrays, *, members: int = 1) -> Literal["scan", "loop"]:
    """`"scan"`, or `"loop"` for rows that the device cannot hold."""
    return "scan" if members > 1 or fit_on_device(rows) else "loop"


def trains_together(schema: Schema, members: int) -> bool:
    """Check that a group of networks should take its steps together.

    On an accelerator small networks leave most of the device idle, on a CPU only those
    over numbers do; larger ones would compete for its caches. Sequences have to be of
    one length, as every network has its own order of the rows.
    """
    if members == 1 or len(schema.buckets) > 1:
        return False
    large = any(s.is_sequence or s.kind in ("image", "counts") for s in schema.inputs)
    return not large or jax.default_backend() != "cpu"


class ScanDriver:
    """Many steps in each compiled program, over rows that are on the device.

    A group of networks goes through it together (`jax.vmap` over their states).
    """

    def __init__(
        self,
        step: Step,
        rows: Arrays,
        buckets: tuple[int, ...],
        state: TrainState,
        *,
        batch_size: int,
        steps: int,
        members: int = 1,
    ):
        """Copy the rows and begin to compile.

        Args:
            step: What each batch does to a state.
            rows: The training rows.
            buckets: The lengths that batches may have; one for several networks.
            state: A state as the driver will get it; may be abstract.
            batch_size: Rows a batch.
            steps: The batches of an epoch.
            members: The number of networks.
        """
        self._rows = DeviceDataset.of(rows)
        self._lengths = np.asarray(buckets)
        self._members = members
        self._size = batch_size
        self._capacity = min(steps, _MOST)
        self._at_once = min(self._capacity, _FIRST)
        index = (self._capacity, members, batch_size)
        plan = {
            "index": jax.ShapeDtypeStruct(index, jnp.int32),
            "counted": jax.ShapeDtypeStruct(index[:2], jnp.int32),
            "bucket": jax.ShapeDtypeStruct(index[:1], jnp.int32),
        }
        count = jax.ShapeDtypeStruct((), jnp.int32)
        lowered = Program(self._program(step, buckets)).lower(
            state, self._rows.columns, plan, count
        )
        self._compiled = compile_ahead(lowered)

    def __call__(
        self, state: TrainState, plans: Plans, check: Check
    ) -> tuple[TrainState, StepMetrics]:
        """See `Driver`."""
        program = self._compiled.result()
        done: list[StepMetrics] = []
        steps, start = len(plans[0]), 0
        while start < steps:
            batch_plans = [plan[start : start + self._at_once] for plan in plans]
            count = len(batch_plans[0])
            began = time.perf_counter()
            state, metrics = program(
                state, self._rows.columns, self._arrays(batch_plans), np.int32(count)
            )
            metrics = jax.device_get(metrics)
            metrics = {name: values[:count].T for name, values in metrics.items()}
            self._pace((time.perf_counter() - began) / count)
            check(metrics, start)
            done.append(metrics)
            start += count
        return state, _joined(done)

    def _program(self, step: Step, buckets: tuple[int, ...]):
        """Some steps: a plan says for each which rows, how many count, how long."""
        rows, members = self._rows, self._members

        def one(length: int):
            size = rows_at(length, buckets, self._size)

            def take_step(state, columns, index, counted):
                batch = rows.batch(columns, index[:size], counted, length)
                state, metrics = step(state, batch)
                return state, {name: metrics[name] for name in _KEPT}

            if members > 1:
                return jax.vmap(take_step, in_axes=(0, None, 0, 0))

            def alone(state, columns, index, counted):
                state, metrics = take_step(state, columns, index[0], counted[0])
                return state, jax.tree.map(lambda value: value[None], metrics)

            return alone

        branches = [one(length) for length in buckets]

        def program(state, columns, plan, count):
            def body(at, carry):
                state, kept = carry
                state, metrics = lax.switch(
                    plan["bucket"][at],
                    branches,
                    state,
                    columns,
                    plan["index"][at],
                    plan["counted"][at],
                )
                kept = {name: kept[name].at[at].set(metrics[name]) for name in _KEPT}
                return state, kept

            empty = jnp.zeros((self._capacity, members), jnp.float32)
            kept = dict.fromkeys(_KEPT, empty)
            return lax.fori_loop(0, count, body, (state, kept))

        return program

    def _arrays(self, plans: Plans) -> dict[str, np.ndarray]:
        """Plans as arrays of static shape."""
        index = np.zeros((self._capacity, len(plans), self._size), np.int32)
        counted = np.zeros((self._capacity, len(plans)), np.int32)
        bucket = np.zeros(self._capacity, np.int32)
        for member, batch_plans in enumerate(plans):
            for at, plan in enumerate(batch_plans):
                index[at, member, : len(plan.rows)] = plan.rows
                counted[at, member] = plan.counted
                bucket[at] = np.searchsorted(self._lengths, plan.length)
        return {"index": index, "counted": counted, "bucket": bucket}

    def _pace(self, seconds: float) -> None:
        """Set the number of steps of the next call."""
        count = int(_SECONDS / max(seconds, 1e-9))
        self._at_once = max(1, min(count, self._capacity))


class LoopDriver:
    """A compiled program for each step, over batches that a thread prepares."""

    def __init__(self, step: Step, rows: Arrays):
        """Take the step and the rows, which stay in the host's memory."""

        def one(state: TrainState, batch: Batch) -> tuple[TrainState, jax.Array]:
            state, metrics = step(state, batch)
            return state, jnp.stack([metrics[name] for name in _KEPT])

        self._step = Program(one, donate_argnums=(0,))
        self._copy = jax.jit(lambda tree: jax.tree.map(jnp.copy, tree))
        self._rows = rows

    def __call__(
        self, state: TrainState, plans: Plans, check: Check
    ) -> tuple[TrainState, StepMetrics]:
        """See `Driver`; for one network."""
        (plan,) = plans
        state = self._copy(state)  # the steps consume it
        waiting: list[jax.Array] = []
        done: list[StepMetrics] = []

        def look() -> None:  # which waits for the device
            check(_stacked(waiting), sum(part["loss"].shape[1] for part in done))
            done.append(_stacked(waiting))
            waiting.clear()

        for batch in prefetch(map(self._batch, plan), depth=4):
            state, metrics = self._step(state, batch)
            waiting.append(metrics)
            if len(waiting) == _MOST:
                look()
        if waiting:
            look()
        return state, _joined(done)

    def _batch(self, plan: BatchPlan) -> dict:
        batch = self._rows.batch(plan.rows, plan.length, counted=plan.counted)
        return jax.device_put(batch)


def _stacked(steps: list[jax.Array]) -> StepMetrics:
    values = np.asarray(jax.device_get(steps), np.float32)
    return {name: values[None, :, at] for at, name in enumerate(_KEPT)}


def _joined(parts: list[Any]) -> StepMetrics:
    return {
        name: np.concatenate([part[name] for part in parts], axis=1) for name in _KEPT
    }


_COMPILERS = ThreadPoolExecutor(4, thread_name_prefix="jaxbio-compile")


def compile_ahead(
    lowered: Lowered, *, once: bool = False
) -> Future[Callable[..., Any]]:
    """Compile in a thread, which needs no interpreter, while the caller goes on.

    Args:
        lowered: The program.
        once: Whether it runs only once, so that it need not be fast.
    """
    options: Any = {"xla_backend_optimization_level": 0} if once else None
    return _COMPILERS.submit(lowered.compile, options)
