import numpy as np

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
