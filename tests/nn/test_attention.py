import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.nn import attention as module
from jaxbio.nn.attention import (
    alibi_slopes,
    blocked,
    dot_product_attention,
    plain,
    rotary,
)
from jaxbio.nn.derivatives import forward_mode
from tests.helpers import normal

LENGTHS = jnp.asarray([5, 3, 1])
SLOPES = jnp.asarray([0.5, 0.25])


def _given(length=5):
    return [normal(3, length, 2, 4, seed=seed) for seed in range(3)]


def _by_hand(query, key, value, lengths, slopes=None):
    """A loop over rows, heads and positions, in NumPy."""
    query, key, value = (np.asarray(x, np.float64) for x in (query, key, value))
    out = np.zeros_like(query)
    for row, length in enumerate(np.asarray(lengths)):
        for head in range(query.shape[2]):
            for at in range(query.shape[1]):
                scores = key[row, :length, head] @ query[row, at, head] / 2
                if slopes is not None:
                    apart = np.abs(np.arange(length) - at)
                    scores = scores - float(slopes[head]) * apart
                weights = np.exp(scores - scores.max())
                out[row, at, head] = weights @ value[row, :length, head] / weights.sum()
    return out


@pytest.mark.parametrize("slopes", [None, SLOPES])
def test_all_forms_are_the_loop_over_positions(slopes, double):
    given = [*_given(), LENGTHS, slopes]
    expected = _by_hand(*given)
    for form in (blocked, plain):
        np.testing.assert_allclose(form(*given, scale=0.5), expected, atol=1e-12)
    np.testing.assert_allclose(
        dot_product_attention(*given[:4], slopes=slopes), expected, atol=1e-12
    )


@pytest.mark.parametrize("slopes", [None, SLOPES])
@pytest.mark.parametrize("together", [1, 4, 1 << 16])
def test_gradients_are_those_of_one_array_of_scores(
    slopes, together, monkeypatch, double
):
    monkeypatch.setattr(module, "_SCORES", together * 25)
    *given, g = *_given(), normal(3, 5, 2, 4, seed=3)
    want = jax.vjp(lambda *x: plain(*x, LENGTHS, slopes, scale=0.5), *given)[1](g)
    got = jax.vjp(lambda *x: dot_product_attention(*x, LENGTHS, slopes=slopes), *given)[
        1
    ](g)
    for mine, theirs in zip(got, want, strict=True):
        np.testing.assert_allclose(mine, theirs, atol=1e-12)
    with forward_mode():
        got = jax.vjp(
            lambda *x: dot_product_attention(*x, LENGTHS, slopes=slopes), *given
        )[1](g)
    np.testing.assert_allclose(got[0], want[0], atol=1e-12)


def test_what_stands_in_the_padding_is_not_seen():
    query, key, value = _given()
    before = dot_product_attention(query, key, value, LENGTHS)
    padding = (jnp.arange(5)[None] >= LENGTHS[:, None])[..., None, None]
    other = [jnp.where(padding, 99.0, x) for x in (query, key, value)]
    after = dot_product_attention(*other, LENGTHS)
    keep = np.broadcast_to(~np.asarray(padding), before.shape)
    np.testing.assert_array_equal(np.asarray(before)[keep], np.asarray(after)[keep])


def test_an_empty_row_is_finite():
    out = dot_product_attention(*_given(), jnp.asarray([0, 0, 2]))
    assert np.isfinite(out).all()


def test_half_precision_is_close():
    given = _given()
    half = dot_product_attention(*[x.astype(jnp.bfloat16) for x in given], LENGTHS)
    assert half.dtype == jnp.bfloat16
    np.testing.assert_allclose(half, dot_product_attention(*given, LENGTHS), atol=0.05)


def test_rotated_products_depend_on_the_distance_alone():
    x, y = normal(4), normal(4, seed=1)
    spread = [jnp.broadcast_to(v, (1, 9, 1, 4)) for v in (x, y)]
    query, key = (np.asarray(rotary(v))[0, :, 0] for v in spread)
    products = query @ key.T
    for apart in (0, 1, 5):
        along = np.diagonal(products, apart)
        np.testing.assert_allclose(along, along[0], atol=1e-6)
    assert abs(products[0, 1] - products[1, 0]) > 1e-3  # it has a sign
    # Channel 0 goes with channel 2, channel 1 with channel 3, a hundred times slower.
    angle = np.array([1.0, 0.01])
    turned = [
        x[:2] * np.cos(angle) - x[2:] * np.sin(angle),
        x[2:] * np.cos(angle) + x[:2] * np.sin(angle),
    ]
    np.testing.assert_allclose(query[1], np.concatenate(turned), atol=1e-6)


def test_slopes_of_twelve_heads_are_those_of_eight_and_every_other_of_sixteen():
    of = [2.0**-k for k in range(1, 9)] + [2.0**-k for k in (0.5, 1.5, 2.5, 3.5)]
    np.testing.assert_allclose(alibi_slopes(12), of, rtol=1e-6)


@pytest.mark.skipif(jax.default_backend() != "gpu", reason="needs a GPU with cuDNN")
def test_the_fused_kernel_is_the_plain_one():
    given = [normal(2, 64, 4, 32, seed=seed).astype(jnp.bfloat16) for seed in range(3)]
    lengths = jnp.asarray([64, 40])
    got = module.fused(*given, lengths, scale=0.2)
    want = plain(*given, lengths, scale=0.2)
    np.testing.assert_allclose(got[1, :40], want[1, :40], atol=0.05)
    np.testing.assert_allclose(got[0], want[0], atol=0.05)
