"""The training loop: one linear function over pure steps."""

import dataclasses
import time
from collections.abc import Callable
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx

from jaxbio.data.batches import BatchPlan, in_order, plan_epoch, plan_rows
from jaxbio.data.columns import Track
from jaxbio.data.schema import Arrays, Schema
from jaxbio.errors import TrainingError
from jaxbio.tasks import Objective
from jaxbio.train.augment import make_augmenter
from jaxbio.train.config import Training
from jaxbio.train.optimizers import make_optimizer, make_schedule
from jaxbio.train.state import TrainState
from jaxbio.train.step import init_state, make_eval_step, make_step

_CHECK_EVERY = 200
"""Steps between two looks at the loss; a look waits for the device."""


@dataclasses.dataclass(frozen=True)
class Weights:
    """What a network needs to predict: nested dicts of arrays."""

    params: Any
    model_state: Any


@dataclasses.dataclass(frozen=True)
class Progress:
    """Where training stands after a whole epoch; goes to JSON.

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
class Member:
    """What to train: a network, its objective and its data.

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
    member: Member,
    training: Training,
    *,
    seed: int,
    optimizer: optax.GradientTransformation | None = None,
    snapshot: Callable[[TrainState], Snapshot | None] = lambda state: None,
    on_epoch: Callable[[Snapshot], None] = lambda snapshot: None,
) -> Snapshot:
    """Train one network until its validation loss stands still.

    Everything random follows from the seed, the epoch and the step, so that a run which
    goes on from a snapshot ends bit for bit where the unbroken run ends.

    Args:
        member: What to train.
        training: How; with a batch size.
        seed: The seed of this network.
        optimizer: An Optax transformation instead of the one that the settings name.
        snapshot: Given the initial state, the snapshot to go on from, or None.
        on_epoch: Called after each epoch.

    Returns:
        The last snapshot; its `best` has the weights with the lowest validation loss.
        After Ctrl-C that is the snapshot of the last whole epoch, marked `interrupted`.

    Raises:
        TrainingError: For a loss that is not finite, with the step and what to try.
    """
    # ---- what each step does
    size = training.batch_size
    buckets = member.schema.buckets
    plan = _planner(member.train, buckets, size, seed)
    steps = training.epochs * len(plan(0))
    optimizer = optimizer or make_optimizer(training, steps)
    schedule = make_schedule(training, -(-steps // training.accumulate))
    augment = make_augmenter(training.augment, member.schema)
    abstract = nnx.eval_shape(lambda: member.build(nnx.Rngs(0)))
    step = make_step(abstract, member.objective, optimizer, augment=augment)
    step = jax.jit(step, donate_argnums=0)
    evaluate = jax.jit(make_eval_step(abstract, member.objective))

    # ---- where to start
    @jax.jit
    def initial(key: jax.Array) -> TrainState:
        init_key, run_key = jax.random.split(key)
        return init_state(member.build(nnx.Rngs(init_key)), optimizer, key=run_key)

    state = initial(jax.random.key(seed))
    now = snapshot(state) or Snapshot(
        state, Weights(state.params, state.model_state), Progress()
    )
    state = jax.tree.map(jnp.copy, now.state)  # the steps below consume it

    # ---- the loop
    try:
        while now.progress.epoch < training.epochs and not _done(now, training):
            start = time.perf_counter()
            state, train_loss = _run_epoch(
                step, state, member.train, plan(now.progress.epoch), schedule
            )
            weights = Weights(state.params, state.model_state)
            valid_loss, metrics = score(evaluate, weights, member, size)
            if not np.isfinite(valid_loss):
                raise TrainingError(
                    f"the validation loss became {valid_loss} at step "
                    f"{int(state.step)}: try a lower learning rate, or look for "
                    f"extreme values in the validation rows"
                )
            record = {
                "epoch": now.progress.epoch + 1,
                "step": int(state.step),
                "train_loss": train_loss,
                "valid_loss": valid_loss,
                **metrics,
                "learning_rate": float(
                    schedule(int(state.step) // training.accumulate) * state.rate_scale
                ),
                "seconds": round(time.perf_counter() - start, 3),
            }
            state, now = _advance(now, state, record, training)
            on_epoch(now)
    except KeyboardInterrupt:
        progress = dataclasses.replace(now.progress, interrupted=True)
        now = dataclasses.replace(now, progress=progress)
    return now


def score(
    evaluate: Callable, weights: Weights, member: Member, batch_size: int
) -> tuple[float, dict[str, float | None]]:
    """The exact mean loss of the validation rows, and each target's headline metric.

    Args:
        evaluate: A jitted `make_eval_step`.
        weights: The network's values.
        member: The rows and the objective.
        batch_size: Rows a batch.

    Returns:
        The loss, and metrics by names such as `valid_auroc` (`valid_auroc:TARGET` with
        several targets).
    """
    rows, objective = member.valid, member.objective
    totals = {name: np.zeros(2) for name in objective.tasks}
    results: dict[str, list[tuple[BatchPlan, np.ndarray]]] = {n: [] for n in totals}
    for plan in plan_rows(rows.lengths, member.schema.buckets, batch_size):
        batch = rows.batch(plan.rows, plan.length, counted=plan.counted)
        sums, predictions = evaluate(weights.params, weights.model_state, batch)
        for name in totals:
            totals[name] += np.asarray(sums[name], np.float64)
            results[name].append((plan, np.asarray(predictions[name])))
    metrics = {}
    for name, task in objective.tasks.items():
        lengths = rows.lengths * task.per_position
        values = in_order(results[name], lengths)
        predicted = (np.concatenate if task.per_position else np.stack)(values)
        truth = rows.targets[name]
        truth = truth.values if isinstance(truth, Track) else truth
        measured = task.metrics(truth, predicted, objective.specs[name])
        suffix = f":{name}" if len(objective.tasks) > 1 else ""
        metrics[f"valid_{task.headline}{suffix}"] = measured.get(task.headline)
    loss = sum(
        task.weight * totals[name][0] / max(totals[name][1], 1e-12)
        for name, task in objective.tasks.items()
    )
    return float(loss), metrics


def _planner(rows: Arrays, buckets: tuple[int, ...], size: int, seed: int):
    return lambda epoch: plan_epoch(rows.lengths, buckets, size, seed=seed, epoch=epoch)


def _run_epoch(
    step, state: TrainState, rows: Arrays, plans: list[BatchPlan], schedule
) -> tuple[TrainState, float]:
    """One pass over the rows: the new state and the mean loss of its examples."""
    losses, weights = [], []
    for number, plan in enumerate(plans, start=1):
        batch = rows.batch(plan.rows, plan.length, counted=plan.counted)
        state, metrics = step(state, batch)
        losses.append(metrics["loss"])
        weights.append(plan.counted)
        if number % _CHECK_EVERY == 0 or number == len(plans):
            _check_finite(losses, state, schedule)
    values = np.asarray(jnp.stack(losses), np.float64)
    return state, float(np.average(values, weights=weights))


def _check_finite(losses: list[jax.Array], state: TrainState, schedule) -> None:
    recent = np.asarray(jnp.stack(losses[-_CHECK_EVERY:]))
    bad = np.flatnonzero(~np.isfinite(recent))
    if bad.size:
        number = int(state.step) - len(recent) + int(bad[0]) + 1
        rate = float(schedule(number - 1))
        raise TrainingError(
            f"the loss became {recent[bad[0]]} at step {number} (learning rate "
            f"{rate:.3g}): try a learning rate ten times lower, clip=1, more warm-up, "
            f"or look for extreme values in the numeric columns"
        )


def _advance(
    now: Snapshot, state: TrainState, record: dict, training: Training
) -> tuple[TrainState, Snapshot]:
    """The snapshot after an epoch, with the best weights so far."""
    progress = dataclasses.replace(
        now.progress, history=(*now.progress.history, record)
    )
    best = now.best
    if progress.best_loss is None or record["valid_loss"] < progress.best_loss:
        progress = dataclasses.replace(
            progress, best_epoch=progress.epoch, best_loss=record["valid_loss"]
        )
        kept = Weights(state.params, state.model_state)
        best = Weights(*jax.tree.map(jnp.copy, (kept.params, kept.model_state)))
    waited = max(training.patience // 2, 1)
    if (
        training.schedule == "plateau"
        and progress.stale
        and not (progress.stale % waited)
    ):
        state = dataclasses.replace(state, rate_scale=state.rate_scale * 0.5)
    held = jax.tree.map(jnp.copy, state)  # the next step consumes `state`
    return state, Snapshot(held, best, progress)


def _done(now: Snapshot, training: Training) -> bool:
    return bool(training.patience) and now.progress.stale >= training.patience
