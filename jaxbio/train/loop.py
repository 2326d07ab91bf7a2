"""The training loop: one linear function over epochs."""

import dataclasses
import functools
import time
from collections.abc import Callable, Sequence
from typing import Any, Literal

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jaxtyping import Int64

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.batches import BatchPlan, plan_epoch
from jaxbio.data.schema import Schema
from jaxbio.errors import TrainingError, nearest
from jaxbio.metrics.standard import LOWER_IS_BETTER
from jaxbio.nn.closures import Program
from jaxbio.tasks.objective import Loss, Objective
from jaxbio.train.augment import make_augmenter
from jaxbio.train.callbacks import STOP, Stop
from jaxbio.train.config import Training
from jaxbio.train.drivers import (
    Driver,
    LoopDriver,
    ScanDriver,
    StepMetrics,
    choose_driver,
    compile_ahead,
)
from jaxbio.train.freeze import check_patterns
from jaxbio.train.optimizers import make_optimizer, make_schedule
from jaxbio.train.pace import Pace, Tell
from jaxbio.train.state import TrainState, Weights
from jaxbio.train.step import init_state, make_eval_step, make_step
from jaxbio.train.transfer import Transfer
from jaxbio.train.validation import Validator

DriverKind = Literal["auto", "scan", "loop"]
OnEpoch = Callable[[list["Snapshot"], list[int]], Sequence[Stop | None]]


@dataclasses.dataclass(frozen=True)
class Progress:
    """State of training after a whole epoch; goes to JSON.

    Attributes:
        history: One record an epoch: `epoch` (from 1), `step`, `train_loss`,
            `valid_loss`, the metrics that are watched, `learning_rate`, the means of
            the norms, and `seconds`.
        best_epoch: The epoch that was best by what is watched; 0 before the first.
        interrupted: Whether Ctrl-C ended the training.
        stopped: Whether a callback did.
    """

    history: tuple[dict, ...] = ()
    best_epoch: int = 0
    interrupted: bool = False
    stopped: bool = False

    @property
    def epoch(self) -> int:
        """The number of epochs done."""
        return len(self.history)

    @property
    def stale(self) -> int:
        """The number of epochs since the best one."""
        return self.epoch - self.best_epoch


@dataclasses.dataclass(frozen=True)
class Snapshot:
    """Everything from which training goes on, or from which a network is taken."""

    state: TrainState
    best: Weights
    progress: Progress

    def interrupted(self) -> "Snapshot":
        """The same, as Ctrl-C found it."""
        progress = dataclasses.replace(self.progress, interrupted=True)
        return dataclasses.replace(self, progress=progress)

    def stopped(self) -> "Snapshot":
        """The same at its end, as a callback said."""
        progress = dataclasses.replace(self.progress, stopped=True)
        return dataclasses.replace(self, progress=progress)


Fold = tuple[Int64[np.ndarray, "_"], Int64[np.ndarray, "_"]]
"""Numbers of rows to learn from, and of those that decide."""


@dataclasses.dataclass(frozen=True)
class TrainingProblem:
    """A network to train, its loss and its data.

    Attributes:
        build: Makes the module from random number streams.
        loss: What is made small; of an `Objective` metrics are taken, too.
        schema: The inputs and targets.
        train: The training rows.
        valid: The validation rows, which decide when to stop and which weights to keep.
        freeze: Patterns of the paths of what is not trained.
        folds: For each network of a group the numbers of the training rows from which
            it learns, and of those which decide for it; `valid` is not looked at then.
    """

    build: Callable[[nnx.Rngs], nnx.Module]
    loss: Loss
    schema: Schema
    train: Arrays
    valid: Arrays
    freeze: tuple[str, ...] = ()
    folds: tuple[Fold, ...] = ()


def train_member(
    member: TrainingProblem,
    training: Training,
    *,
    seed: int,
    optimizer: optax.GradientTransformation | None = None,
    rates: optax.Schedule | None = None,
    snapshot: Callable[[TrainState], Snapshot | None] = lambda state: None,
    on_epoch: Callable[[Snapshot], Stop | None] = lambda snapshot: None,
    driver: DriverKind = "auto",
) -> Snapshot:
    """Train one network; see `train_group`, which this is for a single seed."""
    return train_group(
        member,
        training,
        seeds=(seed,),
        optimizer=optimizer,
        rates=rates,
        snapshots=lambda states: [snapshot(states[0])],
        on_epoch=lambda now, active: [on_epoch(now[0])],
        driver=driver,
    )[0]


