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

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.batches import plan_epoch
from jaxbio.data.schema import Schema
from jaxbio.errors import TrainingError
from jaxbio.tasks import Objective
from jaxbio.train.augment import make_augmenter
from jaxbio.train.config import Training
from jaxbio.train.drivers import (
    Driver,
    LoopDriver,
    ScanDriver,
    choose_driver,
    compile_ahead,
)
from jaxbio.train.optimizers import make_optimizer, make_schedule
from jaxbio.train.state import TrainState, Weights
from jaxbio.train.step import init_state, make_eval_step, make_step
from jaxbio.train.validation import Validator

DriverKind = Literal["auto", "scan", "loop"]


@dataclasses.dataclass(frozen=True)
class Progress:
    """State of training after a whole epoch; goes to JSON.

    Attributes:
        history: One record an epoch: `epoch` (from 1), `step`, `train_loss`,
            `valid_loss`, the headline metrics, `learning_rate` and `seconds`.
        best_epoch: The epoch with the lowest validation loss; 0 before the first.
        best_loss: That loss; None before the first epoch.
        interrupted: Whether Ctrl-C ended the training.
    """

    history: tuple[dict, ...] = ()
    best_epoch: int = 0
    best_loss: float | None = None
    interrupted: bool = False

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


@dataclasses.dataclass(frozen=True)
class TrainingProblem:
    """A network to train, its objective and its data.

    Attributes:
        build: Makes the module from random number streams.
        objective: What the outputs mean.
        schema: The inputs and targets.
        train: The training rows.
        valid: The validation rows, which decide when to stop and which weights to keep.
    """

    build: Callable[[nnx.Rngs], nnx.Module]
    objective: Objective
    schema: Schema
    train: Arrays
    valid: Arrays


