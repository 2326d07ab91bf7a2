"""Training of mixtures: each network by itself, then the weights of their outputs."""

import math
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Any, NamedTuple

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float, Float32

from jaxbio.baselines.boosting import BoostingBaseline
from jaxbio.baselines.linear import LinearBaseline
from jaxbio.baselines.trivial import TrivialBaseline
from jaxbio.data.batching.arrays import Arrays
from jaxbio.errors import StoppedError
from jaxbio.models import Boosting, Fitted, Linear, Mixture, Pairwise
from jaxbio.models.plain_features import blocks_of
from jaxbio.nn.modes import evaluation_graph
from jaxbio.predict.predictor import Predictor
from jaxbio.run.checkpoint import Checkpoints
from jaxbio.run.clock import (
    PATIENCE,
    SETTLED,
    Clock,
    TooSlowError,
    Watch,
    enough_for,
    in_words,
)
from jaxbio.run.ensemble import (
    History,
    MixtureWeights,
    Trained,
    assemble,
    owner_of,
    results_of,
    train_members,
)
from jaxbio.run.evaluation import OutOfFold
from jaxbio.run.folder import RunDirectory
from jaxbio.run.pairing import pairwise_values
from jaxbio.run.plan import Plan
from jaxbio.run.race import Race, run_race
from jaxbio.run.weighing import choose_weights
from jaxbio.tasks import (
    Binary,
    CompetingRisks,
    CountRegression,
    Regression,
    Survival,
    Task,
)
from jaxbio.tasks.time_to_event import DEVIATION
from jaxbio.train import Callback
from jaxbio.train.loop import Fold

_RACE = 3  # budgets are as many times what a race may take of them
RACE = "race.json"
"""The file that says which networks were worth a whole training."""


class _Part(NamedTuple):
    """The networks of a part of a mixture.

    Attributes:
        values: Of each network.
        outputs: For the rows that decide, before the link, by target; empty for a part
            that has no say.
    """

    values: list[Any]
    outputs: dict[str, np.ndarray]


class MixedRun(NamedTuple):
    """What the training of a mixture made.

    Attributes:
        trained: The mixtures, as many as the part with most networks has.
        model: What they are made of: the parts that have weight.
        results: What the configuration of the run notes of them: `weights` of parts by
            target, for each part of `parts` the digests of its networks, and how many
            `mixtures` there are.
        apart: With folds the predictions of rows by what did not learn from them.
    """

    trained: Trained
    model: Mixture
    results: dict[str, Any]
    apart: OutOfFold | None


