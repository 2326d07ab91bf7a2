"""Contributions by gradients: linear truth, gaps, categories and several inputs."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

import jaxbio as jb
from jaxbio.data.learn import learn_schema
from jaxbio.errors import DataError, JaxbioError
from jaxbio.explain import column_attributions, contributions
from jaxbio.explain.column_gradients import check_columns
from jaxbio.explain.players import cells as texts_of, players_of
from tests.networks import SMALL, drugs_and_proteins, predictor_of


def weights_of(predictor):
    rows = np.vstack([np.zeros(3), np.eye(3)]).astype(np.float32)
    found = np.asarray(predictor(rows).values)[:, 0]
    return found[1:] - found[0]


@pytest.mark.parametrize("method", ["integrated", "deeplift"])
def test_of_a_linear_model_they_are_weights_times_distances(linear, method):
    predictor, table, _ = linear
    found = column_attributions(
        predictor, table.head(3), background=table, method=method, count=200, steps=2
    )
    exact = contributions(
        predictor, table.head(3), background=table.sample(100, random_state=0)
    )
    weights = weights_of(predictor)
    distances = table.head(3)[["a", "b", "c"]] - table[["a", "b", "c"]].mean()
    np.testing.assert_allclose(found.values, distances * weights, atol=0.1)
    np.testing.assert_allclose(found.delta, 0, atol=1e-4)
    np.testing.assert_allclose(found.predictions, exact.predictions, atol=1e-5)
    assert found.columns == exact.columns and found.unit == exact.unit == ""
    assert list(found.frame().columns) == list(exact.frame().columns)


def test_methods_that_look_at_a_row_alone(linear):
    predictor, table, _ = linear
    rows = table.head(2)
    data = table[["a", "b", "c"]]
    weights = weights_of(predictor)
    scores = (rows[["a", "b", "c"]] - data.mean()) * weights
    for method in ("gradient", "smoothgrad"):
        found = column_attributions(predictor, rows, method=method)
        np.testing.assert_allclose(found.values, scores, atol=0.1)
        np.testing.assert_allclose(found.delta, 0, atol=1e-4)
    sizes = column_attributions(predictor, rows, method="saliency")
    want = np.tile(data.std() * np.abs(weights), (2, 1))
    np.testing.assert_allclose(sizes.values, want, atol=0.1)
    assert np.isnan(sizes.delta).all()


@pytest.fixture(scope="module")
def mixed():
    """A network of numbers with gaps and a category, not trained for long."""
    rng = np.random.default_rng(0)
    table = pd.DataFrame({"a": rng.normal(size=80), "b": rng.normal(size=80)})
    table["kind"] = rng.choice(["x", "y", "z"], 80)
    table.loc[::5, "a"] = np.nan
    table["out"] = np.where(table["b"] + table["a"].fillna(2) > 0, "yes", "no")
    data = jb.read(table, targets=["out"])
    model = jb.Network(jb.MLP(hidden=(8,)), hidden=())
    run = jb.fit(model, None, data, epochs=3, members=2, baselines=False)
    return run.predictor, table


def test_gaps_and_categories_are_switched(mixed):
    predictor, table = mixed
    rows = table.iloc[[0, 1, 5, 7]]
    how = {"background": table, "label": "yes"}
    found = column_attributions(predictor, rows, **how, count=40, steps=64)
    assert found.columns == ("a", "b", "kind") and found.unit == "log odds"
    np.testing.assert_allclose(found.delta, 0, atol=1e-3)
    assert (np.abs(found.values) > 0).all()  # a missing value contributes, too
    # A background of the rows themselves is no other.
    own = column_attributions(predictor, rows.head(1), background=rows.head(1))
    np.testing.assert_allclose(own.values, 0, atol=1e-6)
    assert own.errors.tolist() == [[0, 0, 0]]
    together = column_attributions(predictor, rows, **how, columns=["a"], count=5)
    assert together.columns == ("a", "all others")
    np.testing.assert_allclose(together.delta, 0, atol=5e-2)  # of 16 steps


def test_they_are_near_shapley_values_of_the_same_background(mixed):
    predictor, table = mixed
    (one,) = predictor.alone()[:1]  # whose log-odds are its logit
    rows, rest = table.iloc[[0, 1, 2]], table.tail(40)
    how = {"background": rest, "label": "yes"}
    found = column_attributions(one, rows, **how, count=40, steps=64)
    exact = contributions(one, rows, **how)
    np.testing.assert_allclose(found.base, exact.base, atol=1e-3)
    assert np.corrcoef(found.values.ravel(), exact.values.ravel())[0, 1] > 0.95


def test_whole_inputs_of_a_fused_network():
    rng = np.random.default_rng(0)
    data = drugs_and_proteins(rng.integers(-1, 4, 24), rng.integers(0, 3, 24))
    model = jb.Network(SMALL, hidden=(), fusion=jb.Gated(4))
    predictor = predictor_of(data, model)
    found = column_attributions(predictor, data.take([0, 1, 2]), background=data)
    assert found.columns == ("drug", "protein", "a", "b")
    np.testing.assert_allclose(found.delta, 0, atol=1e-2)
    whole = column_attributions(
        predictor, data.take([0, 1, 2]), background=data, by_input=True
    )
    assert whole.columns == ("drug", "protein", "dose")
    np.testing.assert_allclose(whole.delta, found.delta, atol=1e-4)
    np.testing.assert_allclose(
        whole.values[:, 2], found.values[:, 2:].sum(axis=1), atol=1e-4
    )
    with pytest.raises(DataError, match=r"also takes drug \(smiles\), protein"):
        column_attributions(predictor, data, method="gradient")


def test_genes_of_counts():
    rng = np.random.default_rng(0)
    counts = sparse.csr_matrix(rng.poisson(20, (12, 3)).astype(np.float32))
    cells = jb.data.SparseCounts(counts, ("g1", "g2", "g3"))
    y = jb.data.Numeric(rng.normal(size=(12, 1)).astype(np.float32), ("y",))
    data = jb.Dataset({"counts": cells}, {"y": y})
    predictor = predictor_of(data, jb.Network(jb.MLP(hidden=()), hidden=()))
    rows = data.take([0, 1])
    found = column_attributions(predictor, rows, background=data, steps=32)
    assert found.columns == ("g1", "g2", "g3")
    np.testing.assert_allclose(found.delta, 0, atol=1e-3)
    players = players_of(predictor.schema, genes=True)
    held = [[f"{x:g}" for x in row] for row in counts[:2].toarray()]
    assert texts_of(players, rows).tolist() == held
    few = column_attributions(predictor, rows, background=data, columns=["g2"])
    assert few.columns == ("g2", "all others")
    with pytest.raises(DataError, match=r"also takes counts \(counts\)"):
        column_attributions(predictor, rows, method="saliency")


def test_images_have_a_method_of_their_own():
    images = jb.data.Images(np.zeros((4, 8, 8, 1), np.uint8))
    schema = learn_schema(jb.Dataset({"image": images}))
    with pytest.raises(DataError, match="takes one image: use method='gradcam'"):
        check_columns(schema, "integrated")
    with pytest.raises(DataError, match=r"image \(image\).*'gradcam' for images"):
        check_columns(schema, "saliency")


def test_what_cannot_be(linear):
    predictor, table, _ = linear
    with pytest.raises(JaxbioError, match="did you mean 'integrated'"):
        column_attributions(predictor, table, method="integral")
    with pytest.raises(JaxbioError, match="count=0"):
        column_attributions(predictor, table, count=0)
