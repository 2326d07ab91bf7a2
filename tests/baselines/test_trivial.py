import dataclasses

import numpy as np

from jaxbio.baselines.fit import load_baselines, save_baselines
from jaxbio.baselines.trivial import TrivialBaseline
from jaxbio.data.columns.category import Category
from jaxbio.data.learn import learn_schema
from jaxbio.metrics import aalen_johansen, kaplan_meier
from tests.helpers import competing_data, numbers, prepared, survival_data


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


def test_survival_of_the_cohort_is_that_of_kaplan_and_meier():
    data = survival_data(60)
    outcomes = data.targets["days,died"].values
    outcomes[:, 2] = np.minimum(1.0, outcomes[:, 0] / 2)
    schema = learn_schema(data, {"days,died": ("survival", False)})
    rows, spec = schema.encode(data), schema.targets[0]
    time, event, entry = outcomes.T
    curve = kaplan_meier(time, event, entry=entry)
    found = TrivialBaseline.fit(spec, rows).predict(rows)
    np.testing.assert_allclose(found[0], curve.at(np.array(spec.times)), atol=1e-6)
    # A weight of two is a row twice.
    weights = np.tile([1.0, 2.0], 30).astype(np.float32)
    twice = np.repeat(np.arange(60), weights.astype(int))
    heavy = dataclasses.replace(rows, weights=weights)
    np.testing.assert_allclose(
        TrivialBaseline.fit(spec, heavy).predict(rows)[0],
        TrivialBaseline.fit(spec, rows.take(twice)).predict(rows)[0],
        atol=1e-6,
    )


def test_incidences_of_the_cohort_are_those_of_aalen_and_johansen():
    data = competing_data(60)
    schema = learn_schema(data, {"days,cause": ("competing", False)})
    rows, spec = schema.encode(data), schema.targets[0]
    found = TrivialBaseline.fit(spec, rows).predict(rows)
    assert found.shape == (60, 2, len(spec.times))
    time, cause, _ = data.targets["days,cause"].values.T
    whole = aalen_johansen(time, cause.astype(int), 2).at(np.array(spec.times))
    np.testing.assert_allclose(found[0], whole, rtol=1e-5)
