"""Training of autoencoders: what they learn, when they stop, never a dense copy."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy import sparse

from jaxbio.errors import TrainingError
from jaxbio.singlecell.latent import (
    LatentConfig,
    encode_cells,
    fit_latent,
    make_autoencoder,
)

SMALL = LatentConfig(latent=3, hidden=(16,), learning_rate=5e-3)


def _groups(cells=300, genes=80):
    rng = np.random.default_rng(0)
    truth = np.arange(cells) % 3
    rates = rng.gamma(1.0, 1.0, genes) * np.ones((3, 1))
    for group in range(3):
        rates[group, group * 10 : group * 10 + 10] *= 6
    counts = rng.poisson(rates[truth] * rng.lognormal(0, 0.5, (cells, 1)))
    return sparse.csr_matrix(counts.astype(np.float32)), truth


def test_groups_come_apart_without_labels_and_seeds_decide():
    matrix, truth = _groups()
    model, history = fit_latent(matrix, SMALL, epochs=15, batch_size=32)
    latent = encode_cells(model, matrix, batch_size=128)
    centres = np.stack([latent[truth == group].mean(0) for group in range(3)])
    nearest = ((latent[:, None] - centres) ** 2).sum(-1).argmin(1)
    assert (nearest == truth).mean() > 0.9
    assert history[-1]["valid"] < history[0]["valid"] - 1
    again, the_same = fit_latent(matrix, SMALL, epochs=15, batch_size=32)
    assert the_same == history
    np.testing.assert_array_equal(
        encode_cells(again, matrix), encode_cells(model, matrix)
    )
    other = fit_latent(matrix, SMALL, epochs=1, batch_size=32, seed=1)[1]
    assert other[0] != history[0]


def test_the_best_epoch_is_kept_and_waiting_ends():
    matrix, _ = _groups(cells=60)
    config = dataclasses.replace(
        SMALL, warmup=0, patience=3, learning_rate=0.05, dropout=0.0, variational=False
    )
    model, history = fit_latent(matrix, config, epochs=100, batch_size=16)
    losses = [epoch["valid"] for epoch in history]
    assert len(history) < 100 and int(np.argmin(losses)) == len(history) - 4
    order = np.random.default_rng(0).permutation(60)
    held = np.sort(order[:6])
    now = float(model.loss(jnp.asarray(matrix[held].toarray())).mean())
    assert now == pytest.approx(min(losses), rel=1e-5)


def test_without_validation_all_epochs_are_gone_through():
    matrix, _ = _groups(cells=40)
    config = dataclasses.replace(SMALL, zero_inflation=True)
    heard = []
    _, history = fit_latent(
        matrix, config, epochs=3, valid_share=0, report=heard.append
    )
    assert [set(epoch) for epoch in history] == [{"train"}] * 3
    with pytest.raises(TrainingError, match="1 cells to train on"):
        fit_latent(matrix[:1], config)
    assert heard == history


def test_never_a_dense_copy(monkeypatch):
    rng = np.random.default_rng(0)
    cells, genes, each = 6000, 4000, 10
    columns = np.sort(rng.integers(0, genes - each, (cells, each)), axis=1)
    columns += np.arange(each)
    counts = 1 + rng.poisson(1.0, cells * each).astype(np.float32)
    matrix = sparse.csr_matrix(
        (counts, columns.ravel(), np.arange(cells + 1) * each), (cells, genes)
    )
    config = LatentConfig(latent=2, hidden=(4,), warmup=0)
    dense = sparse.csr_matrix.toarray
    heights = []

    def toarray(self, *arguments, **options):
        heights.append(self.shape[0])
        return dense(self, *arguments, **options)

    monkeypatch.setattr(sparse.csr_matrix, "toarray", toarray)
    model, _ = fit_latent(matrix, config, epochs=1, batch_size=64, valid_share=0.02)
    latent = encode_cells(model, matrix[:2000])
    assert latent.shape == (2000, 2)
    assert heights and max(heights) <= 512  # cells that are encoded at a time


def test_an_untrained_one_knows_the_statistics():
    matrix, _ = _groups()
    model = make_autoencoder(matrix, SMALL, rngs=nnx.Rngs(0))
    shares = np.asarray(matrix.multiply(1 / matrix.sum(axis=1)).mean(axis=0)).ravel()
    np.testing.assert_allclose(model.scores.share[...], shares, rtol=1e-4)
    assert model.features == 3
