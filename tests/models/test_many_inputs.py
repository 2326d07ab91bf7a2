"""Networks over several inputs: shared items, missing inputs, fusions."""

import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

from jaxbio.alphabet import DNA, PROTEIN, SMILES
from jaxbio.data import Dataset
from jaxbio.data.batching.buckets import bucket_lengths
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.learn import learn_schema
from jaxbio.models import CNN, Head
from jaxbio.models.configs import Config
from jaxbio.tasks import Regression
from jaxbio.train import make_train_step
from jaxbio.train.device_rows import DeviceDataset
from jaxbio.train.step import evaluation_graph

DRUGS = ["CCO", "C1=CC=CC=C1Cl", "CC(=O)N", "N"]
PROTEINS = ["MKVLAAGIK" * 3, "GGSTW", "MKKRLAWWYE"]
SMALL: dict = {"channels": (8, 8), "kmers": 0, "hidden": (8,), "fusion_width": 8}


def pairs(drugs, proteins, *, seed=0) -> Dataset:
    """Rows that refer to drugs and proteins; -1 for a missing one."""
    random = np.random.default_rng(seed)
    n = len(drugs)
    return Dataset(
        {
            "drug": DictionaryColumn(
                Sequences.from_strings(DRUGS, SMILES), np.array(drugs, np.int32)
            ),
            "protein": DictionaryColumn(
                Sequences.from_strings(PROTEINS, PROTEIN), np.array(proteins, np.int32)
            ),
            "dose": Numeric(random.normal(size=(n, 2)).astype(np.float32), ("a", "b")),
        },
        {"y": Numeric(random.normal(size=(n, 1)).astype(np.float32), ("y",))},
    )


def plain(data: Dataset) -> Dataset:
    """The same rows, each with its own copy of what it refers to."""
    inputs = {
        name: column.expanded() if isinstance(column, DictionaryColumn) else column
        for name, column in data.inputs.items()
    }
    return dataclasses.replace(data, inputs=inputs)


def network(data: Dataset, **fields):
    schema = learn_schema(data, {"y": ("number", False)})
    config: Config = CNN(**(SMALL | fields))
    return schema, config.build(schema, {"y": Head(1)}, rngs=nnx.Rngs(0))


def outputs(module, schema, data):
    arrays = schema.encode(data)
    graph = evaluation_graph(module)
    _, *values = nnx.split(module, nnx.Param, ...)
    model = nnx.merge(graph, *values)
    length = max(schema.buckets)
    return np.asarray(model(inputs_of(arrays, len(data), length))["y"])


def inputs_of(arrays, n, length):
    return jax.tree.map(jnp.asarray, arrays.batch(np.arange(n), length)["inputs"])


@pytest.mark.parametrize("fusion", ["concat", "gated", "attention"])
def test_shared_items_give_what_copies_give(fusion):
    data = pairs([0, 1, 1, 3, 0], [2, 2, 0, 1, 1])
    schema, module = network(data, fusion=fusion)
    shared = outputs(module, schema, data)
    np.testing.assert_allclose(outputs(module, schema, plain(data)), shared, atol=1e-5)


@pytest.mark.parametrize("fusion", ["concat", "gated", "attention"])
def test_what_is_missing_is_a_learned_vector_whatever_stands_there(fusion):
    data = pairs([0, -1, 1, 3, -1], [2, 2, 0, -1, 1])
    schema, module = network(data, fusion=fusion)
    assert schema.input("drug").absent == pytest.approx(0.4)
    assert set(module.absent) == {"drug", "protein"}  # every row has doses
    found = outputs(module, schema, data)
    assert np.isfinite(found).all()
    np.testing.assert_allclose(outputs(module, schema, plain(data)), found, atol=1e-5)
    module.absent["drug"][...] += 1.0
    changed = outputs(module, schema, data)
    np.testing.assert_allclose(changed[[0, 2, 3]], found[[0, 2, 3]], atol=1e-6)
    assert (np.abs(changed - found)[[1, 4]] > 1e-5).all()


@pytest.mark.parametrize("fusion", ["concat", "gated", "attention"])
def test_without_a_learned_vector_what_is_missing_is_no_other_item(fusion):
    schema, module = network(pairs([0, 1, 2, 3], [2, 2, 0, 1]), fusion=fusion)
    assert not module.absent
    data = pairs([0, -1, 1, -1], [2, 2, 0, 1])
    found = outputs(module, schema, data)
    drugs = data.inputs["drug"]
    turned = DictionaryColumn(drugs.items.take(np.arange(4)[::-1]), 3 - drugs.rows)
    turned.rows[drugs.rows < 0] = -1
    other = dataclasses.replace(data, inputs={**data.inputs, "drug": turned})
    np.testing.assert_allclose(outputs(module, schema, other), found, atol=1e-5)


