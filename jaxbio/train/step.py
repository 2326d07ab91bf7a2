"""The pure train and evaluation steps: for `jax.jit`, `vmap`, `scan` and shardings."""

import dataclasses
import inspect
from collections.abc import Callable, Mapping
from typing import Any

import jax
import jax.numpy as jnp
import optax
from flax import nnx
from jaxtyping import Array

from jaxbio.data.specs import TargetSpec
from jaxbio.tasks import Objective, Task
from jaxbio.train.state import TrainState

Batch = Mapping[str, Any]
Step = Callable[[TrainState, Batch], tuple[TrainState, dict[str, Any]]]
Augmenter = Callable[[Batch, Array], Batch]
EvalStep = Callable[[Any, Any, Batch], tuple[dict[str, Any], dict[str, Array]]]


def make_train_step(
    module: nnx.Module,
    objective: Objective | Task,
    optimizer: optax.GradientTransformation,
    *,
    key: Array,
    augment: Augmenter | None = None,
) -> tuple[TrainState, Step]:
    """The initial state of training and the function that makes one step.

    Nothing is jitted here: the caller jits, vmaps, scans or shards.

    Args:
        module: A network that takes a batch's `inputs` (and `rngs=` for dropout) and
            gives outputs by target.
        objective: What the outputs mean. A task alone stands for a network with one
            output array and a batch with one target array; numbers are then in the
            network's own units.
        optimizer: Any Optax transformation.
        key: The key from which dropout and augmentation follow.
        augment: A function of a batch and a key, applied inside the step.

    Returns:
        The state, and `step(state, batch) -> (state, metrics)`. A batch has `inputs`,
        `targets`, `weights` `[batch]` and, for augmentation, `index` `[batch]`; the
        metrics are the `loss`, the `sums` of which it is made and the gradient norm.

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
    """
    step = make_step(module, objective, optimizer, augment=augment)
    return init_state(module, optimizer, key=key), step


def init_state(
    module: nnx.Module, optimizer: optax.GradientTransformation, *, key: Array
) -> TrainState:
    """The state before the first step, from a module's initial values."""
    _, params, rest = nnx.split(module, nnx.Param, ...)
    params = nnx.to_pure_dict(params)
    return TrainState(
        step=jnp.zeros((), jnp.int32),
        params=params,
        model_state=nnx.to_pure_dict(rest),
        opt_state=optimizer.init(params),
        key=key,
        rate_scale=jnp.ones((), jnp.float32),
    )


def make_step(
    module: nnx.Module,
    objective: Objective | Task,
    optimizer: optax.GradientTransformation,
    *,
    augment: Augmenter | None = None,
) -> Step:
    """The function that makes one step; of the module only the structure is used.

    The module may be abstract (`nnx.eval_shape`). See `make_train_step`.
    """
    objective, alone = _as_objective(objective)
    graph = nnx.split(module, nnx.Param, ...)[0]
    has_dropout = "rngs" in inspect.signature(type(module).__call__).parameters

    def step(state: TrainState, batch: Batch) -> tuple[TrainState, dict[str, Any]]:
        step_key = jax.random.fold_in(state.key, state.step)
        dropout_key, augment_key = jax.random.split(step_key)
        if augment is not None:
            batch = augment(batch, augment_key)
        if alone:
            batch = {**batch, "targets": {ALONE: batch["targets"]}}

        def loss_fn(params):
            model: Any = nnx.merge(graph, params, state.model_state)
            keys = {"rngs": nnx.Rngs(dropout=dropout_key)} if has_dropout else {}
            outputs = model(batch["inputs"], **keys)
            outputs = {ALONE: outputs} if alone else outputs
            sums = objective.sums(outputs, batch)
            changed = nnx.to_pure_dict(nnx.state(model, nnx.Not(nnx.Param)))
            return objective.mean(sums), (sums, changed)

        gradient = jax.value_and_grad(loss_fn, has_aux=True)
        (loss, (sums, model_state)), gradients = gradient(state.params)
        updates, opt_state = optimizer.update(gradients, state.opt_state, state.params)
        updates = jax.tree.map(lambda u: u * state.rate_scale.astype(u.dtype), updates)
        changed = dataclasses.replace(
            state,
            step=state.step + 1,
            params=optax.apply_updates(state.params, updates),
            model_state=model_state,
            opt_state=opt_state,
        )
        norm = optax.tree.norm(gradients)
        return changed, {"loss": loss, "sums": sums, "gradient_norm": norm}

    return step


def make_eval_step(module: nnx.Module, objective: Objective) -> EvalStep:
    """The pure function that evaluates a batch.

    Args:
        module: The network.
        objective: What its outputs mean.

    Returns:
        `evaluate(params, model_state, batch) -> (sums, predictions)`, both by target:
        the sums of losses and weights, and, for the targets that are watched,
        predictions in the target's units.
    """
    graph = evaluation_graph(module)

    def evaluate(params: Any, model_state: Any, batch: Batch):
        outputs = nnx.merge(graph, params, model_state)(batch["inputs"])
        predictions = objective.predict(outputs, objective.monitored)
        return objective.sums(outputs, batch), predictions

    return evaluate


def evaluation_graph(module: nnx.Module) -> nnx.GraphDef:
    """The structure of a module without dropout and with running statistics."""
    view = nnx.view(
        module,
        deterministic=True,
        use_running_average=True,
        raise_if_not_found=False,  # a module need not have either
    )
    return nnx.split(view, nnx.Param, ...)[0]


ALONE = "target"
"""The name under which a single, unnamed target goes through an objective."""


def _as_objective(objective: Objective | Task) -> tuple[Objective, bool]:
    if isinstance(objective, Objective):
        return objective, False
    kind = objective.target_kind
    classes = ("0", "1") if kind == "class" else ()
    spec = TargetSpec(
        ALONE, kind, classes=classes, frequencies=(1, 1), mean=(0.0,), scale=(1.0,)
    )
    return Objective({ALONE: objective}, {ALONE: spec}), True
