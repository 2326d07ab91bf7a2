"""`fit` and `load`: from data sets to a run, and from a run's folder to a predictor."""

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import optax
from flax import nnx

from jaxbio.baselines import fit_baselines, load_baselines, save_baselines
from jaxbio.checkpoint import Checkpoints
from jaxbio.data.dataset import Dataset
from jaxbio.data.leakage import leakage
from jaxbio.data.learn import learn_schema
from jaxbio.data.schema import Schema
from jaxbio.data.splits import split
from jaxbio.data.write import write_table
from jaxbio.errors import CheckpointError, TrainingError, nearest
from jaxbio.evaluate import Baselines, Evaluation, evaluate, measure
from jaxbio.models import Config, Head, choose_model, model_from_dict, model_to_dict
from jaxbio.predict import Predictor
from jaxbio.probe import with_places
from jaxbio.rundir import RunDirectory
from jaxbio.tasks import Objective, Task, infer_tasks, task_from_dict
from jaxbio.train import (
    Member,
    Progress,
    Snapshot,
    Training,
    TrainState,
    Weights,
    choose_training,
    make_optimizer,
    train_member,
)
from jaxbio.train.step import evaluation_graph

CONFIG, METRICS, BASELINES = "config.json", "metrics.json", "baselines.npz"


@dataclasses.dataclass(frozen=True)
class Observer:
    """Who is told what while a run goes on; the defaults tell nobody.

    Attributes:
        note: Called with one line of text worth reading.
        start: Called before training with all that was chosen.
        epoch: Called with the member's number and the record of each epoch.
    """

    note: Callable[[str], None] = lambda line: None
    start: Callable[[Config, Training], None] = lambda model, training: None
    epoch: Callable[[int, dict], None] = lambda member, record: None


@dataclasses.dataclass(frozen=True)
class Run:
    """A finished training run.

    Attributes:
        path: Its folder; None if nothing was saved.
        predictor: The network with the best weights.
        model: What was built, with everything filled in that the data decided.
        training: How it was trained, likewise.
        baselines: The fitted baselines by target.
        history: For each member one record an epoch.
        scores: The evaluations made so far, by part (`valid`, `test`).
        notes: What was noticed, in sentences.
    """

    path: Path | None
    predictor: Predictor
    model: Config
    training: Training
    baselines: Baselines
    history: Sequence[Sequence[dict]]
    scores: Mapping[str, Evaluation]
    notes: Sequence[str]

    def evaluate(self, data: Dataset) -> Evaluation:
        """The scores on labelled rows, beside the baselines."""
        return evaluate(self.predictor, data, baselines=self.baselines)


