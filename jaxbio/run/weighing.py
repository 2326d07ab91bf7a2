"""Weights of the parts of a mixture, by the loss of validation rows."""

import functools
from collections.abc import Mapping, Sequence
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from jaxtyping import Array, Float

from jaxbio.data.batching.arrays import Arrays
from jaxbio.run.ensemble import MixtureWeights
from jaxbio.tasks import Objective

_DRAWS = 20  # of the validation rows
_STEPS = 20  # of each draw's selection
_MOST_ROWS = 5000
_ENOUGH = 20  # rows that decide; of fewer equal shares have a part, too


def choose_weights(
    objective: Objective,
    outputs: Sequence[Mapping[str, Float[np.ndarray, "n width"]]],
    valid: Arrays,
    *,
    seed: int,
) -> MixtureWeights:
    """Weights of parts by which the loss of validation rows is small.

    Parts are added one at a time, with replacement, each time the one that helps most;
    the weights are the shares of the parts, averaged over draws of the rows, and of
    fewer than 20 rows the nearer to equal ones the fewer there are, so that few rows
    do not choose one part by chance.

    Args:
        objective: The loss.
        outputs: What each part gives before the link, by target; empty for a part that
            has no say.
        valid: The validation rows.
        seed: Of the draws.

    Source:
        Caruana R et al. (2004) Ensemble selection from libraries of models, ICML.
    """
    random = np.random.default_rng(seed)
    rows = np.arange(len(valid))
    if len(rows) > _MOST_ROWS:
        rows = np.sort(random.choice(rows, _MOST_ROWS, replace=False))
    draws = random.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), _DRAWS)
    counts = draws * valid.weights[rows]
    voters = [at for at, each in enumerate(outputs) if each]
    weights: MixtureWeights = {}
    for name, task in objective.tasks.items():
        loss = functools.partial(task.loss, spec=objective.specs[name])
        some = jnp.stack([outputs[at][name][rows] for at in voters])
        target: Any = valid.targets[name]
        shares = _selected(loss, some, jnp.asarray(target[rows]), jnp.asarray(counts))
        known = int((valid.weights[rows] > 0).sum())
        weights[name] = np.zeros(len(outputs), np.float32)
        weights[name][voters] = _towards_equal(np.asarray(shares), some, known)
    return weights


def _towards_equal(
    shares: Float[np.ndarray, "parts"], outputs: Array, rows: int
) -> Float[np.ndarray, "parts"]:
    """The shares, of few rows with equal ones of the parts that answer for all rows."""
    usable = np.asarray(jnp.isfinite(outputs).all(axis=(1, 2)), np.float32)
    equal = max(1 - rows / _ENOUGH, 0.0)
    return (1 - equal) * shares + equal * usable / max(usable.sum(), 1)


def _selected(
    loss: Any,
    outputs: Float[Array, "parts n width"],
    targets: Array,
    counts: Float[Array, "draws n"],
) -> Float[Array, "parts"]:
    """The share of each part, averaged over draws of the rows."""

    @jax.jit
    def run(outputs: Array, targets: Array, counts: Array) -> Array:
        def mean(values: Array, weights: Array) -> Array:
            each, known = loss(values, targets)
            weights = weights * known
            return (each * weights).sum() / jnp.maximum(weights.sum(), 1e-12)

        def of_draw(weights: Array) -> Array:
            def step(state: tuple, _: Any) -> tuple:
                total, taken = state
                size = taken.sum() + 1
                losses = lax_map(lambda x: mean((total + x) / size, weights), outputs)
                best = jnp.argmin(jnp.where(jnp.isnan(losses), jnp.inf, losses))
                return (total + outputs[best], taken.at[best].add(1.0)), None

            start = jnp.zeros(outputs.shape[1:]), jnp.zeros(len(outputs))
            (_, taken), _ = jax.lax.scan(step, start, None, length=_STEPS)
            return taken / _STEPS

        return lax_map(of_draw, counts).mean(axis=0)

    lax_map = jax.lax.map
    return run(outputs, targets, counts)
