"""Pairs of positions: symmetric, blind to padding, aware of the other pairs."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx

from jaxbio.nn.pairs import Pairs


def made(**more):
    layer = Pairs(6, 8, dilations=(1, 2), rngs=nnx.Rngs(0), **more)
    return nnx.view(layer, deterministic=True)


@pytest.fixture
def positions():
    return jax.random.normal(jax.random.key(0), (2, 7, 6))


def test_a_pair_is_the_same_from_either_side(positions):
    pairs = made()(positions, jnp.ones((2, 7), bool))
    assert pairs.shape == (2, 7, 7, 8)
    np.testing.assert_allclose(pairs, pairs.swapaxes(1, 2), atol=1e-5)


def test_padding_changes_nothing(positions):
    layer, mask = made(), jnp.ones((2, 7), bool)
    plain = layer(positions, mask)
    # What stands in the padding is anything but zero.
    longer = jnp.pad(positions, ((0, 0), (0, 4), (0, 0)), constant_values=9.0)
    padded = layer(longer, jnp.pad(mask, ((0, 0), (0, 4))))
    np.testing.assert_allclose(padded[:, :7, :7], plain, atol=1e-5)
    assert (
        not np.asarray(padded[:, 7:]).any() and not np.asarray(padded[:, :, 7:]).any()
    )


def test_separation_matters_and_rows_do_not_mix(positions):
    layer, mask = made(), jnp.ones((2, 7), bool)
    alike = jnp.broadcast_to(positions[:, :1], positions.shape)
    pairs = layer(alike, mask)
    assert float(jnp.abs(pairs[0, 3, 4] - pairs[0, 3, 5]).max()) > 1e-3
    alone = layer(positions[1:], mask[1:])
    np.testing.assert_allclose(layer(positions, mask)[1:], alone, atol=1e-5)


def test_some_at_a_time_give_what_all_at_once_give(positions, monkeypatch):
    even = jnp.pad(positions, ((0, 0), (0, 1), (0, 0)))
    layer, mask = made(), jnp.ones((2, 8), bool).at[1, 6:].set(False)
    plain = layer(even, mask)
    monkeypatch.setattr("jaxbio.nn.pairs._AT_ONCE", 1)
    loops = str(jax.make_jaxpr(lambda x: layer(x, mask))(even)).count("scan[")
    assert loops == 2  # one a block: it is the other path that is compared
    np.testing.assert_allclose(layer(even, mask), plain, atol=1e-5)


def test_a_pair_sees_the_pairs_near_it_on_both_sides(positions):
    layer, mask = made(), jnp.ones((2, 7), bool)

    def one(x):
        return layer(x, mask)[0, 1, 5].sum()

    seen = np.abs(jax.grad(one)(positions))[0].sum(axis=1)
    assert (seen[[0, 1, 2, 4, 5, 6]] > 0).all()
