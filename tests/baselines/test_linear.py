import numpy as np
import pytest
from scipy.stats import spearmanr
from sklearn.metrics import matthews_corrcoef

from jaxbio.alphabet import DNA
from jaxbio.baselines.linear import LinearBaseline
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.learn import learn_schema
from jaxbio.datasets import loaders
from tests.helpers import numbers, prepared, random_texts


def test_numbers_of_all_inputs_together_with_gaps_and_weights():
    rng = np.random.default_rng(1)
    n = 400
    texts = random_texts(n, 20)
    x = rng.normal(size=(n, 3)).astype(np.float32)
    tissue = rng.choice(["brain", "liver"], n)
    y = np.array([[text.count("GC")] for text in texts]) + 2 * x[:, :1] + 10
    y = y + 3 * (tissue == "liver")[:, None]
    two = np.concatenate([y, -y], axis=1)
    two[::3, 0] = np.nan
    two[5] = np.nan
    weights = np.ones(n, np.float32)
    two[7], weights[7] = 1e6, 0  # a row that does not count
    inputs = {
        "seq": Sequences.from_strings(texts, DNA),
        "x": numbers(x),
        "tissue": Category.from_values(tissue),
    }
    schema, arrays = prepared(inputs, numbers(two), "number", weights=weights)
    found = LinearBaseline.fit(schema, "y", arrays).predict(arrays)
    # The features are logarithms of counts, so a few rows are off.
    assert np.quantile(np.abs(found[:, 0] - y[:, 0]), 0.8) < 0.3
    assert np.quantile(np.abs(found[:, 1] + y[:, 0]), 0.8) < 0.3


def test_classes_by_motif_and_by_position():
    texts = random_texts(600, 24)
    for rule in (lambda text: "ACG" in text, lambda text: text[11] in "AC"):
        labels = Category.from_values(["yes" if rule(t) else "no" for t in texts])
        inputs = {"seq": Sequences.from_strings(texts, DNA)}
        schema, arrays = prepared(inputs, labels, "class")
        train, test = arrays.take(np.arange(400)), arrays.take(np.arange(400, 600))
        chance = LinearBaseline.fit(schema, "y", train).predict(test)
        assert chance.shape == (200, 2) and np.allclose(chance.sum(axis=1), 1)
        assert matthews_corrcoef(test.targets["y"], chance.argmax(axis=1)) > 0.8


def test_labels_with_gaps():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(300, 4)).astype(np.float32)
    y = (x[:, :3] > 0).astype(np.float32)
    y[:, 2] = 1  # a label without a negative
    y[rng.random(y.shape) < 0.3] = np.nan
    schema, arrays = prepared({"x": numbers(x)}, numbers(y), "labels")
    chance = LinearBaseline.fit(schema, "y", arrays).predict(arrays)
    assert (chance[:, 2] > 0.99).all()
    for label in (0, 1):
        assert ((chance[:, label] > 0.5) == (x[:, label] > 0)).mean() > 0.93


def test_many_labels_by_ridge_are_probabilities():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(200, 4)).astype(np.float32)
    y = (x @ rng.normal(size=(4, 40)) > 0).astype(np.float32)
    schema, arrays = prepared({"x": numbers(x)}, numbers(y), "labels")
    chance = LinearBaseline.fit(schema, "y", arrays).predict(arrays)
    assert chance.min() >= 0 and chance.max() <= 1
    assert ((chance > 0.5) == (y > 0.5)).mean() > 0.85


def test_counts_are_positive_and_have_the_right_level():
    rng = np.random.default_rng(0)
    x = rng.normal(size=(500, 2)).astype(np.float32)
    y = rng.poisson(np.exp(1 + x[:, :1])).astype(np.float32)
    schema, arrays = prepared({"x": numbers(x)}, numbers(y), "count")
    rate = LinearBaseline.fit(schema, "y", arrays).predict(arrays)
    assert (rate > 0).all()
    assert rate.mean() == pytest.approx(y.mean(), rel=1e-3)
    assert spearmanr(rate[:, 0], x[:, 0]).statistic > 0.95


@pytest.mark.parametrize("kind", ["number", "class"])
def test_two_rows_are_enough(kind):
    column = numbers([[1], [2]]) if kind == "number" else Category.from_values("ab")
    schema, arrays = prepared(
        {"seq": Sequences.from_strings(["AC", "GT"], DNA)}, column, kind
    )
    found = LinearBaseline.fit(schema, "y", arrays).predict(arrays)
    assert np.isfinite(found).all()


@pytest.mark.parametrize("kind", ["number", "class"])
def test_inputs_that_do_not_vary_leave_the_mean(kind):
    column = (
        numbers([[1], [2], [6]]) if kind == "number" else Category.from_values("aab")
    )
    schema, arrays = prepared({"x": numbers([[4], [4], [4]])}, column, kind)
    found = LinearBaseline.fit(schema, "y", arrays).predict(arrays)
    assert np.allclose(found, 3 if kind == "number" else [2 / 3, 1 / 3], atol=1e-5)


def test_longer_and_stranger_rows_than_in_training():
    texts = random_texts(50, 12)
    inputs = {"seq": Sequences.from_strings(texts, DNA)}
    schema, arrays = prepared(inputs, numbers(np.arange(50.0)[:, None]), "number")
    linear = LinearBaseline.fit(schema, "y", arrays)
    longer = {"seq": Sequences.from_strings([texts[0] + "ACGT", "A", "NNNN"], DNA)}
    rows = schema.encode(Dataset(longer), targets=False)
    assert np.isfinite(linear.predict(rows)).all()
    assert linear.predict(rows.take(np.array([], np.int64))).shape == (0, 1)


def test_fits_are_repeatable():
    texts = random_texts(100, 20)
    labels = Category.from_values(np.random.default_rng(1).choice(["a", "b"], 100))
    schema, arrays = prepared(
        {"seq": Sequences.from_strings(texts, DNA)}, labels, "class"
    )
    one, two = (LinearBaseline.fit(schema, "y", arrays, seed=3) for _ in range(2))
    np.testing.assert_array_equal(one.coefficients, two.coefficients)


@pytest.mark.data
@pytest.mark.parametrize(("task", "floor"), [("prom_core_tata", 0.77), ("tf_2", 0.56)])
def test_floors_of_gue(real_data, task, floor):
    real_data("genomics/gue")
    parts = loaders.load("gue", task)
    schema = learn_schema(parts["train"], {"label": ("class", False)})
    train, test = schema.encode(parts["train"]), schema.encode(parts["test"])
    chance = LinearBaseline.fit(schema, "label", train).predict(test)
    assert matthews_corrcoef(test.targets["label"], chance.argmax(axis=1)) > floor


@pytest.mark.data
@pytest.mark.parametrize(
    ("variant", "floor"), [("three_vs_rest", 0.74), ("low_vs_high", 0.3)]
)
def test_floors_of_gb1(real_data, variant, floor):
    real_data("protein/flip_gb1")
    parts = loaders.load("flip_gb1", variant)
    schema = learn_schema(parts["train"], {"fitness": ("number", False)})
    train, test = schema.encode(parts["train"]), schema.encode(parts["test"])
    found = LinearBaseline.fit(schema, "fitness", train).predict(test)
    assert spearmanr(test.targets["fitness"][:, 0], found[:, 0]).statistic > floor
