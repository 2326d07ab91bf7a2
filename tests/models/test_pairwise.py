import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.models import Head, Mixture, Pairwise, model_from_dict, model_to_dict
from tests.run.test_pairing import plan_of


@pytest.fixture(scope="module")
def planned():
    return plan_of()


def test_the_output_is_the_product_of_both_sides(planned):
    part = planned.model.parts["pairwise"]
    schema = planned.part("pairwise").schema
    network = part.build(schema, {"y": Head(1)}, rngs=nnx.Rngs(0))
    rows = schema.encode(planned.parts["valid"].take(np.arange(4)), targets=False)
    inputs = {name: jnp.asarray(x.expanded()) for name, x in rows.inputs.items()}
    blocks = network.blocks(inputs)
    rng = np.random.default_rng(0)
    sides = [np.zeros((4, rank)) for rank in part.ranks]
    for block, values in blocks.items():
        side = part.side_of(block)
        axes = rng.normal(size=(values.shape[1], part.ranks[side])).astype(np.float32)
        network.axes["y"][block][...] = jnp.asarray(axes)
        sides[side] = sides[side] + np.asarray(values) @ axes
    core = rng.normal(size=part.ranks).astype(np.float32)
    network.core["y"][...] = jnp.asarray(core)
    network.levels["y"][...] = jnp.array([0.5])
    expected = ((sides[0] @ core) * sides[1]).sum(axis=1) + 0.5
    np.testing.assert_allclose(network(inputs)["y"][:, 0], expected, rtol=1e-3)


def test_a_part_comes_back_from_json(planned):
    part = planned.model.parts["pairwise"]
    again = model_from_dict(model_to_dict(Mixture({"pairwise": part})))
    assert again == Mixture({"pairwise": part})
    assert {part.side_of(name) for name in part.inputs} == {0, 1}
    assert dataclasses.replace(part, left=()).side_of("drug") == 1
    assert isinstance(part, Pairwise)
