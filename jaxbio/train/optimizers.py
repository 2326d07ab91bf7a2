"""Optimizers by name, with warm-up, schedule, clipping and accumulation, from Optax."""

from collections.abc import Callable

import jax
import optax

from jaxbio.errors import TrainingError, nearest
from jaxbio.train.config import Training

OPTIMIZERS: dict[str, Callable[..., optax.GradientTransformation]] = {
    "sgd": lambda rate, **_: optax.sgd(rate),
    "momentum": lambda rate, **_: optax.sgd(rate, momentum=0.9, nesterov=True),
    "adam": lambda rate, **_: optax.adam(rate),
    "adamw": optax.adamw,
    "lion": optax.lion,
    "lamb": optax.lamb,
}
"""The optimizers by name; those with decoupled weight decay take it."""


def make_schedule(training: Training, steps: int) -> optax.Schedule:
    """The learning rate by update number.

    Args:
        training: The settings.
        steps: The number of updates of the whole run.

    Example:
        >>> rate = make_schedule(Training(learning_rate=0.1, warmup=0.5), steps=10)
        >>> [round(float(rate(step)), 3) for step in (0, 5, 10)]
        [0.0, 0.1, 0.0]
    """
    warmup = round(training.warmup * steps)
    peak = training.learning_rate
    if training.schedule == "cosine":
        rest = optax.cosine_decay_schedule(peak, max(steps - warmup, 1))
    else:
        rest = optax.constant_schedule(peak)
    if not warmup:
        return rest
    rise = optax.linear_schedule(0.0, peak, warmup)
    return optax.join_schedules([rise, rest], [warmup])


def make_optimizer(training: Training, steps: int) -> optax.GradientTransformation:
    """The optimizer that the settings describe.

    Args:
        training: The settings.
        steps: The number of batches of the whole run.

    Raises:
        TrainingError: For an unknown name.
    """
    if training.optimizer not in OPTIMIZERS:
        raise TrainingError(
            f"unknown optimizer {training.optimizer!r}: "
            f"{nearest(training.optimizer, OPTIMIZERS)}"
        )
    schedule = make_schedule(training, -(-steps // training.accumulate))
    optimizer = OPTIMIZERS[training.optimizer](
        schedule, weight_decay=training.weight_decay, mask=_decayed
    )
    if training.clip:
        clip = optax.clip_by_global_norm(training.clip)
        optimizer = optax.chain(clip, optimizer)
    if training.accumulate > 1:
        multi = optax.MultiSteps(optimizer, every_k_schedule=training.accumulate)
        optimizer = multi.gradient_transformation()
    return optimizer


def _decayed(params):
    """Weight decay acts on kernels, not on biases, scales and other vectors."""
    return jax.tree.map(lambda value: value.ndim > 1, params)
