"""Training of mixtures: each network by itself, then the weights of their outputs."""

import functools
from collections.abc import Mapping, Sequence
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
from jaxbio.errors import StoppedError, option, spelled
from jaxbio.models import Boosting, Fitted, Linear, Mixture
from jaxbio.models.plain_features import blocks_of
from jaxbio.nn.modes import evaluation_graph
from jaxbio.predict.predictor import Predictor
from jaxbio.run.checkpoint import Checkpoints
from jaxbio.run.clock import Clock, TooSlowError, in_words
from jaxbio.run.ensemble import (
    History,
    MixtureWeights,
    Trained,
    assemble,
    new_values,
    owner_of,
    results_of,
    train_members,
)
from jaxbio.run.evaluation import OutOfFold
from jaxbio.run.folder import RunDirectory
from jaxbio.run.plan import Plan
from jaxbio.tasks import (
    Binary,
    CompetingRisks,
    CountRegression,
    Objective,
    Regression,
    Survival,
    Task,
)
from jaxbio.tasks.time_to_event import DEVIATION
from jaxbio.train import Callback
from jaxbio.train.loop import Fold

_DRAWS = 20  # of the validation rows
_STEPS = 20  # of each draw's selection
_MOST_ROWS = 5000
_ENOUGH = 20  # rows that decide; of fewer equal shares have a part, too


class _Part(NamedTuple):
    """The networks of a part of a mixture.

    Attributes:
        values: Of each network.
        outputs: For the rows that decide, before the link, by target; empty for a part
            that has no say.
    """

    values: list[Any]
    outputs: dict[str, np.ndarray]


def train_mixture(
    plan: Plan,
    train: Arrays,
    valid: Arrays | None,
    *,
    folder: RunDirectory | None,
    callback: Callback,
    baselines: Mapping[str, Mapping[str, Any]],
    clock: Clock,
) -> tuple[Trained, dict[str, Any], OutOfFold | None]:
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
        The mixtures, as many as the part with most networks has; what the configuration
        of the run notes of them: `weights` of parts by target, and for each part of
        `parts` the digests of its networks; and with folds the predictions of rows by
        what did not learn from them.

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
    interrupted = False
    for name in [name for name in mixture.parts if name not in parts]:
        own = plan.part(name)
        further = any(record for record in history)
        if interrupted:
            parts[name] = _Part([], {})
            continue
        try:
            trained = train_members(
                own, own.schema.select(train), own.schema.select(judges),
                folder=folder, callback=callback, part=name, before=records,
                folds=plan.folds,
                watch=functools.partial(clock.watch, further=further),
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
    digests = {n: results_of(part.values, ())["members"] for n, part in order.items()}
    members = {
        name: part.values or [new_values(plan.part(name).build)]
        for name, part in order.items()
    }
    whole = Trained(assemble(members, weights), history, notes, interrupted)
    shares = {target: values.tolist() for target, values in weights.items()}
    apart = _apart(plan, order, weights, train) if plan.folds else None
    return whole, {"weights": shares, "parts": digests}, apart


def _left_out(name: str, seconds: float) -> str:
    return (
        f"{name} would take about {in_words(seconds)} more and is left out, as others "
        f"are trained: {option('budget', _budget_for(seconds))} trains it too"
    )


def _budget_for(seconds: float) -> Any:
    """A budget that is enough, as the caller writes it."""
    minutes = max(int(2 * seconds // 60), 1)
    return spelled(str(minutes * 60), f"{minutes}m")


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


def choose_weights(
    objective: Objective,
    outputs: Sequence[Mapping[str, Float[np.ndarray, "n width"]]],
    valid: Arrays,
    *,
    seed: int,
) -> MixtureWeights:
    """Weights of parts by which the loss of validation rows is small.

    Parts are added one at a time, with replacement, each time the one that helps most;
    the weights are the shares of the parts, averaged over draws of the rows, and of
    fewer than 20 rows the nearer to equal ones the fewer there are, so that few rows
    do not choose one part by chance.

    Args:
        objective: The loss.
        outputs: What each part gives before the link, by target; empty for a part that
            has no say.
        valid: The validation rows.
        seed: Of the draws.

    Source:
        Caruana R et al. (2004) Ensemble selection from libraries of models, ICML.
    """
    random = np.random.default_rng(seed)
    rows = np.arange(len(valid))
    if len(rows) > _MOST_ROWS:
        rows = np.sort(random.choice(rows, _MOST_ROWS, replace=False))
    draws = random.multinomial(len(rows), np.full(len(rows), 1 / len(rows)), _DRAWS)
    counts = draws * valid.weights[rows]
    voters = [at for at, each in enumerate(outputs) if each]
    weights: MixtureWeights = {}
    for name, task in objective.tasks.items():
        loss = functools.partial(task.loss, spec=objective.specs[name])
        some = jnp.stack([outputs[at][name][rows] for at in voters])
        target: Any = valid.targets[name]
        shares = _selected(loss, some, jnp.asarray(target[rows]), jnp.asarray(counts))
        known = int((valid.weights[rows] > 0).sum())
        weights[name] = np.zeros(len(outputs), np.float32)
        weights[name][voters] = _towards_equal(np.asarray(shares), some, known)
    return weights


def _towards_equal(
    shares: Float[np.ndarray, "parts"], outputs: Array, rows: int
) -> Float[np.ndarray, "parts"]:
    """The shares, of few rows with equal ones of the parts that answer for all rows."""
    usable = np.asarray(jnp.isfinite(outputs).all(axis=(1, 2)), np.float32)
    equal = max(1 - rows / _ENOUGH, 0.0)
    return (1 - equal) * shares + equal * usable / max(usable.sum(), 1)


def _selected(
    loss: Any,
    outputs: Float[Array, "parts n width"],
    targets: Array,
    counts: Float[Array, "draws n"],
) -> Float[Array, "parts"]:
    """The share of each part, averaged over draws of the rows."""

    @jax.jit
    def run(outputs: Array, targets: Array, counts: Array) -> Array:
        def mean(values: Array, weights: Array) -> Array:
            each, known = loss(values, targets)
            weights = weights * known
            return (each * weights).sum() / jnp.maximum(weights.sum(), 1e-12)

        def of_draw(weights: Array) -> Array:
            def step(state: tuple, _: Any) -> tuple:
                total, taken = state
                size = taken.sum() + 1
                losses = lax_map(lambda x: mean((total + x) / size, weights), outputs)
                best = jnp.argmin(jnp.where(jnp.isnan(losses), jnp.inf, losses))
                return (total + outputs[best], taken.at[best].add(1.0)), None

            start = jnp.zeros(outputs.shape[1:]), jnp.zeros(len(outputs))
            (_, taken), _ = jax.lax.scan(step, start, None, length=_STEPS)
            return taken / _STEPS

        return lax_map(of_draw, counts).mean(axis=0)

    lax_map = jax.lax.map
    return run(outputs, targets, counts)


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
