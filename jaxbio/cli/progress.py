"""Lines of progress on standard error, with the time that is left."""

import sys
import time

from jaxbio.run.clock import in_words


class Progress:
    """A line every few seconds: what is done of how much, and how long the rest takes.

    Example:
        >>> progress = Progress("alleles", every=0)
        >>> progress(5, 5)  # on standard error: 5 of 5 alleles
    """

    def __init__(self, what: str, *, every: float = 5.0):
        """Begin now.

        Args:
            what: What is counted.
            every: Seconds between two lines.
        """
        self._what = what
        self._every = every
        self._start = self._shown = time.perf_counter()
        self._before = 0  # done by an earlier call
        self._told = True

    def __call__(
        self, done: int, total: int | None = None, is_new: bool = True, at: str = ""
    ) -> None:
        """Hear of a part.

        Args:
            done: How much is done.
            total: How much there is, if that is known.
            is_new: Whether it was done now; by an earlier call no time went by.
            at: Where the work is, such as a contig.
        """
        now = time.perf_counter()
        if not is_new:
            self._before, self._start, self._told = done, now, False
            return
        if not self._told:
            self._told = True
            print(f"{self._before:,} {self._what} were done before", file=sys.stderr)
        if now - self._shown < self._every and done != total:
            return
        self._shown = now
        where = f"{at}: " if at else ""
        if total is None:
            spent = in_words(now - self._start)
            print(f"{where}{done:,} {self._what} ({spent})", file=sys.stderr)
            return
        pace = (now - self._start) / max(done - self._before, 1)
        left = f", {in_words(pace * (total - done))} left" if done < total else ""
        print(f"{where}{done:,} of {total:,} {self._what}{left}", file=sys.stderr)
