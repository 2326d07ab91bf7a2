import itertools

import numpy as np
from hypothesis import given, settings, strategies as st

from jaxbio.data.io.frames import thinned
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
