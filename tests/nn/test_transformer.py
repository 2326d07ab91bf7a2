import dataclasses

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy.special import erf

from jaxbio.nn.attention import alibi_slopes, dot_product_attention, rotary
from jaxbio.nn.transformer import BlockConfig, TransformerStack, gelu, layer_norm
from tests.helpers import normal

PLAIN = BlockConfig(dim=8, heads=2, hidden=12)
VARIANTS = {
    "esm2": PLAIN,
    "esmc": dataclasses.replace(
        PLAIN, query_key_norm=True, perceptron="swiglu", residual_divisor=0.5,
        attention_bias=False, up_bias=False, down_bias=False,
    ),
    "dnabert2": dataclasses.replace(
        PLAIN, norm="post", positions="alibi", perceptron="geglu", up_bias=False
    ),
    "bert": dataclasses.replace(PLAIN, norm="post", positions="none", norm_bias=False),
}  # fmt: skip
LENGTHS = jnp.asarray([6, 4])


def _stack(config, layers=3, **options):
    """Layers whose biases and scales are not what they begin with."""
    stack = TransformerStack(config, layers, rngs=nnx.Rngs(0), **options)
    state = nnx.state(stack, nnx.Param)
    moved = jax.tree.map(lambda x: x + 0.1 * normal(*x.shape, seed=5), state)
    nnx.update(stack, moved)
    return stack


def _by_hand(stack, x, lengths, asked=None):
    """Layer after layer, in double precision but for the attention.

    The queries, keys and slopes of each layer go to the list `asked`.
    """
    c = stack.config

    def weights(layer, name):
        return {k: np.asarray(v[...])[layer] for k, v in stack.layers[name].items()}

    def linear(layer, name, x):
        part = weights(layer, name)
        return x @ part["kernel"] + part.get("bias", 0)

    def norm(layer, name, x):
        part = weights(layer, name)
        centred = x - x.mean(-1, keepdims=True)
        y = centred / np.sqrt(x.var(-1, keepdims=True) + c.epsilon) * part["scale"]
        return y + part.get("bias", 0)

    def attend(layer, x):
        query, key, value = (linear(layer, n, x) for n in ("query", "key", "value"))
        if c.query_key_norm:
            query = norm(layer, "query_norm", query)
            key = norm(layer, "key_norm", key)
        query, key, value = (
            jnp.asarray(v.reshape(*v.shape[:2], c.heads, -1), jnp.float32)
            for v in (query, key, value)
        )
        if c.positions == "rotary":
            query, key = rotary(query), rotary(key)
        slopes = jnp.asarray(alibi_slopes(c.heads)) if c.positions == "alibi" else None
        if asked is not None:
            asked.append((query, key, slopes))
        found = dot_product_attention(query, key, value, lengths, slopes=slopes)
        return linear(layer, "output", np.asarray(found).reshape(x.shape))

    def perceive(layer, x):
        up = linear(layer, "up", x)
        if c.perceptron == "gelu":
            inner = up * (1 + erf(up / np.sqrt(2))) / 2
        else:
            gate = linear(layer, "gate", x)
            silu = gate / (1 + np.exp(-gate))
            exact = gate * (1 + erf(gate / np.sqrt(2))) / 2
            inner = (silu if c.perceptron == "swiglu" else exact) * up
        return linear(layer, "down", inner)

    x = np.asarray(x, np.float64)
    for layer in range(stack.count):
        for part, name in ((attend, "attention_norm"), (perceive, "perceptron_norm")):
            if c.norm == "pre":
                x = x + part(layer, norm(layer, name, x)) / c.residual_divisor
            else:
                x = norm(layer, name, x + part(layer, x) / c.residual_divisor)
    return x


@pytest.mark.parametrize("name", VARIANTS)
def test_scanned_layers_are_layers_one_after_the_other(name):
    stack = _stack(VARIANTS[name])
    x = normal(2, 6, 8)
    got, want = stack(x, LENGTHS), _by_hand(stack, x, LENGTHS)
    for row, length in enumerate(LENGTHS):
        np.testing.assert_allclose(got[row, :length], want[row, :length], atol=2e-5)


