"""How long training waits for its data: 1,000,000 sequences of 600 nt in memory.

    python benchmarks/speed/epoch.py [--quick]

Some steps of a shuffled epoch through jaxbio's own machinery (and the shuffling of as
many rows), against as many steps whose batches are there already; `waiting` is the
share of the time that the machinery costs. Two cases: rows on the device with many
steps in a program, and rows that stay with the host with a program for each step.
"""

import dataclasses
import itertools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import harness
import jax
import jax.numpy as jnp
import machine
import numpy as np
import optax
import training
import twins
from flax import nnx

from jaxbio.alphabet import DNA
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.batches import plan_epoch
from jaxbio.data.batching.layouts import Ragged
from jaxbio.data.specs import TargetSpec
from jaxbio.tasks import Objective, Regression
from jaxbio.train import scan_steps
from jaxbio.train.drivers import LoopDriver, ScanDriver
from jaxbio.train.step import init_state, make_step

LENGTH, BATCH, PEER = 600, 128, "batches at hand"
SHAPE = dataclasses.replace(twins.SMALL, length=LENGTH)


class Named(nnx.Module):
    """The small network, with named inputs and targets as training gives them."""

    def __init__(self, rngs: nnx.Rngs):
        self.network = twins.ConvNet(SHAPE, rngs=rngs)

    def __call__(self, inputs: Any, *, rngs: nnx.Rngs | None = None) -> Any:
        """Outputs by target."""
        return {"y": self.network(inputs["sequence"], rngs=rngs)}


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("epoch", __doc__, arguments)
    if not (suite.alone or suite.wants(PEER)):
        return 0
    rows = random_rows(20_000 if suite.quick else 1_000_000)
    steps = 8 if suite.quick else 200 if machine.kind() != "cpu" else 32
    step, state = step_and_state()
    options = {"batch_size": BATCH, "steps": steps}
    scan = ScanDriver(step, rows, (LENGTH,), state, **options)
    measure(suite, "600 nt", scan, in_one_program, rows, steps)
    loop = LoopDriver(step, rows)
    measure(suite, "600 nt, from the host", loop, one_by_one, rows, steps)
    return 0


def measure(
    suite: harness.Suite,
    case: str,
    driver: Any,
    reference: Callable[..., Callable[[], Any]],
    rows: Arrays,
    steps: int,
) -> None:
    """The line of one way to the data."""
    plans = plan_epoch(rows.lengths, (LENGTH,), BATCH, seed=0, epoch=0)
    starts = itertools.cycle(range(0, len(plans) - steps + 1, steps))
    step, state = step_and_state()

    def ours() -> Any:
        plan_epoch(rows.lengths[: steps * BATCH], (LENGTH,), BATCH, seed=0, epoch=0)
        start = next(starts)
        chosen = plans[start : start + steps]
        return driver(state, [chosen], lambda losses, start: None)[1]["loss"][0]

    theirs = reference(step, state, [rows.batch(p.rows, LENGTH) for p in plans[:steps]])
    suite.compare(
        case,
        PEER,
        ours,
        theirs,
        agreement=harness.agree(ours()[:2], theirs()[:2]),
        repeats=3 if suite.quick else 5,
        per=steps,
        flops=BATCH * SHAPE.flops,
        precision="float32",  # in which the machinery compiled its program
        derive=lambda timing: {"waiting": round(1 - timing.ratio, 4)},
    )


def in_one_program(step: Any, state: Any, batches: list[dict]) -> Callable[[], Any]:
    """The same steps in one program, with their batches as its arguments."""
    stacked = jax.device_put(jax.tree.map(lambda *leaves: np.stack(leaves), *batches))
    many = jax.jit(scan_steps(step))
    return lambda: np.asarray(many(state, stacked)[1]["loss"])


def one_by_one(step: Any, state: Any, batches: list[dict]) -> Callable[[], Any]:
    """The same steps by a program for each, with batches on the device."""
    given = jax.device_put(batches)
    one = jax.jit(step, donate_argnums=0)

    def work() -> Any:
        now = jax.tree.map(jnp.copy, state)
        losses = []
        for batch in given:
            now, metrics = one(now, batch)
            losses.append(metrics["loss"])
        return np.asarray(losses)

    return work


def random_rows(count: int) -> Arrays:
    """Sequences with one number each."""
    random = np.random.default_rng(0)
    codes = random.integers(0, twins.SYMBOLS, count * LENGTH, np.uint8)
    offsets = np.arange(count + 1) * LENGTH
    targets = random.normal(size=(count, 1)).astype(np.float32)
    return Arrays(
        {"sequence": Ragged(codes, offsets, DNA.pad)},
        {"y": targets},
        np.ones(count, np.float32),
        np.full(count, LENGTH),
    )


def step_and_state() -> tuple[Any, Any]:
    """A step of Adam, and the state before the first."""
    spec = TargetSpec("y", "number", columns=("y",), mean=(0.0,), scale=(1.0,))
    objective = Objective({"y": Regression()}, {"y": spec})
    adam = optax.adam(training.RATE)
    abstract = nnx.eval_shape(lambda: Named(nnx.Rngs(0)))
    step = make_step(abstract, objective, adam)
    key = jax.random.key(0)
    state = jax.jit(lambda key: init_state(Named(nnx.Rngs(key)), adam, key=key))(key)
    return step, state


if __name__ == "__main__":
    sys.exit(main())
