"""Networks over several inputs: shared items, strands, training."""

import jax
import jax.numpy as jnp
import numpy as np
import optax
import pytest
from flax import nnx

from jaxbio.alphabet import DNA, SMILES
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.models import CNN, MLP, RNN, Head, Network, ResNet, Transformer
from jaxbio.tasks import Regression
from jaxbio.train import make_train_step
from tests.networks import (
    DRUGS,
    FUSIONS,
    SMALL,
    drugs_and_proteins,
    mixed_rows,
    network,
    outputs,
    plain,
)


@pytest.mark.parametrize("fusion", FUSIONS)
def test_shared_items_give_what_copies_give(fusion):
    data = drugs_and_proteins([0, 1, 1, 3, 0], [2, 2, 0, 1, 1])
    schema, module = network(data, fusion=fusion)
    shared = outputs(module, schema, data)
    np.testing.assert_allclose(outputs(module, schema, plain(data)), shared, atol=1e-5)


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
    schema, module = network(data, dropout=0.0, encoders=[SMALL, ResNet((4, 8))])
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


def _run(config, schema, inputs, heads):
    def build():
        return nnx.split(config.build(schema, heads, rngs=nnx.Rngs(0)))

    graphdef = nnx.eval_shape(build)[0]
    state = jax.jit(lambda: nnx.to_pure_dict(build()[1]))()
    model = nnx.view(
        nnx.merge(graphdef, state),
        deterministic=True,
        use_running_average=True,
        raise_if_not_found=False,
    )
    return jax.jit(lambda inputs: model(inputs))(inputs)


@pytest.mark.parametrize(
    "config",
    [
        Network(CNN(channels=(4,)), average_strands=True),
        Network(RNN(widths=(4,))),
        Network(RNN(widths=(4,), channels=(4,))),
        Network(Transformer(dim=4, heads=1, layers=1)),
        Network(MLP(hidden=(4,))),
    ],
    ids=["cnn", "rnn", "cnn-rnn", "transformer", "mlp"],
)
def test_several_inputs_are_fused(config):
    schema, inputs = mixed_rows()
    found = _run(config, schema, inputs, {"y": Head(3)})["y"]
    assert found.shape == (4, 3)
    assert found.dtype == jnp.float32
    assert np.isfinite(found).all()
    assert np.abs(found[0] - found[1]).max() > 0


def test_a_value_a_position_beside_a_value_a_row():
    schema, inputs = mixed_rows()
    encoder = CNN(channels=(4,), pool_windows=(1,))
    config = Network(encoder, average_strands=True)
    heads = {"y": Head(1), "track": Head(2, "position")}
    found = _run(config, schema, inputs, heads)
    assert found["y"].shape == (4, 1)
    assert found["track"].shape == (4, 8, 2)


def test_strands_are_averaged():
    data = Dataset({"seq": Sequences.from_strings(["GATTACA", "TGTAATC"], DNA)})
    schema = learn_schema(data)
    inputs = schema.encode(data).batch(np.arange(2), 8)["inputs"]
    config = Network(CNN(channels=(4,)), average_strands=True)
    first, second = _run(config, schema, inputs, {"y": Head(1)})["y"]
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_half_precision_keeps_weights_and_outputs_in_full():
    schema, inputs = mixed_rows()

    def parts():
        model = Network(CNN(channels=(4,))).build(
            schema, {"y": Head(1)}, rngs=nnx.Rngs(0), dtype=jnp.bfloat16
        )
        arrays = {name: jnp.asarray(values) for name, values in inputs.items()}
        return nnx.state(model, nnx.Param), model(arrays, rngs=nnx.Rngs(1))

    params, outputs = jax.eval_shape(parts)
    assert {leaf.dtype for leaf in jax.tree.leaves(params)} == {jnp.dtype("float32")}
    assert outputs["y"].dtype == jnp.float32
