"""Where windows stand; what they hold is tested with them."""

import numpy as np
import pytest

from jaxbio.errors import DataError
from jaxbio.genome.intervals import Intervals
from jaxbio.genome.placement import resized


def interval(start, end, strand):
    one = np.array(["c"], object), np.array([start]), np.array([end])
    return Intervals(*one, np.array([strand], object))


@pytest.mark.parametrize("length", [1, 2, 5, 6])
@pytest.mark.parametrize("size", [0, 1, 4, 5])
def test_strands_mirror_each_other(size, length):
    """A window on one strand, seen from the other end, is that of the other strand."""
    for about in ("center", "start", "end"):
        forward = resized(interval(50, 50 + size, "+"), length, about, 3)
        back = resized(interval(100 - 50 - size, 50, "-"), length, about, 3)
        assert (100 - back.ends).tolist() == forward.starts.tolist()
        assert (forward.ends - forward.starts).tolist() == [length]


def test_a_length_that_is_none():
    with pytest.raises(DataError, match="at least 1 base"):
        resized(interval(1, 2, "+"), 0, "center", 0)
