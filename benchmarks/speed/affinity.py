"""Training of a network of DeepDTA's shape on pairs of drugs and proteins.

    python benchmarks/speed/affinity.py [--quick]

68 drugs of up to 85 symbols and 379 proteins of up to 1,200 residues, as long as those
of Davis are, in random pairs; for each convolutions of 32, 64 and 96 channels with
kernels of 8 and a maximum over positions; dense layers of 1,024, 1,024 and 512; Adam;
batch 256. jaxbio goes through its own training: pairs of proteins of like length share
a batch, in which each item is encoded once. The PyTorch copy takes pairs as its users
do, each with its own drug and protein, padded to the longest. Times are of one step of
256 pairs.
"""

import itertools
import sys
from collections.abc import Callable, Sequence
from typing import Any

import harness
import jax
import numpy as np
import optax
import training
import twins
from flax import nnx

from jaxbio.alphabet import PROTEIN, Alphabet
from jaxbio.data import Dataset
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.batches import plan_epoch
from jaxbio.data.batching.layouts import DictionaryArray, Ragged
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.learn import learn_schema
from jaxbio.data.schema import Schema
from jaxbio.models import CNN, Head, Network
from jaxbio.nn.modes import evaluation_graph
from jaxbio.tasks import Objective, Regression
from jaxbio.train.drivers import ScanDriver
from jaxbio.train.step import init_state, make_step

CASE = "DeepDTA training"
BATCH = 256
LIGAND = Alphabet("ligand", "CNOSFPIBrclno()=#123456+-[]@H/")
DRUGS, LONGEST_DRUG = 68, 85
PROTEINS, LONGEST = 379, 1200
CHANNELS, KERNEL = (32, 64, 96), 8
HIDDEN = (1024, 1024, 512)


def random_pairs(pairs: int, *, longest_only: bool = False, seed: int = 0) -> Dataset:
    """Pairs of random items, as long as those of Davis are."""
    random = np.random.default_rng(seed)

    def items(n: int, alphabet: Alphabet, lengths: np.ndarray) -> Sequences:
        offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
        codes = random.integers(0, alphabet.size, offsets[-1])
        return Sequences(codes.astype(np.uint8), offsets, alphabet)

    drugs = random.integers(40, LONGEST_DRUG + 1, DRUGS)
    # The logarithms of the lengths of Davis' proteins: mean 6.57, deviation 0.46.
    proteins = np.exp(random.normal(6.57, 0.46, PROTEINS)).astype(int)
    proteins = proteins.clip(250, LONGEST)
    if longest_only:
        drugs[:], proteins[:] = LONGEST_DRUG, LONGEST
    drugs[0], proteins[0] = LONGEST_DRUG, LONGEST
    rows = {
        "drug": random.integers(0, DRUGS, pairs).astype(np.int32),
        "protein": random.integers(0, PROTEINS, pairs).astype(np.int32),
    }
    return Dataset(
        {
            "drug": DictionaryColumn(items(DRUGS, LIGAND, drugs), rows["drug"]),
            "protein": DictionaryColumn(
                items(PROTEINS, PROTEIN, proteins), rows["protein"]
            ),
        },
        {"y": Numeric(random.normal(size=(pairs, 1)).astype(np.float32), ("y",))},
    )


def network(schema: Schema, rngs: nnx.Rngs) -> nnx.Module:
    """The network."""
    encoder = CNN(
        channels=CHANNELS,
        kernel_sizes=(KERNEL,) * len(CHANNELS),
        pool_windows=(1,) * len(CHANNELS),
        norm="none",
        pool="max",
        dropout=0.0,
        kmers=0,
        positions=False,
    )
    config = Network(encoder, hidden=HIDDEN, skip=False, dropout=0.1)
    return config.build(schema, {"y": Head(1)}, rngs=rngs)


def jaxbio_steps(schema: Schema, arrays: Arrays, steps: int) -> Callable[[], Any]:
    """A function that makes some steps of an epoch, and waits."""
    objective = Objective({"y": Regression()}, {"y": schema.target("y")})
    adam = optax.adam(training.RATE)
    step = make_step(
        nnx.eval_shape(lambda: network(schema, nnx.Rngs(0))), objective, adam
    )
    key = jax.random.key(0)
    state = jax.jit(
        lambda key: init_state(network(schema, nnx.Rngs(key)), adam, key=key)
    )(key)
    plan = plan_epoch(arrays.lengths, schema.buckets, BATCH, seed=0, epoch=0)
    # Whole batches of all lengths, in the shares that the epoch has of them.
    whole = [each for each in plan if each.counted == BATCH][:steps]
    driver = ScanDriver(
        step, arrays, schema.buckets, state, batch_size=BATCH, steps=len(whole)
    )
    return lambda: driver(state, [whole], lambda losses, at: None)[1]