def _afresh(states: list[TrainState]) -> list[Snapshot | None]:
    return [None] * len(states)


def train_group(
    member: TrainingProblem,
    training: Training,
    *,
    seeds: Sequence[int],
    optimizer: optax.GradientTransformation | None = None,
    rates: optax.Schedule | None = None,
    init: Sequence[Transfer] = (),
    snapshots: Callable[[list[TrainState]], Sequence[Snapshot | None]] = _afresh,
    on_step: Callable[[int, dict[str, Any]], None] | None = None,
    on_epoch: OnEpoch = lambda now, active: (),
    on_pace: Tell = lambda seconds: None,
    driver: DriverKind = "auto",
) -> list[Snapshot]:
    """Train networks until what is watched of each (`monitor`) stands still.

    Everything random follows from the seed, the epoch and the step, so that a run which
    goes on from a snapshot ends bit for bit where the unbroken run ends. Several
    networks take each step together, in one compiled program; each has its own order of
    the rows, its own best weights and its own end.

    Args:
        member: What to train.
        training: How; with a batch size.
        seeds: The seed of each network; several need inputs of a single length.
        optimizer: An Optax transformation instead of the one that the settings name.
        rates: The learning rate by update, instead of the one that the settings name.
        init: For each network the arrays with which it begins; none for all its own.
        snapshots: Given the initial states, the snapshots to go on from, or None. All
            networks that are not at their end have to be at the same epoch.
        on_step: Called with the number of a network and the record of a step.
        on_epoch: Called after each epoch with all snapshots, and the numbers of the
            networks that took part; may give back a `STOP` for each of these.
        on_pace: Called with the seconds that are left at most, from the second time on
            that the device has done some steps.
        driver: `"scan"` for many steps in each compiled program, `"loop"` for one,
            `"auto"` to choose.

    Returns:
        The last snapshots; `best` has the weights of the best epoch. After Ctrl-C they
        are those of the last whole epoch, marked `interrupted`.

    Raises:
        TrainingError: For a loss that is not finite, with the step and what to try; for
            settings that do not fit the network or its loss, before the first step.
    """
    # ---- what each step does
    several = len(seeds) > 1
    size, buckets = training.batch_size, member.schema.buckets
    among = [rows for rows, _ in member.folds] or [None] * len(seeds)
    most = max((len(held) for _, held in member.folds), default=0)
    valid = [_filled(member.train, held, most) for _, held in member.folds]
    valid = valid or member.valid
    plans = [
        _planner(member.train, buckets, size, seed, rows)
        for seed, rows in zip(seeds, among, strict=True)
    ]
    batches = len(plans[0](0))
    steps = training.epochs * batches
    schedule = None
    if optimizer is None:
        rates = rates or make_schedule(training, -(-steps // training.accumulate))
        optimizer = make_optimizer(training, steps, rates)
        # One small program, not one for each operation of the schedule.
        schedule = jax.jit(rates)
    augment = make_augmenter(training.augment, member.schema)
    abstract = nnx.eval_shape(lambda: member.build(nnx.Rngs(0)))
    if member.freeze:
        check_patterns(nnx.to_pure_dict(nnx.state(abstract, nnx.Param)), member.freeze)
    changes: dict[str, Any] = {"freeze": member.freeze, "ema": training.ema}
    step = make_step(abstract, member.loss, optimizer, augment=augment, **changes)
    check_monitor(
        training.monitor, member.loss, valid[0] if isinstance(valid, list) else valid
    )

    # ---- where to start; all programs are compiled at the same time
    def initial(key: jax.Array, given: Any) -> TrainState:
        init_key, run_key = jax.random.split(key)
        module = member.build(nnx.Rngs(init_key))
        return init_state(module, optimizer, key=run_key, given=given, **changes)

    keys = [jax.random.key(seed) for seed in seeds]
    given = [{"params": t.params, "model_state": t.model_state} for t in init]
    starts = given or [None] * len(keys)
    template = jax.eval_shape(initial, keys[0], starts[0])
    if several:
        template = jax.tree.map(
            lambda x: jax.ShapeDtypeStruct((len(seeds), *x.shape), x.dtype), template
        )
    if driver == "auto":
        driver = choose_driver(member.train, members=len(seeds))
    run: Driver = LoopDriver(step, member.train)
    if driver == "scan":
        run = ScanDriver(
            step,
            member.train,
            buckets,
            template,
            batch_size=size,
            steps=batches,
            members=len(seeds),
        )
    initialise = compile_ahead(Program(initial).lower(keys[0], starts[0]), once=True)
    score = Validator(
        make_eval_step(abstract, member.loss),
        member.loss,
        valid,
        buckets,
        template.weights,
        batch_size=size,
        members=len(seeds),
    )
    first = [initialise.result()(*each) for each in zip(keys, starts, strict=True)]
    now = [
        old or Snapshot(state, state.weights, Progress())
        for state, old in zip(first, snapshots(first), strict=True)
    ]

    # ---- the loop
    pace = Pace(steps, on_pace)
    try:
        while active := [n for n, s in enumerate(now) if not _over(s, training)]:
            start = time.perf_counter()
            # Networks at their end go along, so that the program is the same, unheard.
            epochs = [s.progress.epoch for s in now]
            epoch = epochs[active[0]]
            orders = [plan(epoch) for plan in plans]
            states = [s.state for s in now]
            state = _join(states) if several else states[0]
            step_before = epoch * batches

            def check(some: StepMetrics, at: int) -> None:
                first = step_before + at  # noqa: B023
                _check_finite(some["loss"][active], first, schedule)
                if on_step is not None:
                    _tell_steps(on_step, some, active, first)
                pace.reached(first + some["loss"].shape[1])

            state, measured = run(state, orders, check)
            scores = score(state.weights)
            states = _part(state, len(seeds)) if several else [state]
            for number in active:
                counts = [plan.counted for plan in orders[number]]
                valid_loss, metrics = scores[number]
                record = {
                    **_where(now[number], states[number], training, schedule),
                    "train_loss": _mean(measured["loss"][number], counts),
                    "valid_loss": valid_loss,
                    **_told(metrics, member.loss, training.monitor),
                    **_norms(measured, number, counts),
                    "seconds": round(time.perf_counter() - start, 3),
                }
                now[number] = _advance(now[number], states[number], record, training)
            for number, sign in zip(active, on_epoch(now, active), strict=False):
                if sign is STOP:
                    now[number] = now[number].stopped()
    except KeyboardInterrupt:
        now = [s if _over(s, training) else s.interrupted() for s in now]
    return now


@jax.jit
def _join(states: list[TrainState]) -> TrainState:
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *states)


@functools.partial(jax.jit, static_argnums=1)
def _part(state: TrainState, members: int) -> list[TrainState]:
    def one(at: int) -> TrainState:
        return jax.tree.map(lambda leaf: leaf[at], state)

    return [one(at) for at in range(members)]


def _filled(rows: Arrays, chosen: Int64[np.ndarray, "some"], size: int) -> Arrays:
    """Some rows, filled up to a size by such as do not count."""
    some = rows.take(np.resize(chosen, size))
    counts = np.arange(size) < len(chosen)
    return dataclasses.replace(some, weights=some.weights * counts)


def _planner(
    rows: Arrays,
    buckets: tuple[int, ...],
    size: int,
    seed: int,
    among: Int64[np.ndarray, "some"] | None,
) -> Callable[[int], list[BatchPlan]]:
    """A function that plans an epoch, of some of the rows or of all."""
    if among is None:
        lengths = rows.lengths
        return lambda epoch: plan_epoch(lengths, buckets, size, seed=seed, epoch=epoch)
    lengths = rows.lengths[among]

    def plan(epoch: int) -> list[BatchPlan]:
        plans = plan_epoch(lengths, buckets, size, seed=seed, epoch=epoch)
        return [dataclasses.replace(p, rows=among[p.rows]) for p in plans]

    return plan


def check_monitor(monitor: str, loss: Loss, valid: Arrays) -> None:
    """See that what is to be watched is there.

    Args:
        monitor: Its name in the records, such as `valid_auroc`.
        loss: The loss that is trained.
        valid: The validation rows.

    Raises:
        TrainingError: If no task gives it.
    """
    if monitor == "valid_loss":
        return
    names = loss.watchable(valid) if isinstance(loss, Objective) else ()
    if monitor not in names:
        raise TrainingError(
            f"monitor={monitor!r}: no task gives it: "
            f"{nearest(monitor, ('valid_loss', *names))}"
        )


def is_better(monitor: str, value: float | None, best: float | None) -> bool:
    """Check that a value of what is watched is better than another; None is none.

    Example:
        >>> is_better("valid_loss", 1.0, 2.0), is_better("valid_auroc:y", 0.7, 0.8)
        (True, False)
    """
    if value is None or best is None:
        return value is not None
    name = monitor.removeprefix("valid_").partition(":")[0]
    return value < best if name in LOWER_IS_BETTER else value > best


def _told(
    metrics: dict[str, float | None], loss: Loss, monitor: str
) -> dict[str, float | None]:
    """The metrics that a record has: the primary ones and what is watched."""
    if not isinstance(loss, Objective):
        return metrics
    names = dict.fromkeys([*loss.headlines, *loss.further, monitor])
    return {name: metrics.get(name) for name in names if name != "valid_loss"}


def _tell_steps(
    on_step: Callable[[int, dict[str, Any]], None],
    some: StepMetrics,
    active: Sequence[int],
    first: int,
) -> None:
    """Tell of each step of the networks that are not at their end."""
    for number in active:
        for at in range(some["loss"].shape[1]):
            values = {name: float(part[number, at]) for name, part in some.items()}
            on_step(number, {"step": first + at + 1, **values})


def _norms(
    measured: StepMetrics, number: int, counts: Sequence[int]
) -> dict[str, float]:
    """The means of what was measured at each step besides the loss."""
    means = {name: _mean(x[number], counts) for name, x in measured.items()}
    return {n: float(f"{mean:.4g}") for n, mean in means.items() if n != "loss"}


def _mean(values: np.ndarray, counts: Sequence[int]) -> float:
    return float(np.average(values.astype(np.float64), weights=counts))


def _check_finite(
    losses: np.ndarray, step: int, schedule: optax.Schedule | None
) -> None:
    """Losses `[members steps]` that begin after that many steps."""
    bad = np.flatnonzero(~np.isfinite(losses).all(axis=0))
    if bad.size:
        column = losses[:, bad[0]]
        number = step + int(bad[0]) + 1
        rate = ""
        if schedule is not None:
            rate = f" (learning rate {float(np.asarray(schedule(number - 1))):.3g})"
        raise TrainingError(
            f"the loss became {column[~np.isfinite(column)][0]} at step {number}"
            f"{rate}: try a learning rate ten times lower, clip=1, "
            f"more warm-up, or look for extreme values in the numeric columns"
        )


def _where(
    now: Snapshot,
    state: TrainState,
    training: Training,
    schedule: optax.Schedule | None,
) -> dict[str, Any]:
    """Where training is; an optimizer of the caller's has a rate of its own."""
    step = int(state.step)
    where = {"epoch": now.progress.epoch + 1, "step": step}
    if schedule is None:
        return where
    rate = np.asarray(schedule(step // training.accumulate)) * state.rate_scale
    return {**where, "learning_rate": float(rate)}


def _advance(
    now: Snapshot, state: TrainState, record: dict[str, Any], training: Training
) -> Snapshot:
    """The snapshot after an epoch, with the best weights so far."""
    if not np.isfinite(record["valid_loss"]):
        raise TrainingError(
            f"the validation loss became {record['valid_loss']} at step "
            f"{record['step']}: try a lower learning rate, or look for extreme values "
            f"in the validation rows"
        )
    progress = dataclasses.replace(
        now.progress, history=(*now.progress.history, record)
    )
    best, monitor = now.best, training.monitor
    before = progress.history[progress.best_epoch - 1].get(monitor)
    if not progress.best_epoch or is_better(monitor, record.get(monitor), before):
        progress = dataclasses.replace(progress, best_epoch=progress.epoch)
        best = state.weights
    waited = max(training.patience // 2, 1)
    if (
        training.schedule == "plateau"
        and progress.stale
        and not (progress.stale % waited)
    ):
        state = dataclasses.replace(state, rate_scale=state.rate_scale * 0.5)
    return Snapshot(state, best, progress)


def _over(now: Snapshot, training: Training) -> bool:
    """Check that a network is done: no epoch left, or nothing gained for long."""
    waited = bool(training.patience) and now.progress.stale >= training.patience
    return waited or now.progress.stopped or now.progress.epoch >= training.epochs
