import pytest

from jaxbio.errors import TrainingError
from jaxbio.run.clock import (
    PATIENCE,
    Clock,
    OutOfTimeError,
    TooSlowError,
    parse_seconds,
)


def test_a_budget_ends_all_training_and_nothing_else_does():
    times = iter([0.0, 4.0, 6.0])
    clock = Clock(5.0, now=lambda: next(times))
    clock.watch(1e9, most=1.0)  # within the budget anything goes on
    with pytest.raises(OutOfTimeError):
        clock.watch(1.0)
    assert clock.expired
    Clock().watch(1e9)


def test_without_a_budget_a_further_slow_network_is_left_out():
    Clock().watch(PATIENCE - 1, most=PATIENCE)
    with pytest.raises(TooSlowError, match="20 min") as caught:
        Clock().watch(1200, most=PATIENCE)
    assert caught.value.seconds == 1200


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan")])
def test_a_budget_is_above_zero(seconds):
    with pytest.raises(TrainingError, match="give seconds above 0"):
        Clock(seconds)


def test_times_are_read():
    assert [parse_seconds(x) for x in ("90s", " 5m", "2H", "7")] == [90, 300, 7200, 7]
    for text in ("", "m", "5 days", "soon"):
        with pytest.raises((ValueError, KeyError)):
            parse_seconds(text)
