"""Decisions before training: by the training rows, and by what was asked for."""

import dataclasses
import itertools
from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import numpy as np
import optax
from flax import nnx

from jaxbio import recipes
from jaxbio.data.columns.base import Column
from jaxbio.data.dataset import Dataset
from jaxbio.data.describe import kinds_of
from jaxbio.data.formats import split_of
from jaxbio.data.reading import read
from jaxbio.data.schema import Schema
from jaxbio.data.splits.coverage import coverage
from jaxbio.data.splits.leakage import Leakage, leakage
from jaxbio.data.splits.random_grouped import (
    by_column,
    folds as make_folds,
    natural_split,
    split,
)
from jaxbio.data.unlabelled import without_target
from jaxbio.data.views import with_views
from jaxbio.errors import TrainingError, nearest, option
from jaxbio.models import (
    Encoder,
    Fitted,
    Fusion,
    Head,
    Masked,
    Mixture,
    Network,
    SelfSupervised,
    as_network,
    model_to_dict,
)
from jaxbio.models.mixture import Part, inputs_of
from jaxbio.models.pretrained.encoder import Pretrained
from jaxbio.plugins import METRICS, Registry, origin
from jaxbio.predict.predictor import Predictor
from jaxbio.run.candidates import (
    RACED,
    Candidate,
    choose_candidates,
    choose_views,
)
from jaxbio.run.checkpoint import digest, flatten
from jaxbio.run.frozen import frozen_inputs
from jaxbio.run.pairing import find_sides
from jaxbio.run.recommendation import choose_training, study, with_reasons
from jaxbio.tasks import Objective, Task, infer_tasks
from jaxbio.tasks.by_copy import ByCopy
from jaxbio.tasks.objective import Loss, takes_weights
from jaxbio.tasks.penalized import Penalized, Penalty
from jaxbio.train import Augmentation, Training, make_optimizer, resolve_augment
from jaxbio.train.freeze import check_patterns
from jaxbio.train.loop import Fold, check_monitor
from jaxbio.train.optimizers import check_schedule, fingerprint
from jaxbio.train.transfer import Transfer, transfer

REGISTRIES: Mapping[str, Registry[Any]] = {
    registry.what: registry
    for registry in (
        *(Task.registry, Encoder.registry, Fusion.registry, SelfSupervised.registry),
        *(Augmentation.registry, Column.registry, METRICS),
    )
}
"""Where a run finds its parts, by what they are."""

_GROUPED = ("group", "chromosome", "column")

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
        if _is_batch_ensemble(self.model):
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


def read_parts(
    source: Any,
    *,
    valid: Any = None,
    test: Any = None,
    by: str | None = None,
    fractions: Sequence[float] | None = None,
    seed: int = 0,
    on_read: Callable[[Dataset], Any] = lambda whole: None,
    **how: Any,
) -> dict[str, Dataset]:
    """Read the rows of a run, and divide them if they stand in one file.

    Args:
        source: The training rows, or all of them, as for `read`.
        valid: The rows that decide when to stop; read with the kinds of columns that
            the training rows have, as is `test`.
        test: The rows that are scored at the end.
        by: How to divide, as for `split`; `group:COLUMN`, `chromosome:COLUMN` and
            `column:COLUMN` name the column with the groups or parts. None for the parts
            that the file itself has, as archives of images have, else stratified by
            classes where the first target has such, else at random.
        fractions: The shares of the parts; by default a tenth each for validation and
            test, but of fewer than 1,000 rows a fifth for test alone: training takes
            turns in what it is validated on.
        seed: For random splits.
        on_read: Called with the rows of `source` before they are divided.
        how: As for `read`: `inputs`, `targets`, …

    Returns:
        Data sets by part: `train`, `valid`, `test`.
    """
    own = split_of(source) if by is None and valid is None and test is None else None
    by = f"column:{own}" if own else by
    kind, _, column = (by or "").partition(":")
    groups = (column or None) if kind in _GROUPED else None
    whole = read(source, groups=groups, **how)
    on_read(whole)
    how["inputs"], how["targets"] = kinds_of(whole)
    how["parent"] = whole.provenance.options.get("parent")
    given = {"valid": valid, "test": test}
    given = {
        name: read(each, **how) for name, each in given.items() if each is not None
    }
    if given:
        return {"train": whole, **given}
    if kind == "column":
        parts = by_column(whole)
        note = (
            f"the file divides its rows itself: {_sizes(parts)} "
            f"({option('by', 'random')} for another way)"
        )
        return _with_note(parts, note) if own else parts
    names = ("train", "valid", "test")
    if fractions is None:
        # Of few rows no part decides alone when to stop; see `make_plan`.
        few = len(whole) < FEW and kind in ("", "random", "stratified", "group")
        names = ("train", "test") if few else names
        fractions = (0.8, 0.2) if few else (0.8, 0.1, 0.1)
    method = by or natural_split(whole)
    divided = split(whole, by=method, fractions=tuple(fractions), seed=seed)
    if by is None and method == "group":
        note = (
            f"rows of one {whole.provenance.groups or 'group'} are in one part "
            f"({option('by', 'random')} for another way)"
        )
        return _with_note(dict(zip(names, divided, strict=False)), note)
    left_out = len(whole) - sum(map(len, divided))
    if left_out:
        note = (
            f"{left_out} of {len(whole)} rows are in no part: their values of "
            f"{column.replace('+', ' and ')} are in different ones"
        )
        return _with_note(dict(zip(names, divided, strict=False)), note)
    return dict(zip(names, divided, strict=False))