@pytest.mark.parametrize("name", VARIANTS)
def test_attention_of_each_layer(name):
    stack, asked = _stack(VARIANTS[name]), []
    x = normal(2, 6, 8)
    _by_hand(stack, x, LENGTHS, asked)
    found = stack.attention(x, LENGTHS)
    assert found.shape == (3, 2, 2, 6, 6)
    for layer, (query, key, slopes) in enumerate(asked):
        for row, length in enumerate(LENGTHS.tolist()):
            for head in range(2):
                q, k = query[row, :length, head], key[row, :length, head]
                scores = np.asarray(q @ k.T, np.float64) / 2
                if slopes is not None:
                    at = np.arange(length)
                    scores -= float(slopes[head]) * np.abs(at[:, None] - at)
                want = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
                got = found[layer, row, head, :length]
                np.testing.assert_allclose(got[:, :length], want, atol=2e-5)
                assert not got[:, length:].any()
    few = stack.attention(x, LENGTHS, layers=2)
    np.testing.assert_allclose(few, found[:2], atol=1e-6)


def test_each_layer_and_the_first_layers_alone():
    stack = _stack(PLAIN)
    x = normal(2, 6, 8)
    each = stack(x, LENGTHS, every=True)
    assert each.shape == (3, 2, 6, 8)
    np.testing.assert_array_equal(each[-1], stack(x, LENGTHS))
    np.testing.assert_allclose(each[1], stack(x, LENGTHS, layers=2), atol=1e-6)


def test_layers_computed_again_have_the_same_gradient():
    x = normal(2, 6, 8)
    gradients = []
    for remat in (False, True):
        graph, state = nnx.split(_stack(PLAIN, remat=remat))
        gradients.append(
            jax.grad(lambda s, g=graph: (nnx.merge(g, s)(x, LENGTHS) ** 2).sum())(state)
        )
    for one, other in zip(*map(jax.tree.leaves, gradients), strict=True):
        np.testing.assert_allclose(one, other, atol=1e-4)


def test_the_padding_is_not_seen():
    stack = _stack(PLAIN)
    x = normal(2, 6, 8)
    longer = jnp.concatenate([x, 7 + normal(2, 3, 8, seed=1)], axis=1)
    near, far = stack(x, LENGTHS), stack(longer, LENGTHS)
    for row, length in enumerate(LENGTHS):
        np.testing.assert_allclose(near[row, :length], far[row, :length], atol=1e-6)


def test_dropout_differs_by_layer_and_ends_in_evaluation():
    stack = _stack(PLAIN, dropout=0.5)
    x = normal(2, 6, 8)
    one, other = (stack(x, LENGTHS, rngs=nnx.Rngs(k)) for k in (1, 2))
    assert np.abs(one - other).max() > 0.1
    still = nnx.view(stack, deterministic=True)
    np.testing.assert_array_equal(still(x, LENGTHS), _stack(PLAIN)(x, LENGTHS))


def test_an_adapter_is_a_change_of_a_kernel():
    stack, x = _stack(PLAIN), normal(2, 6, 8)
    a, b = normal(3, 8, 2, seed=1), normal(3, 2, 12, seed=2)
    got = stack(x, LENGTHS, adapter={"up": {"a": a, "b": b}}, adapter_scale=0.5)
    kernel = stack.layers["up"]["kernel"]
    kernel[...] = kernel[...] + 0.5 * a @ b
    np.testing.assert_allclose(got, stack(x, LENGTHS), atol=1e-5)


def test_a_norm_and_a_unit_by_hand():
    x = jnp.asarray([[1.0, 3.0]])
    got = layer_norm(x, jnp.asarray([2.0, 2.0]), jnp.asarray([0.0, 1.0]), epsilon=3.0)
    np.testing.assert_allclose(got, [[-1.0, 2.0]])  # the root of 1 + 3 is 2
    np.testing.assert_allclose(
        gelu(jnp.asarray([-1.0, 0.0])), [-0.158655, 0], atol=1e-6
    )
