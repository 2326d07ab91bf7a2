"""Derivatives of both modes agree, where gradients are written by hand."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest

from jaxbio.nn.conv import max_windows
from jaxbio.nn.conv2d import convolve2d
from jaxbio.nn.derivatives import custom_vjp, forward_mode
from jaxbio.nn.gated import Weights
from jaxbio.nn.gru import gru
from jaxbio.nn.linear_scan import linear_scan
from jaxbio.nn.lstm import lstm
from jaxbio.nn.matmul import convolve, materialize, product
from jaxbio.nn.mingru import mingru

RANDOM = np.random.default_rng(0)


def values(*shape):
    return jnp.asarray(RANDOM.normal(size=shape), jnp.float32)


CASES = {
    "product": (lambda x: product(x, values(3, 2)), values(4, 3)),
    "convolve": (lambda x: convolve(x, values(3, 2, 5)), values(1, 6, 2)),
    "convolve2d": (lambda x: convolve2d(x, values(3, 3, 1, 2)), values(1, 4, 4, 1)),
    "materialize": (lambda x: materialize(x) ** 2, values(4)),
    "max_windows": (
        lambda x: max_windows(x, jnp.ones((1, 6), bool), 2)[0],
        values(1, 6, 2),
    ),
    "linear_scan": (lambda x: linear_scan(x, x), values(4, 1, 2)),
    "mingru": (lambda x: mingru(values(2, 4), values(4), x), values(5, 1, 2)),
    "gru": (
        lambda x: gru([Weights(values(2, 6), values(6), values(2, 6))], [x])[0],
        values(5, 1, 2),
    ),
    "lstm": (
        lambda x: lstm([Weights(values(2, 8), values(8), values(2, 8))], [x])[0],
        values(5, 1, 2),
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_forward_mode_gives_what_reverse_mode_gives(name):
    function, x = CASES[name]

    def fixed(x):
        global RANDOM
        RANDOM = np.random.default_rng(1)  # the same weights at each call
        return jnp.sin(function(x)).sum()

    gradient = jax.grad(fixed)(x)
    direction = jnp.cos(jnp.arange(x.size, dtype=x.dtype)).reshape(x.shape)
    with forward_mode():
        value, slope = jax.jvp(fixed, (x,), (direction,))
        curved = jax.jvp(jax.grad(fixed), (x,), (direction,))[1]
    assert float(value) == pytest.approx(float(fixed(x)), rel=1e-5)
    assert float(slope) == pytest.approx(float((gradient * direction).sum()), rel=1e-3)
    assert np.isfinite(curved).all()


def test_without_it_jax_says_that_there_is_no_forward_mode():
    with pytest.raises(TypeError, match="forward-mode autodiff"):
        jax.jvp(lambda x: product(x, x), (jnp.eye(2),), (jnp.eye(2),))


def test_the_rules_are_those_that_were_given():
    @custom_vjp
    def double(x):
        return 2 * x

    double.defvjp(lambda x: (2 * x, None), lambda _, g: (7 * g,))
    assert float(jax.grad(double)(1.0)) == 7
    with forward_mode():
        assert float(jax.grad(double)(1.0)) == 2
