"""Cox networks on many columns against PyTorch, and bootstrap networks at once.

    python benchmarks/speed/survival.py [--quick]

The first case trains a perceptron with one hidden layer by Cox's partial likelihood:
one epoch of 10,000 rows and 2,000 columns, in batches that are in memory. The peer is
the usual loop in PyTorch, whose loss sorts the rows of a batch and sums from the last
to the first. In the second, 100 small networks learn from draws of the same rows, each
by weights that say how often a row was drawn: by `vmap` all in one program, against one
network after the other, of jaxbio itself and of PyTorch.
"""

import sys
from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import harness
import jax
import jax.numpy as jnp
import numpy as np
import optax
import training
import twins
from flax import nnx

from jaxbio.data.columns.time_to_event import event_grid, grid_hazards
from jaxbio.data.specs import TargetSpec
from jaxbio.tasks import Objective, Survival
from jaxbio.train import scan_steps
from jaxbio.train.step import init_state, make_step

COX, BOOTSTRAP = "Cox, one epoch", "100 bootstrap networks"
EAGER, SINGLE, IN_TURN = "PyTorch loop", "100 single runs", "PyTorch 100 in turn"
TARGET = "time,event"


class Case(NamedTuple):
    """What is trained.

    Attributes:
        rows: How many.
        columns: Of each.
        hidden: The width of the hidden layer.
        size: Rows a batch.
        members: Networks.
    """

    rows: int
    columns: int
    hidden: int
    size: int
    members: int = 1


CASES = {
    COX: Case(10_000, 2_000, 64, 250),
    BOOTSTRAP: Case(1_000, 20, 16, 250, 100),
}
QUICK = {
    COX: Case(1_000, 2_000, 64, 250),
    BOOTSTRAP: Case(500, 20, 16, 250, 100),
}


class Batches(NamedTuple):
    """Rows in batches.

    Attributes:
        inputs: `[steps size columns]`.
        targets: Time, event and entry, `[steps size 3]`.
        weights: Of each network, `[members steps size]`.
        spec: The target.
    """

    inputs: np.ndarray
    targets: np.ndarray
    weights: np.ndarray
    spec: TargetSpec


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("survival", __doc__, arguments)
    for name, case in (QUICK if suite.quick else CASES).items():
        measure(suite, name, case)
    return 0


def measure(suite: harness.Suite, name: str, case: Case) -> None:
    """The lines of a case."""
    repeats = 3 if suite.quick else 7
    batches = random_batches(case)
    together, alone, states = programs(case, batches)
    peers = (SINGLE, IN_TURN) if case.members > 1 else (EAGER,)
    if suite.alone:
        suite.compare(name, "none", together, None, agreement=None, repeats=repeats)
        return
    first = np.asarray(together())
    if SINGLE in peers and suite.wants(SINGLE):
        found = harness.agree(first[:, 0], np.stack([run() for run in alone])[:, 0])
        suite.compare(
            name, SINGLE, together, lambda: [run() for run in alone],
            agreement=found, repeats=repeats,
        )  # fmt: skip
    if suite.peer("torch", name, peers[-1]):
        with suite.attempt(name, peers[-1]):
            works = torch_programs(case, states, batches)
            theirs = np.stack([run() for run in works])
            found = harness.agree(first[:, 0], theirs[:, 0])
            suite.compare(
                name, peers[-1], together, lambda: [run() for run in works],
                agreement=found, repeats=repeats,
            )  # fmt: skip


def random_batches(case: Case, *, seed: int = 0) -> Batches:
    """Invent rows whose log hazard is a sum of their columns; a third is censored."""
    random = np.random.default_rng(seed)
    x = random.normal(size=(case.rows, case.columns)).astype(np.float32)
    hazard = np.exp(x @ random.normal(size=case.columns) / np.sqrt(case.columns))
    time, end = random.exponential(1 / hazard), random.exponential(2, case.rows)
    outcomes = np.stack(
        [np.minimum(time, end), time <= end, np.zeros(case.rows)], axis=1
    )
    grid = event_grid(outcomes[:, 0], outcomes[:, 1])
    hazards = grid_hazards(outcomes, grid)
    spec = TargetSpec(
        TARGET, "survival", columns=("time", "event"),
        times=tuple(grid.tolist()), hazards=tuple(hazards.tolist()),
    )  # fmt: skip
    shape = case.rows // case.size, case.size
    drawn = random.multinomial(
        case.rows, np.full(case.rows, 1 / case.rows), case.members
    )
    weights = drawn if case.members > 1 else np.ones((1, case.rows))
    return Batches(
        x.reshape(*shape, -1),
        outcomes.astype(np.float32).reshape(*shape, 3),
        weights.astype(np.float32).reshape(-1, *shape),
        spec,
    )


