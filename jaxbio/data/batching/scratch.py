"""Buffers of rows: in memory, and beyond a size in a temporary file.

What stands in a file is mapped, so that it is used like any array, and the operating
system keeps as much of it in memory as there is room for. The file has no name, and is
gone with the array or the process.
"""

import math
import os
import tempfile
from collections.abc import Sequence

import numpy as np
from jaxtyping import Shaped

from jaxbio.errors import DataError

IN_MEMORY = 1 << 30
"""The most bytes of a buffer that stands in memory."""

_AT_ONCE = 1 << 24  # bytes that are written together


def buffer(shape: tuple[int, ...], dtype: np.dtype) -> np.ndarray:
    """An array to be filled, in a temporary file if it is over `IN_MEMORY` bytes.

    Args:
        shape: Its shape.
        dtype: Its type.

    Raises:
        DataError: If the folder of temporary files has no room.

    Example:
        >>> buffer((2, 3), np.dtype(np.uint8)).shape
        (2, 3)
    """
    size = math.prod(shape) * dtype.itemsize
    if size <= IN_MEMORY:
        return np.empty(shape, dtype)
    with tempfile.TemporaryFile(prefix="jaxbio-") as file:
        try:
            _reserve(file.fileno(), size)
        except OSError as error:
            raise DataError(
                f"rows of {size / 1e9:.1f} GB are kept in a temporary file, and "
                f"{tempfile.gettempdir()} has no room for it ({error.strerror}): name "
                f"a folder that has in the environment, as in TMPDIR=/scratch"
            ) from None
        return np.memmap(file, dtype, "r+", shape=shape)


def _reserve(file: int, size: int) -> None:
    """Take the room now: a full disk is an error here, and a crash when it is used."""
    if hasattr(os, "posix_fallocate"):
        os.posix_fallocate(file, 0, size)
    else:
        os.truncate(file, size)


def concatenate(
    parts: Sequence[Shaped[np.ndarray, "_ *axes"]],
) -> Shaped[np.ndarray, "total *axes"]:
    """Arrays one after the other.

    Example:
        >>> concatenate([np.array([1]), np.array([2, 3])]).tolist()
        [1, 2, 3]
    """
    first, total = parts[0], sum(map(len, parts))
    whole = buffer((total, *first.shape[1:]), np.result_type(*parts))
    start = 0
    for part in parts:
        whole[start : start + len(part)] = part
        start += len(part)
    return whole


def taken(
    table: Shaped[np.ndarray, "n *axes"], indices: Shaped[np.ndarray, "m"]
) -> Shaped[np.ndarray, "m *axes"]:
    """The chosen rows of a table.

    Example:
        >>> taken(np.array([[1, 2], [3, 4]]), np.array([1])).tolist()
        [[3, 4]]
    """
    whole = buffer((len(indices), *table.shape[1:]), table.dtype)
    if not is_on_disk(whole):
        np.take(table, indices, axis=0, out=whole)
        return whole
    step = max(_AT_ONCE // max(table[:1].nbytes, 1), 1)
    for start in range(0, len(indices), step):
        whole[start : start + step] = table[indices[start : start + step]]
    return whole


def is_on_disk(array: np.ndarray) -> bool:
    """Check that an array, or what it is a view of, stands in a file.

    Example:
        >>> is_on_disk(np.zeros(3))
        False
    """
    each: object = array
    while isinstance(each, np.ndarray):
        if isinstance(each, np.memmap):
            return True
        each = each.base
    return False
