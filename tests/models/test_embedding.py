import jax.numpy as jnp
import pytest
from flax import nnx

from jaxbio.models import Embedding
from tests.networks import mixed_rows


def test_a_vector_for_each_category_and_one_for_the_unknown():
    schema, _ = mixed_rows()
    embedding, spec = Embedding(3), schema.input("tissue")
    assert [embedding.accepts(each) for each in schema.inputs] == [False, False, True]
    module = embedding.build(spec, rngs=nnx.Rngs(0))
    codes = jnp.array([0, 1, -1])
    assert module(codes, rngs=nnx.Rngs(1)).shape == (3, module.features) == (3, 3)
    assert module.present(codes).tolist() == [True, True, False]
    assert module(codes)[2].tolist() == pytest.approx([0, 0, 0])
