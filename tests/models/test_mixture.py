import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.models import MLP, Linear, Mixture, Network
from jaxbio.models.fusion_network import Head
from jaxbio.models.mixture import inputs_of
from jaxbio.models.registry import model_from_dict, model_to_dict
from jaxbio.nn.modes import evaluated
from tests.helpers import normal, numbers

HEADS = {"y": Head(2)}


@pytest.fixture(scope="module")
def schema():
    inputs = {"a": numbers(normal(9, 3)), "b": numbers(normal(9, 2, seed=1))}
    return learn_schema(Dataset(inputs))


@pytest.fixture(scope="module")
def mixture(schema):
    own = Network({"b": MLP(hidden=(4,))}, hidden=()).resolve(schema.of(["b"]))
    both = Network(MLP(hidden=(4,)), hidden=()).resolve(schema)
    return Mixture({"z": own, "a": both, "linear": Linear(("a",))})


def test_outputs_are_added_up_by_weights(schema, mixture):
    network = evaluated(mixture.build(schema, HEADS, rngs=nnx.Rngs(0)))
    batch = {"a": jnp.ones((5, 3)), "b": jnp.ones((5, 2))}
    network.weights["y"][...] = jnp.array([0.25, 0.75, 0.0])
    whole = network(batch)["y"]
    first = network.parts["z"]({"b": batch["b"]})["y"]
    second = network.parts["a"](batch)["y"]
    np.testing.assert_allclose(whole, 0.25 * first + 0.75 * second, rtol=1e-5)
    assert network.shares_items and not network.absent
    features = network.features(batch)["row"]
    assert features.shape[1] == sum(
        part.features({k: batch[k] for k in network.inputs[name]})["row"].shape[1]
        for name, part in network.parts.items()
    )


def test_each_part_finds_its_own_encodings(schema, mixture):
    from jaxbio.data.batching.layouts import Dictionary

    network = evaluated(mixture.build(schema, HEADS, rngs=nnx.Rngs(0)))
    values, places = jnp.asarray(normal(4, 3)), jnp.array([3, 1, 1])
    b = jnp.asarray(normal(3, 2))
    encoded = network.items("a", values)
    assert {key.rpartition(" of ")[2] for key in encoded} == {"a", "linear"}
    shared = network({"a": Dictionary(encoded, places), "b": b})["y"]
    np.testing.assert_allclose(
        shared, network({"a": values[places], "b": b})["y"], rtol=1e-5
    )


def test_a_mixture_goes_to_json_and_back(mixture):
    assert model_from_dict(model_to_dict(mixture)) == mixture
    assert inputs_of(mixture.parts["z"]) == ("b",)
