"""Training of autoencoders of counts, in batches of a matrix that stays sparse."""

import dataclasses
from collections.abc import Callable, Iterator
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
import optax
from flax import nnx
from jaxtyping import Array, Float32

from jaxbio.data.batching.prefetch import prefetch
from jaxbio.data.expression import count_moments
from jaxbio.errors import TrainingError
from jaxbio.singlecell.autoencoder import Autoencoder, VariationalAutoencoder
from jaxbio.train.state import TrainState
from jaxbio.train.step import Batch, Step, init_state


@dataclasses.dataclass(frozen=True)
class LatentConfig:
    """Settings of an autoencoder and of its training.

    Attributes:
        variational: Whether the latent space is that of a variational autoencoder.
        latent: Numbers that describe a cell.
        hidden: Width of each layer of the encoder; of the decoder in reverse.
        dropout: Share of the hidden units set to 0 in training.
        zero_inflation: Whether counts may also be 0 for being lost.
        kl_weight: The weight of the divergence from the prior.
        warmup: Epochs in which that weight rises from 0.
        learning_rate: Of Adam.
        patience: Epochs without a better validation loss after which training stops;
            0 to go through all epochs.
    """

    variational: bool = True
    latent: int = 10
    hidden: tuple[int, ...] = (128,)
    dropout: float = 0.1
    zero_inflation: bool = False
    kl_weight: float = 1.0
    warmup: int = 10
    learning_rate: float = 1e-3
    patience: int = 10


History = list[dict[str, float]]
"""The losses of each epoch, in nats a cell: `train`, and `valid` if any were held."""


def make_autoencoder(
    matrix: Any, config: LatentConfig = LatentConfig(), *, rngs: nnx.Rngs
) -> Autoencoder:
    """An autoencoder with the statistics of a matrix, not yet trained.

    Args:
        matrix: Raw counts of training cells, `scipy.sparse.csr_matrix` `[cells genes]`.
        config: What it is like.
        rngs: Keys for the weights.
    """
    moments = count_moments(matrix)
    kind = VariationalAutoencoder if config.variational else Autoencoder
    return kind(
        moments.mean,
        moments.scale,
        share=moments.share,
        latent=config.latent,
        hidden=config.hidden,
        dropout=config.dropout,
        zero_inflation=config.zero_inflation,
        rngs=rngs,
    )


def make_latent_step(
    module: Autoencoder, optimizer: optax.GradientTransformation
) -> Step:
    """The pure function that makes one step; for `jax.jit` and `scan_steps`.

    Args:
        module: The network, of which only the structure is used.
        optimizer: Any Optax transformation.

    Returns:
        `step(state, batch) -> (state, metrics)` for a state of `init_state` and a batch
        with `counts` `[batch genes]`, `weights` `[batch]` and `kl_weight` `[]`; the
        metrics are the `loss` and the gradient norm.
    """
    graph = nnx.split(module, nnx.Param, ...)[0]

    def step(state: TrainState, batch: Batch) -> tuple[TrainState, dict[str, Any]]:
        key = jax.random.fold_in(state.key, state.step)
        dropout_key, latent_key = jax.random.split(key)

        def loss_fn(params: Any) -> Array:
            model: Any = nnx.merge(graph, params, state.model_state)
            rngs = nnx.Rngs(dropout=dropout_key, latent=latent_key)
            cells = model.loss(batch["counts"], rngs=rngs, kl_weight=batch["kl_weight"])
            weights = batch["weights"]
            return (cells * weights).sum() / jnp.maximum(weights.sum(), 1e-12)

        loss, gradients = jax.value_and_grad(loss_fn)(state.params)
        updates, opt_state = optimizer.update(gradients, state.opt_state, state.params)
        changed = dataclasses.replace(
            state,
            step=state.step + 1,
            params=optax.apply_updates(state.params, updates),
            opt_state=opt_state,
        )
        return changed, {"loss": loss, "gradient_norm": optax.tree.norm(gradients)}

    return step


