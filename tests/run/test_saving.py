"""Predictors of loops of one's own, and what starts from them."""

import jax
import numpy as np
import optax
import pytest
from flax import nnx

import jaxbio as jb
from jaxbio.errors import JaxbioError
from jaxbio.models import Head
from jaxbio.tasks import Objective
from jaxbio.train import make_train_step
from tests.helpers import linear_data


@pytest.fixture(scope="module")
def made():
    """A network after five steps of a loop of one's own."""
    data = linear_data()
    schema = jb.data.learn_schema(data, {"y": ("number", False)})
    model = jb.Network(jb.MLP(), hidden=(8,), dropout=0.0).resolve(schema)
    module = model.build(schema, {"y": Head(1)}, rngs=nnx.Rngs(0), dtype="float32")
    objective = Objective.of({"y": jb.Regression()}, schema)
    state, step = make_train_step(
        module, objective, optax.adam(1e-2), key=jax.random.key(0), ema=0.9
    )
    arrays = schema.encode(data)
    for _ in range(5):
        state, _ = jax.jit(step)(state, arrays.batch(np.arange(32), 0))
    return data, schema, model, module, state


def test_a_loop_of_ones_own_ends_in_the_same_folder(made, tmp_path):
    data, schema, model, module, state = made
    predictor = jb.Predictor.of(
        module, [state, state], schema=schema, tasks=jb.Regression(), model=model
    )
    predictor.save(tmp_path / "run")
    again = jb.load(tmp_path / "run")
    np.testing.assert_array_equal(again(data).values, predictor(data).values)
    assert again.model == model and len(again.members) == 2
    # Of the moving average, not of the parameters.
    kernel = state.weights.params["heads"]["y"]["kernel"]
    np.testing.assert_array_equal(
        again.members[0]["params"]["heads"]["y"]["kernel"], kernel
    )
    assert (kernel != state.params["heads"]["y"]["kernel"]).any()
    assert jb.load_run(tmp_path / "run").evaluate(data).primary_metric is not None


def test_what_cannot_be_built_again_is_not_saved(made, tmp_path):
    _, schema, model, module, state = made
    alone = jb.Predictor.of(module, state, schema=schema, tasks={"y": jb.Regression()})
    with pytest.raises(JaxbioError, match=r"give Predictor\.of"):
        alone.save(tmp_path / "run")
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "x").write_text("")
    predictor = jb.Predictor.of(
        module, state, schema=schema, tasks=jb.Regression(), model=model
    )
    with pytest.raises(JaxbioError, match="not empty"):
        predictor.save(tmp_path / "full")
