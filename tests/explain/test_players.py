"""Rows put together of two."""

import numpy as np
import pandas as pd
import pytest

from jaxbio.alphabet import DNA
from jaxbio.data import Category, Dataset, Numeric, Sequences
from jaxbio.data.learn import learn_schema
from jaxbio.errors import DataError
from jaxbio.explain.players import OTHERS, Mixer, cells, players_of


@pytest.fixture
def rows():
    values = np.array([[1, 2, 3], [4, 5, np.nan], [7, 8, 9]], np.float32)
    return Dataset(
        {
            "blood": Numeric(values, ("a", "b", "c")),
            "sex": Category.from_values(["m", "f", None]),
            "seq": Sequences.from_strings(["ACGT", "GG", "TTT"], DNA),
        }
    )


def test_each_column_comes_from_its_row(rows):
    schema = learn_schema(rows, {})
    players = players_of(schema)
    assert [p.name for p in players] == ["a", "b", "c", "sex", "seq"]
    mixer = Mixer.of(players, rows.take([0]), rows.take([1, 2]))
    there = np.array([[1, 0, 1, 0, 1], [0, 0, 0, 0, 0]], bool)
    mixed = mixer(there, np.array([0, 0]), np.array([0, 1]))
    np.testing.assert_array_equal(mixed.inputs["blood"].values, [[1, 5, 3], [7, 8, 9]])
    assert mixed.inputs["sex"].values.tolist() == ["f", None]
    assert mixed.inputs["seq"].strings() == ["ACGT", "TTT"]


def test_those_that_are_not_named_are_one(rows):
    schema = learn_schema(rows, {})
    players = players_of(schema, ["b", "s*"])
    assert [p.name for p in players] == ["b", "sex", "seq", OTHERS]
    mixer = Mixer.of(players, rows.take([0]), rows.take([2]))
    there = np.array([[0, 1, 1, 1]], bool)
    mixed = mixer(there, np.array([0]), np.array([0]))
    np.testing.assert_array_equal(mixed.inputs["blood"].values, [[1, 8, 3]])
    with pytest.raises(DataError, match="no column 'bx'"):
        players_of(schema, ["bx"])


def test_whole_inputs_among_the_others(rows):
    players = players_of(learn_schema(rows, {}), ["a"])
    mixer = Mixer.of(players, rows.take([0]), rows.take([1]))
    mixed = mixer(np.array([[True, False]]), np.array([0]), np.array([0]))
    values = mixed.inputs["blood"].values
    assert values[0, 0] == 1 and values[0, 1] == 5 and np.isnan(values[0, 2])
    assert mixed.inputs["seq"].strings() == ["GG"]


def test_cells_are_what_people_read(rows):
    players = players_of(learn_schema(rows, {}), ["a", "c", "sex", "seq"])
    found = cells(players, rows)
    frame = pd.DataFrame(found, columns=[p.name for p in players])
    assert frame["a"].tolist() == ["1", "4", "7"]
    assert frame["c"].tolist() == ["3", "missing", "9"]
    assert frame["sex"].tolist() == ["m", "f", "missing"]
    assert frame["seq"].tolist() == ["", "", ""] and set(frame[OTHERS]) == {""}