def train_mixture(
    plan: Plan,
    train: Arrays,
    valid: Arrays | None,
    *,
    folder: RunDirectory | None,
    callback: Callback,
    baselines: Mapping[str, Mapping[str, Any]],
    clock: Clock,
) -> MixedRun:
    """Fit and train the parts of a mixture in turn, and weigh them.

    What is only fitted comes first, and then the networks, the quick ones before the
    slow ones; so there is something to keep whenever time runs out.

    Args:
        plan: What to train; its model is a mixture.
        train: The training rows.
        valid: The validation rows, which decide the weights; None where the plan has
            folds of the training rows.
        folder: Where checkpoints are kept and found again; None for nowhere.
        callback: Who is told of each step and epoch.
        baselines: The baselines of each target, as far as they are fitted.
        clock: What is left of the budget of time.

    Returns:
        The mixtures of what has weight.

    Raises:
        StoppedError: For Ctrl-C before the first epoch of the first network was done.
        TrainingError: For a budget that ends before there is anything to keep.
    """
    mixture = plan.model
    assert isinstance(mixture, Mixture)
    parts: dict[str, _Part] = {}
    history: History = []
    records: list[dict] = []
    notes: list[str] = []

    def tell(note: str) -> None:
        notes.append(note)
        callback.on_note(note)

    for name, part in mixture.parts.items():
        if isinstance(part, Fitted):
            parts[name] = _fit(part, plan.part(name), train, valid, baselines)
            _save(parts[name].values, folder, name)
    judges = train.take(_held(plan.folds)) if valid is None else valid
    raced = _race(
        plan, train, valid, parts,
        folder=folder, callback=callback, tell=tell, clock=clock,
    )  # fmt: skip
    interrupted = False
    for name in [name for name in mixture.parts if name not in parts]:
        own = plan.part(name)
        if raced is not None and name not in raced.kept:
            parts[name] = _Part([], {})
            continue
        further = any(record for record in history)
        patience = PATIENCE if raced is None else SETTLED
        if interrupted:
            parts[name] = _Part([], {})
            continue
        try:
            trained = train_members(
                own, own.schema.select(train), own.schema.select(judges),
                folder=folder, callback=callback, part=name, before=records,
                folds=plan.folds,
                watch=Watch(clock, most=patience if further else math.inf),
                why=lambda: clock.why,
            )  # fmt: skip
        except TooSlowError as slow:
            tell(_left_out(name, slow.seconds))
            parts[name] = _Part([], {})
            continue
        except StoppedError:
            if not (further or (clock.expired and parts)):
                raise
            kept = ", ".join(other for other, part in parts.items() if part.values)
            tell(f"{clock.why}: kept {kept}, without {name}")
            trained = Trained([], [], [], True)
        history += trained.history
        records += _records(name, trained.history)
        notes += trained.notes
        interrupted = trained.interrupted
        parts[name] = _judged(own, trained.values, train, valid)
    order = {name: parts[name] for name in mixture.parts}
    outputs = [part.outputs for part in order.values()]
    weights = choose_weights(plan.objective, outputs, judges, seed=plan.training.seed)
    tell(_in_words(weights, tuple(order)))
    apart = _apart(plan, order, weights, train) if plan.folds else None
    # What has no weight is not computed for predictions, and not kept.
    heaviest = np.max(np.stack(list(weights.values())), axis=0)
    kept = {n: p for (n, p), w in zip(order.items(), heaviest, strict=True) if w > 0}
    weights = {target: each[heaviest > 0] for target, each in weights.items()}
    results = {
        "weights": {target: each.tolist() for target, each in weights.items()},
        "parts": {n: results_of(p.values, ())["members"] for n, p in kept.items()},
        "mixtures": max(len(part.values) for part in order.values()),
    }
    members = {name: part.values for name, part in kept.items()}
    values = assemble(members, weights, results["mixtures"])
    whole = Trained(values, history, notes, interrupted)
    return MixedRun(whole, mixture.only(kept), results, apart)


def _race(
    plan: Plan,
    train: Arrays,
    valid: Arrays | None,
    fitted: Mapping[str, _Part],
    *,
    folder: RunDirectory | None,
    callback: Callback,
    tell: Callable[[str], None],
    clock: Clock,
) -> Race | None:
    """The race of a plan, or that of the run that goes on; None where there is none."""
    names = plan.contenders
    if not names or valid is None:
        return None
    if folder is not None and (folder / RACE).exists():
        return Race.from_dict(folder.read_json(RACE))
    tell(f"{', '.join(names)}: short runs tell which are worth a whole training")
    outputs = {name: part.outputs for name, part in fitted.items()}

    def judge(own: Plan, values: list[Any]) -> Mapping[str, np.ndarray]:
        return _judged(own, values, train, valid).outputs

    own = clock if clock.budget is None else Clock(clock.budget / _RACE)
    race = run_race(
        plan, train, valid,
        fitted=outputs, judge=judge, callback=callback, clock=own,
    )  # fmt: skip
    if own.expired:
        tell("short runs would take too much of the budget: all are trained in turn")
        return race
    tell(str(race))
    if folder is not None:
        folder.write_json(RACE, race.to_dict())
    return race


def _left_out(name: str, seconds: float) -> str:
    return (
        f"{name} would take about {in_words(seconds)} more and is left out, as others "
        f"are trained: {enough_for(seconds)} trains it too"
    )


def _numbers(values: Mapping[str, Array]) -> dict[str, np.ndarray]:
    return {name: np.asarray(each) for name, each in values.items()}


def _held(folds: Sequence[Fold]) -> np.ndarray:
    """The rows that decide in any fold, in the order of the folds."""
    return np.concatenate([valid for _, valid in folds])


def _arrays(plan: Plan, train: Arrays) -> list[tuple[Arrays, Arrays]]:
    """The rows of each fold that a part sees: to learn from, and that decide."""
    rows = plan.schema.select(train)
    return [(rows.take(some), rows.take(held)) for some, held in plan.folds]


