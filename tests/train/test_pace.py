import pytest

from jaxbio.train.pace import Pace


def test_what_came_before_the_first_steps_does_not_count():
    heard, clock = [], iter([100.0, 101.0, 101.0, 105.0])
    pace = Pace(50, heard.append, now=lambda: next(clock))
    pace.reached(10)  # after compiling
    pace.reached(20)  # ten steps a second
    pace.reached(20)  # still ten in a second
    pace.reached(40)  # thirty steps in five seconds
    assert heard == pytest.approx([3.0, 3.0, 10 * 5 / 30])
