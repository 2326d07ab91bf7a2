"""Descriptions: to JSON and back, filled from a schema, and built."""

import dataclasses
import json

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.alphabet import DNA, PROTEIN
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.errors import JaxbioError
from jaxbio.models import CNN, MLP, MODELS, RNN, Head, model_from_dict, model_to_dict
from jaxbio.run.recipes import choose_model


def _mixed():
    data = Dataset(
        {
            "seq": Sequences.from_strings(["ACGTAC", "GTNA"] * 2, DNA),
            "level": Numeric(np.array([[1, np.nan], [2, 3]] * 2, "f"), ("a", "b")),
            "tissue": Category.from_values(["liver", "lung"] * 2),
        }
    )
    schema = learn_schema(data)
    return schema, schema.encode(data).batch(np.arange(4), 8)["inputs"]


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


@pytest.mark.parametrize("kind", sorted(MODELS))
def test_a_description_survives_json(kind):
    schema, _ = _mixed()
    config = MODELS[kind]().resolve(schema)
    assert None not in dataclasses.asdict(config).values()
    assert model_from_dict(json.loads(json.dumps(model_to_dict(config)))) == config
    assert config.resolve(schema) == config


@pytest.mark.parametrize(
    ("values", "message"),
    [
        ({"name": "cnnn"}, "did you mean 'cnn'"),
        ({"name": "cnn", "chanels": [1]}, "did you mean 'channels'"),
        ({"name": "mlp", "activation": "rely"}, "did you mean 'relu'"),
    ],
)
def test_misspelt_descriptions_name_the_nearest(values, message):
    with pytest.raises(JaxbioError, match=message):
        model_from_dict(values)


@pytest.mark.parametrize(
    "config",
    [
        CNN(channels=(4,), average_strands=True),
        RNN(widths=(4,)),
        RNN(widths=(4,), channels=(4,)),
        MLP(hidden=(4,)),
    ],
    ids=["cnn", "rnn", "cnn-rnn", "mlp"],
)
def test_several_inputs_are_fused(config):
    schema, inputs = _mixed()
    found = _run(config, schema, inputs, {"y": Head(3)})["y"]
    assert found.shape == (4, 3)
    assert found.dtype == jnp.float32
    assert np.isfinite(found).all()
    assert np.abs(found[0] - found[1]).max() > 0


def test_a_value_a_position_beside_a_value_a_row():
    schema, inputs = _mixed()
    config = CNN(channels=(4,), pool_windows=(1,), average_strands=True)
    heads = {"y": Head(1), "track": Head(2, "position")}
    found = _run(config, schema, inputs, heads)
    assert found["y"].shape == (4, 1)
    assert found["track"].shape == (4, 8, 2)


def test_positions_need_a_model_that_has_them():
    schema, _ = _mixed()
    heads = {"track": Head(2, "position")}
    with pytest.raises(JaxbioError, match="pool_windows"):
        CNN(pool_windows=(2, 1)).build(schema, heads, rngs=nnx.Rngs(0))
    with pytest.raises(JaxbioError, match="use a CNN or an RNN"):
        MLP().build(schema, heads, rngs=nnx.Rngs(0))
    with pytest.raises(JaxbioError, match="one entry for each convolution"):
        CNN(channels=(4, 4), kernel_sizes=(3,)).build(
            schema, {"y": Head(1)}, rngs=nnx.Rngs(0)
        )


def test_strands_are_averaged():
    data = Dataset({"seq": Sequences.from_strings(["GATTACA", "TGTAATC"], DNA)})
    schema = learn_schema(data)
    inputs = schema.encode(data).batch(np.arange(2), 8)["inputs"]
    config = CNN(channels=(4,), average_strands=True)
    first, second = _run(config, schema, inputs, {"y": Head(1)})["y"]
    np.testing.assert_allclose(first, second, atol=1e-6)


def test_the_classic_perceptron():
    """1,000 columns, two layers of 64, one value out: the weights are counted."""
    values = np.random.default_rng(0).normal(size=(3, 1000)).astype(np.float32)
    names = tuple(f"gene_{at}" for at in range(1000))
    schema = learn_schema(Dataset({"genes": Numeric(values, names)}))
    model = MLP(hidden=(64, 64), skip=False).build(
        schema, {"y": Head(1)}, rngs=nnx.Rngs(0)
    )
    count = sum(x.size for x in jax.tree.leaves(nnx.state(model, nnx.Param)))
    assert count == 1001 * 64 + 65 * 64 + 65


def test_the_kind_of_network_follows_the_data():
    variants = Sequences.from_strings(["MKVLAA", "MKVLAG", "MKVWAA"], PROTEIN)
    assert isinstance(choose_model(learn_schema(Dataset({"seq": variants}))), MLP)
    free = Sequences.from_strings(["ACGT", "CATG", "GTAC", "TGCA"], DNA)
    assert isinstance(choose_model(learn_schema(Dataset({"seq": free}))), CNN)
    numbers = Numeric(np.eye(3, dtype=np.float32), ("a", "b", "c"))
    assert isinstance(choose_model(learn_schema(Dataset({"x": numbers}))), MLP)


def test_half_precision_keeps_weights_and_outputs_in_full():
    schema, inputs = _mixed()

    def parts():
        model = CNN(channels=(4,)).build(
            schema, {"y": Head(1)}, rngs=nnx.Rngs(0), dtype=jnp.bfloat16
        )
        arrays = {name: jnp.asarray(values) for name, values in inputs.items()}
        return nnx.state(model, nnx.Param), model(arrays, rngs=nnx.Rngs(1))

    params, outputs = jax.eval_shape(parts)
    assert {leaf.dtype for leaf in jax.tree.leaves(params)} == {jnp.dtype("float32")}
    assert outputs["y"].dtype == jnp.float32
