import pytest

from jaxbio.clinical.round_times import round_times


@pytest.mark.parametrize("last", [0.013, 1.0, 3.0, 5.9, 60.0, 899.0, 12345.0])
def test_there_are_three_to_six_and_none_is_beyond(last):
    times = round_times(last)
    assert 3 <= len(times) <= 7 and times[-1] <= last * 1.00001
    assert times[-1] + times[0] > last  # the next would be beyond
