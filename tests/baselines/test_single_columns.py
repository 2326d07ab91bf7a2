"""Scores of single columns, on data where the answer is known."""

import numpy as np

from jaxbio.baselines.single_columns import leak_notes, single_columns
from jaxbio.data import Category, Dataset, Numeric
from jaxbio.data.learn import learn_schema
from tests.helpers import competing_data, survival_data

RNG = np.random.default_rng(0)
ROWS = 200


def scores(target, kind, **columns):
    table = np.stack([np.asarray(x, np.float32) for x in columns.values()], axis=1)
    site = Category.from_values(RNG.choice(["a", "b"], ROWS))
    inputs = {"x": Numeric(table, tuple(columns)), "site": site}
    data = Dataset(inputs, {"y": target})
    schema = learn_schema(data, {"y": (kind, False)})
    found = single_columns(schema, schema.encode(data), "y")
    return found, leak_notes("y", schema.target("y"), found)


def test_a_column_that_knows_the_class_is_named():
    labels = RNG.integers(0, 2, ROWS)
    code = np.where(np.arange(ROWS) % 50 == 0, np.nan, labels)
    found, notes = scores(
        Category.from_values(labels.tolist()), "class",
        code=code, noise=RNG.normal(size=ROWS),
    )  # fmt: skip
    assert found["code"] > 0.97 and found["noise"] < 0.7 and found["site"] < 0.7
    assert len(notes) == 1 and notes[0].startswith("likely leak: code alone gives y")


def test_a_column_that_knows_the_number_is_named():
    y = RNG.normal(size=ROWS).astype(np.float32)
    found, notes = scores(
        Numeric(y[:, None], ("y",)), "number", copy=2 * y, noise=RNG.normal(size=ROWS)
    )
    assert found["noise"] < 0.2
    assert found["copy"] == 1.0
    assert [note.split()[2] for note in notes] == ["copy"]


def test_few_rows_say_nothing():
    y = np.arange(10, dtype=np.float32)[:, None]
    data = Dataset({"x": Numeric(y, ("x",))}, {"y": Numeric(y, ("y",))})
    schema = learn_schema(data, {"y": ("number", False)})
    assert single_columns(schema, schema.encode(data), "y") == {}


def test_a_column_that_knows_the_time_is_named():
    data = survival_data(200)
    outcomes = data.targets["days,died"].values
    values = np.stack([-outcomes[:, 0], RNG.normal(size=200)], 1).astype(np.float32)
    whole = Dataset({"x": Numeric(values, ("days_left", "noise"))}, data.targets)
    schema = learn_schema(whole, {"days,died": ("survival", False)})
    found = single_columns(schema, schema.encode(whole), "days,died")
    assert found["days_left"] > 0.8 and found["noise"] < 0.6
    (note,) = leak_notes("days,died", schema.targets[0], {"x": 0.97})
    assert "(concordance 0.97 on rows" in note


def test_a_column_that_knows_one_cause_is_named():
    data = competing_data(200)
    cause = data.targets["days,cause"].values[:, 1]
    values = np.stack([cause == 2, RNG.normal(size=200)], 1).astype(np.float32)
    whole = Dataset({"x": Numeric(values, ("autopsy", "noise"))}, data.targets)
    schema = learn_schema(whole, {"days,cause": ("competing", False)})
    found = single_columns(schema, schema.encode(whole), "days,cause")
    assert found["autopsy"] > 0.8 and found["noise"] < 0.6
    (note,) = leak_notes("days,cause", schema.targets[0], {"x": 0.97})
    assert "(concordance 0.97 on rows" in note
