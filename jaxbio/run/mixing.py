"""Training of mixtures: each network by itself, then the weights of their outputs."""

import functools
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import jax
import jax.numpy as jnp
import numpy as np
from flax import nnx
from jaxtyping import Array, Float, Float32

from jaxbio.baselines.boosting import BoostingBaseline
from jaxbio.baselines.linear import LinearBaseline
from jaxbio.data.batching.arrays import Arrays
from jaxbio.errors import StoppedError
from jaxbio.models import Boosting, Fitted, Linear, Mixture
from jaxbio.models.plain_features import blocks_of
from jaxbio.nn.modes import evaluation_graph
from jaxbio.predict.predictor import Predictor
from jaxbio.run.checkpoint import Checkpoints
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
from jaxbio.run.folder import RunDirectory
from jaxbio.run.plan import Plan
from jaxbio.tasks import Binary, CountRegression, Objective, Regression, Task
from jaxbio.train import Callback

_DRAWS = 20  # of the validation rows
_STEPS = 20  # of each draw's selection
_MOST_ROWS = 5000


def train_mixture(
    plan: Plan,
    train: Arrays,
    valid: Arrays,
    *,
    folder: RunDirectory | None,
    callback: Callback,
    baselines: Mapping[str, Mapping[str, Any]],
) -> tuple[Trained, dict[str, Any]]:
    """Train the parts of a mixture in turn, and weigh them.

    Args:
        plan: What to train; its model is a mixture.
        train: The training rows.
        valid: The validation rows, which decide the weights.
        folder: Where checkpoints are kept and found again; None for nowhere.
        callback: Who is told of each step and epoch.
        baselines: The baselines of each target, as far as they are fitted.

    Returns:
        The mixtures, as many as the part with most networks has; and what the
        configuration of the run notes of them: `weights` of parts by target, and for
        each part of `parts` the digests of its networks.

    Raises:
        StoppedError: For Ctrl-C before the first epoch of the first network was done.
    """
    mixture = plan.model
    assert isinstance(mixture, Mixture)
    members: dict[str, list[Any]] = {}
    outputs: list[dict[str, np.ndarray]] = []
    history: History = []
    records: list[dict] = []
    notes: list[str] = []
    interrupted = False
    for name, part in mixture.parts.items():
        own = plan.part(name)
        rows = own.schema.select(train), own.schema.select(valid)
        if isinstance(part, Fitted):
            members[name] = [fitted_values(part, own, rows[0], baselines)]
            _save(members[name][0], folder, name)
        elif not interrupted:
            try:
                trained = train_members(
                    own, *rows, folder=folder, callback=callback, part=name,
                    before=records,
                )  # fmt: skip
            except StoppedError:
                if not any(members.values()):
                    raise
                note = f"stopped by Ctrl-C: kept {', '.join(members)}, without {name}"
                trained = Trained([], [], [note], True)
                callback.on_note(note)
            members[name] = trained.values
            history += trained.history
            records += _records(name, trained.history)
            notes += trained.notes
            interrupted = trained.interrupted
        if members.get(name):
            objective = own.objective
            predictor = Predictor(own.schema, objective, _graph(own), members[name])
            outputs.append(predictor.outputs(rows[1]))
        else:  # Ctrl-C came before: it has no say
            members[name] = []
            outputs.append({})
    weights = choose_weights(plan.objective, outputs, valid, seed=plan.training.seed)
    note = _in_words(weights, tuple(mixture.parts))
    callback.on_note(note)
    notes.append(note)
    digests = {name: results_of(each, ())["members"] for name, each in members.items()}
    for name, each in members.items():
        members[name] = each or [new_values(plan.part(name).build)]
    whole = Trained(assemble(members, weights), history, notes, interrupted)
    shares = {target: values.tolist() for target, values in weights.items()}
    return whole, {"weights": shares, "parts": digests}


def choose_weights(
    objective: Objective,
    outputs: Sequence[Mapping[str, Float[np.ndarray, "n width"]]],
    valid: Arrays,
    *,
    seed: int,
) -> MixtureWeights:
    """Weights of parts by which the loss of validation rows is small.

    Parts are added one at a time, with replacement, each time the one that helps most;
    the weights are the shares of the parts, averaged over draws of the rows, so that
    few rows do not choose one part by chance.

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
        weights[name] = np.zeros(len(outputs), np.float32)
        weights[name][voters] = np.asarray(shares)
    return weights


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
        to = np.eye(len(fitted.intercepts))[fitted.score]
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
    elif isinstance(task, CountRegression) and shift:
        scores = scores - np.log(np.maximum(spec.mean, 1e-6))
    return scores.astype(np.float32)


def _in_words(weights: MixtureWeights, names: tuple[str, ...]) -> str:
    """The weights of a mixture in a sentence."""
    texts = []
    for target, values in weights.items():
        shares = ", ".join(
            f"{name} {share:.0%}" for name, share in zip(names, values, strict=True)
        )
        texts.append(f"{target}: {shares}" if len(weights) > 1 else shares)
    return f"weights by validation rows: {'; '.join(texts)}"


def _save(values: Any, folder: RunDirectory | None, part: str) -> None:
    """Write the values of a network that is not trained."""
    if folder is None:
        return
    owner = owner_of(folder.read_config(), 0, part)
    with Checkpoints(folder.member(0, part), owner) as checkpoints:
        checkpoints.go_back(0)
        checkpoints.save(1, {"best": values}, notes={})


def _records(part: str, history: History) -> list[dict]:
    return [
        {"part": part, "member": number, **record}
        for number, records in enumerate(history)
        for record in records
    ]


def _graph(plan: Plan) -> nnx.GraphDef:
    return evaluation_graph(nnx.eval_shape(lambda: plan.build(nnx.Rngs(0))))
