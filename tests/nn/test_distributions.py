"""Likelihoods of counts against SciPy and exact arithmetic, in float32 throughout."""

import itertools

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from jax.test_util import check_grads
from scipy import special, stats

from jaxbio.nn.distributions import (
    negative_binomial_log_prob,
    zero_inflated_log_prob,
)

_GRID = np.array(
    list(
        itertools.product(
            (0, 1, 2, 5, 17, 100, 1e3, 1e5, 1e6),
            (1e-3, 0.1, 1, 10, 100, 1e3, 1e4, 1e6),
            (1e-2, 0.1, 1, 7.9, 8, 30, 1e3, 1e5),
        )
    ),
    np.float32,
).T


def test_negative_binomial_as_scipy():
    counts, mean, dispersion = (part.astype(np.float64) for part in _GRID)
    expected = stats.nbinom.logpmf(counts, dispersion, dispersion / (dispersion + mean))
    got = np.asarray(negative_binomial_log_prob(*map(jnp.asarray, _GRID)))
    np.testing.assert_allclose(got, expected, rtol=3e-5, atol=1e-5)


def test_large_dispersion_is_poisson():
    mpmath = pytest.importorskip("mpmath", reason="mpmath is not installed")
    mpmath.mp.dps = 60
    for count, mean in itertools.product((0, 3, 1000, 10**6), (0.5, 900.0, 1e6)):
        size = mpmath.mpf(10) ** 8
        exact = (
            mpmath.loggamma(count + size)
            - mpmath.loggamma(size)
            - mpmath.loggamma(count + 1)
            + size * mpmath.log(size / (size + mean))
            + (count * mpmath.log(mean / (size + mean)) if count else 0)
        )
        got = negative_binomial_log_prob(*map(jnp.float32, (count, mean, 1e8)))
        assert float(got) == pytest.approx(float(exact), rel=1e-5, abs=1e-4)


def test_probabilities_add_up():
    counts = jnp.arange(4000.0)
    for each in ((3.0, 0.5, -1.0), (40.0, 20.0, 2.0)):
        mean, dispersion, logit = map(jnp.float32, each)
        plain = negative_binomial_log_prob(counts, mean, dispersion)
        assert np.exp(plain).sum() == pytest.approx(1, abs=1e-5)
        more = zero_inflated_log_prob(counts, mean, dispersion, logit)
        assert np.exp(more).sum() == pytest.approx(1, abs=1e-5)
        kept = 1 - special.expit(float(logit))
        assert (np.exp(more) * counts).sum() == pytest.approx(kept * each[0], rel=1e-4)


def test_gradients_by_differences_and_in_closed_form():
    counts, mean, dispersion = (part.astype(np.float64) for part in _GRID)
    rate = mean + dispersion
    by_mean = dispersion * (counts - mean) / (mean * rate)
    by_dispersion = special.digamma(counts + dispersion) - special.digamma(dispersion)
    by_dispersion += np.log(dispersion / rate) + 1 - (counts + dispersion) / rate
    gradient = jax.grad(
        lambda m, d: negative_binomial_log_prob(jnp.asarray(_GRID[0]), m, d).sum(),
        (0, 1),
    )
    got = gradient(jnp.asarray(_GRID[1]), jnp.asarray(_GRID[2]))
    np.testing.assert_allclose(got[0], by_mean, rtol=1e-5, atol=1e-7)
    np.testing.assert_allclose(got[1], by_dispersion, rtol=1e-3, atol=1e-5)
    few = jnp.array([0.0, 2.0, 9.0])
    check_grads(
        lambda m, d: negative_binomial_log_prob(few, *map(jnp.asarray, (m, d))),
        (jnp.array([0.5, 1.0, 4.0]), jnp.array([2.0, 0.7, 12.0])),
        order=1, modes=["rev"], atol=2e-2, rtol=2e-2,
    )  # fmt: skip


def test_zero_inflation_at_its_ends():
    counts = jnp.array([0.0, 4.0])
    mean, dispersion, few, many = map(jnp.float32, (3, 2, -60, 60))
    plain = negative_binomial_log_prob(counts, mean, dispersion)
    np.testing.assert_allclose(
        zero_inflated_log_prob(counts, mean, dispersion, few), plain, rtol=1e-6
    )
    lost = np.asarray(zero_inflated_log_prob(counts, mean, dispersion, many))
    assert lost[0] == pytest.approx(0, abs=1e-6)
    assert lost[1] == pytest.approx(float(plain[1]) - 60, rel=1e-5)
    # Means so large that a zero of the plain kind has no probability in float32.
    zero, size = jnp.zeros(()), jnp.float32(50)
    gradient = jax.grad(lambda m: zero_inflated_log_prob(zero, m, size, zero))
    assert np.isfinite(gradient(jnp.float32(1e6)))
