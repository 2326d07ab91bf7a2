"""Decisions before training: by the training rows, and by what was asked for."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import optax
from flax import nnx

from jaxbio import recipes
from jaxbio.data.dataset import Dataset
from jaxbio.data.schema import Schema
from jaxbio.data.splits.coverage import coverage
from jaxbio.data.splits.leakage import leakage
from jaxbio.data.unlabelled import without_target
from jaxbio.data.views import with_views
from jaxbio.errors import TrainingError, nearest, option
from jaxbio.models import (
    Encoder,
    Masked,
    Mixture,
    Network,
    SelfSupervised,
    as_network,
)
from jaxbio.models.mixture import Part, inputs_of
from jaxbio.models.pretrained.encoder import Pretrained
from jaxbio.plugins import METRICS
from jaxbio.run.candidates import (
    Candidate,
    choose_candidates,
    choose_views,
)
from jaxbio.run.folds import (
    CROSS_FITTED,
    FOLDED,
    check_folds,
    equal_folds,
    fold_count,
    within,
)
from jaxbio.run.frozen import frozen_inputs
from jaxbio.run.initial import with_init
from jaxbio.run.pairing import find_sides
from jaxbio.run.parts import checked_parts, with_valid
from jaxbio.run.plan import Model, Plan, is_batch_ensemble
from jaxbio.run.recommendation import choose_training, study
from jaxbio.tasks import Task, infer_tasks
from jaxbio.tasks.objective import takes_weights
from jaxbio.tasks.penalized import Penalty
from jaxbio.train import Augmentation, Training, make_optimizer, resolve_augment
from jaxbio.train.freeze import check_patterns
from jaxbio.train.loop import Fold, check_monitor
from jaxbio.train.optimizers import check_schedule


def make_plan(
    model: Network | Encoder | SelfSupervised | None,
    task: Task | Mapping[str, Task] | None,
    parts: Mapping[str, Dataset | None],
    *,
    training: Training | None = None,
    settings: Mapping[str, Any] | None = None,
    optimizer: optax.GradientTransformation | None = None,
    metrics: Sequence[str | Callable[..., Any]] = (),
    freeze: Sequence[str] = (),
    init: Any = None,
    quick: bool = False,
    folds: Sequence[Fold] = (),
    penalty: Penalty | None = None,
) -> Plan:
    """Decide everything that training needs.

    Args:
        model: What to build; None to choose by the data.
        task: What the target means, or a task for each; None to infer.
        parts: Rows to `train` on; `valid` and `test` may be None.
        training: All settings; None to choose by the data.
        settings: Fields of `Training` that were given by name; the learning rate may be
            an Optax schedule.
        optimizer: An Optax object.
        metrics: Further metrics: registered functions, or their names.
        freeze: Patterns of the paths of what is not trained.
        init: A trained predictor whose weights are taken where they fit. One that was
            trained on hidden symbols brings its encoder where no model is named.
        quick: Whether one kind of network will do where none is named.
        folds: Folds of the training rows for cross-fitting, as `fit` takes them.
        penalty: As for `fit`.

    Raises:
        JaxbioError: For data or settings that cannot be used.
    """
    settings = dict(settings or {})
    if model is None and isinstance(getattr(init, "model", None), Masked):
        model = init.model.trunk
    network = model if isinstance(model, SelfSupervised) else as_network(model)
    free = model is None and optimizer is None and init is None and not freeze
    rates = _schedule(settings, optimizer)
    before = _checked(settings, training)  # what is wrong with them is told first
    sets = checked_parts(parts)
    labels = not isinstance(network, SelfSupervised)
    tasks = _tasks(task, sets["train"]) if labels else {}
    several = free and not quick
    count = fold_count(sets, tasks, before, settings, training) if several else 0
    if penalty is not None and any(task.over != "row" for task in tasks.values()):
        raise TrainingError(
            "a penalty is on the features of rows: leave it out for targets by position"
        )
    if folds:
        check_folds(folds, sets, before, free=free)
        count = len(folds)
    if not count:
        sets, notes = with_valid(sets, before.seed)
    shared = leakage(sets)  # before rows are repeated, which is no leakage
    train = _respelt(sets["train"], before)
    views = choose_views(train, tasks) if free else ()
    sets = {n: with_views(x, views) for n, x in {**sets, "train": train}.items()}
    train = sets["train"]
    schema = study(train, tasks, seed=before.seed)
    chosen = choose_candidates(schema, tasks) if free else {}
    sides = find_sides(train, schema, tasks) if chosen and not count else None
    if sides is not None:
        training_of_any = next(iter(chosen.values())).training
        chosen["pairwise"] = Candidate(sides, training_of_any)
    if penalty is not None:  # which is for features of one network a row
        chosen = {
            n: each for n, each in chosen.items() if not is_batch_ensemble(each.part)
        }
    if count and len(chosen) < 2 and not folds:  # one alone needs rows that decide
        held, notes = with_valid(sets, before.seed)
        how: dict[str, Any] = {"penalty": penalty}
        how |= {"training": training, "settings": settings, "metrics": metrics}
        plan = make_plan(model, task, held, **how)
        return dataclasses.replace(plan, notes=(*notes, *plan.notes))
    cross_fitted = bool(folds)
    if cross_fitted:
        notes = [CROSS_FITTED.format(count)]
    elif count:
        folds = equal_folds(train, count, before.seed)
        notes = [FOLDED.format(len(train), count)]
    if folds:
        settings["members"] = count
    if quick and chosen:
        chosen = dict([next(iter(chosen.items()))])  # the quickest stands first
    if chosen.keys() - {"network"} or cross_fitted:
        network = Mixture({name: each.part for name, each in chosen.items()})
    else:
        chosen = {}
        network = network.resolve(schema)
    trainings = {
        name: _settings(settings, training or each.training, schema, each.part)
        for name, each in chosen.items()
    }
    if folds:
        trainings = {name: within(each, folds) for name, each in trainings.items()}
    given = training is not None
    training = _checked(settings, training or _training_for(network, schema))
    if isinstance(network, SelfSupervised):
        outputs = network.outputs(schema, training.members)
        schema = dataclasses.replace(schema, targets=outputs)
    augment = resolve_augment(training.augment, schema)
    asked = "augment" in settings or given
    augment = _without_frozen(augment, network, asked=asked)
    training = dataclasses.replace(training, augment=augment)
    if training.batch_size > len(train):
        raise TrainingError(
            f"batch size {training.batch_size} is larger than the {len(train)} "
            f"training rows: choose at most {len(train)}, or leave it out"
        )
    if optimizer is None:
        make_optimizer(training, steps=1)  # an unknown name is told now
    plan = Plan(
        tasks,
        schema,
        network,
        training,
        optimizer,
        rates,
        _metric_names(metrics),
        tuple(freeze),
        (),
        {name: sets[name] for name in ("train", "valid", "test") if name in sets},
        shared,
        (*notes, *coverage(sets), *shared.summary()),
        trainings,
        tuple(folds),
        cross_fitted,
        penalty,
    )
    if isinstance(network, Network):
        for part in plan.parts.values():
            network.check(schema.encode(part, targets=False))
    _check_weights(plan)
    _check_against_network(plan)
    return plan if init is None else with_init(plan, init)


def _respelt(train: Dataset, training: Training) -> Dataset:
    """The rows, and as often as is wanted each molecule in other spellings."""
    if not training.smiles_randomization:
        return train
    from jaxbio.data.molecules.randomize import randomize_smiles  # few need it

    times = training.smiles_randomization
    return randomize_smiles(train, times, seed=training.seed)


def _settings(
    settings: Mapping[str, Any], training: Training, schema: Schema, part: Part
) -> Training:
    """The settings of a part of a mixture, with what its own inputs undergo."""
    training = _checked(settings, training)
    changes = resolve_augment(training.augment, schema)
    seen = inputs_of(part)
    own = {name: each for name, each in changes.items() if name in seen}
    return dataclasses.replace(training, augment=own)


def _training_for(network: Model, schema: Schema) -> Training:
    """The settings that suit the network and the data."""
    if isinstance(network, SelfSupervised):
        return Training(**network.settings(schema))
    tuned = {
        each.tune
        for each in getattr(network, "parts", ())
        if isinstance(each, Pretrained)
    }
    if tuned:
        return Training(**recipes.adaptation(schema, tuned))
    return choose_training(schema)


def _without_frozen(
    augment: dict[str, tuple[Augmentation, ...]], network: Model, *, asked: bool
) -> dict[str, tuple[Augmentation, ...]]:
    """Augmentations of what is not computed once for all epochs."""
    for name in frozen_inputs(network):
        if asked and name in augment:
            raise TrainingError(
                f"the vectors of {name} are computed once, as its model is frozen: "
                f"leave out what changes it ({augment[name][0].name}), or adapt the "
                f"model ({option('tune', 'lora')})"
            )
        augment = {other: each for other, each in augment.items() if other != name}
    return augment


_IN_WORDS = {"train": "training", "valid": "validation"}


def _check_weights(plan: Plan) -> None:
    """See that some rows weigh something, and that scores can take weights."""
    for name, part in plan.parts.items():
        if part.weights is None:
            continue
        if name != "test" and not (np.asarray(part.weights) > 0).any():
            raise TrainingError(
                f"{part.source}: all weights are zero in the {len(part)} "
                f"{_IN_WORDS[name]} rows: give some of them a weight above 0"
            )
        for target, task in plan.tasks.items():
            if not takes_weights(task.metrics):
                raise TrainingError(
                    f"target {target}: the metrics of the task {task.name} take no "
                    f"weights: add a parameter weights=None to its method metrics"
                )


def _check_against_network(plan: Plan) -> None:
    """See that tasks fit targets, and that what was named of the network is there."""
    for name, task in plan.tasks.items():
        task.width(plan.objective.specs[name])
    if plan.freeze:
        network = nnx.eval_shape(lambda: plan.build(nnx.Rngs(0)))
        check_patterns(nnx.to_pure_dict(nnx.state(network, nnx.Param)), plan.freeze)
    if plan.training.monitor != "valid_loss":
        part = plan.parts.get("valid", plan.parts["train"])
        some = part.take(np.arange(min(len(part), 64)))
        check_monitor(plan.training.monitor, plan.loss, plan.schema.encode(some))


def _schedule(
    settings: dict[str, Any], optimizer: optax.GradientTransformation | None
) -> optax.Schedule | None:
    """The schedule in place of a learning rate, taken out of the settings."""
    given = optimizer is not None
    if given and not isinstance(optimizer, optax.GradientTransformation):
        raise TrainingError(
            f"optimizer {optimizer!r:.60}: give a name, or an Optax transformation "
            f"such as optax.adam(1e-3)"
        )
    rates: Any = settings.get("learning_rate", 1.0)
    if isinstance(rates, int | float) or getattr(rates, "shape", None) == ():
        return None
    schedule: Any = rates
    if given:
        raise TrainingError(
            "an Optax optimizer brings its own learning rate: give the schedule to it"
        )
    check_schedule(rates)
    del settings["learning_rate"]
    return schedule


def _metric_names(metrics: Sequence[str | Callable[..., Any]]) -> tuple[str, ...]:
    """The names of registered metrics."""
    if isinstance(metrics, str):
        metrics = (metrics,)
    names = []
    for metric in metrics:
        name = metric if isinstance(metric, str) else getattr(metric, "__name__", "")
        if not isinstance(metric, str) and METRICS.get(name) is not metric:
            raise TrainingError(
                f"metric {metric!r:.60} is not registered: put @jaxbio.register before "
                f"its function, so that runs with it load again"
            )
        METRICS[name]  # says that there is none and which is nearest
        names.append(name)
    return tuple(names)


def _checked(settings: Mapping[str, Any], training: Training | None) -> Training:
    """The settings of training with those that were given."""
    names = [field.name for field in dataclasses.fields(Training)]
    for name in settings:
        if name not in names:
            raise TrainingError(f"no setting {name!r}: {nearest(name, names)}")
    return dataclasses.replace(training or Training(), **settings)


def _tasks(task: Task | Mapping[str, Task] | None, train: Dataset) -> dict[str, Task]:
    if isinstance(task, Mapping) and task:
        return dict(task)
    if not train.targets or isinstance(task, Mapping):
        raise without_target(train.source)
    if task is None:
        return infer_tasks(train)
    return dict.fromkeys(train.targets, task)
