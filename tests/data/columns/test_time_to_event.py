import numpy as np
import pandas as pd
import pytest

import jaxbio as jb
from jaxbio.data.columns.time_to_event import (
    TimeToEvent,
    event_grid,
    grid_hazards,
    outcomes_in,
    parse_outcome,
)
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError, remedies_as_flags


def table(time, event, **others):
    x = np.linspace(0, 1, len(time))
    return pd.DataFrame({"x": x, "time": time, "event": event, **others})


def read(time, event, name="time,event", **others):
    return jb.read(table(time, event, **others), targets={name: "survival"})


def outcomes(*given, **others):
    column = read(*given, **others).targets.popitem()[1]
    assert isinstance(column, TimeToEvent)
    return column


@pytest.mark.parametrize(
    "cells",
    [
        [1, 0, 1],
        [True, False, True],
        ["dead", "alive", "Deceased"],
        ["1.0", "0", "yes"],
        ["1:DECEASED", "0:LIVING", "event"],
    ],
)
def test_events_in_many_words(cells):
    column = outcomes([3.0, 5, 1], cells)
    assert column.values.tolist() == [[3, 1, 0], [5, 0, 0], [1, 1, 0]]
    assert column.names == ("time", "event")


def test_the_columns_of_the_outcome_are_no_inputs_and_need_no_task():
    whole = jb.read(table([3.0, 5, 1], [1, 0, 1]), targets="time,event")
    assert list(whole.inputs) == ["x"]
    assert isinstance(whole.targets["time,event"], TimeToEvent)
    assert outcomes_in(["a,b"], ["a,b", "c,d"]) == {"c,d": ("c", "d")}
    assert parse_outcome("a,b,c,d") is parse_outcome("a,,b") is None


def test_one_of_several_values_is_the_event():
    column = outcomes([3, 5, 1, 2], [2, 1, 0, 2], "time,event=2")
    assert column.values[:, 1].tolist() == [1, 0, 0, 1]
    assert column.names == ("time_2", "event")
    with remedies_as_flags(), pytest.raises(DataError) as raised:
        read([3, 5, 1], [2, 1, 2])
    text = str(raised.value)
    assert "row 0, column event: '2' says neither" in text
    assert "holds 1, 2" in text and "--target time,event=2:survival" in text
    assert ".." not in text
    with remedies_as_flags(), pytest.raises(DataError) as raised:
        read(list(range(9)), list(range(2, 11)))  # times of two looks
    assert str(raised.value).endswith(
        "if the event came between time and event: --target time..event:survival"
    )


def test_dates_become_days():
    dates = {"begin": ["2020-01-01"] * 3, "end": ["2020-01-11", "", "2020-03-01"]}
    column = outcomes([1] * 3, [1, 0, 0], "begin..end,event", **dates)
    assert column.values[[0, 2], 0].tolist() == [10, 60]
    assert column.missing().tolist() == [False, True, False]
    (note,) = column.notice("t")
    assert (
        note.startswith("t: 1 of 3 rows have no time or no event") and "rows 2" in note
    )
    with pytest.raises(DataError, match="the times are dates: name the column with"):
        read([1] * 3, [1, 0, 0], "end,event", **dates)
    with pytest.raises(DataError, match="row 0: begin 2020-01-01 is before end"):
        read(
            [1] * 3, [1, 0, 0], "end..begin,event", **{**dates, "end": ["2021-1-1"] * 3}
        )


def test_late_entry():
    column = outcomes([3, 5], [1, 0], "late,time,event", late=[0, 2])
    assert column.values[:, 2].tolist() == [0, 2]
    with pytest.raises(DataError, match=r"row 1: late 6 is not before time 5 \(1 rows"):
        read([3, 5], [1, 0], "late,time,event", late=[0, 6])


def test_times_that_cannot_be():
    with pytest.raises(DataError, match="row 1, column time: -5 is below 0"):
        read([3, -5], [1, 0])
    with pytest.raises(DataError, match="survival needs two columns"):
        jb.read(table([1, 2], [0, 1]), targets={"time": "survival"})
    with pytest.raises(DataError, match="no column 'tme'"):
        jb.read(table([1, 2], [0, 1]), targets="tme,event")
    column = outcomes([0, 4], [1, 1])
    (note,) = column.notice("t")
    assert "1 rows have the time 0" in note


def learned(column):
    data = jb.Dataset({"x": jb.data.Numeric(np.zeros((len(column), 1)), ("x",))})
    return column.learn_target(TargetSpec("t", "survival"), data.origin)


def test_grid_and_hazards_by_hand():
    spec = learned(outcomes([0, 2, 2, 4, 9], [1, 1, 0, 1, 0]))
    assert spec.times == (4.0,) and spec.columns == ("time", "event")
    # Three events in 0.004 + 2 + 2 + 4 + 4 units of time.
    assert spec.hazards == pytest.approx((3 / 12.004,))
    assert len(event_grid(np.arange(1, 1000), np.ones(999))) == 25
    late = np.array([[4.0, 1, 2], [4.0, 0, 0]])
    assert grid_hazards(late, np.array([4.0])) == pytest.approx([1 / 6])


