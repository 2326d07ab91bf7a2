import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from jax import lax

from jaxbio.nn import Recurrent, RecurrentStack
from jaxbio.nn.linear_scan import linear_scan
from jaxbio.nn.lstm import Weights, lstm
from jaxbio.nn.mingru import _at_once, _back_at_once, mingru


@pytest.fixture
def double():
    with jax.enable_x64(True):
        yield


def random(*shape, seed=0, scale=1.0):
    values = scale * np.random.default_rng(seed).normal(size=shape)
    return jnp.asarray(values.astype(jax.dtypes.canonicalize_dtype(np.float64)))


def some_weights(dim, width, seed=0):
    shapes = [(dim, 4 * width), (4 * width,), (width, 4 * width)]
    return Weights(
        *(random(*s, seed=seed + at, scale=0.5) for at, s in enumerate(shapes))
    )


def plain_lstm(weights, xs):
    """The textbook's equations, one position after the other."""

    def one(weights, x):
        def step(state, x):
            hidden, cell = state
            gates = x @ weights.kernel + weights.bias + hidden @ weights.recur
            take, forget, new, show = jnp.split(gates, 4, axis=-1)
            cell = jax.nn.sigmoid(forget) * cell + jax.nn.sigmoid(take) * jnp.tanh(new)
            hidden = jax.nn.sigmoid(show) * jnp.tanh(cell)
            return (hidden, cell), hidden

        zero = jnp.zeros((x.shape[1], len(weights.recur)), x.dtype)
        return lax.scan(step, (zero, zero), x)[1]

    return [one(w, x) for w, x in zip(weights, xs, strict=True)]


def loss_of(run):
    def loss(weights, xs):
        states = run(weights, xs)
        return sum((jnp.sin(s) * (1 + jnp.arange(s.size).reshape(s.shape))).sum()
                   for s in states)  # fmt: skip

    return loss


@pytest.mark.parametrize("length", [1, 8, 19])
@pytest.mark.parametrize("ways", [1, 2])
def test_the_gradient_of_an_lstm_is_that_of_autodiff(length, ways, double):
    weights = [some_weights(3, 4, seed=10 * way) for way in range(ways)]
    xs = [random(length, 5, 3, seed=way) for way in range(ways)]
    for mine, theirs in zip(lstm(weights, xs), plain_lstm(weights, xs), strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-14)
    got = jax.grad(loss_of(lstm), (0, 1))(weights, xs)
    expected = jax.grad(loss_of(plain_lstm), (0, 1))(weights, xs)
    for mine, theirs in zip(
        jax.tree.leaves(got), jax.tree.leaves(expected), strict=True
    ):
        np.testing.assert_allclose(mine, theirs, rtol=1e-9, atol=1e-9)


def test_a_group_of_lstms_is_each_for_itself():
    xs = [random(11, 2, 3)]
    weights = [some_weights(3, 4, seed=seed) for seed in (0, 7)]
    stacked = [jax.tree.map(lambda *leaves: jnp.stack(leaves), *weights)]
    gradient = jax.grad(lambda w: loss_of(lstm)(w, xs))
    together = jax.vmap(gradient)(stacked)[0]
    for at, one in enumerate(weights):
        alone = gradient([one])[0]
        for mine, theirs in zip(together, alone, strict=True):
            np.testing.assert_allclose(mine[at], theirs, rtol=1e-4, atol=1e-3)


def plain_recurrence(keep, add):
    def step(state, inputs):
        state = inputs[0] * state + inputs[1]
        return state, state

    return lax.scan(step, jnp.zeros_like(add[0]), (keep, add))[1]


@pytest.mark.parametrize("length", [1, 8, 21])
def test_a_linear_recurrence_and_its_gradient(length, double):
    keep, add = jax.nn.sigmoid(random(length, 2, 3)), random(length, 2, 3, seed=1)
    expected = plain_recurrence(keep, add)
    np.testing.assert_allclose(linear_scan(keep, add), expected, atol=1e-14)

    def loss(run, keep, add):
        return (jnp.sin(run(keep, add)) * random(length, 2, 3, seed=2)).sum()

    got = jax.grad(loss, (1, 2))(linear_scan, keep, add)
    wanted = jax.grad(loss, (1, 2))(plain_recurrence, keep, add)
    for mine, theirs in zip(got, wanted, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)


@pytest.mark.parametrize("length", [1, 21])
def test_the_gradient_of_a_mingru_is_that_of_autodiff(length, double):
    kernel, bias, x = random(3, 8), random(8, seed=1), random(length, 2, 3, seed=2)
    weights = random(length, 2, 4, seed=3)

    def plain(kernel, bias, x):
        update, new = jnp.split(x @ kernel + bias, 2, axis=-1)
        update = jax.nn.sigmoid(update)
        return plain_recurrence(1 - update, update * new)

    expected, pull = jax.vjp(plain, kernel, bias, x)
    for form in (mingru, _at_once):
        np.testing.assert_allclose(form(kernel, bias, x), expected, atol=1e-13)
    wanted = pull(weights)
    in_chunks = jax.vjp(mingru, kernel, bias, x)[1](weights)
    at_once = _back_at_once(kernel, bias, x, expected, weights)
    for mine, other, theirs in zip(in_chunks, at_once, wanted, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)
        np.testing.assert_allclose(other, theirs, atol=1e-12)


def stack_and_rows(kind, **options):
    stack = RecurrentStack(kind, 3, (5,), rngs=nnx.Rngs(0), **options)
    mask = jnp.arange(9) < jnp.asarray([[9], [4], [1]])
    return stack, random(3, 9, 3), mask


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


@pytest.mark.parametrize("bidirectional", [False, True])
def test_an_lstm_is_that_of_pytorch(bidirectional):
    torch = pytest.importorskip("torch", reason="PyTorch is not installed")
    stack = RecurrentStack(
        "lstm", 3, (5,), rngs=nnx.Rngs(0), bidirectional=bidirectional
    )
    twin = torch.nn.LSTM(3, 5, bidirectional=bidirectional, batch_first=True)
    layers = [*stack.forward, *stack.backward]
    for layer, suffix in zip(layers, ("", "_reverse"), strict=False):
        copied = {
            "weight_ih_l0": layer.project.kernel[...].T,
            "weight_hh_l0": layer.recur[...].T,
            "bias_ih_l0": layer.project.bias[...],
            "bias_hh_l0": jnp.zeros(20),
        }
        for name, values in copied.items():
            with torch.no_grad():
                getattr(twin, name + suffix).copy_(torch.tensor(np.array(values)))
    x = random(4, 12, 3)
    mine = stack(x, jnp.ones((4, 12), bool))
    theirs = twin(torch.tensor(np.array(x)))[0].detach().numpy()
    np.testing.assert_allclose(mine, theirs, atol=1e-6)


def test_one_direction_is_the_layer_itself():
    layer = Recurrent("lstm", 3, 5, rngs=nnx.Rngs(0))
    stack = RecurrentStack("lstm", 3, (5,), rngs=nnx.Rngs(0), bidirectional=False)
    x, mask = random(2, 6, 3), jnp.ones((2, 6), bool)
    np.testing.assert_array_equal(layer(x, mask), stack(x, mask))
