import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.data import read_for
from jaxbio.data.columns.numeric import Numeric, NumericSpec
from jaxbio.errors import DataError
from tests.helpers import numeric


def test_numeric_take():
    column = Numeric(np.array([[1, np.nan], [3, 4]], np.float32), ("a", "b"))
    assert column.take(np.array([1, 1])).values.tolist() == [[3, 4], [3, 4]]
    assert len(column) == 2


@pytest.mark.parametrize(
    ("name", "told"),
    [
        *[(name, True) for name in ("kd_nM", "IC50", "Ki", "drug ec50", "ic50_um")],
        *[(name, False) for name in ("pIC50", "pKd", "kidney", "weight", "age")],
    ],
)
def test_concentrations_ask_for_a_logarithm(name, told):
    column = numeric([0.5], [900.0], [10_000.0], names=(name,))
    (note,) = column.notice("x") or ("",)
    assert ("over 4 orders of magnitude" in note) == told
    assert not numeric([1.0], [90.0], names=(name,)).notice("x")  # too few orders
    assert not numeric([0.0], [1e6], names=(name,)).notice("x")  # no logarithm


def read_column(*cells, name="x", **options):
    table = pd.DataFrame({name: cells, "y": np.arange(len(cells)) % 2})
    return jb.read(table, inputs={name: "numeric"}, targets="y", **options)


def numbers_of(data):
    column = data.inputs["x"]
    assert isinstance(column, Numeric)
    return column.values


def test_units_are_taken_off_and_told():
    data = read_column("68 kg", "70.5", "", "81KG")
    expected = np.array([[68], [70.5], [np.nan], [81]], np.float32)
    np.testing.assert_array_equal(numbers_of(data), expected)
    assert "x: numbers are read without their unit, kg" in data.notes


def test_bounds_of_inputs_are_values_and_counted_but_those_of_targets_are_refused():
    data = read_column("<0.5", "1", "> 20", "3")
    assert numbers_of(data)[:, 0].tolist() == [0.5, 1, 20, 3]
    assert any("x: 2 values are bounds" in note for note in data.notes)
    with pytest.raises(DataError, match=r"row 0, column x: '<0\.5' is censored"):
        jb.read(
            pd.DataFrame({"x": ["<0.5", "1"], "z": [1.0, 2.0]}),
            targets={"x": "number"},
        )


def test_two_units_in_a_column_are_refused():
    with pytest.raises(DataError, match=r"row 1, column x: '150 lb' has another unit"):
        read_column("68 kg", "150 lb")


def test_new_rows_in_another_unit_are_refused():
    rows = read_column("68 kg", "70 kg", "80 kg", "75")
    schema = jb.data.learn_schema(rows)
    (spec,) = schema.inputs
    assert isinstance(spec, NumericSpec) and spec.units == ("kg",)
    others = read_column("150 lb", "160 lb")
    with pytest.raises(DataError, match="column x: the values are in lb, those of the"):
        others.inputs["x"].check(spec, others.origin, "error")
    same = read_column("68")
    same.inputs["x"].check(spec, same.origin, "error")


def test_dates_are_days():
    data = read_column("01.02.1970", "03.01.1970", "")
    assert numbers_of(data)[:2, 0].tolist() == [31, 2]
    assert any(note.startswith("x: dates are read as days") for note in data.notes)


def test_joined_columns_keep_their_units():
    one, other = read_column("68 kg", "<70"), read_column("70", "<81")
    both = Numeric.concatenate([other.inputs["x"], one.inputs["x"]])
    assert both.units == ("kg",) and both.bounds == (2,)
    pounds = read_column("150 lb").inputs["x"]
    with pytest.raises(DataError, match="column x: some values are in kg, others in"):
        Numeric.concatenate([one.inputs["x"], pounds])


def test_bounds_that_would_be_one_number_are_refused():
    with pytest.raises(DataError, match=r"row 2, column x: '>5' and <5 would be one"):
        read_column("<5", "5", ">5", "7")


def test_a_date_that_is_unclear_is_told():
    with pytest.raises(DataError, match="'03/04/2026' is one of dates of which day"):
        read_column("03/04/2026")


def test_a_profile_may_lack_some_of_its_columns(tmp_path):
    rng = np.random.default_rng(0)
    names = [f"g{at}" for at in range(120)]
    whole = pd.DataFrame(rng.normal(size=(30, 120)), columns=names)
    whole["y"] = whole.g0 + whole.g1
    run = jb.fit(None, None, jb.read(whole, targets="y"), quick=True, epochs=1)
    some = whole.drop(columns=["g3", *names[90:]])
    new = read_for(some, run.predictor.schema)
    (column,) = new.inputs.values()
    assert column.missing().sum() == 0
    assert np.isnan(column.values[:, [3, *range(90, 120)]]).all()
    np.testing.assert_allclose(column.values[:, 10], whole.g10)
    told = run.predictor.warnings(new)
    assert any("31 of 120 columns of" in note and "(g3, g90," in note for note in told)
    with pytest.raises(DataError, match=r"50 of 120 .* at least 50 % are needed"):
        read_for(whole[[*names[:50], "y"]], run.predictor.schema)


def test_a_table_of_few_columns_may_lack_none():
    table = pd.DataFrame(np.eye(30)[:, :9], columns=[f"c{at}" for at in range(9)])
    run = jb.fit(
        None,
        None,
        jb.read(table.assign(y=np.arange(30.0)), targets="y"),
        quick=True,
        epochs=1,
    )
    with pytest.raises(DataError, match="no column 'c8'"):
        read_for(table.drop(columns="c8"), run.predictor.schema)
