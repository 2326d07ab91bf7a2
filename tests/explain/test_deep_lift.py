"""DeepLIFT by hand, by its completeness, and beside tangermeme."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

import jaxbio as jb
from jaxbio.errors import JaxbioError
from jaxbio.explain import deeplift, deeplift_shap
from tests.networks import predictor_of

KEY = jax.random.key(0)
X = jax.random.normal(KEY, (3, 8, 4))
REFERENCE = jax.random.normal(jax.random.key(1), (3, 8, 4))
KERNEL = jax.random.normal(jax.random.key(2), (4, 6)) / 2
DEEP = jax.random.normal(jax.random.key(3), (6, 6)) / 2


def layer_norm(x):
    x = x - x.mean(axis=-1, keepdims=True)
    return x / jnp.sqrt((x**2).mean(axis=-1, keepdims=True) + 1e-3)


def attention(x):
    scores = jax.nn.softmax(x @ x.swapaxes(1, 2), axis=-1)
    return scores @ x


def loop(x):
    def step(carry, row):
        carry = jnp.tanh(carry + row) * jax.nn.sigmoid(row)
        return carry, carry

    return jax.lax.scan(step, jnp.zeros_like(x[:, 0]), x.swapaxes(0, 1))[1]


BODIES = {
    "relu": jax.nn.relu,
    "gelu": jax.nn.gelu,
    "silu": jax.nn.silu,
    "leaky": lambda x: jnp.where(x > 0, x, 0.1 * x),
    "gate": lambda x: x[..., :3] * jax.nn.sigmoid(x[..., 3:]),
    "layer norm": layer_norm,
    "softmax": jax.nn.softmax,
    "attention": attention,
    "max of two": lambda x: jnp.maximum(x[..., :3], x[..., 3:]),
    "min pool": lambda x: x.min(axis=1, keepdims=True),
    "windows": lambda x: jax.lax.reduce_window(
        x, -jnp.inf, jax.lax.max, (1, 2, 1), (1, 2, 1), "VALID"
    ),
    "used twice": lambda x: jax.nn.relu(jax.nn.relu(x) - 0.2),
    "loop": loop,
    "sum along": lambda x: jnp.cumsum(jnp.exp(x), axis=1),
}


@pytest.mark.parametrize("name", BODIES)
def test_nothing_is_lost(name):
    def output(x):
        hidden = BODIES[name](x @ KERNEL)
        first = hidden.swapaxes(0, 1) if name == "loop" else hidden
        flat = first.reshape(len(x), -1)
        weights = jax.random.normal(KEY, flat.shape[1:])
        return jnp.tanh(flat @ weights / 20)

    found = deeplift(output, X, REFERENCE)
    np.testing.assert_allclose(found.output, output(X), rtol=1e-5, atol=1e-6)
    np.testing.assert_allclose(found.base, output(REFERENCE), rtol=1e-5, atol=1e-6)
    assert jnp.abs(found.delta).max() < 1e-5 * jnp.abs(found.output).max() + 1e-6
    assert float(jnp.abs(found.values).max()) > 1e-4


def test_functions_of_one_number_are_rescaled_as_a_whole():
    def output(x):
        return (x * jax.nn.sigmoid(x)).sum(axis=1)

    x, reference = jnp.array([[2.0, -1.0]]), jnp.array([[0.5, -3.0]])
    found = deeplift(output, x, reference)
    silu = jax.nn.silu
    expected = (silu(x) - silu(reference)) / (x - reference)
    np.testing.assert_allclose(found.multipliers, expected, rtol=1e-5)


def test_what_does_not_change_has_the_gradient():
    x = jnp.array([[1.0, 2.0]])
    found = deeplift(lambda x: jnp.exp(x).sum(axis=1), x, x)
    np.testing.assert_allclose(found.multipliers, jnp.exp(x), rtol=1e-5)
    assert not found.values.any()


def test_an_operation_without_a_rule_is_named_with_its_place():
    with pytest.raises(JaxbioError, match=r"no rule for sort of .*test_deep_lift.py:"):
        deeplift(lambda x: jnp.sort(x, axis=1)[:, 0], X[..., 0], REFERENCE[..., 0])


def test_the_mean_over_backgrounds():
    def output(x):
        return jax.nn.relu(x @ KERNEL).sum(axis=(1, 2))

    both = jnp.stack([REFERENCE, 0 * REFERENCE], axis=1)
    found = deeplift_shap(output, X, both)
    each = [deeplift(output, X, both[:, at]) for at in range(2)]
    np.testing.assert_allclose(
        found.values, (each[0].values + each[1].values) / 2, rtol=1e-4, atol=1e-5
    )


@pytest.mark.parametrize(
    "encoder",
    [
        jb.CNN(channels=(6, 6), kernel_sizes=(5, 3), pool_windows=(2, 1), kmers=3),
        jb.CNN(channels=(6,), kernel_sizes=(5,), pool="attention", activation="gelu"),
        jb.RNN(widths=(5,), cell="lstm", channels=(4,), kernel_sizes=(3,)),
        jb.RNN(widths=(5,), cell="mingru"),
        jb.Transformer(dim=8, layers=1, heads=2),
    ],
    ids=["cnn", "attention", "lstm", "mingru", "transformer"],
)
def test_networks_of_the_package_are_explained_completely(encoder):
    rng = np.random.default_rng(0)
    texts = ["".join(rng.choice(list("ACGT"), 12)) for _ in range(16)]
    y = np.array([text.count("G") for text in texts], np.float32)[:, None]
    data = jb.Dataset(
        {"seq": jb.data.Sequences.from_strings(texts, jb.DNA)},
        {"y": jb.data.Numeric(y, ("y",))},
    )
    model = predictor_of(data, jb.Network(encoder))
    predict, params = model.function(inputs="one_hot")

    def output(x):
        return predict(params, {"seq": x})["y"].reshape(-1)

    hot = jax.nn.one_hot(np.stack([jb.DNA.encode(text) for text in texts]), 4)
    found = jax.jit(lambda a, b: deeplift(output, a, b))(hot[:4], hot[4:8])
    size = float(jnp.abs(found.output - found.base).max())
    assert float(jnp.abs(found.delta).max()) <= 1e-4 * max(size, 0.1)
    assert size > 0


def test_it_agrees_with_tangermeme():
    torch = pytest.importorskip("torch")
    peer = pytest.importorskip("tangermeme.deep_lift_shap")
    torch.manual_seed(0)
    net = torch.nn.Sequential(
        torch.nn.Conv1d(4, 6, 5, padding=2),
        torch.nn.ReLU(),
        torch.nn.MaxPool1d(2),
        torch.nn.Conv1d(6, 5, 3, padding=1),
        torch.nn.ReLU(),
        torch.nn.Flatten(),
        torch.nn.Linear(50, 4),
        torch.nn.Tanh(),
        torch.nn.Linear(4, 1),
    )
    first, second, third, last = net[0], net[3], net[6], net[8]
    weights = [
        (np.asarray(x.weight.detach()), np.asarray(x.bias.detach()))
        for x in (first, second, third, last)
    ]

    def convolve(x, kernel, bias):
        numbers = ("NWC", "OIW", "NWC")
        found = jax.lax.conv_general_dilated(
            x, kernel, (1,), "SAME", dimension_numbers=numbers
        )
        return found + bias[None, None]

    def output(x):
        x = jax.nn.relu(convolve(x, *weights[0]))
        x = nnx.max_pool(x, (2,), (2,))
        x = jax.nn.relu(convolve(x, *weights[1])).swapaxes(1, 2).reshape(len(x), -1)
        x = jnp.tanh(x @ weights[2][0].T + weights[2][1][None])
        return (x @ weights[3][0].T + weights[3][1][None])[:, 0]

    rng = np.random.default_rng(0)
    x, *others = (
        np.eye(4, dtype=np.float32)[rng.integers(0, 4, (2, 20))] for _ in "abc"
    )
    backgrounds = np.stack(others, axis=1)
    found = deeplift_shap(output, jnp.asarray(x), jnp.asarray(backgrounds))
    expected = peer.deep_lift_shap(
        net,
        torch.tensor(x).swapaxes(1, 2),
        references=torch.tensor(backgrounds).swapaxes(2, 3),
        device="cpu",
        warning_threshold=1e-3,
        hypothetical=False,
    )
    own = found.multipliers  # of each background the parts are projected on symbols
    values = np.asarray(found.values.sum(axis=-1))
    np.testing.assert_allclose(
        values, expected.sum(axis=1).numpy(), rtol=1e-3, atol=1e-5
    )
    assert own.shape == x.shape
