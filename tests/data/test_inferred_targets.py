import numpy as np
import pandas as pd
import pytest

from jaxbio.data.inferred_targets import (
    bounds_note,
    check_header,
    lengths_of,
    survival_note,
    target_kind,
)
from jaxbio.data.io.frames import Frame
from jaxbio.errors import DataError


def _frame(**columns):
    return Frame.from_table(pd.DataFrame(columns), "x.csv")


def test_bounds_of_affinities_are_told():
    columns = {"relation": ["=", "<", "'='", "="] * 5, "nM": np.arange(20) * 1.5}
    (note,) = bounds_note(_frame(**columns), {"nM": "number"})
    assert "relation: of 25% of the rows nM is a bound (<)" in note
    assert not bounds_note(_frame(**columns), {"relation": "class"})
    exact = _frame(**{**columns, "relation": ["="] * 20})
    assert not bounds_note(exact, {"nM": "number"})


def test_values_by_position_are_as_long_as_the_sequences():
    frame = _frame(seq=["ACGTACGTAA", "ACGTACGT"], y=["HHHHHEEEEC", "HHHHEEEE"])
    lengths = lengths_of(frame, {"seq": "dna"})
    assert lengths == [[10, 8]]
    assert target_kind(frame, ["y"], lengths) == "positions_class"
    assert target_kind(frame, ["y"], []) == "class"


def test_times_of_outcomes_that_are_asked_for_need_no_note():
    frame = _frame(time=[5.5, 7.5], status=["1", "0"])
    (note,) = survival_note(frame, {"time", "status"}, ())
    assert note.startswith("time and status look like survival data")
    assert not survival_note(frame, {"time", "status"}, {"time", "status"})


@pytest.mark.parametrize("name", ["5.25", "ACGTACGTACGTACGT"])
def test_data_in_place_of_a_header_is_refused(name):
    with pytest.raises(DataError, match="looks like data, not like the name"):
        check_header(_frame(x=[1.5]), [name])
