import jax.numpy as jnp
import numpy as np
from flax import nnx

from jaxbio.nn import (
    Categories,
    Standardize,
)


def test_missing_numbers_are_filled_and_pointed_out():
    values = jnp.array([[3.0, jnp.nan]])
    layer = Standardize((1.0, 0.0), (2.0, 1.0), has_missing=True)
    layer.fill[...] = jnp.array([0.0, 7.0])
    assert layer(values).tolist() == [[1.0, 7.0, 0.0, 1.0]]
    assert Standardize((1.0, 0.0), (2.0, 1.0))(values).tolist() == [[1.0, 0.0]]


def test_some_rows_of_training_teach_the_row_of_the_unknown():
    layer = Categories(1, 3, rngs=nnx.Rngs(0))
    codes = jnp.zeros(4000, jnp.int32)
    found = layer(codes, rngs=nnx.Rngs(dropout=1))
    unknown = (found == layer(jnp.array([-1]))).all(axis=1)
    assert 0.03 < float(unknown.mean()) < 0.07
    assert not (layer(codes) == layer(jnp.array([-1]))).all(axis=1).any()


def test_unknown_categories_share_a_row():
    layer = Categories(2, 3, rngs=nnx.Rngs(0))
    found = layer(jnp.array([-1, 5, 0], jnp.int32))
    assert not np.asarray(found[:2]).any()
    assert np.asarray(found[2]).any()


def test_what_is_learned_of_grades_are_steps():
    layer = Categories(3, 2, ordered=True, rngs=nnx.Rngs(0))
    layer.table.embedding[...] = jnp.array([[1.0, 0], [2, 1], [4, 1], [9, 9]])
    found = layer(jnp.array([0, 1, 2, -1], jnp.int32))
    assert found.tolist() == [[1, 0], [3, 1], [7, 2], [9, 9]]
