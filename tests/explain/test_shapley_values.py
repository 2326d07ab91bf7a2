"""Shapley values: their axioms, a linear model, and another library."""

import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.errors import DataError, JaxbioError, remedies_as_flags
from jaxbio.explain import contributions, shapley


def game(players, seed=0):
    """A value with interactions, a player that changes nothing, and two alike."""
    rng = np.random.default_rng(seed)
    weights, pairs = rng.normal(size=players), rng.normal(size=(players, players))
    weights[0], pairs[0], pairs[:, 0] = 0, 0, 0  # nothing
    weights[2] = weights[1]  # alike
    pairs[2], pairs[:, 2] = pairs[1], pairs[:, 1]
    pairs[1, 2] = pairs[2, 1] = pairs[1, 1] = pairs[2, 2] = 0

    def value(there, other):
        x = there.astype(float)
        return x @ weights + np.einsum("ni,ij,nj->n", x, pairs, x) + 0.1 * other

    return value


@pytest.mark.parametrize("players", [4, 8])
def test_the_axioms(players):
    value = game(players)
    found, errors = shapley(value, players, 3, samples=800, seed=1)
    whole, nothing = (
        value(np.full((1, players), there), np.zeros(1)) for there in (True, False)
    )
    assert found.sum() == pytest.approx((whole - nothing)[0])  # efficiency
    assert found[0] == pytest.approx(0, abs=1e-12)  # the dummy
    close = 1e-12 if players <= 6 else 4 * (errors[1] + errors[2])
    assert found[1] == pytest.approx(found[2], abs=close)  # symmetry
    assert (errors == 0).all() == (players <= 6)


def test_samples_agree_with_all_coalitions(monkeypatch):
    pairs = game(6)

    def value(there, other):  # an order and its reverse are exact for pairs alone
        return pairs(there, other) + 3.0 * there[:, 3:].all(axis=1)

    exact, _ = shapley(value, 6, 2)
    monkeypatch.setattr("jaxbio.explain.shapley_values.EXACT", 0)
    found, errors = shapley(value, 6, 2, samples=1000)
    assert (np.abs(found - exact) <= 4 * errors + 1e-12).all()
    few = shapley(value, 6, 2, samples=10)[1]
    assert errors[1:].mean() < few[1:].mean()


def test_of_a_linear_model_they_are_weights_times_distances(linear):
    predictor, table, _ = linear
    found = contributions(predictor, table.head(5), background=table.tail(50))
    assert found.columns == ("a", "b", "c") and found.unit == ""
    zero = pd.DataFrame(np.vstack([np.zeros(3), np.eye(3)]), columns=list("abc"))
    weights = np.diff(predictor(zero).values[:, 0][[0, 1, 0, 2, 0, 3]])[::2]
    assert weights[0] > 2 and weights[1] < -0.5 and abs(weights[2]) < 0.1
    apart = table.head(5)[["a", "b", "c"]] - table.tail(50)[["a", "b", "c"]].mean()
    np.testing.assert_allclose(found.values, apart * weights, atol=1e-4)
    np.testing.assert_allclose(
        found.base + found.values.sum(axis=1), predictor(table.head(5)).values[:, 0],
        rtol=1e-5,
    )  # fmt: skip
    frame = found.frame()
    assert len(frame) == 15 and frame["column"].iloc[0] in ("a", "b")
    assert found.importance.argmax() == 0


def test_kernel_shap_gives_the_same(linear):
    shap = pytest.importorskip("shap", reason="shap is not installed")
    predictor, table, _ = linear
    names = ["a", "b", "c"]
    background = table.tail(20)[names]

    def predict(values):
        return predictor(pd.DataFrame(values, columns=names)).values[:, 0]

    explainer = shap.KernelExplainer(predict, background.to_numpy())
    expected = explainer.shap_values(table.head(3)[names].to_numpy(), silent=True)
    found = contributions(predictor, table.head(3), background=background)
    np.testing.assert_allclose(found.values, expected, atol=1e-4)


def test_what_cannot_be_is_told(linear):
    predictor, table, _ = linear
    with (
        remedies_as_flags(),
        pytest.raises(DataError, match=r"--background train\.csv"),
    ):
        contributions(predictor, table.head(3))
    with pytest.raises(DataError, match="no column 'z'"):
        contributions(predictor, table, columns=["z"])
    with pytest.raises(JaxbioError, match="samples=1: give 2"):
        contributions(predictor, table, samples=1)


def test_classes_are_explained_in_log_odds():
    table = pd.DataFrame({"x": [0.1, 0.9] * 20, "sex": ["m", "f", "m", "m"] * 10})
    table["sick"] = ["no", "yes"] * 20
    data = jb.read(table, targets=["sick"])
    run = jb.fit(jb.MLP(), None, data, epochs=2, members=1)
    found = contributions(run.predictor, table.head(2), background=table, label="yes")
    assert found.unit == "log odds" and found.explained == ("yes", "yes")
    p = run.predictor(table.head(2)).by_target["sick"].reshape(-1)
    np.testing.assert_allclose(found.predictions, np.log(p / (1 - p)), rtol=1e-4)


def test_a_linear_model_has_no_error_where_the_background_is_taken_in_turn():
    random = np.random.default_rng(0)
    weights, row, background = (random.normal(size=s) for s in (8, 8, (10, 8)))

    def value(there, other):
        return np.where(there, row, background[other]) @ weights

    found, _ = shapley(value, 8, 10, samples=20)
    exact = weights * (row - background.mean(axis=0))
    np.testing.assert_allclose(found, exact, atol=1e-12)
    # With half of the turns some rows are not asked.
    few, _ = shapley(value, 8, 10, samples=10)
    assert np.abs(few - exact).max() > 1e-3
