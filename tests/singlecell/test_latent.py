"""Autoencoders as runs: what they learn, resume, new cells, never a dense copy."""

import dataclasses

import jax.numpy as jnp
import numpy as np
import pytest
from flax import nnx
from scipy import sparse

import jaxbio as jb
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.dataset import Dataset
from jaxbio.data.expression import Expression
from jaxbio.errors import JaxbioError
from jaxbio.singlecell.latent import AE, VAE, cells_of
from tests.helpers import linear_data
from tests.networks import history_of, weights_of

SMALL = VAE(latent=3, hidden=(16,))
QUICK = {"batch_size": 32, "learning_rate": 5e-3}


def cells(matrix):
    genes = tuple(f"g{at}" for at in range(matrix.shape[1]))
    return Dataset({"counts": SparseCounts(matrix, genes)})


@pytest.fixture(scope="module")
def groups():
    """300 cells of three types, and the type of each."""
    rng = np.random.default_rng(0)
    truth = np.arange(300) % 3
    rates = rng.gamma(1.0, 1.0, 80) * np.ones((3, 1))
    for group in range(3):
        rates[group, group * 10 : group * 10 + 10] *= 6
    counts = rng.poisson(rates[truth] * rng.lognormal(0, 0.5, (300, 1)))
    return cells(sparse.csr_matrix(counts.astype(np.float32))), truth


@pytest.fixture(scope="module")
def run(groups, tmp_path_factory):
    out = tmp_path_factory.mktemp("latent") / "run"
    return jb.fit(SMALL, None, groups[0], epochs=15, out=out, **QUICK)


def test_groups_come_apart_without_labels(groups, run):
    data, truth = groups
    latent = run.predictor(data).values
    centres = np.stack([latent[truth == group].mean(0) for group in range(3)])
    nearest = ((latent[:, None] - centres) ** 2).sum(-1).argmin(1)
    assert (nearest == truth).mean() > 0.9
    losses = [record["valid_loss"] for record in run.history[0]]
    assert losses[-1] < losses[0] - 1
    assert run.scores["valid"].primary_metric is None


def test_the_folder_alone_describes_new_cells(groups, run):
    data, _ = groups
    again = jb.load(run.path)
    table = again(data)
    np.testing.assert_array_equal(table.values, run.predictor(data).values)
    assert list(table.columns()) == ["id", "latent_1", "latent_2", "latent_3"]
    assert jb.load_run(run.path).model == run.model


def test_a_stopped_training_goes_on_bit_for_bit(groups, run, tmp_path):
    class Key(jb.Callback):
        def on_epoch(self, record, weights):
            if record["epoch"] == 4:
                raise KeyboardInterrupt

    given = {"epochs": 15, "out": tmp_path / "run", **QUICK}
    jb.fit(SMALL, None, groups[0], callbacks=[Key()], **given)
    resumed = jb.fit(SMALL, None, groups[0], resume=True, **given)
    assert weights_of(resumed) == weights_of(run)
    assert history_of(resumed) == history_of(run)


def test_descriptions_of_several_stand_side_by_side(groups):
    data = groups[0].take(np.arange(60))
    run = jb.fit(AE(latent=2, hidden=(4,)), None, data, epochs=1, members=2, **QUICK)
    both = run.predictor(data)
    assert both.values.shape == (60, 4) and not both.spread
    for at, member in enumerate(run.predictor.members):
        counts = data.inputs["counts"].matrix.toarray()
        one = run.predictor.network(member).body.encode(jnp.asarray(counts))
        np.testing.assert_allclose(both.values[:, 2 * at : 2 * at + 2], one, atol=1e-5)


def test_the_divergence_rises_in_training_and_is_whole_in_validation(groups):
    data, _ = groups
    plan = dataclasses.replace(SMALL, warmup=10, kl_weight=2.0)
    assert float(plan._divergence_weight({"step": jnp.array(4)})) == pytest.approx(1.0)
    assert float(plan._divergence_weight({"step": jnp.array(40)})) == 2.0
    assert plan._divergence_weight({}) == 2.0
    schema = jb.data.learn_schema(data)
    assert SMALL.resolve(schema).warmup == 10 * 3
    module = SMALL.build(schema, {}, rngs=nnx.Rngs(0), dtype="float32")
    batch = {"inputs": {"counts": jnp.ones((2, 80))}, "weights": jnp.array([1.0, 0.0])}
    part, weight = SMALL.loss(module, batch, None)["latent"]
    assert float(weight) == 1.0
    expected = module.body.loss(jnp.ones((1, 80)))
    assert float(part) == pytest.approx(float(expected[0]), rel=1e-6)


def test_an_untrained_one_knows_the_statistics(groups):
    data, _ = groups
    matrix = data.inputs["counts"].matrix
    schema = jb.data.learn_schema(data)
    module = SMALL.build(schema, {}, rngs=nnx.Rngs(0), dtype="float32")
    shares = np.asarray(matrix.multiply(1 / matrix.sum(axis=1)).mean(axis=0)).ravel()
    np.testing.assert_allclose(module.body.scores.share[...], shares, rtol=1e-4)


def test_other_inputs_are_refused():
    with pytest.raises(JaxbioError, match="takes raw counts of genes alone"):
        jb.fit(VAE(), None, linear_data())


def test_never_a_dense_copy(monkeypatch):
    rng = np.random.default_rng(0)
    count, genes, each = 3000, 4000, 10
    columns = np.sort(rng.integers(0, genes - each, (count, each)), axis=1)
    columns += np.arange(each)
    counts = 1 + rng.poisson(1.0, count * each).astype(np.float32)
    matrix = sparse.csr_matrix(
        (counts, columns.ravel(), np.arange(count + 1) * each), (count, genes)
    )
    dense = sparse.csr_matrix.toarray
    heights = []

    def toarray(self, *arguments, **options):
        heights.append(self.shape[0])
        return dense(self, *arguments, **options)

    monkeypatch.setattr(sparse.csr_matrix, "toarray", toarray)
    data = cells(matrix)
    run = jb.fit(VAE(latent=2, hidden=(4,)), None, data, epochs=1, batch_size=64)
    assert run.predictor(data).values.shape == (count, 2)
    assert heights and max(heights) <= 512


def test_a_data_set_of_a_matrix():
    matrix = sparse.csr_matrix(np.eye(2, dtype=np.float32))
    data = cells_of(Expression(matrix, ("a", "b"), ("c1", "c2"), source="x.h5ad"))
    assert list(np.asarray(data.ids)) == ["c1", "c2"] and data.source == "x.h5ad"
    column = data.inputs["counts"]
    assert isinstance(column, SparseCounts) and column.names == ("a", "b")
