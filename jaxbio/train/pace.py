"""How fast training goes, and so how long it will take at most."""

import time
from collections.abc import Callable

Tell = Callable[[float], None]
"""Hears of seconds that are left at most; it may end the training by what it raises."""


class Pace:
    """Seconds a step, measured once all is compiled.

    Example:
        >>> heard, clock = [], iter([10.0, 12.0])
        >>> pace = Pace(100, heard.append, now=lambda: next(clock))
        >>> pace.reached(10)  # what came before was mostly compiling
        >>> pace.reached(20)
        >>> heard
        [16.0]
    """

    def __init__(
        self, steps: int, tell: Tell, *, now: Callable[[], float] = time.perf_counter
    ):
        """Begin to measure.

        Args:
            steps: The steps of the whole training.
            tell: Called with the seconds that are left.
            now: The clock.
        """
        self._steps, self._tell, self._now = steps, tell, now
        self._start: tuple[int, float] | None = None

    def reached(self, step: int) -> None:
        """Note that as many steps are done, and tell how long the others take."""
        now = self._now()
        if self._start is None:
            self._start = step, now
            return
        before, then = self._start
        if step > before:
            each = (now - then) / (step - before)
            self._tell(each * (self._steps - step))
