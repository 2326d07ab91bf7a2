"""Scores of raw counts: by hand, as scanpy computes them, with genes missing."""

import jax.numpy as jnp
import numpy as np
import pytest
from scipy import sparse

from jaxbio.data.expression import count_moments
from jaxbio.nn.counts import LogNormalize


def _cells(n=200, genes=60, seed=0):
    rng = np.random.default_rng(seed)
    rates = rng.gamma(0.5, 2.0, genes)
    return rng.poisson(rates * rng.lognormal(0, 0.5, (n, 1))).astype(np.float32)


def _scores(counts, **options):
    mean, scale, share = count_moments(sparse.csr_matrix(counts))
    return LogNormalize(mean, scale, share=share, **options)


def test_scores_by_hand():
    scores = LogNormalize((1.0, 0.5, 2.0), (2.0, 0.5, 0.0), total=10, clip=3)
    got = np.asarray(scores(jnp.array([[1.0, 4.0, 0.0], [0.0, 0.0, 0.0]])))
    by_hand = [[(np.log(3) - 1) / 2, 3.0, 0.0], [-0.5, -1.0, 0.0]]
    np.testing.assert_allclose(got, by_hand, rtol=1e-6)


def test_scores_are_those_of_normalising_log_and_scaling():
    # normalize_total(1e4), log1p, scale(max_value=10) of scanpy, in NumPy; scanpy
    # divides by n - 1.
    counts = _cells()
    counts = counts[counts.sum(1) > 0]
    logs = np.log1p(counts / counts.sum(1, keepdims=True) * 1e4)
    expected = np.clip((logs - logs.mean(0)) / np.maximum(logs.std(0), 1e-9), -10, 10)
    got = np.asarray(_scores(counts)(jnp.asarray(counts)))
    np.testing.assert_allclose(got, expected, atol=2e-4)


def test_missing_genes_are_the_mean_and_leave_the_others_alone():
    counts = _cells(genes=400)
    rng = np.random.default_rng(1)
    gone = rng.random(400) < 0.5
    seen = np.where(gone, np.nan, counts).astype(np.float32)
    scores = _scores(counts)
    whole, part = (np.asarray(scores(jnp.asarray(x))) for x in (counts, seen))
    assert not part[:, gone].any()
    off = np.abs(part - whole)[:, ~gone].mean()
    naive = LogNormalize(scores.mean[...], scores.scale[...], share=(~gone) * 1.0)
    away = np.abs(np.asarray(naive(jnp.asarray(seen))) - whole)[:, ~gone].mean()
    assert off < 0.03 and away > 5 * off  # as if what was measured were all there is


def test_nothing_at_all_is_no_expression():
    scores = _scores(_cells())
    none = scores(jnp.full((1, 60), jnp.nan))
    zero = scores(jnp.zeros((1, 60)))
    assert not np.asarray(none).any()
    assert np.isfinite(np.asarray(zero)).all()
    half = _scores(_cells(), dtype=jnp.bfloat16)
    assert half(jnp.zeros((1, 60))).dtype == jnp.bfloat16
    assert half.features == 60
    with pytest.raises((TypeError, ValueError)):
        half(jnp.zeros((1, 59)))
