import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.nn import Recurrent, RecurrentStack
from tests.helpers import normal


def stack_and_rows(kind, **options):
    stack = RecurrentStack(kind, 3, (5,), rngs=nnx.Rngs(0), **options)
    mask = jnp.arange(9)[None] < jnp.asarray([[9], [4], [1]])
    return stack, normal(3, 9, 3), mask


@pytest.mark.parametrize("kind", ["lstm", "gru", "mingru"])
def test_the_way_back_begins_at_each_rows_own_end(kind):
    stack, x, mask = stack_and_rows(kind)
    found = stack(x, mask)
    for row, length in enumerate((9, 4, 1)):
        alone = stack(x[row : row + 1, :length], mask[row : row + 1, :length])
        np.testing.assert_allclose(found[row, :length], alone[0], atol=1e-6)
    assert not found[1, 4:].any()


@pytest.mark.parametrize("kind", ["lstm", "gru", "mingru"])
def test_half_precision_is_near_single_precision(kind):
    single, x, mask = stack_and_rows(kind)
    half, _, _ = stack_and_rows(kind, dtype=jnp.bfloat16)
    found = half(x.astype(jnp.bfloat16), mask)
    assert found.dtype == jnp.bfloat16
    np.testing.assert_allclose(found.astype(jnp.float32), single(x, mask), atol=0.05)


@pytest.mark.parametrize("kind, gates", [("lstm", 4), ("gru", 3)])
@pytest.mark.parametrize("bidirectional", [False, True])
def test_a_layer_is_that_of_pytorch(kind, gates, bidirectional):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    stack = RecurrentStack(kind, 3, (5,), rngs=nnx.Rngs(0), bidirectional=bidirectional)
    peer = {"lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[kind]
    twin = peer(3, 5, bidirectional=bidirectional, batch_first=True)
    layers = [*stack.forward, *stack.backward]
    for layer, suffix in zip(layers, ("", "_reverse"), strict=False):
        copied = {
            "weight_ih_l0": layer.project.kernel[...].T,
            "weight_hh_l0": layer.recur[...].T,
            "bias_ih_l0": layer.project.bias[...],
            "bias_hh_l0": jnp.zeros(gates * 5),
        }
        for name, values in copied.items():
            with torch.no_grad():
                getattr(twin, name + suffix).copy_(torch.tensor(np.array(values)))
    x = normal(4, 12, 3)
    mine = stack(x, jnp.ones((4, 12), bool))
    theirs = twin(torch.tensor(np.array(x)))[0].detach().numpy()
    np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_one_direction_is_the_layer_itself():
    layer = Recurrent("lstm", 3, 5, rngs=nnx.Rngs(0))
    stack = RecurrentStack("lstm", 3, (5,), rngs=nnx.Rngs(0), bidirectional=False)
    x, mask = normal(2, 6, 3), jnp.ones((2, 6), bool)
    np.testing.assert_array_equal(layer(x, mask), stack(x, mask))


def _sigmoid(x):
    return 1 / (1 + np.exp(-x))


@pytest.mark.parametrize("kind", ["lstm", "gru", "mingru"])
def test_recurrence_is_that_of_the_textbook(kind):
    layer = Recurrent(kind, 3, 2, rngs=nnx.Rngs(0))
    x = np.random.default_rng(0).normal(size=(1, 5, 3)).astype(np.float32)
    gates = np.asarray(layer.project(jnp.asarray(x)))[0]
    recur = np.zeros((2, 8)) if kind == "mingru" else np.asarray(layer.recur[...])
    hidden, cell, expected = np.zeros(2), np.zeros(2), []
    for gate in gates:
        if kind == "mingru":
            update, new = _sigmoid(gate[:2]), gate[2:]
            hidden = (1 - update) * hidden + update * new
        elif kind == "lstm":
            take, forget, new, show = np.split(gate + hidden @ recur, 4)
            cell = _sigmoid(forget) * cell + _sigmoid(take) * np.tanh(new)
            hidden = _sigmoid(show) * np.tanh(cell)
        else:
            back = hidden @ recur
            reset = _sigmoid(gate[:2] + back[:2])
            update = _sigmoid(gate[2:4] + back[2:4])
            new = np.tanh(gate[4:] + reset * back[4:])
            hidden = (1 - update) * new + update * hidden
        expected.append(hidden)
    mask = jnp.array([[True] * 4 + [False]])
    found = layer(jnp.asarray(x), mask)
    np.testing.assert_allclose(found[0, :4], expected[:4], atol=1e-5)
    assert not np.asarray(found[0, 4]).any()
