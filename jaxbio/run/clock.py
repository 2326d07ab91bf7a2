"""Time that a run may take, and which networks are worth it."""

import math
import time
from collections.abc import Callable

import jax

from jaxbio.errors import TrainingError, spelled

PATIENCE = 600.0
"""Seconds that a further network may take, where others are trained and no budget was
given."""

SETTLED = 2 * PATIENCE
"""The same of a network that won a race, in which it took less than that: what a busier
machine makes of it does not undo the race."""


_TELLING = 1.0  # seconds from which the share of a process is known


class OutOfTimeError(KeyboardInterrupt):
    """The budget is used up: training ends as by Ctrl-C, with the best so far."""


class TooSlowError(Exception):
    """A further network that would take too long, and is left out.

    Attributes:
        seconds: How long it would take.
    """

    def __init__(self, seconds: float):
        super().__init__(in_words(seconds))
        self.seconds = seconds


class Clock:
    """What is left of a budget of time.

    Attributes:
        budget: The seconds that training may take; None for any number.
        expired: Whether they are used up.
    """

    def __init__(
        self,
        budget: float | None = None,
        *,
        now: Callable[[], float] = time.perf_counter,
    ):
        """Start the clock.

        Raises:
            TrainingError: For a budget that is none.
        """
        if budget is not None and not budget > 0:
            raise TrainingError(f"budget={budget}: give seconds above 0")
        self.budget, self._now = budget, now
        self._end = None if budget is None else now() + budget
        self.expired = False

    @property
    def why(self) -> str:
        """Why training ended, if it was interrupted."""
        return "the budget of time ended" if self.expired else "stopped by Ctrl-C"

    def check(self) -> None:
        """End the training in hand if nothing is left.

        Raises:
            OutOfTimeError: If the budget is used up.
        """
        if self._end is not None and self._now() >= self._end:
            self.expired = True
            raise OutOfTimeError


class Load:
    """How much longer all takes because of other programs on the machine.

    Where a run computes on the CPU, the time that its process had is compared with the
    time that went by, so that a choice by time does not depend on what else goes on.

    Example:
        >>> now, worked = iter([10.0, 30.0]), iter([5.0, 10.0])
        >>> load = Load(now=lambda: next(now), worked=lambda: next(worked))
        >>> load.without(600.0)  # in 20 s the process had 5
        150.0
    """

    def __init__(
        self,
        *,
        now: Callable[[], float] = time.perf_counter,
        worked: Callable[[], float] = time.process_time,
    ):
        """Begin to compare."""
        self._now, self._worked = now, worked
        self._start = now(), worked()

    def without(self, seconds: float) -> float:
        """What some seconds would be on a machine that does nothing else."""
        now, worked = self._now() - self._start[0], self._worked() - self._start[1]
        if jax.default_backend() != "cpu" or now < _TELLING:
            return seconds
        return seconds * min(1.0, worked / now)


class Watch:
    """Hears how long a training takes, and ends it if that is too long.

    Attributes:
        seconds: What the whole training takes, on a machine that does nothing else.
    """

    def __init__(self, clock: Clock, *, most: float = math.inf, times: float = 1.0):
        """Begin to watch.

        Args:
            clock: What is left of the budget.
            most: How many seconds there may be where no budget was given.
            times: How many times as long as what is watched the whole training takes.
        """
        self._clock, self._most, self._times = clock, most, times
        self._load = Load()
        self.seconds = 0.0

    def __call__(self, seconds: float) -> None:
        """Take note of the seconds that are left.

        Raises:
            OutOfTimeError: If the budget is used up.
            TooSlowError: If it takes too long.
        """
        self._clock.check()
        own = self._load.without(seconds) * self._times
        self.seconds = max(self.seconds, own)
        if self._clock.budget is None and self.seconds > self._most:
            raise TooSlowError(self.seconds)


def in_words(seconds: float) -> str:
    """A time as people say it.

    Example:
        >>> in_words(42), in_words(200), in_words(9000)
        ('42 s', '3 min', '2.5 h')
    """
    if seconds < 100:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"


def enough_for(seconds: float) -> str:
    """The budget that is enough for training of some length, as the caller writes it.

    Example:
        >>> enough_for(660)
        'budget=1320'
    """
    minutes = max(int(2 * seconds // 60), 1)
    return spelled(f"budget={minutes * 60}", f"--budget {minutes}m")


_UNITS = {"s": 1.0, "m": 60.0, "min": 60.0, "h": 3600.0}


def parse_seconds(text: str) -> float:
    """Seconds of a text such as `90s`, `5m` or `1.5h`; a number alone is in seconds.

    Raises:
        ValueError: For another text.

    Example:
        >>> parse_seconds("5m"), parse_seconds("90"), parse_seconds("1.5h")
        (300.0, 90.0, 5400.0)
    """
    text = text.strip().lower()
    number = text.rstrip("abcdefghijklmnopqrstuvwxyz")
    return float(number) * _UNITS[text[len(number) :].strip() or "s"]