def fit(
    model: Config | None,
    task: Task | Mapping[str, Task] | None,
    train: Dataset,
    valid: Dataset | None = None,
    *,
    test: Dataset | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    training: Training | None = None,
    optimizer: optax.GradientTransformation | str | None = None,
    baselines: bool = True,
    observer: Observer | None = None,
    **settings: Any,
) -> Run:
    """Train a model.

    Args:
        model: What to build: `CNN(…)`, `RNN(…)`, `MLP(…)`; None to choose by the data.
        task: What the target means, or a task for each target, or None to infer it.
        train: The training rows.
        valid: The rows that decide when to stop and which weights to keep; a tenth of
            the training rows is taken if none are given.
        test: Rows that are scored at the end and decide nothing.
        out: The folder of the run; None to save nothing.
        resume: Whether to go on with the run in `out`, if there is one.
        training: All settings of training; None to choose them by the data.
        optimizer: A name, or any Optax transformation, which then brings its own
            learning rate.
        baselines: Whether to fit and score the plain baselines.
        observer: Who is told what happens.
        settings: Fields of `Training` by name, such as `epochs=30`; the others are
            chosen by the data.

    Returns:
        The run.

    Raises:
        JaxbioError: For data, settings or folders that cannot be used.
    """
    observer = observer or Observer()
    settings = dict(settings)
    if isinstance(optimizer, str):
        settings["optimizer"], optimizer = optimizer, None
    seed = _checked(settings, training).seed
    notes: list[str] = []

    def note(line: str) -> None:
        notes.append(line)
        observer.note(line)

    folder = RunDirectory(out) if out is not None else None
    if folder is not None:
        folder.check(resume=resume)

    # ---- what is learned from the training rows alone
    tasks = _tasks(task, train)
    if valid is None:
        train, valid = _hold_out(train, seed)
        note(
            f"no validation rows were given: {len(valid)} of the training rows decide "
            f"when to stop"
        )
    schema = learn_schema(
        train, {name: (t.target_kind, t.per_position) for name, t in tasks.items()}
    )
    schema = with_places(schema, schema.encode(train), seed=seed)
    model = model.resolve(schema) if model else choose_model(schema)
    training = _checked(settings, training or choose_training(schema))
    if training.batch_size > len(train):
        raise TrainingError(
            f"batch size {training.batch_size} is larger than the {len(train)} "
            f"training rows: choose at most {len(train)}, or leave it out"
        )
    if optimizer is None:
        make_optimizer(
            training, steps=1
        )  # tells an unknown name before any folder is made
    parts = {"train": train, "valid": valid, **({"test": test} if test else {})}
    shared = leakage(parts)
    for line in shared.summary():
        note(line)

    # ---- the folder
    config = {
        "schema": schema.to_dict(),
        "model": model_to_dict(model),
        "tasks": {name: t.to_dict() for name, t in tasks.items()},
        "training": training.to_dict(),
        "optimizer": "given as an Optax object" if optimizer else training.optimizer,
        "data": {
            name: {"source": part.source, "rows": len(part), "sha256": part.digest()}
            for name, part in parts.items()
        },
    }
    if folder is not None:
        if (folder / CONFIG).exists():
            _same_run(folder, config)
        else:
            folder.write_config(config)

    # ---- training
    observer.start(model, training)
    objective = Objective.of(tasks, schema)
    build = _builder(model, schema, objective, training.dtype)
    encoded = {name: schema.encode(part) for name, part in parts.items()}
    member = Member(build, objective, schema, encoded["train"], encoded["valid"])
    trained, history = [], []
    for number in range(training.members):
        snapshot = _train_and_save(
            member, training, optimizer, number, folder, history, observer
        )
        progress = snapshot.progress
        if progress.best_epoch:
            trained.append(_values(snapshot.best))
            history.append(list(progress.history))
        elif not trained:
            raise TrainingError(
                "stopped by Ctrl-C before the first epoch was done: nothing to keep"
            )
        if progress.interrupted:
            kept = f"network {len(trained)} has its weights of epoch "
            note(
                f"stopped by Ctrl-C: {kept}{progress.best_epoch}, the best so far"
                if progress.best_epoch
                else f"stopped by Ctrl-C: kept the {len(trained)} networks done before"
            )
            break

    # ---- scores
    predictor = Predictor(schema, objective, _graph(build), trained)
    fitted = fit_baselines(schema, encoded["train"]) if baselines else {}
    scores = {}
    for name in [part for part in ("valid", "test") if part in parts]:
        predictions = predictor(parts[name])
        scores[name] = measure(
            objective, encoded[name], predictions.by_target, baselines=fitted
        )
        if folder is not None and name == "test":
            write_table([predictions.frame()], folder / "predictions.tsv")
    if folder is not None:
        save_baselines(fitted, folder / BASELINES)
        report = {
            "scores": {name: each.to_dict() for name, each in scores.items()},
            "leakage": shared.to_dict(),
            "notes": notes,
        }
        folder.write_json(METRICS, report)
    path = folder.path if folder is not None else None
    return Run(path, predictor, model, training, fitted, history, scores, notes)


def load(path: str | Path) -> Predictor:
    """The predictor of a run.

    Args:
        path: The folder that `fit(…, out=…)` or `jaxbio train … --out` made.

    Raises:
        CheckpointError: If the folder is no run, damaged, or from a newer version.
    """
    return load_run(path, scores=False).predictor


def load_run(path: str | Path, *, scores: bool = True) -> Run:
    """The run in a folder, without the history of its training.

    Args:
        path: The folder.
        scores: Whether to read the baselines and the scores too.

    Raises:
        CheckpointError: As for `load`.
    """
    folder = RunDirectory(path)
    config = folder.read_config()
    try:
        schema = Schema.from_dict(config["schema"])
        model = model_from_dict(config["model"])
        tasks = {name: task_from_dict(task) for name, task in config["tasks"].items()}
        training = Training(**config["training"])
    except (KeyError, TypeError) as error:
        raise CheckpointError(
            f"{folder / CONFIG} does not describe a run of this version: {error}"
        ) from None
    objective = Objective.of(tasks, schema)
    build = _builder(model, schema, objective, training.dtype)
    template = _values(_template(build))
    members = []
    for number in range(training.members):
        checkpoints = Checkpoints(folder.member(number))
        if number and not checkpoints.exists():
            break  # Ctrl-C ended the training with fewer members
        trees, _ = checkpoints.load({"best": template})
        members.append(trees["best"])
    predictor = Predictor(schema, objective, _graph(build), members)
    report: dict[str, Any] = {}
    fitted: Baselines = {}
    if scores and (folder / METRICS).exists():
        report = folder.read_json(METRICS)
    if scores and (folder / BASELINES).exists():
        fitted = load_baselines(folder / BASELINES, schema)
    evaluations = {
        name: Evaluation(each["rows"], each["scores"], each["headlines"])
        for name, each in report.get("scores", {}).items()
    }
    notes = report.get("notes", [])
    return Run(folder.path, predictor, model, training, fitted, (), evaluations, notes)


