import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.data import read_for
from jaxbio.data.columns.base import Origin
from jaxbio.data.columns.code_lists import CodeLists, look_coded
from jaxbio.data.inference import infer
from jaxbio.data.io.frames import Frame
from jaxbio.data.learn import learn_schema
from jaxbio.errors import DataError

CELLS = ["I10, E11.9", "E11.9", "", "I10; N18", "I10|E11.9|N18", "Z99"]


def _table(cells):
    ages = np.linspace(20.5, 80.5, len(cells))
    return pd.DataFrame({"age": ages, "codes": cells, "y": np.arange(len(cells)) / 7})


def _read(cells, **options):
    return jb.read(_table(cells), targets={"y": "number"}, **options)


def test_each_code_is_an_input_of_its_own():
    column = _read(CELLS).inputs["codes"]
    assert column.names == ("E11.9", "I10", "N18", "Z99")
    assert column.values.tolist() == [
        [1, 1, 0, 0],
        [1, 0, 0, 0],
        [0, 0, 0, 0],
        [0, 1, 1, 0],
        [1, 1, 1, 0],
        [0, 0, 0, 1],
    ]
    assert not column.missing().any()  # an empty list is one, too
    assert column.cells()[:3] == ["E11.9; I10", "E11.9", ""]


def test_codes_of_one_training_row_are_not_learned():
    data = _read(CELLS)
    spec = data.inputs["codes"].learn("codes", Origin("x.csv", data.ids))
    assert (spec.kind, spec.columns) == ("codes", ("E11.9", "I10", "N18"))
    np.testing.assert_allclose(spec.mean, [0.5, 0.5, 1 / 3], rtol=1e-6)


def test_codes_that_never_come_again_teach_nothing():
    data = _read(["a", "b", "c; d"], inputs={"codes": "codes"})
    with pytest.raises(DataError, match="no code is listed by 2 of 3 training rows"):
        data.inputs["codes"].learn("codes", Origin("x.csv", data.ids))


def test_new_codes_are_left_out_and_told():
    data = _read(CELLS)
    schema = learn_schema(data, {"y": ("number", False)})
    new = read_for(_table(["A01; N18", "", "E11.9"]), schema)
    (spec,) = (x for x in schema.own if x.name == "codes")
    origin = Origin("new.csv", new.ids)
    assert new.inputs["codes"].encode(spec, origin).tolist() == [
        [0, 0, 1],
        [0, 0, 0],
        [1, 0, 0],
    ]
    (note,) = new.inputs["codes"].check(spec, origin, "error")
    assert "1 codes" in note and "left out (A01)" in note


def test_files_that_list_different_codes_become_one():
    one, two = (CodeLists(np.ones((1, 1), np.float32), (name,)) for name in "ba")
    both = CodeLists.concatenate([one, two])
    assert both.names == ("a", "b") and both.values.tolist() == [[0, 1], [1, 0]]


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        (CELLS * 5, "codes"),
        (["a", "b", "c"] * 5, "category"),
        # Many words, which would be free text if they did not come again.
        (["s0", *(f"s{x % 7}, s{x % 5}, s{x % 11}" for x in range(300))], "codes"),
    ],
)
def test_lists_are_inferred(cells, kind):
    found = infer(Frame.from_table(_table(cells)), targets=["y"])
    assert found.inputs["codes"] == kind


def test_sentences_and_names_are_no_lists():
    names = [f"{last}, {first}" for last in ("Roth", "Lang") for first in ("Ida", "Jo")]
    assert not look_coded(names * 3)
    assert not look_coded([f"pain for {x} days, took {x * 3} pills" for x in range(9)])


def test_a_model_of_codes_learns_what_one_means():
    rng = np.random.default_rng(0)
    has = rng.random((200, 3)) < 0.4
    cells = ["; ".join(np.array(["I10", "E11", "N18"])[row]) for row in has]
    table = _table(cells).assign(y=has[:, 1] * 2.0)
    data = jb.read(table, inputs={"codes": "codes"}, targets={"y": "number"})
    run = jb.fit(
        jb.MLP(hidden=(8,)), jb.Regression(), data, epochs=60, members=1, seed=0,
        learning_rate=0.05,
    )  # fmt: skip
    values = run.predictor(_table(["E11; I10", "I10", "E11", ""])).values[:, 0]
    assert values[[0, 2]].min() > 1 > 0.5 > values[[1, 3]].max()


def test_lists_and_orders_of_a_dataframe_are_read():
    sizes = pd.Categorical(["M", "S"] * 6, categories=["S", "M", "L"], ordered=True)
    lists = [["a", "b"], [], ["b"]] * 4
    table = pd.DataFrame({"size": sizes, "has": lists, "y": np.arange(12) / 7})
    inputs = jb.read(table, targets=["y"]).inputs
    assert inputs["size"].levels == ("S", "M", "L")
    assert inputs["has"].names == ("a", "b")
    data = jb.read(table, inputs=["size"], targets=["has"])
    assert data.targets["has"].kind == "labels"
