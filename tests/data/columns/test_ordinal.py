import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.data import read_for
from jaxbio.data.columns.base import Origin
from jaxbio.data.columns.ordinal import OrdinalSpec
from jaxbio.data.learn import learn_schema
from jaxbio.errors import DataError

WORDS = ["mild", "severe", "", "none", "unknown", "mild"] * 3


def _table(words=WORDS):
    rows = len(words)
    return pd.DataFrame({"pain": words, "x": np.arange(rows) / 7, "y": range(rows)})


def _read(words=WORDS, **options):
    return jb.read(_table(words), targets={"y": "number"}, **options)


def test_grades_are_inferred_with_their_order():
    data = _read()
    column = data.inputs["pain"]
    assert column.levels == ("none", "mild", "severe")
    assert column.values.tolist() == [word or None for word in WORDS]
    assert column.describe() == "3 grades (none < mild < severe)"
    assert any("'unknown' are taken as not known" in note for note in data.notes)
    assert data.provenance.otherwise["pain"] == "category"
    assert _read(kinds={"pain": "category"}).inputs["pain"].kind == "category"


def test_a_grade_has_the_steps_of_those_below():
    data = _read()
    schema = learn_schema(data, {"y": ("number", False)})
    (spec,) = (x for x in schema.own if x.name == "pain")
    codes = data.inputs["pain"].encode(spec, Origin("x.csv", data.ids))
    assert codes.tolist() == [1, 2, -1, 0, -1, 1] * 3
    assert spec.linear_features(codes[:6]).tolist() == [
        [1, 1, 0], [1, 1, 1], [0, 0, 0], [1, 0, 0], [0, 0, 0], [1, 1, 0],
    ]  # fmt: skip
    new = read_for(_table(["severe", "none"]), schema)
    assert new.inputs["pain"].levels == spec.categories
    assert OrdinalSpec.from_dict(
        {"name": "pain", "kind": "ordinal", "categories": ["a", "b"]}
    ).categories == ("a", "b")


def test_an_order_may_be_named():
    kind = "ordinal=blue<red<green"
    data = _read(["red", "blue", "green"], inputs={"pain": kind})
    assert data.inputs["pain"].levels == ("blue", "red", "green")
    ranges = _read(["<30", "30-59"], inputs={"pain": "ordinal=<30 < 30-59"})
    assert ranges.inputs["pain"].levels == ("<30", "30-59")
    for bad in ("ordinal", "ordinal=red", "ordinal=red<red", "ordinal=red<"):
        with pytest.raises(DataError, match=r"order of its grades .*ordinal=low<"):
            _read(["red", "blue", "green"], inputs={"pain": bad})


def test_a_network_learns_grades_and_gives_the_same_from_disk(tmp_path):
    words = ["none", "mild", "severe"] * 20
    table = _table(words).assign(y=[words.index(word) * 2.0 for word in words])
    data = jb.read(table, inputs=["pain"], targets={"y": "number"})
    run = jb.fit(
        None, None, data, seed=0, members=2, epochs=4, budget=60, out=tmp_path / "run"
    )
    new = _table(["mild", "none", "", "worst"])
    values = np.asarray(run.predictor(new).values)
    assert values[0] > values[1]
    np.testing.assert_array_equal(jb.load(tmp_path / "run")(new).values, values)