def _checked(settings: Mapping[str, Any], training: Training | None) -> Training:
    """The settings of training with those that were given."""
    known = [field.name for field in dataclasses.fields(Training)]
    for name in settings:
        if name not in known:
            raise TrainingError(f"no setting {name!r}: {nearest(name, known)}")
    return dataclasses.replace(training or Training(), **settings)


def _tasks(task: Task | Mapping[str, Task] | None, train: Dataset) -> dict[str, Task]:
    if isinstance(task, Mapping):
        return dict(task)
    if not train.targets:
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
    kept, held = split(train, by=by, fractions=(0.9, 0.1), seed=seed)
    return kept, held


def _builder(
    model: Config, schema: Schema, objective: Objective, dtype: str
) -> Callable[[nnx.Rngs], nnx.Module]:
    heads = {
        name: Head(task.width(objective.specs[name]), task.per_position)
        for name, task in objective.tasks.items()
    }
    return lambda rngs: model.build(schema, heads, rngs=rngs, dtype=dtype)


def _graph(build: Callable[[nnx.Rngs], nnx.Module]) -> nnx.GraphDef:
    return evaluation_graph(nnx.eval_shape(lambda: build(nnx.Rngs(0))))


def _template(build: Callable[[nnx.Rngs], nnx.Module]) -> Weights:
    _, params, rest = nnx.split(
        nnx.eval_shape(lambda: build(nnx.Rngs(0))), nnx.Param, ...
    )
    return Weights(nnx.to_pure_dict(params), nnx.to_pure_dict(rest))


def _values(weights: Weights) -> dict[str, Any]:
    return {"params": weights.params, "model_state": weights.model_state}


def _train_and_save(
    member: Member,
    training: Training,
    optimizer: optax.GradientTransformation | None,
    number: int,
    folder: RunDirectory | None,
    history: Sequence[Sequence[dict]],
    observer: Observer,
) -> Snapshot:
    """Train one member, with a checkpoint after each epoch if there is a folder."""

    def told(snapshot: Snapshot) -> None:
        observer.epoch(number, snapshot.progress.history[-1])

    seed = training.seed + number
    if folder is None:
        return train_member(
            member, training, seed=seed, optimizer=optimizer, on_epoch=told
        )
    with Checkpoints(folder.member(number)) as checkpoints:

        def going_on(initial: TrainState) -> Snapshot | None:
            if not checkpoints.exists():
                return None
            weights = Weights(initial.params, initial.model_state)
            template = {"state": initial, "best": _values(weights)}
            trees, notes = checkpoints.load(template)
            notes["history"] = tuple(notes["history"])
            return Snapshot(trees["state"], Weights(**trees["best"]), Progress(**notes))

        def saved(snapshot: Snapshot) -> None:
            trees = {"state": snapshot.state, "best": _values(snapshot.best)}
            progress = dataclasses.asdict(snapshot.progress)
            checkpoints.save(snapshot.progress.epoch, trees, notes=progress)
            records = [
                {"member": at, **record}
                for at, each in enumerate([*history, snapshot.progress.history])
                for record in each
            ]
            folder.write_lines("metrics.jsonl", records)
            told(snapshot)

        return train_member(
            member,
            training,
            seed=seed,
            optimizer=optimizer,
            snapshot=going_on,
            on_epoch=saved,
        )


def _same_run(folder: RunDirectory, config: Mapping[str, Any]) -> None:
    """Refuse to go on with a run that was started with other data or settings."""
    before = folder.read_config()
    for part in ("schema", "model", "tasks", "training", "optimizer", "data"):
        if _plain(before[part]) == _plain(config[part]):
            continue
        changed = [
            key
            for key in config[part]
            if isinstance(config[part], Mapping)
            and _plain(before[part].get(key)) != _plain(config[part][key])
        ]
        raise TrainingError(
            f"{folder.path} was started with another {part} "
            f"({', '.join(changed) or before[part]}): use the same settings and data, "
            f"or another folder"
        )


def _plain(values: Any) -> Any:
    """As JSON would give it back: tuples as lists."""
    if isinstance(values, Mapping):
        return {key: _plain(value) for key, value in values.items()}
    if isinstance(values, list | tuple | np.ndarray):
        return [_plain(value) for value in values]
    return values