def test_what_cannot_be_learned():
    with pytest.raises(DataError, match="none of the 2 training rows with a time has"):
        learned(outcomes([3, 5], [0, 0]))
    with pytest.raises(DataError, match="every event has the time 0"):
        learned(outcomes([0, 5], [1, 0]))
    spec = TargetSpec("t", "number")
    with pytest.raises(DataError, match="number was asked for"):
        outcomes([3, 5], [1, 0]).learn_target(spec, read([1, 2], [1, 1]).origin)
    data = jb.read(table([1.5, 2, 4], [1, 0, 1]), targets={"time": "number"})
    with pytest.raises(DataError, match="survival was asked for, it holds numbers"):
        jb.data.learn_schema(data, {"time": ("survival", False)})


def test_rows_of_a_column():
    column = outcomes([3, 5, 1], [1, 0, 1])
    assert len(column.nothing(2)) == 2 and column.nothing(2).missing().all()
    assert column.take(np.array([2])).values[0, 0] == 1
    assert len(set(column.hashes().tolist())) == 3
    assert column.describe() == "2 events among 3 rows, up to 5"
    assert column.nothing(1).describe() == "nothing"
    assert column.buffers() != column.take(np.array([1, 0, 2])).buffers()


def looks(lower, upper, name="lower..upper", **others):
    x = np.linspace(0, 1, len(lower))
    made = pd.DataFrame({"x": x, "lower": lower, "upper": upper, **others})
    return jb.read(made, targets={name: "survival"}).targets[name]


def test_events_between_two_looks():
    column = looks([2.0, 5, None, 4, None], ["6", "inf", "3", "4", ""])
    assert column.values[:4].tolist() == [
        [4, 1, 0, 2], [5, 0, 0, 0], [1.5, 1, 0, 1.5], [4, 1, 0, 0],
    ]  # fmt: skip
    assert column.missing().tolist() == [False] * 4 + [True]
    assert column.names == ("upper", "lower")
    assert column.describe() == "3 events among 4 rows, up to 5"
    assert column.nothing(2).values.shape == (2, 4)
    spec = learned(column)
    assert spec.times == (4.0,)  # the last middle
    origin = read([1, 2], [1, 1]).origin
    assert column.encode_target(spec, origin, []).shape == (5, 4)


def test_looks_as_dates_count_from_a_start():
    start, lower = ["2020-01-01"] * 2, ["2020-01-11", "2020-01-21"]
    upper = ["2020-01-31", None]
    name = "begin..lower..upper"
    column = looks(lower, upper, name, begin=start)
    assert column.values.tolist() == [[20, 1, 0, 10], [20, 0, 0, 0]]
    with pytest.raises(DataError, match="it holds dates: name three columns"):
        looks(lower, upper)


def test_looks_in_the_wrong_order():
    with pytest.raises(DataError, match=r"row 1: upper 3 is before lower 5 \(1 rows"):
        looks([2, 5], [6, 3])
    with pytest.raises(DataError, match="row 0, column lower: -2 is below 0"):
        looks([-2, 5], [6, 8])
    assert parse_outcome("a..b..c..d") is parse_outcome("..b") is None


def test_late_entry_and_events_between_two_looks():
    table = pd.DataFrame(
        {
            "x": [0.1, 0.2, 0.3, 0.4],
            "entered": [1.0, 4.0, 0.0, 2.0],
            "negative": [2.0, 3.0, np.nan, 5.0],
            "positive": [6.0, 6.0, 4.0, np.nan],
        }
    )
    name = "entered,negative..positive"
    data = jb.read(table, targets={name: "survival"})
    assert list(data.inputs) == ["x"]
    # The second came under observation after its last look without the event.
    expected = [[4, 1, 1, 2], [5, 1, 4, 1], [2, 1, 0, 2], [5, 0, 2, 0]]
    assert data.targets[name].values.tolist() == expected
    late = table.assign(entered=[1.0, 4.0, 0.0, 5.0])
    with pytest.raises(DataError, match="row 3: entered 5 is not before negative 5"):
        jb.read(late, targets={name: "survival"})


def test_entries_may_be_dates():
    days = pd.to_datetime(["2020-01-01", "2020-01-01", "2020-03-01"])
    table = pd.DataFrame(
        {
            "x": [0.1, 0.2, 0.3],
            "born": days,
            "entered": days + pd.to_timedelta([5, -3, 1], "D"),
            "seen": days + pd.to_timedelta([9, 8, 7], "D"),
            "died": [1, 0, 1],
        }
    )
    name = "entered,born..seen,died"
    column = jb.read(table, targets={name: "survival"}).targets[name]
    assert isinstance(column, TimeToEvent)
    assert column.values.tolist() == [[9, 1, 5], [8, 0, 0], [7, 1, 1]]
    table["days"] = [9, 8, 7]
    with remedies_as_flags(), pytest.raises(DataError) as raised:
        jb.read(table, targets={"entered,days,died": "survival"})
    assert "--target entered,START..days,died:survival" in str(raised.value)
