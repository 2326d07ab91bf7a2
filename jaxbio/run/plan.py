"""Decisions before training: by the training rows, and by what was asked for."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import numpy as np
import optax
from flax import nnx

from jaxbio.baselines.positional import detect_position_dependence
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetKind
from jaxbio.data.splits.leakage import Leakage, leakage
from jaxbio.data.splits.random_grouped import split
from jaxbio.errors import TrainingError, nearest
from jaxbio.models import Config, Head, SelfSupervised, model_to_dict
from jaxbio.plugins import METRICS
from jaxbio.run.recipes import choose_model, choose_training
from jaxbio.tasks import Objective, Task, infer_tasks
from jaxbio.tasks.objective import Loss
from jaxbio.train import Training, make_optimizer
from jaxbio.train.freeze import check_patterns
from jaxbio.train.loop import check_monitor
from jaxbio.train.optimizers import check_schedule, fingerprint

Build = Callable[[nnx.Rngs], nnx.Module]
"""Makes a network from random number streams."""


@dataclasses.dataclass(frozen=True)
class Plan:
    """A run before it starts.

    Attributes:
        tasks: What each target means.
        schema: What the training rows taught.
        model: What is built, with everything filled in.
        training: How it is trained, likewise.
        optimizer: An Optax object instead of the optimizer that `training` names.
        rates: An Optax schedule instead of the one that `training` names.
        metrics: Further metrics, by their registered names.
        freeze: Patterns of the paths of what is not trained.
        parts: The rows: `train`, `valid` and perhaps `test`.
        leakage: What the parts have in common.
        notes: What was noticed, in sentences.
    """

    tasks: Mapping[str, Task]
    schema: Schema
    model: Config | SelfSupervised
    training: Training
    optimizer: optax.GradientTransformation | None
    rates: optax.Schedule | None
    metrics: tuple[str, ...]
    freeze: tuple[str, ...]
    parts: Mapping[str, Dataset]
    leakage: Leakage
    notes: tuple[str, ...]

    @property
    def objective(self) -> Objective:
        """Meaning of the outputs of the network."""
        return Objective.of(self.tasks, self.schema, self.metrics)

    @property
    def loss(self) -> Loss:
        """What is made small: the objective, or what the network is made for."""
        if isinstance(self.model, SelfSupervised):
            return self.model.loss
        return self.objective

    @property
    def build(self) -> Build:
        """Makes the network."""
        return builder(self.model, self.schema, self.objective, self.training.dtype)

    def to_dict(self) -> dict[str, Any]:
        """The plan as JSON values; of the data only names, sizes and checksums."""
        optimizer = self.training.optimizer
        if self.optimizer is not None:
            optimizer = f"an Optax object, {fingerprint(self.optimizer)}"
        elif self.rates is not None:
            optimizer += f" by an Optax schedule, {fingerprint(self.rates)}"
        data = {
            name: {"source": part.source, "rows": len(part), "sha256": part.digest()}
            for name, part in self.parts.items()
        }
        return {
            "schema": self.schema.to_dict(),
            "model": model_to_dict(self.model),
            "tasks": {name: task.to_dict() for name, task in self.tasks.items()},
            "training": self.training.to_dict(),
            "optimizer": optimizer,
            "metrics": list(self.metrics),
            "freeze": list(self.freeze),
            "data": data,
        }


def make_plan(
    model: Config | SelfSupervised | None,
    task: Task | Mapping[str, Task] | None,
    parts: Mapping[str, Dataset | None],
    *,
    training: Training | None = None,
    settings: Mapping[str, Any] | None = None,
    optimizer: optax.GradientTransformation | None = None,
    metrics: Sequence[str | Callable[..., Any]] = (),
    freeze: Sequence[str] = (),
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

    Raises:
        JaxbioError: For data or settings that cannot be used.
    """
    settings, notes = dict(settings or {}), []
    rates = _schedule(settings, optimizer)
    seed = _checked(settings, training).seed
    sets = {name: part for name, part in parts.items() if part is not None}
    labels = not isinstance(model, SelfSupervised)
    tasks = _tasks(task, sets["train"]) if labels else {}
    for name, part in sets.items():
        if name != "train" and not len(part):
            raise TrainingError(
                f"{part.source}: no {name} rows: leave this part out, or give some"
            )
    if "valid" not in sets:
        rest, valid = _hold_out(sets["train"], seed)
        sets = {**sets, "train": rest, "valid": valid}
        notes.append(
            f"no validation rows were given: {len(valid)} of the training rows decide "
            f"when to stop"
        )
    shared = leakage(sets)  # before rows are repeated, which is no leakage
    smiles_randomization = _checked(settings, training).smiles_randomization
    if smiles_randomization:
        from jaxbio.data.molecules.randomize import randomize_smiles  # few need it

        respelt = randomize_smiles(sets["train"], smiles_randomization, seed=seed)
        sets = {**sets, "train": respelt}
    train = sets["train"]
    kinds: dict[str, tuple[TargetKind, bool]]
    kinds = {name: (t.target_kind, t.per_position) for name, t in tasks.items()}
    schema = learn_schema(train, kinds)
    schema = detect_position_dependence(schema, schema.encode(train), seed=seed)
    network = model.resolve(schema) if model else choose_model(schema)
    if isinstance(network, SelfSupervised):
        chosen = Training(**network.settings(schema))
        training = _checked(settings, training or chosen)
        outputs = network.outputs(schema, training.members)
        schema = dataclasses.replace(schema, targets=outputs)
    else:
        training = _checked(settings, training or choose_training(schema))
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
        {name: sets[name] for name in ("train", "valid", "test") if name in sets},
        shared,
        (*notes, *shared.summary()),
    )
    _check_against_network(plan)
    return plan


def _check_against_network(plan: Plan) -> None:
    """See that what was named of the network and its metrics is there."""
    network = nnx.eval_shape(lambda: plan.build(nnx.Rngs(0)))
    if plan.freeze:
        check_patterns(nnx.to_pure_dict(nnx.state(network, nnx.Param)), plan.freeze)
    some = plan.parts["valid"].take(np.arange(min(len(plan.parts["valid"]), 64)))
    check_monitor(plan.training.monitor, plan.loss, plan.schema.encode(some))


def builder(
    model: Config | SelfSupervised, schema: Schema, objective: Objective, dtype: str
) -> Build:
    """The function that makes a network for an objective's targets."""
    heads = {
        name: Head(task.width(objective.specs[name]), task.over)
        for name, task in objective.tasks.items()
    }
    return lambda rngs: model.build(schema, heads, rngs=rngs, dtype=dtype)


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
    rates = settings.get("learning_rate", 1.0)
    if isinstance(rates, int | float):
        return None
    if given:
        raise TrainingError(
            "an Optax optimizer brings its own learning rate: give the schedule to it"
        )
    check_schedule(rates)
    del settings["learning_rate"]
    return rates


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
        raise TrainingError(f"{train.source}: there is no target to learn")
    if task is None:
        return infer_tasks(train)
    return dict.fromkeys(train.targets, task)


def _hold_out(train: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    if len(train) < 2:
        raise TrainingError(
            f"{train.source}: {len(train)} training row; two are the least, and a "
            f"hundred or more are advisable"
        )
    by = "group" if train.groups is not None else "random"
    rest, valid = split(train, by=by, fractions=(0.9, 0.1), seed=seed)
    return rest, valid
