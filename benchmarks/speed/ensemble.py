"""Five networks trained together by `vmap`, against five single runs.

    python benchmarks/speed/ensemble.py [--quick]

The peers are jaxbio itself, one network after the other, and PyTorch, likewise. Times
are of one step of all five; `times_one_member` says how much longer that is than a step
of one. Each network has its own batches.
"""

import dataclasses
import sys
from collections.abc import Callable, Sequence
from typing import Any

import harness
import jax
import jax.numpy as jnp
import numpy as np
import optax
import training
import twins
from flax import nnx

from jaxbio.tasks import Regression
from jaxbio.train import scan_steps
from jaxbio.train.step import init_state, make_step

MEMBERS = 5
TOGETHER, IN_TURN = "5 single runs", "PyTorch five in turn"
COLUMNS, HIDDEN = 1000, (64, 64)


@dataclasses.dataclass(frozen=True)
class Case:
    """What is trained.

    Attributes:
        build: Makes the network from random number streams.
        shape: Of a network on DNA; None for the perceptron on numbers.
        size: Rows a batch.
        steps: Steps a call; in the quick form a quarter of them.
    """

    build: Callable[[nnx.Rngs], Any]
    shape: twins.Shape | None
    size: int
    steps: int


def _on_dna(shape: twins.Shape, size: int, steps: int) -> Case:
    return Case(lambda rngs: twins.ConvNet(shape, rngs=rngs), shape, size, steps)


CASES = {
    "MLP": Case(
        lambda rngs: twins.Perceptron(COLUMNS, HIDDEN, outputs=1, rngs=rngs),
        None,
        32,
        160,
    ),
    "small CNN": _on_dna(twins.SMALL, 128, 8),
    "DeepSTARR": _on_dna(twins.DEEPSTARR, 128, 4),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("ensemble", __doc__, arguments)
    for name, case in CASES.items():
        measure(suite, name, case)
    return 0


def measure(suite: harness.Suite, name: str, case: Case) -> None:
    """The two lines of a case."""
    repeats = 3 if suite.quick else 7
    steps = max(case.steps // 4, 1) if suite.quick else case.steps
    batches = [member_batches(case, steps, member) for member in range(MEMBERS)]
    together, alone, states = programs(case, batches)
    if suite.alone or suite.wants(TOGETHER):
        first = np.asarray(together())
        found = harness.agree(first[:, 0], np.stack([work() for work in alone])[:, 0])
        one = harness.compare(together, alone[0], repeats=repeats)
        suite.compare(
            name,
            TOGETHER,
            together,
            lambda: [work() for work in alone],
            agreement=found,
            repeats=repeats,
            per=steps,
            flops=MEMBERS * flops(case),
            times_one_member=round(1 / one.ratio, 3),
        )
    if suite.peer("torch", name, IN_TURN) and not suite.alone:
        with suite.attempt(name, IN_TURN):
            found, theirs = torch_in_turn(case, states, batches)
            suite.compare(
                name,
                IN_TURN,
                together,
                theirs,
                agreement=found,
                repeats=repeats,
                per=steps,
                flops=MEMBERS * flops(case),
            )


def flops(case: Case) -> float:
    """Of a step of one network."""
    shape = case.shape
    row = shape.flops if shape else twins.perceptron_flops(COLUMNS, HIDDEN)
    return case.size * row


def member_batches(case: Case, steps: int, member: int) -> dict[str, np.ndarray]:
    """Inputs and targets `[steps size …]` of one network."""
    if case.shape:
        inputs, targets = training.random_batches(
            case.shape, steps=steps, size=case.size, seed=member
        )
    else:
        random = np.random.default_rng(member)
        inputs = random.normal(size=(steps, case.size, COLUMNS)).astype(np.float32)
        targets = random.normal(size=(steps, case.size, 1)).astype(np.float32)
    return {"inputs": inputs, "targets": targets}


def programs(
    case: Case, batches: list[dict[str, np.ndarray]]
) -> tuple[Callable[[], Any], list[Callable[[], Any]], Any]:
    """Five at once, and each by itself.

    Returns:
        A function that trains all and gives the losses `[members steps]`, one for each
        network that gives `[steps]`, and the initial states, stacked.
    """
    adam = optax.adam(training.RATE)
    abstract = nnx.eval_shape(lambda: case.build(nnx.Rngs(0)))
    step = make_step(abstract, Regression(), adam)

    @jax.jit
    @jax.vmap
    def initial(key: jax.Array) -> Any:
        return init_state(case.build(nnx.Rngs(key)), adam, key=key)

    states = initial(jax.random.split(jax.random.key(0), MEMBERS))
    many = jax.jit(scan_steps(step), donate_argnums=0)
    all_steps = jax.jit(scan_steps(jax.vmap(step)), donate_argnums=0)
    weights = np.ones(batches[0]["inputs"].shape[:2], np.float32)
    given = [jax.device_put({**batch, "weights": weights}) for batch in batches]
    stacked = jax.tree.map(lambda *leaves: jnp.stack(leaves, axis=1), *given)
    kept: list[Any] = [
        jax.tree.map(lambda x, m=m: x[m], states) for m in range(MEMBERS)
    ]
    kept.append(jax.tree.map(jnp.copy, states))

    def work(at: int, program: Any, batch: Any) -> Any:
        kept[at], metrics = program(kept[at], batch)
        return jax.block_until_ready(metrics["loss"].T)

    alone = [lambda m=member: work(m, many, given[m]) for member in range(MEMBERS)]
    return lambda: work(MEMBERS, all_steps, stacked), alone, states


def torch_in_turn(
    case: Case, states: Any, batches: list[dict[str, np.ndarray]]
) -> tuple[float, Callable[[], Any]]:
    """How far outputs agree, and a function that trains one after the other."""
    import torch

    graph = nnx.split(nnx.eval_shape(lambda: case.build(nnx.Rngs(0))), nnx.Param, ...)
    works, found = [], 0.0
    for member in range(MEMBERS):
        values = jax.tree.map(lambda x, m=member: x[m], states)
        module = nnx.merge(graph[0], values.params, values.model_state)
        inputs, targets = batches[member]["inputs"], batches[member]["targets"]
        if case.shape:
            twin = twins.torch_conv_net(module, case.shape)
            found = found or training.agreement(case.shape)
            works.append(training.torch_steps(twin, inputs, targets))
        else:
            twin = twins.torch_perceptron(module)
            with torch.no_grad():
                theirs = twin(torch.tensor(inputs[0])).numpy()
            found = max(found, harness.agree(module(jnp.asarray(inputs[0])), theirs))
            works.append(training.torch_steps(twin, inputs, targets, tokens=False))
    return found, lambda: [work() for work in works]


if __name__ == "__main__":
    sys.exit(main())
