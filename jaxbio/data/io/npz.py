"""Arrays from npz files, each compared with what the file holds before it is read."""

import contextlib
import math
import zipfile
from collections.abc import Iterator, Sequence
from typing import IO, Any, cast

import numpy as np

from jaxbio.errors import DataError, JaxbioError, nearest

NPZ_LAYOUTS = (
    "arrays [n] and [n k] of one table, pictures and labels (train_images, "
    "train_labels, …), or a sparse matrix of scipy.sparse.save_npz"
)
"""What npz files may hold."""

_ENDING = ".npy"
_DEFLATE = 1032  # times smaller: the most that zip makes of anything
_SLACK = 1 << 16  # bytes
_HEADERS = {
    (1, 0): np.lib.format.read_array_header_1_0,
    (2, 0): np.lib.format.read_array_header_2_0,
}


class Arrays:
    """The arrays of an npz file, read when they are asked for.

    Attributes:
        names: Their names.
        source: The file, for messages.
    """

    def __init__(self, archive: zipfile.ZipFile, source: str):
        self._archive = archive
        self.source = source
        listed = [item.filename for item in archive.infolist()]
        others = [name for name in listed if not name.endswith(_ENDING)]
        if others:
            raise DataError(
                f"{source}: {others[0]!r} in it is no array of NumPy (.npy): write the "
                f"file with numpy.savez"
            )
        self.names = [name.removesuffix(_ENDING) for name in listed]

    def __contains__(self, name: str) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> np.ndarray:
        if name not in self.names:
            hint = nearest(name, self.names)
            raise DataError(f"{self.source}: no array {name!r}: {hint}")
        with _told(f"{self.source}, {name}"):
            self._check_claim(name)
            with self._archive.open(name + _ENDING) as member:
                return np.lib.format.read_array(
                    cast(IO[bytes], member), allow_pickle=False
                )

    def _check_claim(self, name: str) -> None:
        """Compare what the header claims with what is there, before memory is made."""
        item = self._archive.getinfo(name + _ENDING)
        with self._archive.open(item) as member:
            read_header = _HEADERS.get(np.lib.format.read_magic(member))
            if read_header is None:
                raise DataError(
                    f"{self.source}, {name}: a version of the format of arrays that is "
                    f"not known: write the file with numpy.savez"
                )
            shape, _, dtype = read_header(member)
            start = member.tell()
        if dtype.hasobject:
            raise DataError(
                f"{self.source}, {name}: an array of Python objects, which is not read "
                f"as it might run code: save plain arrays of numbers or text"
            )
        held = min(item.file_size, _DEFLATE * item.compress_size + _SLACK) - start
        claimed = math.prod(shape) * dtype.itemsize
        if claimed > held or min(shape, default=0) < 0:
            raise DataError(
                f"{self.source}, {name}: claims {' x '.join(map(str, shape))} values "
                f"that the file does not hold: it was cut off; copy or write it again"
            )


@contextlib.contextmanager
def open_npz(handle: Any, source: str) -> Iterator[Arrays]:
    """Open an npz file.

    Args:
        handle: A seekable binary file.
        source: What messages call it.

    Yields:
        Its arrays.

    Raises:
        DataError: For a file that is damaged, or is no npz file.
    """
    with contextlib.ExitStack() as stack:
        with _told(source):
            archive = stack.enter_context(zipfile.ZipFile(handle))
            arrays = Arrays(archive, source)
        yield arrays


@contextlib.contextmanager
def _told(where: str) -> Iterator[None]:
    try:
        yield
    except JaxbioError:
        raise
    except Exception as error:  # a damaged archive makes NumPy raise nearly anything
        reason = str(error).partition("\n")[0] or type(error).__name__
        raise DataError(
            f"{where}: not a whole npz file of plain arrays ({reason[:200]}): copy it "
            f"again, or save it by numpy.savez"
        ) from None


def listed_arrays(arrays: Sequence[str]) -> str:
    """The names in a file, for messages.

    Example:
        >>> listed_arrays(["x", "y"]), listed_arrays([])
        ('x, y', 'none')
    """
    return ", ".join(arrays[:8]) + (", …" if len(arrays) > 8 else "") or "none"