def test_gates_weigh_only_what_is_there():
    data = pairs([0, -1], [2, 2])
    schema, module = network(data, fusion="gated")
    batch = inputs_of(schema.encode(data), 2, max(schema.buckets))
    encoded = module.encode(batch, rngs=nnx.Rngs(dropout=0))
    weights = module.fusion.weights([encoded[name] for name in module.order])
    np.testing.assert_allclose(weights.sum(axis=1), 1, atol=1e-6)
    assert float(weights[1, 0]) == 0 < float(weights[0, 0])


def test_dropped_inputs_are_some_and_never_all():
    data = pairs([0, 1, 2, 3] * 50, [0, 1, 2, 0] * 50)
    schema, module = network(data, modality_dropout=0.5)
    batch = inputs_of(schema.encode(data), 200, max(schema.buckets))
    encoded = module.encode(batch, rngs=nnx.Rngs(dropout=1))
    here = np.stack([np.asarray(encoded[name]["present"]) for name in module.order])
    assert here.any(axis=0).all()
    assert 0.56 < here.mean() < 0.69  # a half, and all of the eighth that lost all
    assert np.asarray(outputs(module, schema, data)).shape == (200, 1)


def test_a_batch_has_each_item_once_on_the_host_and_on_the_device(monkeypatch):
    monkeypatch.setattr("jaxbio.data.learn._A_BUCKET", 1)
    data = pairs([0, 3, 1, -1, 3, 3], [2, 2, 0, 0, 0, 1])
    schema = learn_schema(data, {"y": ("number", False)})
    arrays = schema.encode(data)
    lengths = np.unique(bucket_lengths(arrays.lengths, schema.buckets))
    assert len(lengths) == 2
    rows, length = np.array([2, 3, 4]), int(lengths[1])  # those with the long protein
    host = arrays.batch(rows, length)["inputs"]
    assert host["drug"]["items"].shape[0] == 3
    assert host["drug"]["rows"].tolist() == [0, -1, 1]
    assert host["protein"]["items"].shape[0] == 1
    held = DeviceDataset.of(arrays)
    device = jax.jit(held.batch, static_argnums=3)(
        held.columns, jnp.asarray(rows), jnp.int32(3), length
    )["inputs"]
    for name in ("drug", "protein"):
        at = np.asarray(device[name]["rows"])
        np.testing.assert_array_equal(at < 0, host[name]["rows"] < 0)
        known = at >= 0
        np.testing.assert_array_equal(
            np.asarray(device[name]["items"])[at[known]],
            host[name]["items"][host[name]["rows"][known]],
        )


def test_training_learns_from_all_kinds_together():
    random = np.random.default_rng(0)
    n = 256
    kind, drug = random.integers(0, 3, n), random.integers(0, 4, n)
    images = random.integers(0, 60, (n, 8, 8, 1)).astype(np.uint8)
    bright = random.random(n) < 0.5
    images[bright, 2:5, 2:5] = 250
    dose = random.normal(size=(n, 1)).astype(np.float32)
    smiles = Sequences.from_strings(DRUGS, SMILES)
    y = kind + drug + 2 * bright + dose[:, 0]
    data = Dataset(
        {
            "image": Images(images),
            "kind": Category.from_values([str(k) for k in kind]),
            "drug": DictionaryColumn(smiles, drug.astype(np.int32)),
            "dose": Numeric(dose, ("dose",)),
        },
        {"y": Numeric(y[:, None].astype(np.float32), ("y",))},
    )
    schema, module = network(data, dropout=0.0, image_channels=(4, 8))
    arrays = schema.encode(data)
    state, step = make_train_step(
        module, Regression(), optax.adam(1e-2), key=jax.random.key(0)
    )
    batch = arrays.batch(np.arange(n), max(schema.buckets))
    batch = {**batch, "targets": batch["targets"]["y"]}
    batch["targets"] = (batch["targets"] - y.mean()) / y.std()
    # A task alone stands for a network with one output.
    one = _Alone(module)
    state, step = make_train_step(
        one, Regression(), optax.adam(1e-2), key=jax.random.key(0)
    )
    losses = []
    run = jax.jit(step)
    for _ in range(60):
        state, metrics = run(state, batch)
        losses.append(float(metrics["loss"]))
    assert losses[-1] < 0.15 * losses[0]


class _Alone(nnx.Module):
    def __init__(self, network):
        self.network = network

    def __call__(self, inputs, *, rngs=None):
        return self.network(inputs, rngs=rngs)["y"]


def test_two_strands_of_shared_items():
    genes = Sequences.from_strings(["ACGTTGCAAC", "GGGTTTACCA"], DNA)
    rows = np.array([0, 1, 1, 0], np.int32)
    data = Dataset(
        {
            "dna": DictionaryColumn(genes, rows),
            "dose": Numeric(np.arange(4, dtype=np.float32)[:, None], ("dose",)),
        },
        {"y": Numeric(np.arange(4, dtype=np.float32)[:, None], ("y",))},
    )
    schema, module = network(data, average_strands=True)
    shared = outputs(module, schema, data)
    np.testing.assert_allclose(outputs(module, schema, plain(data)), shared, atol=1e-5)
