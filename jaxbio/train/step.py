"""The pure train and evaluation steps: for `jax.jit`, `vmap`, `scan` and shardings."""

import dataclasses
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import optax
from flax import nnx
from jax.sharding import PartitionSpec
from jaxtyping import Array

from jaxbio.errors import TrainingError
from jaxbio.nn.modes import evaluated, evaluation_graph
from jaxbio.nn.sharding import automatic, by_rows, spec_of
from jaxbio.tasks import Task
from jaxbio.tasks.objective import Batch, Loss, Objective, Sums, as_loss, total
from jaxbio.train.freeze import combined, parted, unmoved
from jaxbio.train.state import TrainState
from jaxbio.train.transfer import replaced

Step = Callable[[TrainState, Batch], tuple[TrainState, dict[str, Any]]]
Augmenter = Callable[[Batch, Array], Batch]
EvalStep = Callable[[Any, Any, Batch], tuple[Sums, dict[str, Array]]]


def make_train_step(
    module: nnx.Module,
    loss: Loss | Task | Mapping[str, Task],
    optimizer: optax.GradientTransformation,
    *,
    key: Array,
    augment: Augmenter | None = None,
    freeze: tuple[str, ...] = (),
    ema: float = 0.0,
) -> tuple[TrainState, Step]:
    """The initial state of training and the function that makes one step.

    Nothing is jitted here: the caller jits, vmaps, scans or shards.

    Args:
        module: A network. Tasks take what it makes of a batch's `inputs`.
        loss: A function `loss(module, batch, rngs) -> {name: (sum, weight)}`; the sum
            of the means is made small. A task stands for a network with one output
            array and a batch with one target array, several by name for mappings of
            both; numbers are then in the network's own units.
        optimizer: Any Optax transformation, also one that needs the loss, its gradient
            or its function.
        key: The key from which dropout, augmentation and what else is random follow.
        augment: A function of a batch and a key, applied inside the step.
        freeze: Patterns of the paths of what stays as it is, such as `encoders/*`;
            there is no dropout in it, and its statistics do not move.
        ema: The decay of the moving average of the parameters; 0 for none.

    Returns:
        The state, and `step(state, batch) -> (state, metrics)`. For tasks a batch has
        `inputs`, `targets`, `weights` `[batch]` and, for augmentation, `index`
        `[batch]`; the loss finds the number of the step in `batch["step"]`. The metrics
        are the `loss`, the `sums` of which it is made, and the norms of the gradient,
        the parameters and their update.

    Example:
        >>> from jaxbio.tasks import Regression
        >>> module = nnx.Linear(3, 1, rngs=nnx.Rngs(0))
        >>> state, step = make_train_step(
        ...     module, Regression(), optax.sgd(0.1), key=jax.random.key(0))
        >>> batch = {"inputs": jnp.ones((4, 3)), "targets": jnp.ones((4, 1)),
        ...          "weights": jnp.ones(4)}
        >>> losses = []
        >>> for _ in range(3):
        ...     state, metrics = jax.jit(step)(state, batch)
        ...     losses.append(float(metrics["loss"]))
        >>> losses[0] > losses[1] > losses[2]
        True

        A loss of one's own:

        >>> def loss(module, batch, rngs):
        ...     error = jnp.abs(module(batch["x"]) - batch["y"])
        ...     return {"error": (error.sum(), jnp.asarray(error.size, float))}
        >>> state, step = make_train_step(
        ...     module, loss, optax.sgd(0.1), key=jax.random.key(0))
        >>> _, metrics = step(state, {"x": jnp.ones((4, 3)), "y": jnp.ones((4, 1))})
        >>> sorted(metrics)
        ['gradient_norm', 'loss', 'parameter_norm', 'sums', 'update_norm']
    """
    step = make_step(module, loss, optimizer, augment=augment, freeze=freeze, ema=ema)
    return init_state(module, optimizer, key=key, freeze=freeze, ema=ema), step


def init_state(
    module: nnx.Module,
    optimizer: optax.GradientTransformation,
    *,
    key: Array,
    freeze: tuple[str, ...] = (),
    ema: float = 0.0,
    given: Mapping[str, Mapping[str, Any]] | None = None,
) -> TrainState:
    """The state before the first step, from a module's initial values.

    Args:
        module: The network.
        optimizer: As for `make_train_step`, as are `key`, `freeze` and `ema`.
        key: The key of the run.
        freeze: What is not trained.
        ema: The decay of the moving average.
        given: Arrays in place of the module's, by path, of `params` and `model_state`;
            see `jaxbio.train.transfer`.
    """
    _, params, rest = nnx.split(module, nnx.Param, ...)
    params, rest = nnx.to_pure_dict(params), nnx.to_pure_dict(rest)
    if given is not None:
        params = replaced(params, given["params"])
        rest = replaced(rest, given["model_state"])
    trained, _ = parted(params, freeze)
    return TrainState(
        step=jnp.zeros((), jnp.int32),
        params=params,
        model_state=rest,
        opt_state=optimizer.init(trained),
        key=key,
        rate_scale=jnp.ones((), jnp.float32),
        average=jax.tree.map(jnp.copy, params) if ema else None,
    )