def programs(
    case: Case, batches: Batches
) -> tuple[Callable[[], Any], list[Callable[[], Any]], Any]:
    """All networks at once, and each by itself.

    Returns:
        A function that trains all and gives the losses `[members steps]`, one for each
        network that gives `[steps]`, and the initial states, stacked.
    """
    adam = optax.adam(training.RATE)
    task = Survival(model="cox", ties="breslow")
    objective = Objective({TARGET: task}, {TARGET: batches.spec})

    def build(key: jax.Array) -> Any:
        rngs = nnx.Rngs(key)
        return twins.Perceptron(case.columns, (case.hidden,), outputs=1, rngs=rngs)

    def loss(module: Any, batch: Any, rngs: Any) -> Any:
        targets = {**batch, "targets": {TARGET: batch["targets"]}}
        return objective.sums({TARGET: module(batch["inputs"])}, targets)

    abstract = nnx.eval_shape(lambda: build(jax.random.key(0)))
    step = make_step(abstract, loss, adam)
    axes = {"inputs": None, "targets": None, "weights": 0}
    each = jax.vmap(step, in_axes=(0, axes))

    @jax.jit
    @jax.vmap
    def initial(key: jax.Array) -> Any:
        return init_state(build(key), adam, key=key)

    states = initial(jax.random.split(jax.random.key(0), case.members))
    one = jax.jit(scan_steps(step), donate_argnums=0)
    many = jax.jit(scan_steps(each), donate_argnums=0)
    shared = {"inputs": batches.inputs, "targets": batches.targets}
    given = jax.device_put(shared)
    rows = [jax.device_put(weights) for weights in batches.weights]
    stacked = jnp.stack(rows, axis=1)  # steps first
    kept: list[Any] = [
        jax.tree.map(lambda x, m=m: x[m], states) for m in range(case.members)
    ]
    kept.append(jax.tree.map(jnp.copy, states))

    def work(at: int, program: Any, weights: Any) -> Any:
        kept[at], metrics = program(kept[at], {**given, "weights": weights})
        return jax.block_until_ready(metrics["loss"].T)

    alone = [lambda m=m: work(m, one, rows[m]) for m in range(case.members)]
    return lambda: work(case.members, many, stacked), alone, states


def torch_programs(
    case: Case, states: Any, batches: Batches
) -> list[Callable[[], np.ndarray]]:
    """For each network a function that trains it in PyTorch, and gives the losses."""
    import torch

    device = harness.torch_device()
    abstract = nnx.eval_shape(
        lambda: twins.Perceptron(
            case.columns, (case.hidden,), outputs=1, rngs=nnx.Rngs(0)
        )
    )
    graph = nnx.split(abstract, nnx.Param, ...)[0]
    exposures = torch.tensor(cohort_exposures(batches)).to(device)
    inputs, targets = (
        torch.tensor(values).to(device) for values in (batches.inputs, batches.targets)
    )

    def program(member: int) -> Callable[[], np.ndarray]:
        values = jax.tree.map(lambda x: x[member], states)
        module = nnx.merge(graph, values.params, values.model_state)
        twin = twins.torch_perceptron(module).to(device).train()
        optimizer = torch.optim.Adam(twin.parameters(), training.RATE)
        weights = torch.tensor(batches.weights[member]).to(device)

        def work() -> np.ndarray:
            losses = []
            rows = zip(inputs, targets, exposures, weights, strict=True)
            for x, outcome, exposure, weight in rows:
                optimizer.zero_grad()
                loss = torch_loss(twin(x)[:, 0], outcome, exposure, weight)
                loss.backward()
                optimizer.step()
                losses.append(loss.detach())
            harness.torch_wait()
            return torch.stack(losses).cpu().numpy()

        return work

    return [program(member) for member in range(case.members)]


def torch_loss(ratio: Any, outcome: Any, exposure: Any, weight: Any) -> Any:
    """Breslow's partial likelihood, and the level by which as many events are expected.

    Args:
        ratio: The log hazard ratio of each row.
        outcome: Time, event and entry of each.
        exposure: The cohort's cumulative hazard while it was followed.
        weight: How often it was drawn.
    """
    import torch

    time, event = outcome[:, 0], outcome[:, 1]
    order = torch.argsort(time, descending=True)
    total = torch.empty_like(ratio)
    total[order] = torch.logcumsumexp(ratio[order], 0)
    level = torch.log((ratio.exp() * exposure).sum() + 1e-6)
    level = level - torch.log(event.sum() + 1e-6)
    counted = event * weight
    losses = total - ratio + torch.expm1(level) - level
    return (losses * counted).sum() / counted.sum().clamp(min=1e-12)


def cohort_exposures(batches: Batches) -> np.ndarray:
    """The cohort's cumulative hazard while each row was followed, `[steps size]`."""
    ends = np.asarray(batches.spec.times)
    starts = np.concatenate([[0.0], ends[:-1]])
    spent = np.minimum(batches.targets[..., :1], ends) - starts
    hazards = np.asarray(batches.spec.hazards)
    return (np.maximum(spent, 0) @ hazards).astype(np.float32)


if __name__ == "__main__":
    sys.exit(main())