def _with_note(parts: dict[str, Dataset], note: str) -> dict[str, Dataset]:
    name, first = next(iter(parts.items()))
    return {**parts, name: dataclasses.replace(first, notes=(*first.notes, note))}


def _sizes(parts: Mapping[str, Dataset]) -> str:
    return ", ".join(f"{name} {len(part):,}" for name, part in parts.items())


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
    sets = _checked_parts(parts)
    labels = not isinstance(network, SelfSupervised)
    tasks = _tasks(task, sets["train"]) if labels else {}
    several = free and not quick
    count = _fold_count(sets, tasks, before, settings, training) if several else 0
    if penalty is not None and any(task.over != "row" for task in tasks.values()):
        raise TrainingError(
            "a penalty is on the features of rows: leave it out for targets by position"
        )
    if folds:
        _check_folds(folds, sets, before, free=free)
        count = len(folds)
    if not count:
        sets, notes = _with_valid(sets, before.seed)
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
            n: each for n, each in chosen.items() if not _is_batch_ensemble(each.part)
        }
    if count and len(chosen) < 2 and not folds:  # one alone needs rows that decide
        held, notes = _with_valid(sets, before.seed)
        how: dict[str, Any] = {"penalty": penalty}
        how |= {"training": training, "settings": settings, "metrics": metrics}
        plan = make_plan(model, task, held, **how)
        return dataclasses.replace(plan, notes=(*notes, *plan.notes))
    cross_fitted = bool(folds)
    if cross_fitted:
        notes = [_CROSS_FITTED.format(count)]
    elif count:
        folds = _equal_folds(train, count, before.seed)
        notes = [_FOLDED.format(len(train), count)]
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
        trainings = {name: _within(each, folds) for name, each in trainings.items()}
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
    return plan if init is None else _with_init(plan, init)


def _checked_parts(parts: Mapping[str, Any]) -> dict[str, Dataset]:
    """The parts that are given, all of them data sets with rows."""
    sets = {name: part for name, part in parts.items() if part is not None}
    for name, part in sets.items():
        if not isinstance(part, Dataset):
            raise TrainingError(
                f"the {name} rows are a {type(part).__name__}: give a data set, as "
                f"jaxbio.read makes it of a file or a DataFrame"
            )
        if name != "train" and not len(part):
            raise TrainingError(
                f"{part.source}: no {name} rows: leave this part out, or give some"
            )
    return sets


def _with_valid(
    sets: dict[str, Dataset], seed: int
) -> tuple[dict[str, Dataset], list[str]]:
    """The parts with validation rows, and a note if they had to be held out."""
    if "valid" in sets:
        return sets, []
    rest, valid = _hold_out(sets["train"], seed)
    note = (
        f"no validation rows were given: {len(valid)} of the training rows decide when "
        f"to stop"
    )
    return {**sets, "train": rest, "valid": valid}, [note]


FEW = 1000
"""Rows below which no part of them decides alone when to stop.

Within the training rows of FreeSolv (359) and of Wisconsin breast cancer (391) folds
were better than a tenth that decides in each of three draws, within those of Pima
diabetes (429) as good.
"""

_FEWEST = 25
_FOLDED = (
    "few rows ({}): {} networks of each kind, each with another part of the rows to "
    "decide when it stops; scores on valid rows are of all of them, each row predicted "
    "by what did not learn from it"
)


_CROSS_FITTED = (
    "cross-fitting: {} networks of each kind, each without one fold of the rows, which "
    "decides when it stops; scores on valid rows are of all of them, each row "
    "predicted by what did not learn from it"
)


