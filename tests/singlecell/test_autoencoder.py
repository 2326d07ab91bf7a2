"""Autoencoders of counts: their loss by hand, missing genes, size."""

import jax
import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy import stats

from jaxbio.singlecell.autoencoder import Autoencoder, VariationalAutoencoder

MEAN, SCALE = np.linspace(0.5, 2, 12), np.ones(12)


def _counts(n=5):
    return jnp.asarray(np.random.default_rng(0).poisson(2.0, (n, 12)), jnp.float32)


def test_loss_before_training_is_that_of_the_mean_shares():
    model = Autoencoder(MEAN, SCALE, rngs=nnx.Rngs(0))
    model.to_genes.kernel[...] = jnp.zeros_like(model.to_genes.kernel[...])
    counts = _counts()
    shares = np.expm1(MEAN) / np.expm1(MEAN).sum()
    rate = np.asarray(counts).sum(1, keepdims=True) * shares
    likelihood = stats.nbinom.logpmf(np.asarray(counts), 1, 1 / (1 + rate)).sum(1)
    np.testing.assert_allclose(model.loss(counts), -likelihood, rtol=1e-4)
    np.testing.assert_allclose(model.shares(jnp.zeros((1, 10)))[0], shares, rtol=1e-4)


def test_divergence_by_hand():
    model = VariationalAutoencoder(MEAN, SCALE, latent=2, rngs=nnx.Rngs(0))
    counts = _counts(1)
    # A latent mean of (1, 0) and spreads of (1, e): (1/2) (1) + (1/2) (e² - 1 - 2).
    model.to_latent.kernel[...] = jnp.zeros_like(model.to_latent.kernel[...])
    model.to_latent.bias[...] = jnp.array([1.0, 0.0, 0.0, 1.0])
    both = model.loss(counts) - model.loss(counts, kl_weight=0.0)
    assert float(both[0]) == pytest.approx(0.5 + (np.e**2 - 3) / 2, rel=1e-4)
    assert model.encode(counts).tolist() == [[1.0, 0.0]]


@pytest.mark.parametrize("zero_inflation", [False, True])
@pytest.mark.parametrize("kind", [Autoencoder, VariationalAutoencoder])
def test_a_gene_that_is_missing_says_nothing(kind, zero_inflation):
    model = kind(MEAN, SCALE, zero_inflation=zero_inflation, rngs=nnx.Rngs(0))
    counts = _counts().at[:, 3].set(jnp.nan)
    loss, gradient = nnx.jit(nnx.value_and_grad(lambda m: m.loss(counts).sum()))(model)
    assert np.isfinite(float(loss))
    leaves = jax.tree.leaves(nnx.state(gradient))
    assert all(np.isfinite(leaf).all() for leaf in leaves)
    assert float(gradient["to_genes"]["bias"][...][3]) == 0
    assert float(model.shares(model.encode(counts))[0, 3]) > 0
    none = jnp.full((1, 12), jnp.nan)
    assert float(model.loss(none, kl_weight=0.0)[0]) == 0


def test_keys_make_it_random_and_none_make_it_not():
    model = VariationalAutoencoder(MEAN, SCALE, rngs=nnx.Rngs(0))
    counts = _counts()
    same = [model.loss(counts) for _ in range(2)]
    assert (same[0] == same[1]).all()
    drawn = [
        model.loss(counts, rngs=nnx.Rngs(dropout=1, latent=seed)) for seed in (1, 2, 1)
    ]
    assert (drawn[0] != drawn[1]).any() and (drawn[0] == drawn[2]).all()
    view = nnx.view(model, deterministic=True)
    np.testing.assert_array_equal(view(counts), model.encode(counts))
    assert model.features == 10


def test_twenty_thousand_genes():
    genes, cells = 20_000, 256
    model = VariationalAutoencoder(np.ones(genes), np.ones(genes), rngs=nnx.Rngs(0))
    graph, params, rest = nnx.split(model, nnx.Param, ...)

    def loss(params, counts):
        rngs = nnx.Rngs(dropout=0, latent=1)
        return nnx.merge(graph, params, rest).loss(counts, rngs=rngs).mean()

    shapes = jax.ShapeDtypeStruct((cells, genes), jnp.float32)
    compiled = jax.jit(jax.grad(loss)).lower(params, shapes).compile()
    memory = compiled.memory_analysis()
    if memory is None:
        pytest.skip("the backend does not tell its memory")
    assert memory.temp_size_in_bytes < 20 * cells * genes * 4
