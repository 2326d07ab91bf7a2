"""Named arrays in the format of safetensors: a header of JSON, then plain numbers.

Nothing in such a file can run. Arrays are views of a memory map: of a file that is
larger than the memory only what is used is read.
"""

import json
import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import ml_dtypes
import numpy as np

from jaxbio._atomic import replacing
from jaxbio.errors import DataError

DTYPES: dict[str, Any] = {
    "F64": np.float64,
    "F32": np.float32,
    "F16": np.float16,
    "BF16": ml_dtypes.bfloat16,
    "I64": np.int64,
    "I32": np.int32,
    "I16": np.int16,
    "I8": np.int8,
    "U8": np.uint8,
    "BOOL": np.bool_,
}
"""The types of numbers by their names in files."""

_MOST_HEADER = 100 << 20  # bytes; the limit of the format
_COUNT = 8  # bytes with the size of the header


def read_safetensors(path: str | Path) -> dict[str, np.ndarray]:
    """The arrays of a file by name; what is not looked at is not read.

    Args:
        path: A `.safetensors` file.

    Returns:
        Arrays that cannot be written to.

    Raises:
        DataError: For a file that is cut off, damaged or of another format.

    Example:
        >>> import tempfile
        >>> path = Path(tempfile.mkdtemp()) / "a.safetensors"
        >>> write_safetensors(path, {"w": np.arange(3, dtype=np.float32)})
        >>> read_safetensors(path)["w"].tolist()
        [0.0, 1.0, 2.0]
    """
    path = Path(path)
    header, start = _header(path)
    size = path.stat().st_size - start
    data = np.memmap(path, np.uint8, "r", offset=start) if size else np.zeros(0, "u1")
    try:
        placed = {
            name: _place(entry)
            for name, entry in header.items()
            if name != "__metadata__"
        }
    except (TypeError, KeyError, ValueError):
        raise _damaged(path, "its header does not describe arrays") from None
    end = max((entry[3] for entry in placed.values()), default=0)
    if end > size:
        raise DataError(
            f"{path} is cut off: it has {size + start:,} of {end + start:,} bytes: get "
            f"it again"
        )
    arrays = {}
    for name, (kind, shape, first, last) in placed.items():
        if kind not in DTYPES:
            known = ", ".join(DTYPES)
            raise DataError(
                f"{path}: {name} has numbers of type {kind}, which is none of {known}"
            )
        dtype = np.dtype(DTYPES[kind])
        if not 0 <= first <= last or last - first != math.prod(shape) * dtype.itemsize:
            raise _damaged(path, f"{name} of shape {shape} has {last - first} bytes")
        arrays[name] = np.asarray(data[first:last]).view(dtype).reshape(shape)
    return arrays


def write_safetensors(
    path: str | Path,
    arrays: Mapping[str, Any],
    *,
    metadata: Mapping[str, str] | None = None,
) -> None:
    """Write arrays by name.

    Args:
        path: The file that is to be.
        arrays: Of the types in `DTYPES`.
        metadata: Further texts by name.

    Raises:
        DataError: For an array of another type.
    """
    names = {np.dtype(dtype): name for name, dtype in DTYPES.items()}
    header: dict[str, Any] = {"__metadata__": dict(metadata)} if metadata else {}
    blocks, at = [], 0
    for name, value in arrays.items():
        array = np.ascontiguousarray(value).reshape(np.shape(value))
        if array.dtype not in names:
            raise DataError(
                f"{name} has numbers of type {array.dtype}, which {path} cannot hold"
            )
        place = [at, at + array.nbytes]
        header[name] = {
            "dtype": names[array.dtype],
            "shape": list(array.shape),
            "data_offsets": place,
        }
        blocks.append(array.tobytes())
        at = place[1]
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % _COUNT)  # so that numbers begin at whole words
    with replacing(path) as temporary:
        temporary.write_bytes(len(text).to_bytes(_COUNT, "little") + text)
        with temporary.open("ab") as file:
            for block in blocks:
                file.write(block)


def _place(entry: Any) -> tuple[str, tuple[int, ...], int, int]:
    """Type, shape, first and last byte of an array."""
    first, last = map(int, entry["data_offsets"])
    return entry["dtype"], tuple(map(int, entry["shape"])), first, last


def _header(path: Path) -> tuple[dict[str, Any], int]:
    """The header and the place where the numbers begin."""
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            length = int.from_bytes(file.read(_COUNT), "little")
            fits = size >= _COUNT and 2 <= length <= _MOST_HEADER
            text = file.read(length) if fits else b""
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror}") from None
    if not text.startswith(b"{"):
        raise _damaged(path, "it does not begin as such a file does")
    if len(text) < length:
        raise DataError(f"{path} is cut off within its header: get it again")
    try:
        return json.loads(text), _COUNT + length
    except ValueError:
        raise _damaged(path, "its header is no JSON") from None


def _damaged(path: Path, why: str) -> DataError:
    return DataError(f"{path} is no whole safetensors file: {why}: get it again")