def _fit(
    part: Fitted,
    plan: Plan,
    train: Arrays,
    valid: Arrays | None,
    baselines: Mapping[str, Mapping[str, Any]],
) -> _Part:
    """Fit a part on all training rows, and for folds on those of each."""
    if isinstance(part, Pairwise):
        assert valid is not None  # of few rows, which have folds, there is none
        rows = [plan.schema.select(each) for each in (train, valid)]
        values = pairwise_values(part, plan.schema, plan.tasks, *rows)
        return _judged(plan, [values], train, valid)
    each = [fitted_values(part, plan, some) for some, _ in _arrays(plan, train)]
    if plan.cross_fitted:
        return _judged(plan, each, train, valid)
    values = fitted_values(part, plan, plan.schema.select(train), baselines)
    outputs = _judged(plan, each or [values], train, valid).outputs
    return _Part([values], outputs)


def _judged(
    plan: Plan, values: list[Any], train: Arrays, valid: Arrays | None
) -> _Part:
    """The outputs of networks for the rows that decide.

    With folds each row is for the network that did not learn from it; a part that was
    interrupted before all folds had theirs has no say.
    """
    if not values or len(values) < len(plan.folds):
        return _Part([], {})
    graph = _graph(plan)

    def of(values: list[Any], rows: Arrays) -> dict[str, np.ndarray]:
        return Predictor(plan.schema, plan.objective, graph, values).outputs(rows)

    if valid is not None:
        return _Part(values, of(values, plan.schema.select(valid)))
    each = [
        of([one], held)
        for one, (_, held) in zip(values, _arrays(plan, train), strict=True)
    ]
    joined = {name: np.concatenate([one[name] for one in each]) for name in each[0]}
    return _Part(values, joined)


def _apart(
    plan: Plan, parts: Mapping[str, _Part], weights: MixtureWeights, train: Arrays
) -> OutOfFold:
    """Predictions of each row by what did not learn from it."""
    objective = plan.objective
    mixed = {
        target: sum(
            share * part.outputs[target]
            for share, part in zip(shares, parts.values(), strict=True)
            if part.outputs
        )
        for target, shares in weights.items()
    }
    by_part = {
        name: part.outputs
        for name, part in parts.items()
        if part.outputs and isinstance(plan.part(name).model, Fitted)
    }
    predictions = {
        name: _numbers(objective.predict(jax.tree.map(jnp.asarray, each)))
        for name, each in {"model": mixed, **by_part}.items()
    }
    for target, values in predictions["model"].items():
        offset = objective.specs[target].offset
        predictions["model"][target] = values + np.asarray(offset) if offset else values
    judges = train.take(_held(plan.folds))
    plain = {
        target: TrivialBaseline.fit(objective.specs[target], train).predict(judges)
        for target in objective.tasks
    }
    return OutOfFold(_held(plan.folds), {**predictions, "trivial": plain})


