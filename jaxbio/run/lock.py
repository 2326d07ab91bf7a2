"""A lock on a run's folder, so that two processes never write to one run."""

import contextlib
import datetime
import json
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from jaxbio.errors import JaxbioError

NAME = ".lock"


@contextlib.contextmanager
def held(folder: Path) -> Iterator[None]:
    """Hold a folder that exists while the block runs.

    Args:
        folder: The folder.

    Raises:
        JaxbioError: If another process holds it, with host, process and since when. The
            lock of a process of this host that has ended is taken over.

    Example:
        >>> import tempfile
        >>> folder = Path(tempfile.mkdtemp())
        >>> with held(folder):
        ...     [item.name for item in folder.iterdir()]
        ['.lock']
        >>> list(folder.iterdir())
        []
    """
    path = folder / NAME
    now = datetime.datetime.now().astimezone().isoformat(timespec="seconds")
    owner = {"host": socket.gethostname(), "pid": os.getpid(), "since": now}
    owner["started"] = _started(os.getpid())
    text = json.dumps(owner)
    while not _made(path, text):
        refuse_held(folder)
        # Whoever renames it first may take its place.
        stale = path.with_name(f"{NAME}.{os.getpid()}")
        with contextlib.suppress(FileNotFoundError):
            path.rename(stale)
        stale.unlink(missing_ok=True)
    try:
        yield
    finally:
        with contextlib.suppress(OSError):
            path.unlink()


def refuse_held(folder: Path) -> None:
    """See that no process that runs holds a folder; nothing is written.

    Raises:
        JaxbioError: As for `held`.
    """
    path = folder / NAME
    try:
        owner = json.loads(path.read_text())
        host, pid, since = (owner[name] for name in ("host", "pid", "since"))
    except FileNotFoundError:
        return
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        raise JaxbioError(
            f"{folder} may be in use: its lock cannot be read; if no other process "
            f"writes to it, delete {path}"
        ) from None
    if host == socket.gethostname() and not _lives(pid, owner.get("started")):
        return
    raise JaxbioError(
        f"{folder} is in use by process {pid} on {host} since {since}: wait for it, or "
        f"choose another folder; if it does not run any more, delete {path}"
    )


def _made(path: Path, text: str) -> bool:
    """Make the lock with its content, unless there is one."""
    whole = path.with_name(f"{NAME}.{os.getpid()}.new")
    try:
        whole.write_text(text)
        try:
            os.link(whole, path)  # there with its content or not at all
        except FileExistsError:
            return False
        except OSError:  # a file system without links
            with contextlib.suppress(FileExistsError):
                with path.open("x") as handle:
                    handle.write(text)
                return True
            return False
    except OSError as error:
        raise JaxbioError(f"cannot write to {path.parent}: {error.strerror}") from None
    finally:
        whole.unlink(missing_ok=True)
    return True


def _lives(pid: Any, started: str) -> bool:
    """Check that a process of this host runs, and is no later one of its number."""
    if not isinstance(pid, int) or pid <= 0:
        return False
    try:
        os.kill(pid, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except OSError:  # it is of another user
        pass
    return not started or _started(pid) in ("", started)


def _started(pid: int) -> str:
    """When a process began, in the words of the system; empty where it does not say."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
        state, began = fields[0], fields[19]
    except (OSError, IndexError):
        return ""
    return "ended" if state == "Z" else began
