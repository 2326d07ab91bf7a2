"""What a command prints: no control characters, and no failure of its work."""

import contextlib
import os
import re
import sys
from collections.abc import Iterator
from typing import Any

_CONTROL = re.compile(
    r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u200e\u200f\u202a-\u202e\u2066-\u2069\ud800-\udfff]"
)
"""All that moves a terminal's cursor, turns its text around, or cannot be encoded."""


def printable(text: str) -> str:
    r"""Text with escapes in place of control characters.

    Example:
        >>> printable("a\x1b[2Jb\tc\n")
        'a\\x1b[2Jb\tc\n'
    """
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)


class Messages:
    """A stream of messages, that go on without one that is full or closed.

    Attributes:
        raw: The stream below, for data and for the marks of a progress bar; None if it
            is closed.
        lost: Why messages are lost; None if none is.
    """

    def __init__(self, raw: Any):
        self.raw = raw
        self.lost: str | None = None if raw is not None else "it is closed"
        if raw is not None and hasattr(raw, "reconfigure"):
            raw.reconfigure(errors="backslashreplace")

    def write(self, text: str) -> int:
        """Write a message."""
        self._try(lambda: self.raw.write(printable(text)))
        return len(text)

    def flush(self) -> None:
        """Let what was written out."""
        self._try(lambda: self.raw.flush())

    def __getattr__(self, name: str) -> Any:
        return getattr(self.raw, name)

    def isatty(self) -> bool:
        """Check that somebody reads along."""
        return self.raw is not None and not self.raw.closed and self.raw.isatty()

    def _try(self, action: Any) -> None:
        if self.lost is not None:
            return
        try:
            action()
        except (OSError, ValueError) as error:  # full, gone, or closed
            self.lost = getattr(error, "strerror", None) or str(error)
            self._let_go()

    def _let_go(self) -> None:
        """Let the interpreter not try again at its end."""
        with contextlib.suppress(OSError, ValueError, AttributeError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), self.raw.fileno())


@contextlib.contextmanager
def guarded() -> Iterator[None]:
    """Let all that is printed inside go through `Messages`."""
    before = sys.stdout, sys.stderr
    out, err = Messages(sys.stdout), Messages(sys.stderr)
    sys.stdout, sys.stderr = out, err  # type: ignore[assignment]
    try:
        yield
    finally:
        out.flush()
        if out.raw is not None and out.lost is not None:
            err.write(f"jaxbio: standard output: {out.lost}; messages are lost\n")
        err.flush()
        sys.stdout, sys.stderr = before
