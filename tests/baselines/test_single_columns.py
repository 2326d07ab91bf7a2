"""Scores of single columns, on data where the answer is known."""

import numpy as np

from jaxbio.baselines.single_columns import leak_notes, single_columns
from jaxbio.data import Category, Dataset, Numeric
from jaxbio.data.learn import learn_schema

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