def train_member(
    member: TrainingProblem,
    training: Training,
    *,
    seed: int,
    optimizer: optax.GradientTransformation | None = None,
    snapshot: Callable[[TrainState], Snapshot | None] = lambda state: None,
    on_epoch: Callable[[Snapshot], None] = lambda snapshot: None,
    driver: DriverKind = "auto",
) -> Snapshot:
    """Train one network; see `train_group`, which this is for a single seed."""
    return train_group(
        member,
        training,
        seeds=(seed,),
        optimizer=optimizer,
        snapshots=lambda states: [snapshot(states[0])],
        on_epoch=lambda now, active: on_epoch(now[0]),
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
    snapshots: Callable[[list[TrainState]], Sequence[Snapshot | None]] = _afresh,
    on_epoch: Callable[[list[Snapshot], list[int]], None] = lambda now, active: None,
    driver: DriverKind = "auto",
) -> list[Snapshot]:
    """Train networks until the validation loss of each stands still.

    Everything random follows from the seed, the epoch and the step, so that a run which
    goes on from a snapshot ends bit for bit where the unbroken run ends. Several
    networks take each step together, in one compiled program; each has its own order of
    the rows, its own best weights and its own end.

    Args:
        member: What to train.
        training: How; with a batch size.
        seeds: The seed of each network; several need inputs of a single length.
        optimizer: An Optax transformation instead of the one that the settings name.
        snapshots: Given the initial states, the snapshots to go on from, or None. All
            networks that are not at their end have to be at the same epoch.
        on_epoch: Called after each epoch with all snapshots, and the numbers of the
            networks that took part.
        driver: `"scan"` for many steps in each compiled program, `"loop"` for one,
            `"auto"` to choose.

    Returns:
        The last snapshots; `best` has the weights with the lowest validation loss.
        After Ctrl-C they are those of the last whole epoch, marked `interrupted`.

    Raises:
        TrainingError: For a loss that is not finite, with the step and what to try.
    """
    # ---- what each step does
    several = len(seeds) > 1
    size, buckets = training.batch_size, member.schema.buckets
    plans = [_planner(member.train, buckets, size, seed) for seed in seeds]
    batches = len(plans[0](0))
    steps = training.epochs * batches
    optimizer = optimizer or make_optimizer(training, steps)
    # One small program, not one for each operation of the schedule.
    schedule = jax.jit(make_schedule(training, -(-steps // training.accumulate)))
    augment = make_augmenter(training.augment, member.schema)
    abstract = nnx.eval_shape(lambda: member.build(nnx.Rngs(0)))
    step = make_step(abstract, member.objective, optimizer, augment=augment)

    # ---- where to start; all programs are compiled at the same time
    def initial(key: jax.Array) -> TrainState:
        init_key, run_key = jax.random.split(key)
        return init_state(member.build(nnx.Rngs(init_key)), optimizer, key=run_key)

    keys = [jax.random.key(seed) for seed in seeds]
    template = jax.eval_shape(initial, keys[0])
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
    initialise = compile_ahead(jax.jit(initial).lower(keys[0]), once=True)
    score = Validator(
        make_eval_step(abstract, member.objective),
        member.objective,
        member.valid,
        buckets,
        Weights(template.params, template.model_state),
        batch_size=size,
        members=len(seeds),
    )
    first = [initialise.result()(key) for key in keys]
    now = [
        old or Snapshot(state, Weights(state.params, state.model_state), Progress())
        for state, old in zip(first, snapshots(first), strict=True)
    ]

    # ---- the loop
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

            def check(losses: np.ndarray, at: int) -> None:
                trained = losses[active]
                _check_finite(trained, step_before + at, schedule)  # noqa: B023

            state, losses = run(state, orders, check)
            scores = score(Weights(state.params, state.model_state))
            states = _part(state, len(seeds)) if several else [state]
            for number in active:
                counts = [plan.counted for plan in orders[number]]
                by_step = losses[number].astype(np.float64)
                valid_loss, metrics = scores[number]
                record = {
                    **_where(now[number], states[number], training, schedule),
                    "train_loss": float(np.average(by_step, weights=counts)),
                    "valid_loss": valid_loss,
                    **metrics,
                    "seconds": round(time.perf_counter() - start, 3),
                }
                now[number] = _advance(now[number], states[number], record, training)
            on_epoch(now, active)
    except KeyboardInterrupt:
        now = [s if _over(s, training) else _interrupted(s) for s in now]
    return now


@jax.jit
def _join(states: list[TrainState]) -> TrainState:
    return jax.tree.map(lambda *leaves: jnp.stack(leaves), *states)


@functools.partial(jax.jit, static_argnums=1)
def _part(state: TrainState, members: int) -> list[TrainState]:
    def one(at: int) -> TrainState:
        return jax.tree.map(lambda leaf: leaf[at], state)

    return [one(at) for at in range(members)]


def _planner(rows: Arrays, buckets: tuple[int, ...], size: int, seed: int):
    return lambda epoch: plan_epoch(rows.lengths, buckets, size, seed=seed, epoch=epoch)


def _check_finite(losses: np.ndarray, step: int, schedule: optax.Schedule) -> None:
    """Losses `[members steps]` that begin after that many steps."""
    bad = np.flatnonzero(~np.isfinite(losses).all(axis=0))
    if bad.size:
        column = losses[:, bad[0]]
        number = step + int(bad[0]) + 1
        rate = float(np.asarray(schedule(number - 1)))
        raise TrainingError(
            f"the loss became {column[~np.isfinite(column)][0]} at step {number} "
            f"(learning rate {rate:.3g}): try a learning rate ten times lower, clip=1, "
            f"more warm-up, or look for extreme values in the numeric columns"
        )


def _interrupted(now: Snapshot) -> Snapshot:
    progress = dataclasses.replace(now.progress, interrupted=True)
    return dataclasses.replace(now, progress=progress)


def _where(
    now: Snapshot, state: TrainState, training: Training, schedule: optax.Schedule
) -> dict[str, Any]:
    step = int(state.step)
    rate = np.asarray(schedule(step // training.accumulate)) * state.rate_scale
    return {"epoch": now.progress.epoch + 1, "step": step, "learning_rate": float(rate)}


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
    best = now.best
    if progress.best_loss is None or record["valid_loss"] < progress.best_loss:
        progress = dataclasses.replace(
            progress, best_epoch=progress.epoch, best_loss=record["valid_loss"]
        )
        best = Weights(state.params, state.model_state)
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
    return waited or now.progress.epoch >= training.epochs