def torch_network(module: Any) -> Any:
    """The same network in PyTorch, for one-hot drugs and proteins."""
    import torch
    from torch import nn

    class Pair(nn.Module):
        """Two towers and the dense layers."""

        def __init__(self):
            super().__init__()
            self.drug, self.protein = tower(LIGAND.size), tower(PROTEIN.size)
            widths, layers = [2 * CHANNELS[-1], *HIDDEN], []
            for before, after in itertools.pairwise(widths):
                layers += [nn.Linear(before, after), nn.ReLU(), nn.Dropout(0.1)]
            self.dense = nn.Sequential(*layers, nn.Linear(HIDDEN[-1], 1))

        def forward(self, x):
            drug, protein = self.drug(x[0]), self.protein(x[1])
            both = [part.amax(dim=2) for part in (drug, protein)]
            return self.dense(torch.cat(both, dim=1))

    def tower(symbols: int) -> Any:
        widths, layers = [symbols, *CHANNELS], []
        for before, after in itertools.pairwise(widths):
            layers += [nn.Conv1d(before, after, KERNEL, padding="same"), nn.ReLU()]
        return nn.Sequential(*layers)

    twin = Pair()
    if module is not None:
        for name in ("drug", "protein"):
            encoder = module.encoders[name]
            first, *others = [
                layer for layer in getattr(twin, name) if hasattr(layer, "stride")
            ]
            stem = encoder.stack.stem
            kernel = twins.stem_kernel(stem).transpose(2, 1, 0)
            twins.assign(first, weight=kernel, bias=stem.project.bias[...])
            for theirs, ours in zip(others, encoder.stack.blocks, strict=True):
                kernel = np.asarray(ours.conv.kernel[...]).transpose(2, 1, 0)
                twins.assign(theirs, weight=kernel, bias=ours.conv.bias[...])
        linear = [layer for layer in twin.dense if hasattr(layer, "in_features")]
        layers = [*module.trunks["row"].layers, module.heads["y"]]
        for theirs, ours in zip(linear, layers, strict=True):
            weight = np.asarray(ours.kernel[...]).T
            twins.assign(theirs, weight=weight, bias=ours.bias[...])
    return twin


def one_hot(arrays: Arrays, rows: np.ndarray) -> list[Any]:
    """The drugs and proteins of some rows, each as long as the longest of all."""
    import torch

    found = []
    inputs = (("drug", LIGAND, LONGEST_DRUG), ("protein", PROTEIN, LONGEST))
    for name, alphabet, length in inputs:
        column = arrays.inputs[name]
        assert isinstance(column, DictionaryArray)
        assert isinstance(column.values, Ragged)
        tokens = column.values.padded(column.indices[rows], length)
        profile = alphabet.profile
        table = np.ascontiguousarray(profile[tokens].transpose(0, 2, 1))
        found.append(torch.tensor(table))
    return found


def torch_steps(arrays: Arrays, steps: int) -> Callable[[], Any]:
    """The usual loop over batches that are in memory."""
    import torch

    device = harness.torch_device()
    model = torch_network(None).to(device).train()
    optimizer = torch.optim.Adam(model.parameters(), training.RATE)
    order = np.random.default_rng(0).permutation(len(arrays))[: steps * BATCH]
    batches = order.reshape(steps, BATCH)
    given = [[x.to(device) for x in one_hot(arrays, rows)] for rows in batches]
    wanted = [torch.tensor(arrays.targets["y"][rows]).to(device) for rows in batches]

    def work() -> None:
        for x, y in zip(given, wanted, strict=True):
            optimizer.zero_grad()
            loss = ((model(x) - y) ** 2).mean()
            loss.backward()
            optimizer.step()
        harness.torch_wait()

    return work


def agreement() -> float:
    """The largest difference of outputs on pairs of the longest items.

    Raises:
        SystemExit: If the networks are not the same.
    """
    import torch

    data = random_pairs(64, longest_only=True, seed=1)
    schema = learn_schema(data, {"y": ("number", False)})
    arrays, rows = schema.encode(data), np.arange(8)
    module = network(schema, nnx.Rngs(0))
    _, *values = nnx.split(module, nnx.Param, ...)
    model = nnx.merge(evaluation_graph(module), *values)
    batch = jax.tree.map(jax.numpy.asarray, arrays.batch(rows, LONGEST)["inputs"])
    ours = nnx.jit(lambda model, x: model(x))(model, batch)["y"]
    with torch.no_grad():
        theirs = torch_network(module).eval()(one_hot(arrays, rows)).numpy()
    return harness.agree(ours, theirs)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("affinity", __doc__, arguments)
    steps, repeats = (4, 3) if suite.quick else (12, 9)
    data = random_pairs(25_000)
    schema = learn_schema(data, {"y": ("number", False)})
    arrays = schema.encode(data)
    measure: dict[str, Any] = {"repeats": repeats, "per": steps, "batch": BATCH}
    ours = jaxbio_steps(schema, arrays, steps)
    if suite.alone:
        suite.compare(CASE, "none", ours, None, agreement=None, **measure)
        return 0
    if suite.peer("torch", CASE, "PyTorch eager") is None:
        return 0
    with suite.attempt(CASE, "PyTorch eager"):
        theirs = torch_steps(arrays, steps)
        suite.compare(
            CASE, "PyTorch eager", ours, theirs, agreement=agreement(), **measure
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