def fitted_values(
    part: Fitted,
    plan: Plan,
    train: Arrays,
    baselines: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> dict[str, Any]:
    """The values of what is fitted and not trained; arguments as for these."""
    if isinstance(part, Boosting):
        return boosting_values(part, plan, train, baselines)
    assert isinstance(part, Linear)
    return linear_values(part, plan, train, baselines)


def boosting_values(
    part: Boosting,
    plan: Plan,
    train: Arrays,
    baselines: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> dict[str, Any]:
    """The values of a network of trees, of the boosting baseline of each target.

    Args:
        part: What it sees.
        plan: Its schema and tasks.
        train: The training rows.
        baselines: The baselines of each target, as far as they are fitted.
    """
    widths = blocks_of(part, plan.schema)
    starts = dict(zip(widths, np.cumsum([0, *widths.values()]), strict=False))
    values = {}
    for name, task in plan.tasks.items():
        fitted = baselines.get(name, {}).get("boosting")
        if fitted is None:
            fitted = BoostingBaseline.fit(plan.schema, name, train)
        spec = plan.schema.target(name)
        places = [starts[block.name] + block.columns for block in fitted.blocks]
        own = np.concatenate([*places, np.zeros(1, np.int64)])[fitted.column]
        to = fitted.shares()
        begins = fitted.intercepts
        if isinstance(task, Binary):  # the log-odds are the score of the second class
            to, begins = (np.insert(each, 0, 0, axis=-1) for each in (to, begins))
        values[name] = {
            "column": own.astype(np.int32),
            "threshold": fitted.threshold,
            "left": fitted.left,
            "right": fitted.right,
            "value": fitted.value,
            "outputs": as_outputs(task, spec, to, shift=False),
            "intercepts": as_outputs(task, spec, begins, shift=True),
        }
    return {"params": {}, "model_state": {"fitted": values}}


def linear_values(
    part: Linear,
    plan: Plan,
    train: Arrays,
    baselines: Mapping[str, Mapping[str, Any]] = MappingProxyType({}),
) -> dict[str, Any]:
    """The values of a linear network, of the linear baseline of each target.

    Args:
        part: What it sees.
        plan: Its schema and tasks.
        train: The training rows.
        baselines: The baselines of each target, as far as they are fitted.
    """
    weights, intercepts = {}, {}
    for name, task in plan.tasks.items():
        baseline = baselines.get(name, {}).get("linear")
        if baseline is None:
            baseline = LinearBaseline.fit(plan.schema, name, train)
        spec = plan.schema.target(name)
        known = baseline.by_block()
        own = {}
        for block, width in blocks_of(part, plan.schema).items():
            values = known.get(block, np.zeros((width, len(baseline.intercepts))))
            own[block] = as_outputs(task, spec, values, shift=False)
        weights[name] = own
        intercepts[name] = as_outputs(task, spec, baseline.intercepts, shift=True)
    return {
        "params": {},
        "model_state": {"weights": weights, "intercepts": intercepts},
    }


def as_outputs(
    task: Task, spec: Any, scores: Float[np.ndarray, "*rows k"], *, shift: bool
) -> Float32[np.ndarray, "*rows width"]:
    """Scores of a fitted baseline as outputs of a network.

    Args:
        task: For which `jaxbio.run.candidates.has_scores` holds.
        spec: The target.
        scores: Coefficients or intercepts.
        shift: Whether they are intercepts.
    """
    scores = np.asarray(scores, np.float64)
    if isinstance(task, Binary):
        scores = scores[..., 1:] - scores[..., :1]
    elif isinstance(task, Regression) and task.standardize:
        scores = (scores - shift * np.asarray(spec.mean)) / np.asarray(spec.scale)
    elif isinstance(task, Survival):
        scores = _of_hazards(scores, shared=task.model == "cox", shift=shift)
    elif isinstance(task, CompetingRisks):
        by_cause = scores.reshape(*scores.shape[:-1], len(spec.causes), -1)
        table = _of_hazards(by_cause, shared=False, shift=shift)
        scores = table.reshape(*scores.shape[:-1], -1)
    elif isinstance(task, CountRegression) and shift:
        scores = scores - np.log(np.maximum(spec.mean, 1e-6))
    return scores.astype(np.float32)


def _of_hazards(
    scores: Float[np.ndarray, "*rows k"], *, shared: bool, shift: bool
) -> Float[np.ndarray, "*rows width"]:
    """Log hazard ratios, alike in all intervals, or the levels of the intervals."""
    if shared:
        return scores.mean(axis=-1, keepdims=True)
    whole = np.zeros_like(scores[..., :1]) if shift else scores[..., :1]
    own = scores / DEVIATION if shift else np.zeros_like(scores)
    return np.concatenate([whole, own], axis=-1)


def _in_words(weights: MixtureWeights, names: tuple[str, ...]) -> str:
    """The weights of a mixture in a sentence."""
    texts = []
    for target, values in weights.items():
        shares = ", ".join(
            f"{name} {share:.0%}" for name, share in zip(names, values, strict=True)
        )
        texts.append(f"{target}: {shares}" if len(weights) > 1 else shares)
    return f"weights by validation rows: {'; '.join(texts)}"


def _save(values: Sequence[Any], folder: RunDirectory | None, part: str) -> None:
    """Write the values of networks that are not trained."""
    if folder is None:
        return
    config = folder.read_config()
    for number, each in enumerate(values):
        owner = owner_of(config, number, part)
        with Checkpoints(folder.member(number, part), owner) as checkpoints:
            checkpoints.go_back(0)
            checkpoints.save(1, {"best": each}, notes={})


def _records(part: str, history: History) -> list[dict]:
    return [
        {"part": part, "member": number, **record}
        for number, records in enumerate(history)
        for record in records
    ]


def _graph(plan: Plan) -> nnx.GraphDef:
    return evaluation_graph(nnx.eval_shape(lambda: plan.build(nnx.Rngs(0))))
