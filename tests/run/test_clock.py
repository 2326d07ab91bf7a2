import pytest

from jaxbio.errors import TrainingError
from jaxbio.run.clock import (
    PATIENCE,
    Clock,
    Load,
    OutOfTimeError,
    TooSlowError,
    Watch,
    parse_seconds,
)


def test_a_budget_ends_all_training_and_nothing_else_does():
    times = iter([0.0, 4.0, 6.0])
    clock = Clock(5.0, now=lambda: next(times))
    watch = Watch(clock, most=1.0)
    watch(1e9)  # within the budget anything goes on
    with pytest.raises(OutOfTimeError):
        watch(1.0)
    assert clock.expired
    Watch(Clock())(1e9)


def test_without_a_budget_a_slow_network_is_left_out():
    Watch(Clock(), most=PATIENCE)(PATIENCE - 1)
    with pytest.raises(TooSlowError, match="20 min") as caught:
        Watch(Clock(), most=PATIENCE)(1200)
    assert caught.value.seconds == 1200
    watch = Watch(Clock(), times=4.0)
    watch(3.0)
    watch(2.0)
    assert watch.seconds == 12  # what it took when most was left


@pytest.mark.parametrize(
    ("worked", "backend", "seconds"),
    [
        (15.0, "cpu", 300.0),  # half of the 30 seconds that went by
        (60.0, "cpu", 600.0),  # on two cores, alone
        (15.0, "gpu", 600.0),  # the process waits for the device
    ],
)
def test_other_programs_do_not_count(monkeypatch, worked, backend, seconds):
    monkeypatch.setattr("jax.default_backend", lambda: backend)
    now, own = iter([0.0, 30.0]), iter([1.0, 1.0 + worked])
    load = Load(now=lambda: next(now), worked=lambda: next(own))
    assert load.without(600.0) == seconds


@pytest.mark.parametrize("seconds", [0, -1.0, float("nan")])
def test_a_budget_is_above_zero(seconds):
    with pytest.raises(TrainingError, match="give seconds above 0"):
        Clock(seconds)


def test_times_are_read():
    assert [parse_seconds(x) for x in ("90s", " 5m", "2H", "7")] == [90, 300, 7200, 7]
    for text in ("", "m", "5 days", "soon"):
        with pytest.raises((ValueError, KeyError)):
            parse_seconds(text)
