"""Meshes with Explicit axes: the numbers are those of one device."""

import contextlib

import jax
import numpy as np
import optax
import pytest
from flax import nnx
from jax.sharding import AxisType, NamedSharding, PartitionSpec

import jaxbio as jb
from jaxbio.alphabet import DNA
from jaxbio.models import ImageCNN, Perceptron, SequenceCNN, SequenceRNN
from jaxbio.nn.sharding import automatic, by_rows, spec_of
from jaxbio.train import make_eval_step, make_train_step
from tests.networks import quick_fit

RANDOM = np.random.default_rng(0)
TOKENS = RANDOM.integers(0, 4, (8, 12)).astype(np.uint8)
NUMBERS = RANDOM.normal(size=(8, 3)).astype(np.float32)
PIXELS = RANDOM.integers(0, 255, (8, 4, 4, 1)).astype(np.uint8)
NETWORKS = {
    "mlp": (lambda rngs: Perceptron(3, (4,), outputs=1, rngs=rngs), NUMBERS),
    "cnn": (
        lambda rngs: SequenceCNN(
            DNA, channels=(4, 4), kernel_sizes=(3, 3), dropout=0.1, outputs=1, rngs=rngs
        ),
        TOKENS,
    ),
    "rnn": (lambda rngs: SequenceRNN(DNA, widths=(4,), outputs=1, rngs=rngs), TOKENS),
    "image": (lambda rngs: ImageCNN(1, channels=(4,), outputs=1, rngs=rngs), PIXELS),
}


@pytest.fixture(params=["set", "of the arrays"])
def mesh(request):
    """Two devices, and rows over them; the mesh is set, or only that of the arrays."""
    made = jax.make_mesh((2,), ("data",), axis_types=(AxisType.Explicit,))

    def put(array):
        spec = PartitionSpec("data", *(None,) * (np.ndim(array) - 1))
        return jax.device_put(array, NamedSharding(made, spec))

    with jax.set_mesh(made) if request.param == "set" else contextlib.nullcontext():
        yield put


@pytest.mark.parametrize("name", NETWORKS)
def test_a_step_and_a_score_under_explicit_axes(name, mesh):
    make, inputs = NETWORKS[name]
    targets = np.ones((8, 1), np.float32)
    batch = {"inputs": inputs, "targets": targets, "weights": np.ones(8, np.float32)}
    module = make(nnx.Rngs(0))
    state, step = make_train_step(
        module, jb.Regression(), optax.sgd(0.1), key=jax.random.key(0)
    )
    evaluate = jax.jit(make_eval_step(module, jb.Regression()))
    step, spread = jax.jit(step), jax.tree.map(mesh, batch)
    one, alone = step(state, batch)
    two, together = step(state, spread)
    assert float(together["loss"]) == pytest.approx(float(alone["loss"]), rel=1e-4)
    for mine, theirs in zip(
        jax.tree.leaves(two.params), jax.tree.leaves(one.params), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-3, atol=1e-5)
    step(two, spread)  # and so on
    sums, _ = evaluate(two.params, two.model_state, spread)
    assert float(sums["loss"][1]) == 8


def test_a_predictor_as_a_function_under_explicit_axes(mesh):
    predictor = quick_fit().predictor
    predict, params = predictor.function()
    (spec,) = predictor.schema.inputs
    values = RANDOM.normal(size=(8, len(spec.columns))).astype(np.float32)
    spread = jax.jit(predict)(params, {spec.name: mesh(values)})["y"]
    assert spec_of(spread)[0] == "data"
    np.testing.assert_allclose(spread, predictor(values).values, rtol=1e-4, atol=1e-5)


def test_rows_are_those_of_the_first_array(mesh):
    assert by_rows({"x": mesh(NUMBERS)}) == PartitionSpec("data")
    doubled = jax.jit(automatic(lambda x: 2 * x, by_rows))(mesh(NUMBERS))
    np.testing.assert_array_equal(doubled, 2 * NUMBERS)
