import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.data.columns.base import Origin
from jaxbio.data.columns.competing_events import CompetingEvents, cause_hazards
from jaxbio.data.learn import learn_schema
from jaxbio.data.splits.random_grouped import split
from jaxbio.errors import DataError, remedies_as_flags
from tests.helpers import competing_data

NAME = "days,cause"


def read(cause, days=None, name=NAME, **others):
    days = np.arange(1, 1 + len(cause)) if days is None else days
    table = pd.DataFrame({"x": np.cos(days), "days": days, "cause": cause, **others})
    return jb.read(table, targets={name: "competing"})


def column(*given, **others):
    found = read(*given, **others).targets.popitem()[1]
    assert isinstance(found, CompetingEvents)
    return found


def test_codes_and_words_are_causes():
    found = column([0, 2, 10, 2])
    assert found.causes == ("2", "10") and found.values[:, 1].tolist() == [0, 1, 2, 1]
    found = column(["alive", "Relapse", "death", "", "Death"])
    assert found.causes == ("death", "Relapse")
    np.testing.assert_array_equal(found.values[:, 1], [0, 2, 1, np.nan, 1])
    assert found.describe() == "death 2, Relapse 1, among 4 rows, up to 5"


def test_named_causes_leave_others_censored():
    found = column(["lost", "b", "a", "c"], name="days,cause=a+b")
    assert found.causes == ("a", "b") and found.values[:, 1].tolist() == [0, 2, 1, 0]
    late = column(["a", "b", 0], name="start,days,cause", start=[0, 1, 1.5])
    assert late.values[:, 2].tolist() == [0, 1, 1.5]


def test_that_nobody_is_censored_is_told():
    codes = [1, 2, 2, 3] * 6
    (note,) = read(codes).notes
    assert note.startswith(f"{NAME}: each of the 24 rows has an event")
    assert "if 2 is no event but its absence, targets={'days,cause=1+3': 'comp" in note
    (note,) = read([1, 2, 2] * 8).notes
    assert "targets={'days,cause=1': 'survival'}" in note
    assert read([*codes, 0]).notes == ()


def test_rows_of_other_files_have_the_same_causes():
    spec = learn_schema(competing_data(80), {NAME: ("competing", False)}).targets[0]
    assert spec.causes == ("relapse", "death") and len(spec.hazards) == 2 * len(
        spec.times
    )
    assert spec.columns == ("days", "cause")
    other = column(["Death", "0", "relapse"])
    whole = CompetingEvents.concatenate([column(["0", "relapse"]), other])
    assert whole.causes == ("relapse", "Death")
    again = CompetingEvents.concatenate([whole, column(["death", "0"])])
    assert again.causes == ("relapse", "Death") and again.values[-2, 1] == 2
    assert again.take(np.array([1])).describe() == (
        "relapse 1, Death 0, among 1 rows, up to 2"
    )
    assert whole.values[:, 1].tolist() == [0, 1, 2, 0, 1]
    data = read(["death", "0", "0"])
    schema = learn_schema(competing_data(80), {NAME: ("competing", False)})
    encoded = other.encode_target(schema.targets[0], _origin(data), [])
    assert encoded[:, 1].tolist() == [2, 0, 1]
    with pytest.raises(DataError, match=r"knows no cause 'stroke' .*: write 0 where"):
        column(["stroke", 0]).encode_target(schema.targets[0], _origin(data), [])


def _origin(data):
    return Origin(data.source, np.array(["1", "2", "3"]))


def test_hazards_of_causes_sum_to_those_of_all():
    rows = np.array([[1, 1, 0], [2, 2, 0], [3, 1, 1], [4, 0, 0]], float)
    found = cause_hazards(rows, 2, np.array([2.0, 3.0]))
    # Two events in 6 units of time; then one in two.
    np.testing.assert_allclose(found.sum(axis=0), [1 / 3, 1 / 2])
    share = np.array([2, 1]) / 3
    np.testing.assert_allclose(found[:, 0], 1 / 3 * (1 + share) / 3)
    np.testing.assert_allclose(found[:, 1], (np.array([1, 0]) + share) / 4)


def test_parts_have_each_cause():
    parts = split(competing_data(60), by="stratified", seed=1)
    shares = [
        np.bincount(part.targets[NAME].values[:, 1].astype(int), minlength=3)
        / len(part)
        for part in parts
    ]
    np.testing.assert_allclose(shares[0], shares[2], atol=0.1)


@pytest.mark.parametrize(
    ("cause", "match"),
    [
        ([1, 1, 0], r"only the cause 1: .* --target days,cause:survival"),
        ([0, 0, 0], "holds no event"),
    ],
)
def test_fewer_than_two_causes(cause, match):
    with remedies_as_flags(), pytest.raises(DataError, match=match):
        learn_schema(read(cause), {NAME: ("competing", False)})


def test_a_cause_that_is_not_among_training_rows():
    data = read(["a", "b", "0"]).take(np.array([0, 2]))
    with remedies_as_flags(), pytest.raises(DataError) as raised:
        learn_schema(data, {NAME: ("competing", False)})
    assert "of the cause b at a time above 0" in str(raised.value)
    assert "--target days,cause=a:survival" in str(raised.value)


def test_what_cannot_be_meant():
    with pytest.raises(DataError, match=r"holds 11 values besides 0 .*: up to 8"):
        read(list(range(12)))
    with pytest.raises(DataError, match="days: -1 is below 0"):
        read([1, 2], [3, -1])
    with pytest.raises(DataError, match="competing risks need two columns"):
        read([1, 2], name="days")
    with remedies_as_flags(), pytest.raises(DataError) as raised:
        table = pd.DataFrame(
            {"x": [1.5, 2.5, 3], "days": [1, 2, 3], "cause": [0, 1, 2]}
        )
        jb.read(table, targets={NAME: "survival"})
    assert "exclude one another: --target days,cause:competing" in str(raised.value)
