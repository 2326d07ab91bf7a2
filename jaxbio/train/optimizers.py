"""Optimizers by name, with warm-up, schedule, clipping and accumulation, from Optax."""

import functools
import hashlib
import inspect
import types
from collections.abc import Callable, Mapping
from typing import Any

import jax
import numpy as np
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


def make_optimizer(
    training: Training, steps: int, rates: optax.Schedule | None = None
) -> optax.GradientTransformation:
    """The optimizer that the settings describe.

    Args:
        training: The settings.
        steps: The number of batches of the whole run.
        rates: The learning rate by update; None for the one of the settings.

    Raises:
        TrainingError: For an unknown name.
    """
    if training.optimizer not in OPTIMIZERS:
        raise TrainingError(
            f"unknown optimizer {training.optimizer!r}: "
            f"{nearest(training.optimizer, OPTIMIZERS)}"
        )
    rates = rates or make_schedule(training, -(-steps // training.accumulate))
    optimizer = OPTIMIZERS[training.optimizer](
        rates, weight_decay=training.weight_decay, mask=_decayed
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


def check_schedule(rates: Any) -> None:
    """See that a function gives learning rates.

    Raises:
        TrainingError: If it is no function of a step, or gives no number.
    """
    try:
        rate = float(np.asarray(rates(0)))
        # As in a compiled step, where the number of the update is no number yet.
        traced = jax.eval_shape(rates, jax.ShapeDtypeStruct((), np.int32))
        fits = (
            np.shape(traced) == ()
            if isinstance(traced, int | float)
            else (getattr(traced, "shape", None) == ())
        )
        if not fits:
            raise TypeError("it gives no single number")
    except Exception as error:
        raise TrainingError(
            f"learning_rate is {rates!r:.60}: give a number or an Optax schedule, a "
            f"function of the number of the update ({str(error)[:200]})"
        ) from None
    if not rate >= 0:
        raise TrainingError(
            f"the learning rate of the first update is {rate}: it cannot be negative"
        )


def fingerprint(part: Any) -> str:
    """A digest of a function and of what it closes over, such as an optimizer.

    Args:
        part: An Optax transformation or schedule.

    Returns:
        16 hexadecimal digits that differ for other rates, decays and parts.

    Example:
        >>> fingerprint(optax.adam(1e-3)) == fingerprint(optax.adam(1e-3))
        True
        >>> fingerprint(optax.adam(1e-3)) == fingerprint(optax.adam(1e-4))
        False
    """
    return hashlib.sha256(_words(part, ()).encode()).hexdigest()[:16]


def _words(part: Any, inside: tuple[int, ...]) -> str:
    """What a value is made of; `inside` holds what is being looked at."""
    if id(part) in inside:
        return "again"
    inside = (*inside, id(part))
    if isinstance(part, functools.partial):
        part = (part.func, part.args, part.keywords)
    if isinstance(part, Mapping):
        part = sorted(part.items(), key=str)
    if isinstance(part, tuple | list):
        return f"({', '.join(_words(each, inside) for each in part)})"
    if inspect.ismethod(part):
        return f"{_words(part.__func__, inside)} of {_words(part.__self__, inside)}"
    if hasattr(part, "__code__"):
        found = inspect.getclosurevars(part)
        bound = (found.nonlocals, part.__defaults__ or (), part.__kwdefaults__ or {})
        own = ""
        if str(part.__module__).partition(".")[0] not in _LIBRARIES:
            values = {k: x for k, x in found.globals.items() if _is_plain(x)}
            own = _code_words(part.__code__) + _words(values, inside)
        return f"{part.__module__}.{part.__qualname__}{own}{_words(bound, inside)}"
    if isinstance(part, jax.Array | np.ndarray | np.generic):
        return repr(np.asarray(part).tolist())
    if _is_plain(part):
        return repr(part)
    if isinstance(part, type):
        return part.__qualname__
    if getattr(part, "__dict__", None):
        return f"{type(part).__qualname__}{_words(vars(part), inside)}"
    return type(part).__qualname__


_LIBRARIES = ("optax", "jax", "chex", "numpy", "flax")  # functions with names enough


def _is_plain(value: Any) -> bool:
    return isinstance(value, str | int | float | complex | bool | bytes | None)


def _code_words(code: types.CodeType) -> str:
    """What a function does, as far as its code says: `lambda step: 0.1`."""
    constants = [
        _code_words(each)
        if isinstance(each, types.CodeType)
        else repr(sorted(each, key=repr) if isinstance(each, frozenset) else each)
        for each in code.co_consts
    ]
    return f"{code.co_code.hex()}{code.co_names}{constants}"
