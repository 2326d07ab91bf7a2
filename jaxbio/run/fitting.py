"""`fit` and `load`: from data sets to a run, and from a run's folder to a predictor."""

import contextlib
import dataclasses
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import optax
from flax import nnx

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.dataset import Dataset
from jaxbio.data.io.write import write_table
from jaxbio.data.schema import Schema
from jaxbio.data.splits.leakage import row_keys
from jaxbio.models import (
    Encoder,
    Masked,
    Mixture,
    Network,
    SelfSupervised,
    model_from_dict,
)
from jaxbio.nn.modes import evaluation_graph
from jaxbio.plugins import require
from jaxbio.predict.predictor import Predictor
from jaxbio.run.clock import Clock, Watch
from jaxbio.run.cohort import COHORT, summarize_columns, summarize_targets
from jaxbio.run.ensemble import (
    load_members,
    load_mixture,
    results_of,
    train_members,
)
from jaxbio.run.evaluation import (
    Baselines,
    Evaluation,
    OutOfFold,
    evaluate,
    measure,
    measure_apart,
)
from jaxbio.run.folder import RunDirectory, described, load_array, save_array
from jaxbio.run.frozen import frozen_inputs, with_vectors
from jaxbio.run.like_rows import summarize_groups
from jaxbio.run.plan import REGISTRIES, Build, Model, Plan, builder
from jaxbio.run.planning import make_plan
from jaxbio.run.symbols import fit_chain, measure_symbols
from jaxbio.run.verdict import Verdict
from jaxbio.tasks import Objective, Task, task_from_dict
from jaxbio.tasks.penalized import Penalty
from jaxbio.train import Callback, Training
from jaxbio.train.callbacks import Callbacks
from jaxbio.train.loop import Fold

