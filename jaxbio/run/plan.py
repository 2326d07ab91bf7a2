"""A run before it starts: what is built and trained, of which rows, and how."""

import dataclasses
import itertools
from collections.abc import Callable, Collection, Mapping
from typing import Any

import optax
from flax import nnx

from jaxbio.data.columns.base import Column
from jaxbio.data.dataset import Dataset
from jaxbio.data.schema import Schema
from jaxbio.data.splits.leakage import Leakage
from jaxbio.models import (
    Encoder,
    Fitted,
    Fusion,
    Head,
    Mixture,
    Network,
    SelfSupervised,
    model_to_dict,
)
from jaxbio.models.mixture import Part, inputs_of
from jaxbio.plugins import METRICS, Registry, origin
from jaxbio.run.candidates import (
    RACED,
)
from jaxbio.run.checkpoint import digest, flatten
from jaxbio.run.recommendation import with_reasons
from jaxbio.tasks import Objective, Task
from jaxbio.tasks.by_copy import ByCopy
from jaxbio.tasks.objective import Loss
from jaxbio.tasks.penalized import Penalized, Penalty
from jaxbio.train import Augmentation, Training, resolve_augment
from jaxbio.train.loop import Fold
from jaxbio.train.optimizers import fingerprint
from jaxbio.train.transfer import Transfer

REGISTRIES: Mapping[str, Registry[Any]] = {
    registry.what: registry
    for registry in (
        *(Task.registry, Encoder.registry, Fusion.registry, SelfSupervised.registry),
        *(Augmentation.registry, Column.registry, METRICS),
    )
}
"""Where a run finds its parts, by what they are."""


Model = SelfSupervised | Mixture | Part
"""What is trained, or solved."""


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
        init: The arrays with which networks begin, in turn; none for all their own.
        parts: The rows: `train`, `valid` and perhaps `test`.
        leakage: What the parts have in common.
        notes: What was noticed, in sentences.
        trainings: How each part of a mixture is trained, by its name.
        folds: Where rows are few, for each network of a part the numbers of the
            training rows that it learns from, and of those that decide when it stops;
            there are no other validation rows then.
        cross_fitted: Whether what is only fitted has a version a fold, too, so that no
            network of the mixture learned from the rows of its fold.
        penalty: What is added to the training loss of networks; None for nothing.
    """

    tasks: Mapping[str, Task]
    schema: Schema
    model: Model
    training: Training
    optimizer: optax.GradientTransformation | None
    rates: optax.Schedule | None
    metrics: tuple[str, ...]
    freeze: tuple[str, ...]
    init: tuple[Transfer, ...]
    parts: Mapping[str, Dataset]
    leakage: Leakage
    notes: tuple[str, ...]
    trainings: Mapping[str, Training] = dataclasses.field(default_factory=dict)
    folds: tuple[Fold, ...] = ()
    cross_fitted: bool = False
    penalty: Penalty | None = None

    def part(self, name: str) -> "Plan":
        """The plan of one of the networks of a mixture."""
        assert isinstance(self.model, Mixture)
        network = self.model.parts[name]
        return dataclasses.replace(
            self,
            model=network,
            schema=self.schema.of(inputs_of(network)),
            training=self.trainings[name],
            trainings={},
        )

    @property
    def objective(self) -> Objective:
        """Meaning of the outputs of the network."""
        return Objective.of(self.tasks, self.schema, self.metrics)

    @property
    def loss(self) -> Loss:
        """What is made small: the objective, or what the network is made for."""
        if isinstance(self.model, SelfSupervised):
            return self.model.loss
        if self.penalty is not None and isinstance(self.model, Network):
            return Penalized.around(self.objective, self.penalty)
        if is_batch_ensemble(self.model):
            return ByCopy.around(self.objective)
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
            "trainings": {name: t.to_dict() for name, t in self.trainings.items()},
            "optimizer": optimizer,
            "metrics": list(self.metrics),
            "freeze": list(self.freeze),
            "init": [digest(flatten(dict(each.params))) for each in self.init],
            "data": data,
            "plugins": self.plugins,
        }

    @property
    def registered(self) -> tuple[Any, ...]:
        """All parts that a run finds again by their names."""
        changes = itertools.chain.from_iterable(self.augment.values())
        model = self.model
        if isinstance(model, SelfSupervised):
            return (*self.tasks.values(), model, *model.parts, *changes)
        each = model.parts.values() if isinstance(model, Mixture) else (model,)
        networks = [part for part in each if isinstance(part, Network)]
        encoders = itertools.chain.from_iterable(part.parts for part in networks)
        fusions = (part.fusion for part in networks)
        return (*self.tasks.values(), *encoders, *fusions, *changes)

    @property
    def plugins(self) -> dict[str, str]:
        """The module of each part that is of a user, by `what:name`."""
        types = {type(spec) for spec in self.schema.inputs}
        columns = [kind for _, kind in Column.registry.items() if kind.spec in types]
        parts = {
            **{(each.registry.what, each.name): each for each in self.registered},
            **{(Column.registry.what, each.name): each for each in columns},
            **{(METRICS.what, name): METRICS[name] for name in self.metrics},
        }
        modules = {
            f"{what}:{name}": origin(part) for (what, name), part in parts.items()
        }
        return {key: module for key, module in modules.items() if module is not None}

    @property
    def contenders(self) -> tuple[str, ...]:
        """The networks of a mixture among which a race chooses; none without a race."""
        if not isinstance(self.model, Mixture) or self.folds:
            return ()
        if len(self.parts["train"]) < RACED:
            return ()
        parts = self.model.parts.items()
        names = [name for name, part in parts if not isinstance(part, Fitted)]
        return tuple(names) if len(names) > 1 else ()

    @property
    def augment(self) -> Mapping[str, tuple[Augmentation, ...]]:
        """What training examples undergo, by input."""
        return resolve_augment(self.training.augment, self.schema)

    def reasons(self, given: Collection[str] = ()) -> str:
        """What was chosen and why, as tables; of a mixture one for each part.

        Args:
            given: What was not chosen, as for `with_reasons`.
        """
        if isinstance(self.model, Network):
            return str(with_reasons(self.schema, self.model, self.training, given))
        if not isinstance(self.model, Mixture):
            return ""
        tables = []
        for name, network in self.model.parts.items():
            title = f"{name}, of {', '.join(inputs_of(network))}"
            if isinstance(network, Fitted):
                tables.append(f"{title}: fitted, not trained")
            else:
                tables.append(f"{title}:\n{self.part(name).reasons(given)}")
        return "\n\n".join(tables)

    def check_registered(self) -> None:
        """See that a run with these parts can be loaded again.

        Raises:
            JaxbioError: For a class of a user without the decorator `register`.
        """
        for part in self.registered:
            part.registry.check(part)


def builder(model: Model, schema: Schema, objective: Objective, dtype: str) -> Build:
    """The function that makes a network for an objective's targets."""
    heads = {
        name: Head(task.width(objective.specs[name]), task.over)
        for name, task in objective.tasks.items()
    }
    return lambda rngs: model.build(schema, heads, rngs=rngs, dtype=dtype)


def is_batch_ensemble(model: Model) -> bool:
    """Check that a model is a batch ensemble."""
    return isinstance(model, Network) and model.copies > 1
