import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings, strategies as st

from jaxbio.data.io.frames import Frame, thinned
from jaxbio.errors import DataError
from tests.helpers import frame_of


@given(
    sizes=st.lists(st.integers(0, 30), min_size=1, max_size=8).filter(sum),
    most=st.integers(1, 40),
)
@settings(max_examples=100, deadline=None)
def test_thinning_keeps_every_nth_row(sizes, most):
    starts = np.cumsum([0, *sizes])
    parts = [
        frame_of(rows=range(a, b), n=list(range(a, b)))
        for a, b in itertools.pairwise(starts)
    ]
    kept = thinned(parts, most=most).table["n"].tolist()
    steps = set(np.diff(kept).tolist())
    assert kept[0] == 0 and len(steps) <= 1 and len(kept) <= most
    step = steps.pop() if steps else 1 << 20
    assert kept[-1] + step >= sum(sizes) and step & (step - 1) == 0


def test_a_name_a_glob_and_what_matches_nothing():
    columns = {"g_1": [0], "g_2": [0], "g_[x]": [0], "y": [1]}
    frame = Frame.from_table(pd.DataFrame(columns))
    assert frame.matching("g_?") == ("g_1", "g_2")
    assert frame.matching("g_*", frozenset({"g_1"})) == ("g_2", "g_[x]")
    assert frame.matching("g_[x]") == ("g_[x]",)  # a name before it is a glob
    with pytest.raises(DataError, match="no column 'g_3': did you mean 'g_"):
        frame.matching("g_3")
    with pytest.raises(DataError, match=r"no column matches 'h\*'"):
        frame.matching("h*")


def test_durations_are_seconds_and_ordered_categories_keep_their_order():
    stay = pd.to_timedelta([36, None], unit="h")
    size = pd.Categorical(["M", "S"], categories=["S", "M", "L"], ordered=True)
    frame = Frame.from_table(
        pd.DataFrame({"stay": stay, "size": size, "site": ["a"] * 2})
    )
    np.testing.assert_array_equal(frame.columns["stay"], [129_600, np.nan])
    assert frame.orders == {"size": ("S", "M", "L")}
