"""Files that are whole or not there: written under another name, then moved."""

import contextlib
import os
from collections.abc import Iterator
from pathlib import Path

from jaxbio.errors import JaxbioError


@contextlib.contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A name to write to, moved to `path` when the block ends well.

    Args:
        path: The file that is to be.

    Yields:
        A name in the same folder with the same endings.

    Raises:
        JaxbioError: If the folder cannot be written to or the disk is full.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "a.txt"
        >>> with replacing(path) as temporary:
        ...     _ = temporary.write_text("whole")
        >>> path.read_text(), [item.name for item in path.parent.iterdir()]
        ('whole', ['a.txt'])
    """
    path = Path(path)
    temporary = path.with_name(f".{os.getpid()}.{path.name}")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        yield temporary
        temporary.replace(path)
    except OSError as error:
        reason = error.strerror or str(error)
        raise JaxbioError(
            f"cannot write {path}: {reason}; choose another place or free some space"
        ) from error
    finally:
        with contextlib.suppress(OSError):
            temporary.unlink(missing_ok=True)