CONFIG, METRICS, BASELINES = "config.json", "metrics.json", "baselines.npz"
_MANY = 10_000  # rows from which baselines take a while
TRAINED = "training_rows.npy"
"""The file with a number for each distinct training row."""


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
        interrupted: Whether Ctrl-C ended the training.
        trained_on: A number for each distinct training row; None if it is not known.
        out_of_fold: Predictions of the training rows, each by what did not learn from
            it, where training took turns in them; else None, as of a run that was
            loaded.
    """

    path: Path | None
    predictor: Predictor
    model: Model
    training: Training
    baselines: Baselines
    history: Sequence[Sequence[dict]]
    scores: Mapping[str, Evaluation]
    notes: Sequence[str]
    interrupted: bool = False
    trained_on: np.ndarray | None = None
    out_of_fold: OutOfFold | None = None

    def evaluate(self, data: Dataset) -> Evaluation:
        """The scores on labelled rows, beside the baselines.

        They say how many of the rows have the inputs of training rows.
        """
        if isinstance(self.model, Masked):
            rows = self.predictor.schema.encode(data, targets=False)
            scores = measure_symbols(self.predictor, rows, self.baselines)
        else:
            scores = evaluate(self.predictor, data, baselines=self.baselines)
        if self.trained_on is None:
            return scores
        seen = np.isin(_keys(self.predictor.schema, data), self.trained_on)
        return dataclasses.replace(scores, seen=int(seen.sum()))


def fit(
    model: Network | Encoder | SelfSupervised | None,
    task: Task | Mapping[str, Task] | None,
    train: Dataset,
    valid: Dataset | None = None,
    *,
    test: Dataset | None = None,
    out: str | Path | None = None,
    resume: bool = False,
    training: Training | None = None,
    optimizer: optax.GradientTransformation | str | None = None,
    metrics: Sequence[str | Callable[..., Any]] = (),
    freeze: Sequence[str] = (),
    init: Any = None,
    baselines: bool = True,
    callbacks: Sequence[Callback] = (),
    command: Mapping[str, Any] | None = None,
    quick: bool = False,
    budget: float | None = None,
    folds: Sequence[Fold] = (),
    penalty: Penalty | None = None,
    **settings: Any,
) -> Run:
    """Train a model.

    Args:
        model: What to build: a `Network(…)`, or the encoder of all inputs that it
            accepts, as in `CNN(…)`; None to choose by the data.
        task: What the target means, or a task for each target, or None to infer it; a
            self-supervised model, such as `jaxbio.singlecell.VAE`, takes none.
        train: The training rows.
        valid: The rows that decide when to stop and which weights to keep. If none are
            given, a tenth of the training rows is taken; but where there are fewer than
            1,000 of these and the model is chosen by the data, each network has another
            part of them to decide, and learns from the rest.
        test: Rows that are scored at the end and decide nothing.
        out: The folder of the run; None to save nothing.
        resume: Whether to go on with the run in `out`, if there is one.
        training: All settings of training; None to choose them by the data.
        optimizer: A name, or any Optax transformation, which then brings its own
            learning rate.
        metrics: Further metrics, by the functions or the names that were registered
            (`jaxbio.register`).
        freeze: Patterns of the paths of what is not trained, such as `encoders/*`; it
            has no dropout, and its statistics do not move.
        init: A trained predictor, as `load` gives it: weights of the same path and
            shape are taken, and a note lists the others. The only sequence input may
            have another name. One that learned from hidden symbols (`Masked`) brings
            its encoder where no model is named.
        baselines: Whether to fit and score the plain baselines.
        callbacks: Who is told of steps, epochs and the end, and may end the training.
        command: JSON values to keep in the configuration of the run, such as the
            options of a command that read the data.
        quick: Whether one kind of network will do where the model is chosen by the
            data; else several are trained, with a linear model and boosted trees where
            these can see the inputs, and mixed by weights that validation rows choose.
        budget: The seconds that training may take; what is not done by then ends with
            the best so far. Without one a further kind of network is left out where it
            would take over ten minutes.
        folds: For cross-fitting of models that are chosen by the data, pairs of row
            numbers of `train`: those of a fold's networks to learn from, and those
            that they do not learn from, which decide when they stop; as
            `jaxbio.data.folds` gives them. The predictions of rows by the networks
            that did not learn from them are `out_of_fold` of the run.
        penalty: Added to the training loss of networks: a function of the features
            `[batch dim]` of rows, from which the heads give their outputs, and of the
            batch. Linear models and trees have none.
        settings: Fields of `Training` by name, such as `epochs=30`; the others are
            chosen by the data. `learning_rate` may be an Optax schedule, a function of
            the number of the update.

    Returns:
        The run.

    Raises:
        JaxbioError: For data, settings or folders that cannot be used.

    Example:
        >>> import pandas as pd
        >>> from jaxbio.data import read
        >>> from jaxbio.models import MLP
        >>> table = pd.DataFrame({"x": range(40), "y": [2.0 * x for x in range(40)]})
        >>> data = read(table, inputs={"x": "numeric"}, targets=["y"])
        >>> run = fit(MLP(hidden=(4,)), None, data, epochs=1, members=1)
        >>> run.notes[0]
        'no validation rows were given: 4 of the training rows decide when to stop'
        >>> run.predictor(table).values.shape
        (40, 1)
    """
    callback = Callbacks(callbacks)
    if isinstance(optimizer, str):
        settings, optimizer = {**settings, "optimizer": optimizer}, None
    folder = RunDirectory(out) if out is not None else None
    if folder is not None:
        folder.check(resume=resume)

    # ---- decide; nothing is written before all that can be wrong was looked at
    parts = {"train": train, "valid": valid, "test": test}
    plan = make_plan(
        model,
        task,
        parts,
        training=training,
        settings=settings,
        optimizer=optimizer,
        metrics=metrics,
        freeze=freeze,
        init=init,
        quick=quick,
        folds=folds,
        penalty=penalty,
    )
    clock = Clock(budget)
    for line in plan.notes:
        callback.on_note(line)
    if folder is not None:
        plan.check_registered()
    with folder.held() if folder is not None else contextlib.nullcontext():
        return _trained(
            plan, folder, callback, clock, baselines=baselines, command=command
        )


def _trained(
    plan: Plan,
    folder: RunDirectory | None,
    callback: Callback,
    clock: Clock,
    *,
    baselines: bool,
    command: Mapping[str, Any] | None,
) -> Run:
    """Train and score what was planned; a run that was begun goes on."""
    if folder is not None and (folder / CONFIG).exists():
        folder.check_same(plan.to_dict())
    elif folder is not None:
        folder.write_config({**plan.to_dict(), "command": dict(command or {})})

    encoded = {name: plan.schema.encode(part) for name, part in plan.parts.items()}
    alone, leaks = _single_columns(plan, encoded["train"]) if baselines else ({}, [])
    for line in leaks:
        callback.on_note(line)

    fitted: Baselines = {}
    if baselines and plan.tasks:
        from jaxbio.baselines.fit import fit_baselines  # not for predictions

        count = len(plan.parts["train"])
        if count >= _MANY:
            callback.on_note(f"fitting plain baselines to {count:,} rows")
        edges = plan.objective.edges
        fitted = fit_baselines(plan.schema, encoded["train"], edges=edges)
    if baselines and isinstance(plan.model, Masked):
        fitted = fit_chain(plan.schema, encoded["train"])

    # ---- train
    learned = encoded
    if isinstance(plan.model, Network) and frozen_inputs(plan.model):
        along = any(task.over != "row" for task in plan.tasks.values())
        some = {name: encoded[name] for name in ("train", "valid") if name in encoded}
        learned = with_vectors(
            plan.model, plan.schema, some, along=along, callback=callback
        )
    callback.on_start(plan.model, plan.training)
    mixed: dict[str, Any] = {}
    apart: OutOfFold | None = None
    if isinstance(plan.model, Mixture):
        from jaxbio.run.mixing import train_mixture  # not for predictions

        trained, model, mixed, apart = train_mixture(
            plan, encoded["train"], encoded.get("valid"),
            folder=folder, callback=callback, baselines=fitted, clock=clock,
        )  # fmt: skip
        plan = dataclasses.replace(plan, model=model)
    else:
        trained = train_members(
            plan, learned["train"], learned["valid"], folder=folder, callback=callback,
            watch=Watch(clock), why=lambda: clock.why,
        )  # fmt: skip
    members = trained.values
    graph = _graph(plan.build)
    predictor = Predictor(plan.schema, plan.objective, graph, members, model=plan.model)

    # ---- score
    scores, predictions = {}, {}
    if apart is not None:
        scores["valid"] = measure_apart(plan.objective, encoded["train"], apart)
    for name in [part for part in plan.parts if part != "train"]:
        if isinstance(plan.model, Masked):
            scores[name] = measure_symbols(predictor, encoded[name], fitted)
            continue
        predictions[name] = predictor(plan.parts[name])
        by_target = predictions[name].by_target
        scores[name] = measure(
            plan.objective, encoded[name], by_target, baselines=fitted
        )
    notes = [*plan.notes, *leaks, *trained.notes]
    trained_on = np.unique(_keys(plan.schema, plan.parts["train"]))
    if folder is not None:
        from jaxbio.baselines.fit import save_baselines  # not for predictions

        save_baselines(fitted, folder / BASELINES)
        save_array(trained_on, folder / TRAINED)
        if "test" in predictions:
            write_table(
                [predictions["test"].columns()],
                folder / "predictions.tsv",
                plain=plan.schema.by_position,
            )
        cohort = _cohort(plan, encoded, predictions, apart)
        if cohort:
            folder.write_json(COHORT, cohort)
        report = {
            "scores": {name: score.to_dict() for name, score in scores.items()},
            "single_columns": alone,
            "leakage": plan.leakage.to_dict(),
            "notes": notes,
        }
        folder.write_json(METRICS, report)
        folder.write_results(
            {**results_of(members, (METRICS, BASELINES, TRAINED)), **mixed}
        )
    path = folder.path if folder is not None else None
    run = Run(
        path,
        predictor,
        plan.model,
        plan.training,
        fitted,
        trained.history,
        scores,
        notes,
        interrupted=trained.interrupted and not clock.expired,
        trained_on=trained_on,
        out_of_fold=apart,
    )
    callback.on_end(run)
    return run


def _cohort(
    plan: Plan,
    encoded: Mapping[str, Arrays],
    predictions: Mapping[str, Any],
    apart: OutOfFold | None,
) -> dict[str, Any]:
    """The cohort in a few numbers; predictions are of rows not learned from."""
    rows = learned = encoded["train"]
    if apart is not None:
        rows, values = rows.take(apart.rows), apart.predictions["model"]
    elif "valid" in predictions:
        rows, values = encoded["valid"], predictions["valid"].by_target
    else:
        return {}
    train = plan.parts["train"]
    return {
        "rows": len(train),
        "columns": summarize_columns(train),
        "targets": summarize_targets(plan.schema.targets, values, rows.targets),
        "groups": summarize_groups(train, plan.schema.targets, learned.targets),
    }


def _single_columns(
    plan: Plan, train: Arrays
) -> tuple[dict[str, dict[str, float]], list[str]]:
    """For each target the score of each column alone, and likely leaks in words."""
    from jaxbio.baselines.single_columns import (  # not for predictions
        leak_notes,
        single_columns,
    )

    found = {name: single_columns(plan.schema, train, name) for name in plan.tasks}
    notes = [
        line
        for name, scores in found.items()
        for line in leak_notes(name, plan.schema.target(name), scores)
    ]
    return {name: scores for name, scores in found.items() if scores}, notes


def load(path: str | Path, *, missing: str | Sequence[str] = ()) -> Predictor:
    """The predictor of a run.

    Args:
        path: The folder that `fit(…, out=…)` or `jaxbio train … --out` made.
        missing: What stands for a missing value in rows to predict, beside the marks
            of the training rows.

    Raises:
        CheckpointError: If the folder is no run, damaged, or from a newer version.
        JaxbioError: If a part of yours that the run needs was not imported.
    """
    return load_run(path, scores=False, missing=missing).predictor


def load_run(
    path: str | Path, *, scores: bool = True, missing: str | Sequence[str] = ()
) -> Run:
    """The run in a folder, without the history of its training.

    Args:
        path: The folder.
        scores: Whether to read the baselines and the scores too.
        missing: As for `load`.

    Raises:
        CheckpointError: As for `load`.
    """
    folder = RunDirectory(path)
    config = folder.read_config()
    with described(folder / CONFIG):
        require(config.get("plugins", {}), REGISTRIES)
        marks = [missing] if isinstance(missing, str) else missing
        schema = Schema.from_dict(config["schema"]).also_missing(marks)
        model = model_from_dict(config["model"])
        if isinstance(model, Mixture) and "parts" in config.get("results", {}):
            model = model.only(config["results"]["parts"])
        tasks = {name: task_from_dict(task) for name, task in config["tasks"].items()}
        training = Training.from_dict(config["training"])
        objective = Objective.of(tasks, schema, config.get("metrics", ()))
        build = builder(model, schema, objective, training.dtype)
        graph = _graph(build)
    if isinstance(model, Mixture):
        members = load_mixture(folder, model, schema, objective, config)
    else:
        members = load_members(folder, build, training.members, config)
    predictor = Predictor(schema, objective, graph, members, model=model)
    report: dict[str, Any] = {}
    fitted: Baselines = {}
    if scores and folder.check_file(METRICS, config):
        report = folder.read_json(METRICS)
    if scores and folder.check_file(BASELINES, config):
        from jaxbio.baselines.fit import load_baselines

        fitted = load_baselines(folder / BASELINES, schema)
    known = None
    if scores and folder.check_file(TRAINED, config):
        known = load_array(folder / TRAINED)
    with described(folder / METRICS):
        evaluations = {
            name: Evaluation(
                entry["rows"],
                entry["scores"],
                entry.get("primary_metrics", entry.get("headlines", {})),
                {
                    target: tuple(Verdict(**each) for each in verdicts)
                    for target, verdicts in entry.get("verdicts", {}).items()
                },
                {spec.name: spec.classes for spec in schema.targets if spec.classes},
                unanswered=entry.get("unanswered", 0),
            )
            for name, entry in report.get("scores", {}).items()
        }
        notes = list(report.get("notes", []))
    return Run(
        folder.path, predictor, model, training, fitted, (), evaluations, notes,
        trained_on=known,
    )  # fmt: skip


def _keys(schema: Schema, data: Dataset) -> np.ndarray:
    """One number a row for the inputs that files have."""
    return row_keys(data, [spec.name for spec in schema.own])


def _graph(build: Build) -> nnx.GraphDef:
    return evaluation_graph(nnx.eval_shape(lambda: build(nnx.Rngs(0))))