def make_step(
    module: nnx.Module,
    loss: Loss | Task | Mapping[str, Task],
    optimizer: optax.GradientTransformation,
    *,
    augment: Augmenter | None = None,
    freeze: tuple[str, ...] = (),
    ema: float = 0.0,
) -> Step:
    """The function that makes one step; of the module only the structure is used.

    The module may be abstract (`nnx.eval_shape`). See `make_train_step`.
    """
    loss = as_loss(loss)
    trained = parted(nnx.to_pure_dict(nnx.state(module, nnx.Param)), freeze)[0]
    still = (*freeze, *unmoved(optimizer, trained))  # statistics too
    graph = nnx.split(evaluated(module, still), nnx.Param, ...)[0]
    optimizer = optax.with_extra_args_support(optimizer)

    def step(state: TrainState, batch: Batch) -> tuple[TrainState, dict[str, Any]]:
        step_key = jax.random.fold_in(state.key, state.step)
        dropout_key, augment_key = jax.random.split(step_key)
        if augment is not None:
            batch = augment(batch, augment_key)
        batch = {**batch, "step": state.step}
        trained, frozen = parted(state.params, freeze)

        def loss_fn(trained: Any):
            params = combined(trained, frozen)
            model: Any = nnx.merge(graph, params, state.model_state)
            other_key = jax.random.fold_in(step_key, 2)
            rngs = nnx.Rngs(other_key, dropout=dropout_key)
            sums = loss(model, batch, rngs)
            changed = nnx.to_pure_dict(nnx.state(model, nnx.Not(nnx.Param)))
            return total(_checked(sums)), (sums, changed)

        gradient = jax.value_and_grad(loss_fn, has_aux=True)
        (value, (sums, model_state)), gradients = gradient(trained)
        updates, opt_state = optimizer.update(
            gradients,
            state.opt_state,
            trained,
            value=value,
            grad=gradients,
            value_fn=lambda params: loss_fn(params)[0],
        )
        updates = jax.tree.map(lambda u: u * state.rate_scale.astype(u.dtype), updates)
        trained = optax.apply_updates(trained, updates)
        params = combined(trained, frozen)
        changed = dataclasses.replace(
            state,
            step=state.step + 1,
            params=params,
            model_state=model_state,
            opt_state=opt_state,
            average=_averaged(state, params, ema),
        )
        return changed, {
            "loss": value,
            "sums": sums,
            "gradient_norm": optax.tree.norm(gradients),
            "parameter_norm": optax.tree.norm(trained),
            "update_norm": optax.tree.norm(updates),
        }

    return automatic(
        step, lambda state, _: (jax.tree.map(spec_of, state), PartitionSpec())
    )


def make_eval_step(
    module: nnx.Module, loss: Loss | Task | Mapping[str, Task]
) -> EvalStep:
    """The pure function that evaluates a batch.

    Args:
        module: The network.
        loss: As for `make_train_step`; it gets no keys.

    Returns:
        `evaluate(params, model_state, batch) -> (sums, predictions)`: the sums of the
        loss, and, for an `Objective`, the predictions of the targets that are measured,
        in their units.
    """
    loss = as_loss(loss)
    graph = evaluation_graph(module)

    def evaluate(params: Any, model_state: Any, batch: Batch):
        model = nnx.merge(graph, params, model_state)
        if isinstance(loss, Objective):
            return loss.evaluate(model, batch)
        return _checked(loss(model, batch, None)), {}

    return automatic(
        evaluate, lambda *given: (PartitionSpec(), by_rows(given[-1]["inputs"]))
    )


def _averaged(state: TrainState, params: Any, decay: float) -> Any:
    """The moving average, which follows faster in the first steps."""
    if not decay:
        return None
    kept = jnp.minimum(decay, (1 + state.step) / (10 + state.step))
    return jax.tree.map(
        lambda mean, new: mean + (1 - kept).astype(new.dtype) * (new - mean),
        state.average,
        params,
    )


def _checked(sums: Any) -> Sums:
    """What a loss gave, if it is of the form that it has to have."""
    fits = isinstance(sums, Mapping) and all(
        isinstance(part, tuple) and len(part) == 2 and not jnp.ndim(part[0])
        for part in sums.values()
    )
    if not fits or not sums:
        shown = jax.tree.map(jnp.shape, sums)
        raise TrainingError(
            f"the loss gave arrays of shapes {shown}: give {{name: (sum, weight)}}, a "
            f"sum of losses and the sum of their weights, both without axes"
        )
    return dict(sums)
