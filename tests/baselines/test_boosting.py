import numpy as np
import pytest

from jaxbio.baselines.boosting import BoostingBaseline
from jaxbio.baselines.fit import fit_baselines, load_baselines, save_baselines
from jaxbio.data.columns.category import Category
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from tests.helpers import numbers


def table(n=200):
    random = np.random.default_rng(0)
    x = random.normal(size=(n, 3)).astype(np.float32)
    x[::9, 1] = np.nan
    sex = np.where(random.random(n) < 0.5, "f", "m")
    both = np.nan_to_num(x[:, 0] * x[:, 1]) + (sex == "f")
    return {"x": numbers(x), "sex": Category.from_values(sex)}, both.astype(np.float32)


TARGETS = {
    "number": ("number", lambda y: numbers(10 * y[:, None] + 5)),
    "count": ("count", lambda y: numbers(np.floor(np.exp(y))[:, None])),
    "class": ("class", lambda y: Category.from_values(np.digitize(y, [0.3]))),
    "classes": ("class", lambda y: Category.from_values(np.digitize(y, [0.0, 0.8]))),
    "labels": ("labels", lambda y: numbers(np.stack([y > 0, y > 1], axis=1))),
}


def fitted(kind, n=200):
    inputs, y = table(n)
    name, make = TARGETS[kind]
    data = Dataset(inputs, {"y": make(y)})
    schema = learn_schema(data, {"y": (name, False)})
    arrays = schema.encode(data)
    return schema, arrays, BoostingBaseline.fit(schema, "y", arrays)


def as_scikit_learn(kind, schema, arrays, model):
    """What scikit-learn says with the same features and settings."""
    from sklearn import ensemble

    from jaxbio.baselines.kmer_features import matrix

    x = matrix(model.blocks, schema, arrays, np.arange(len(arrays)))
    y = np.asarray(arrays.targets["y"])
    how = {"max_iter": 100, "early_stopping": False, "random_state": 0}
    how["min_samples_leaf"] = 20
    if kind in ("class", "classes"):
        peer = ensemble.HistGradientBoostingClassifier(**how)
        return peer.fit(x, y).predict_proba(x)
    if kind == "labels":
        peers = [ensemble.HistGradientBoostingClassifier(**how) for _ in range(2)]
        return np.stack(
            [p.fit(x, y[:, at]).predict_proba(x)[:, 1] for at, p in enumerate(peers)], 1
        )
    loss = "poisson" if kind == "count" else "squared_error"
    peer = ensemble.HistGradientBoostingRegressor(loss=loss, **how)
    return peer.fit(x, y[:, 0]).predict(x)[:, None]


@pytest.mark.parametrize("kind", TARGETS)
def test_it_says_what_scikit_learn_says(kind):
    schema, arrays, model = fitted(kind)
    expected = as_scikit_learn(kind, schema, arrays, model)
    np.testing.assert_allclose(model.predict(arrays), expected, rtol=2e-4, atol=2e-5)


def test_it_is_saved_and_loaded(tmp_path):
    schema, arrays, _ = fitted("classes")
    baselines = fit_baselines(schema, arrays)
    assert list(baselines["y"]) == ["trivial", "linear", "boosting"]
    save_baselines(baselines, tmp_path / "b.npz")
    again = load_baselines(tmp_path / "b.npz", schema)["y"]["boosting"]
    expected = baselines["y"]["boosting"].predict(arrays)
    np.testing.assert_array_equal(again.predict(arrays), expected)


def test_classes_that_rows_lack_are_not_expected_and_one_value_is_a_constant():
    schema, arrays, _ = fitted("classes")
    codes = np.asarray(arrays.targets["y"])
    two = BoostingBaseline.fit(schema, "y", arrays.take(np.flatnonzero(codes != 1)))
    chances = two.predict(arrays)
    assert chances[:, 1].max() < 1e-6 and np.ptp(chances[:, 2]) > 0.5
    one = BoostingBaseline.fit(schema, "y", arrays.take(np.flatnonzero(codes == 2)))
    assert (one.predict(arrays)[:, 2] > 0.99).all()


def test_of_very_many_columns_the_telling_ones_are_looked_at(monkeypatch):
    monkeypatch.setattr("jaxbio.baselines.boosting._FEWEST_COLUMNS", 2)
    monkeypatch.setattr("jaxbio.baselines.boosting._MOST_COLUMNS", 2)
    random = np.random.default_rng(0)
    x = random.normal(size=(150, 40)).astype(np.float32)
    data = Dataset({"x": numbers(x)}, {"y": numbers(x[:, 7:8] + 2 * x[:, 31:32])})
    schema = learn_schema(data, {"y": ("number", False)})
    model = BoostingBaseline.fit(schema, "y", schema.encode(data))
    inner = model.left != np.arange(model.left.shape[1])
    assert set(model.column[inner].tolist()) == {7, 31}


def test_sequences_are_not_for_trees():
    schema, _, _ = fitted("number")
    assert BoostingBaseline.takes(schema, schema.target("y"))
    from jaxbio.alphabet import DNA
    from jaxbio.data.columns.sequences import Sequences

    data = Dataset(
        {"seq": Sequences.from_strings(["ACGT", "GGCC"], DNA)},
        {"y": numbers(np.array([[1.0], [2.0]]))},
    )
    dna = learn_schema(data, {"y": ("number", False)})
    assert not BoostingBaseline.takes(dna, dna.target("y"))