def fit_latent(
    matrix: Any,
    config: LatentConfig = LatentConfig(),
    *,
    epochs: int = 100,
    batch_size: int = 128,
    seed: int = 0,
    valid_share: float = 0.1,
    report: Callable[[dict[str, float]], None] | None = None,
) -> tuple[Autoencoder, History]:
    """Train an autoencoder on raw counts, without labels.

    The matrix stays sparse: dense are the batches alone. The parameters are those of
    the epoch with the smallest loss of the cells held out for validation. The same seed
    gives the same result on the same machine.

    Args:
        matrix: Raw counts, `scipy.sparse.csr_matrix` `[cells genes]`.
        config: What the network is like and how it learns.
        epochs: The most passes over the training cells.
        batch_size: Cells a step.
        seed: From which everything random follows.
        valid_share: The share of cells that are held out to say when to stop; 0 for
            none, and all epochs.
        report: Called with the losses of each epoch.

    Returns:
        The network, for `encode_cells`, and the losses of each epoch.

    Raises:
        TrainingError: For too few cells, or a loss that is no longer finite.

    Example:
        >>> from scipy import sparse
        >>> counts = np.random.default_rng(0).poisson(1.0, (60, 30)).astype(np.float32)
        >>> matrix = sparse.csr_matrix(counts)
        >>> config = LatentConfig(latent=2, hidden=(8,))
        >>> model, history = fit_latent(matrix, config, epochs=3, batch_size=16)
        >>> encode_cells(model, matrix).shape, len(history)
        ((60, 2), 3)
    """
    order = np.random.default_rng(seed).permutation(matrix.shape[0])
    holdout = round(valid_share * len(order))
    valid, train = np.sort(order[:holdout]), np.sort(order[holdout:])
    if len(train) < 2:
        raise TrainingError(
            f"{len(train)} cells to train on: give more, or hold fewer out "
            f"(valid_share={valid_share})"
        )
    batch_size = min(batch_size, len(train))
    module = make_autoencoder(
        matrix[train] if holdout else matrix, config, rngs=nnx.Rngs(seed)
    )
    graph = nnx.split(module, nnx.Param, ...)[0]
    optimizer = optax.chain(
        optax.clip_by_global_norm(100.0), optax.adam(config.learning_rate, eps=1e-6)
    )
    state = init_state(module, optimizer, key=jax.random.key(seed))
    step = jax.jit(make_latent_step(module, optimizer), donate_argnums=0)
    evaluate = jax.jit(_evaluator(module, config.kl_weight))
    history: History = []
    best, best_params, waited = np.inf, None, 0
    for epoch in range(epochs):
        warm = min(1.0, (epoch + 1) / max(config.warmup, 1))
        weight = np.float32(config.kl_weight * warm)
        rng = np.random.default_rng([seed, epoch])
        losses = []
        for batch in prefetch(_batches(matrix, rng.permutation(train), batch_size)):
            state, metrics = step(state, {**batch, "kl_weight": weight})
            losses.append(metrics["loss"])
            # Else batches would pile up that wait for their step.
            jax.block_until_ready(losses[-2:][0])
        losses = {"train": float(np.mean(jax.device_get(losses)))}
        if holdout:
            losses["valid"] = _mean_loss(evaluate, state, matrix, valid, batch_size)
        history.append(losses)
        if report is not None:
            report(losses)
        watched = losses.get("valid", losses["train"])
        if not np.isfinite(watched):
            raise TrainingError(
                f"the loss of epoch {epoch + 1} is {watched}: lower the learning rate "
                f"({config.learning_rate})"
            )
        waited = 0 if watched < best else waited + 1
        if watched < best or not holdout:
            best = watched
            best_params = jax.tree.map(jnp.copy, state.params)
        # Losses are comparable once the divergence has its full weight.
        if holdout and 0 < config.patience <= waited and epoch >= config.warmup:
            break
    return nnx.merge(graph, best_params, state.model_state), history


def encode_cells(
    model: Autoencoder, matrix: Any, *, batch_size: int = 512
) -> Float32[np.ndarray, "cells latent"]:
    """The latent description of each cell.

    Args:
        model: A network of `fit_latent`.
        matrix: Raw counts, `scipy.sparse.csr_matrix` `[cells genes]`.
        batch_size: Cells that are dense at a time.
    """
    graph, values = nnx.split(model)
    encode = jax.jit(lambda values, x: nnx.merge(graph, values).encode(x))
    parts = []
    for batch in _batches(matrix, np.arange(matrix.shape[0]), batch_size):
        mask = batch["weights"] > 0
        parts.append(np.asarray(encode(values, batch["counts"]))[mask])
    return np.concatenate(parts)


def _batches(
    matrix: Any, rows: np.ndarray, size: int
) -> Iterator[dict[str, np.ndarray]]:
    """Dense batches of one size; the last is filled up with cells of no weight."""
    for start in range(0, len(rows), size):
        group = rows[start : start + size]
        counts = np.zeros((size, matrix.shape[1]), np.float32)
        matrix[group].toarray(out=counts[: len(group)])
        yield {
            "counts": counts,
            "weights": (np.arange(size) < len(group)).astype(np.float32),
        }


def _evaluator(module: Autoencoder, kl_weight: float) -> Callable[..., Array]:
    graph = nnx.split(module, nnx.Param, ...)[0]

    def evaluate(params: Any, model_state: Any, counts: Array) -> Array:
        model: Any = nnx.merge(graph, params, model_state)
        return model.loss(counts, kl_weight=kl_weight)

    return evaluate


def _mean_loss(
    evaluate: Callable[..., Array],
    state: TrainState,
    matrix: Any,
    rows: np.ndarray,
    size: int,
) -> float:
    total = 0.0
    for batch in _batches(matrix, rows, size):
        losses = evaluate(state.params, state.model_state, batch["counts"])
        total += float(np.asarray(losses, np.float64) @ batch["weights"])
    return total / len(rows)