def _check_folds(
    folds: Sequence[Fold],
    sets: Mapping[str, Dataset],
    training: Training,
    *,
    free: bool,
) -> None:
    """See that folds hold each training row out once, and that they can be used."""
    if not free or "valid" in sets or training.smiles_randomization:
        raise TrainingError(
            "folds are for models that are chosen by the data, without validation "
            "rows and smiles_randomization: leave folds out, or these"
        )
    held = np.sort(np.concatenate([np.asarray(rows) for _, rows in folds]))
    if not np.array_equal(held, np.arange(len(sets["train"]))):
        raise TrainingError(
            f"folds hold {len(held)} rows out: each of the {len(sets['train'])} "
            f"training rows has to be held out once"
        )


def _fold_count(
    sets: Mapping[str, Dataset],
    tasks: Mapping[str, Task],
    training: Training,
    settings: Mapping[str, Any],
    given: Training | None,
) -> int:
    """How many networks take turns in what they are validated on; 0 for none."""
    train = sets["train"]
    members = training.members if given or "members" in settings else 5
    fits = (
        "valid" not in sets
        and _FEWEST <= len(train) < FEW
        and members >= 3
        and not training.smiles_randomization
        and all(task.over == "row" for task in tasks.values())
    )
    if fits and train.groups is not None:
        members = min(members, len(np.unique(np.asarray(train.groups))))
    return members if fits and members >= 3 else 0


def _equal_folds(train: Dataset, count: int, seed: int) -> tuple[Fold, ...]:
    """Folds from each of which as many rows are learned, so that one program does.

    What decides are all rows in turn; of those that are learned one or two may be left
    out where folds differ in size. Where groups differ in size, so do folds.
    """
    by = "group" if train.groups is not None else natural_split(train)
    pairs = make_folds(train, by=by, n=count, seed=seed)
    if train.groups is not None:
        return tuple(pairs)
    size = min(len(some) for some, _ in pairs)
    random = np.random.default_rng(seed)
    return tuple(
        (np.sort(random.permutation(some)[:size]), held) for some, held in pairs
    )


def _within(training: Training, folds: Sequence[Fold]) -> Training:
    """Settings with batches that the rows of each fold fill."""
    fewest = min(len(rows) for rows, _ in folds)
    return dataclasses.replace(training, batch_size=min(training.batch_size, fewest))


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


def _with_init(plan: Plan, init: Any) -> Plan:
    """The plan that begins with weights of a trained predictor."""
    if not isinstance(init, Predictor):
        raise TrainingError(
            f"init={init!r:.60}: give a trained predictor, as jaxbio.load gives it"
        )
    module = nnx.eval_shape(lambda: plan.build(nnx.Rngs(0)))
    _, params, rest = nnx.split(module, nnx.Param, ...)
    target = {
        "params": nnx.to_pure_dict(params),
        "model_state": nnx.to_pure_dict(rest),
    }
    members = _by_our_name(init, plan.schema)
    taken = tuple(transfer(member, target) for member in members)
    notes = (*plan.notes, taken[0].summary())
    return dataclasses.replace(plan, init=taken, notes=notes)


def _by_our_name(init: Predictor, schema: Schema) -> tuple[Any, ...]:
    """The values of trained networks, the only sequence by the name that it has here.

    A file of sequences alone and a table with labels rarely call them the same.
    """
    theirs, ours = init.schema.sequences, schema.sequences
    if len(theirs) != 1 or len(ours) != 1 or theirs[0].alphabet != ours[0].alphabet:
        return init.members
    old, new = theirs[0].name, ours[0].name
    if old == new or new in {spec.name for spec in init.schema.inputs}:
        return init.members

    def renamed(tree: Any) -> Any:
        encoders = tree.get("encoders", {})
        if old not in encoders:
            return tree
        others = {name: x for name, x in encoders.items() if name != old}
        return {**tree, "encoders": {**others, new: encoders[old]}}

    return tuple(
        {**member, **{k: renamed(member[k]) for k in ("params", "model_state")}}
        for member in init.members
    )


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


def _is_batch_ensemble(model: Model) -> bool:
    """Check that a model is a batch ensemble."""
    return isinstance(model, Network) and model.copies > 1


def builder(model: Model, schema: Schema, objective: Objective, dtype: str) -> Build:
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


def _hold_out(train: Dataset, seed: int) -> tuple[Dataset, Dataset]:
    if len(train) < 2:
        raise TrainingError(
            f"{train.source}: {len(train)} training row; two are the least, and a "
            f"hundred or more are advisable"
        )
    by = "group" if train.groups is not None else natural_split(train)
    rest, valid = split(train, by=by, fractions=(0.9, 0.1), seed=seed)
    return rest, valid
