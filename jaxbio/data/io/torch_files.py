"""Named arrays of PyTorch's `.bin`, `.pt` and `.pth` files, read without PyTorch.

Such a file is a ZIP archive with a pickle, and a pickle can run any code when it is
read. Here it may do nothing but name tensors: whatever else it asks for is refused, and
none of PyTorch's own functions is called.
"""

import collections
import io
import pickle
import zipfile
from collections.abc import Mapping
from pathlib import Path, PurePosixPath
from typing import Any

import ml_dtypes
import numpy as np

from jaxbio.errors import DataError

_STORAGES: dict[str, Any] = {
    "DoubleStorage": np.float64,
    "FloatStorage": np.float32,
    "HalfStorage": np.float16,
    "BFloat16Storage": ml_dtypes.bfloat16,
    "LongStorage": np.int64,
    "IntStorage": np.int32,
    "ShortStorage": np.int16,
    "CharStorage": np.int8,
    "ByteStorage": np.uint8,
    "BoolStorage": np.bool_,
}


def read_torch(path: str | Path) -> dict[str, np.ndarray]:
    """The arrays of a file by name.

    Args:
        path: What `torch.save(module.state_dict(), path)` wrote, by PyTorch 1.6 or
            later.

    Raises:
        DataError: For a file that holds anything but tensors, asks for code to be run,
            is cut off or altered, or of the format before PyTorch 1.6.
    """
    return _tensors(_unpickled(Path(path)), Path(path))


def read_checkpoint(
    path: str | Path,
) -> tuple[dict[str, np.ndarray], dict[str, Any]]:
    """The arrays and the settings of a checkpoint of fairseq.

    Args:
        path: A file with `model`, arrays by name, and `args`, an `argparse.Namespace`.

    Returns:
        The arrays, and those settings that are plain values.

    Raises:
        DataError: As for `read_torch`.
    """
    path = Path(path)
    found = _unpickled(path, settings=True)
    if not isinstance(found, dict) or not isinstance(found.get("args"), _Settings):
        raise DataError(f"{path} is no checkpoint of fairseq: it has no model and args")
    plain = str | int | float | bool | None
    values = {n: x for n, x in vars(found["args"]).items() if isinstance(x, plain)}
    return _tensors(found.get("model"), path), values


class _Settings:
    """What stands for a namespace of settings: attributes and nothing that runs."""


def _unpickled(path: Path, *, settings: bool = False) -> Any:
    """What a file holds."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = {PurePosixPath(name).name: name for name in archive.namelist()}
            if "data.pkl" not in names:
                raise DataError(f"{path} is an archive without tensors of PyTorch")
            order = names.get("byteorder")
            if order and archive.read(order).strip() == b"big":
                raise DataError(f"{path} is of a machine with big-endian numbers")
            text = archive.read(names["data.pkl"])
            reader = _Reader(text, archive, names["data.pkl"], path)
            reader.settings = settings
            return reader.load()
    except zipfile.BadZipFile as error:
        raise _no_archive(path, error) from None
    except OSError as error:
        raise DataError(f"cannot read {path}: {error.strerror or error}") from None
    except DataError:
        raise
    except Exception as error:  # whatever a damaged pickle leads to
        raise DataError(
            f"{path} is damaged ({type(error).__name__}: {error}): get it again"
        ) from None


def _no_archive(path: Path, error: Exception) -> DataError:
    with path.open("rb") as file:
        first = file.read(2)
    if first == b"PK":
        return DataError(f"{path} is cut off or altered ({error}): get it again")
    if first[:1] == b"\x80":
        return DataError(
            f"{path} is of the format before PyTorch 1.6: where PyTorch is installed, "
            f"load it with torch.load(…, weights_only=True) and save it again, best as "
            f"safetensors"
        )
    return DataError(f"{path} is no file of PyTorch")


class _Storage:
    """The numbers to which tensors refer."""

    def __init__(self, values: np.ndarray):
        self.values = values


class _Reader(pickle.Unpickler):
    """An unpickler that can name tensors and nothing else."""

    settings = False  # whether a namespace of settings may be there

    def __init__(self, text: bytes, archive: zipfile.ZipFile, pickled: str, path: Path):
        super().__init__(io.BytesIO(text))
        self._archive = archive
        self._folder = str(PurePosixPath(pickled).parent / "data")
        self._path = path

    def find_class(self, module: str, name: str) -> Any:
        """What stands for a name; names that could do anything are refused."""
        if module == "torch" and name in _STORAGES:
            return _STORAGES[name]
        known = {
            ("collections", "OrderedDict"): collections.OrderedDict,
            ("torch._utils", "_rebuild_tensor_v2"): _tensor,
            ("torch._utils", "_rebuild_parameter"): lambda tensor, *_: tensor,
        }
        if self.settings and (module, name) == ("argparse", "Namespace"):
            return _Settings
        if (module, name) in known:
            return known[module, name]
        raise DataError(
            f"{self._path} asks for {module}.{name} to be used: it holds more than "
            f"tensors, and could run any code. Nothing of it was run. Save the "
            f"state_dict() alone, best as safetensors"
        )

    def persistent_load(self, pid: Any) -> _Storage:
        """The numbers of a storage."""
        kind, dtype, key, _, count = pid
        if kind != "storage" or not isinstance(key, str):
            raise DataError(f"{self._path} refers to {kind!r}, which is no tensor")
        values = self._archive.read(f"{self._folder}/{key}")
        storage = np.frombuffer(values, dtype)
        if len(storage) < count:
            raise DataError(
                f"{self._path}: the numbers {key} are cut off: {len(storage):,} of "
                f"{count:,}: get it again"
            )
        return _Storage(storage)


def _tensor(storage: Any, offset: int, size: Any, stride: Any, *_: Any) -> np.ndarray:
    """A view of a storage, inside its bounds."""
    if not isinstance(storage, _Storage):
        raise DataError("a tensor without numbers")
    values = storage.values
    last = offset + sum((n - 1) * s for n, s in zip(size, stride, strict=True))
    if min((offset, *size, *stride)) < 0 or (0 not in size and last >= len(values)):
        raise DataError(f"a tensor of shape {tuple(size)} reaches beyond its numbers")
    steps = [step * values.itemsize for step in stride]
    return np.lib.stride_tricks.as_strided(
        values[offset:], size, steps, writeable=False
    )


def _tensors(found: Any, path: Path) -> dict[str, np.ndarray]:
    """A mapping of names to arrays, if it is that."""
    if isinstance(found, Mapping):
        items = dict(dict.items(found)) if isinstance(found, dict) else dict(found)
        if all(
            isinstance(name, str) and isinstance(value, np.ndarray)
            for name, value in items.items()
        ):
            return items
        other = next(
            name for name, value in items.items() if not isinstance(value, np.ndarray)
        )
        raise DataError(
            f"{path} holds {other!r} beside tensors: save the state_dict() alone"
        )
    raise DataError(f"{path} holds a {type(found).__name__}, no tensors by name")
