"""The errors that a user can cause, each a sentence that says what to do next."""

import contextlib
import contextvars
import difflib
import shlex
from collections.abc import Iterable, Iterator, Mapping
from typing import Any


class JaxbioError(ValueError):
    """A wrong input: the message names file, row, column, value and remedy.

    The command line prints the message alone and exits with 1.
    """


class AlphabetError(JaxbioError):
    """A symbol that an alphabet does not know.

    Attributes:
        symbol: The symbol as given.
        position: Its 0-based position in the text.
    """

    def __init__(self, message: str, *, symbol: str = "", position: int = -1):
        super().__init__(message)
        self.symbol = symbol
        self.position = position


class DataError(JaxbioError):
    """A file, row, column or value that cannot be used."""


class CheckpointError(JaxbioError):
    """A run directory or checkpoint that is missing, damaged or too new."""


class TrainingError(JaxbioError):
    """Training that cannot start or cannot go on."""


class StoppedError(TrainingError):
    """Training that Ctrl-C ended before there was anything to keep."""


def nearest(name: str, known: Iterable[str]) -> str:
    """A hint for a misspelt name.

    Args:
        name: The name that was not found.
        known: The names that exist.

    Returns:
        A sentence fragment such as `did you mean 'seq'? Known: seq, label`.

    Example:
        >>> nearest("sequnce", ["sequence", "label"])
        "did you mean 'sequence'? Known: sequence, label"
    """
    known = [str(item) for item in known]
    close = difflib.get_close_matches(name, known, n=1, cutoff=0.5)
    listed = ", ".join(known[:12]) + (", …" if len(known) > 12 else "")
    return (f"did you mean {close[0]!r}? " if close else "") + f"Known: {listed}"


_flags = contextvars.ContextVar("flags", default=False)
_FLAG_NAMES = {
    "inputs": "--input",
    "ids": "--id",
    "weights": "--weight",
    "kinds": "--kind",
    "targets": "--target",
    "by": "--split",
}


@contextlib.contextmanager
def remedies_as_flags() -> Iterator[None]:
    """Let messages name options as on the command line, not as arguments in Python."""
    token = _flags.set(True)
    try:
        yield
    finally:
        _flags.reset(token)


def spelled(python: str, flags: str) -> str:
    """The one of two texts that fits the caller, for remedies in messages.

    Args:
        python: For a caller in Python.
        flags: For the command line.

    Example:
        >>> spelled("model=None", "no --encoder")
        'model=None'
    """
    return flags if _flags.get() else python


def option(name: str, value: Any, *, flag: str | None = None) -> str:
    """An option as the caller would write it, for remedies in messages.

    Args:
        name: The argument in Python.
        value: Its value; of a mapping the flag is `KEY:VALUE`. Of several values, or
            of a mapping of several, the flag is repeated.
        flag: On the command line, if it is not called as usual there.

    Example:
        >>> option("unknown", "any"), option("inputs", {"code": "category"})
        ("unknown='any'", "inputs={'code': 'category'}")
        >>> with remedies_as_flags():
        ...     option("unknown", "any"), option("inputs", {"code": "category"})
        ...     option("missing", ["n.b.", "not done"])
        ('--unknown any', '--input code:category')
        "--missing n.b. --missing 'not done'"
    """
    if not _flags.get():
        return f"{name}={value!r}"
    flag = flag or _FLAG_NAMES.get(name, "--" + name.replace("_", "-"))
    if isinstance(value, Mapping):
        value = [f"{key}:{item}" for key, item in value.items()]
    if value is True:
        return flag
    several = value if isinstance(value, list) else [value]
    return " ".join(f"{flag} {_quoted(str(each))}" for each in several)


def _quoted(text: str) -> str:
    """A word as a shell takes it."""
    plain = text and all(letter.isalnum() or letter in "_-:.,/=+@" for letter in text)
    return text if plain else shlex.quote(text)
