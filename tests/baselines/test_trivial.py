import numpy as np

from jaxbio.baselines.fit import load_baselines, save_baselines
from jaxbio.baselines.trivial import TrivialBaseline
from jaxbio.data.columns.category import Category
from tests.helpers import numbers, prepared


def test_trivial_baselines_are_means_and_frequencies():
    inputs = {"x": numbers([[0], [1], [2], [3]])}
    schema, arrays = prepared(
        inputs, numbers([[1, 4], [2, np.nan], [3, 6], [6, 5]]), "number"
    )
    guess = TrivialBaseline(schema.targets[0]).predict(arrays)
    assert guess.tolist() == [[3, 5]] * 4
    schema, arrays = prepared(inputs, Category.from_values("aaba"), "class")
    guess = TrivialBaseline(schema.targets[0]).predict(arrays)
    assert guess.tolist() == [[0.75, 0.25]] * 4
    schema, arrays = prepared(
        inputs, numbers([[1, 0], [1, 0], [0, 0], [1, 1]]), "labels"
    )
    guess = TrivialBaseline(schema.targets[0]).predict(arrays)
    assert guess.tolist() == [[0.75, 0.25]] * 4


def test_trivial_baselines_are_weighted(tmp_path):
    inputs, weights = {"x": numbers([[0], [1], [2]])}, np.array([2, 1, 1], np.float32)
    for column, kind, expected in (
        (numbers([[1, 8], [2, np.nan], [5, 4]]), "number", [2.25, 20 / 3]),
        (Category.from_values("aba"), "class", [0.75, 0.25]),
    ):
        schema, arrays = prepared(inputs, column, kind, weights=weights)
        fitted = TrivialBaseline.fit(schema.targets[0], arrays)
        np.testing.assert_allclose(fitted.predict(arrays)[0], expected, rtol=1e-6)
        save_baselines({"y": {"trivial": fitted}}, tmp_path / "b.npz")
        (loaded,) = load_baselines(tmp_path / "b.npz", schema)["y"].values()
        np.testing.assert_array_equal(loaded.value, fitted.value)
