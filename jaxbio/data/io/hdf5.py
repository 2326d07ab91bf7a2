"""HDF5 files: what they hold is checked before it is read.

A file may be damaged, or made to do harm: it may claim rows that it does not hold, or
point at other files. Everything of h5py is called from here, and everything that h5py
raises becomes one error that names the file and the item.
"""

import contextlib
import math
import mmap
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from jaxbio.errors import DataError, JaxbioError, nearest

_DEFLATE = 1032  # times smaller: the most that gzip makes of anything
_SLACK = 1 << 16  # bytes
_HEAP = b"GCOL\1\0\0\0"
_TEXT = re.compile(
    rb"\x19.{3}\x10\0\0\0.{4}\x01\0\0\0.{0,8}?(?:\x01\0.\0{5}|\x02\0\0\0)", re.DOTALL
)
"""A type of text of any length, then a space of a single value; its length follows."""
_HEAPS_WITHIN = 1 << 30  # bytes of a file: larger ones take long to look through


@contextlib.contextmanager
def open_hdf5(path: str | Path, what: str, extra: str) -> Iterator["Group"]:
    """Open a file for reading.

    Args:
        path: The file.
        what: What such files are called, for messages, such as `AnnData files`.
        extra: The extra of this package that brings h5py.

    Yields:
        Its root.

    Raises:
        DataError: For a file that is missing or is not HDF5, or without h5py.
    """
    try:
        import h5py
    except ImportError:
        raise DataError(
            f"{path}: {what} need h5py: pip install 'jaxbio[{extra}]'"
        ) from None
    if not Path(path).is_file():
        raise DataError(f"{path}: no such file")
    _check_heaps(Path(path))
    try:
        file = h5py.File(path, "r")
    except Exception as error:
        raise DataError(
            f"{path}: not a whole HDF5 file ({_reason(error)}): copy or download it "
            f"again"
        ) from None
    with file:
        yield Group(file, str(path))


def _check_heaps(path: Path) -> None:
    """Refuse heaps of text that end within an object, over which HDF5 never ends.

    A collection is `GCOL`, a version, its size, and objects of an index, a count and a
    size; the last one, of the index 0, is what is free.
    """
    with path.open("rb") as file:
        size = file.seek(0, 2)
        if not 0 < size <= _HEAPS_WITHIN:
            return
        with mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as content:
            _check_texts(content, size, path)
            at = content.find(_HEAP)
            while at >= 0:
                _check_heap(content, at, size, path)
                at = content.find(_HEAP, at + len(_HEAP))


def _check_texts(content: mmap.mmap, size: int, path: Path) -> None:
    """Refuse attributes of text that claim to be longer than the file.

    HDF5 makes room for as much before it looks for the text.
    """
    for found in _TEXT.finditer(content):
        length = int.from_bytes(content[found.end() : found.end() + 4], "little")
        if length > size:
            raise DataError(
                f"{path}: an attribute at byte {found.start()} claims a text of "
                f"{length:,} bytes, and the file has {size:,}: it is damaged; copy or "
                f"download it again"
            )


def _check_heap(content: mmap.mmap, start: int, size: int, path: Path) -> None:
    end = start + int.from_bytes(content[start + 8 : start + 16], "little")
    at = start + 16
    while at + 16 <= min(end, size):
        index = int.from_bytes(content[at : at + 2], "little")
        length = int.from_bytes(content[at + 8 : at + 16], "little")
        step = length if index == 0 else 16 + -(-length // 8) * 8
        if step < 16 or at + step > end:
            raise DataError(
                f"{path}: the heap of text at byte {start} is damaged: copy or "
                f"download the file again"
            )
        at += step


def _is_odd(dtype: np.dtype) -> bool:
    """Check for sequences, references and the like, over which a library may crash."""
    import h5py

    return dtype.kind not in "biufcSU" and h5py.check_string_dtype(dtype) is None


def _reason(error: Exception) -> str:
    return str(error).partition("\n")[0].strip("'\"") or type(error).__name__


class _Item:
    """What groups and arrays have in common.

    Attributes:
        source: The file, for messages.
        name: The place in the file, as in `obs/cell_type`.
    """

    def __init__(self, item: Any, source: str):
        self._item = item
        self.source = source
        with self._told("the name"):
            self.name = str(item.name or "").strip("/")

    def error(self, what: str, remedy: str = "write the file again") -> DataError:
        """The error that names file and item.

        Args:
            what: What is wrong.
            remedy: What to do about it.
        """
        return DataError(f"{self.source}: {self.name or 'the file'} {what}: {remedy}")

    @contextlib.contextmanager
    def _told(self, part: str = "") -> Iterator[None]:
        """Say which item cannot be read."""
        try:
            yield
        except JaxbioError:
            raise
        except Exception as error:  # a damaged file makes h5py raise nearly anything
            where = "/".join(filter(None, (getattr(self, "name", ""), part)))
            raise DataError(
                f"{self.source}: {where or 'the file'} cannot be read "
                f"({_reason(error)}): the file is damaged; copy or download it again"
            ) from None

    def attribute(self, name: str, default: Any = None) -> Any:
        """An attribute; text is `str`, what has several values a list.

        Args:
            name: Its name.
            default: What to give if there is none.
        """
        with self._told(f"the attribute {name}"):
            if name not in self._item.attrs:
                return default
            if _is_odd(self._item.attrs.get_id(name).dtype):
                raise self.error(
                    f"has an attribute {name!r} of neither text nor numbers"
                )
            value = self._item.attrs[name]
            value = value.tolist() if hasattr(value, "tolist") else value
            several = isinstance(value, list)
            texts = [
                each.decode() if isinstance(each, bytes) else each
                for each in (value if several else [value])
            ]
            return texts if several else texts[0]


class Group(_Item):
    """A group, whose items are those that lie in this very file."""

    def names(self) -> list[str]:
        """The names of what is in it."""
        with self._told():
            return [str(name) for name in self._item]

    def __contains__(self, name: str) -> bool:
        with self._told():
            return name in self.names()

    def get(self, name: str) -> "Group | Array | None":
        """What is called so; None if nothing is.

        Raises:
            DataError: For a link, which may lead to another file.
        """
        import h5py

        if name not in self:
            return None
        with self._told(name):
            if not isinstance(self._item.get(name, getlink=True), h5py.HardLink):
                raise self.error(
                    f"has a link in place of {name!r}, which may lead to another file "
                    f"and is not followed",
                    "write the file again with all of its parts in it",
                )
            item = self._item[name]
            if isinstance(item, h5py.Group):
                return Group(item, self.source)
            if isinstance(item, h5py.Dataset):
                return Array(item, self.source)
        raise self.error(f"has {name!r}, which is neither a group nor an array")

    def _there(self, name: str) -> "Group | Array":
        item = self.get(name)
        if item is None:
            raise self.error(f"has no {name!r} ({nearest(name, self.names())})")
        return item

    def group(self, name: str) -> "Group":
        """The group of that name, which must be there."""
        item = self._there(name)
        if not isinstance(item, Group):
            raise item.error("is an array, not a group")
        return item

    def array(self, name: str) -> "Array":
        """The array of that name, which must be there."""
        item = self._there(name)
        if not isinstance(item, Array):
            raise item.error("is a group, not an array")
        return item


class Array(_Item):
    """An array of which the file holds as much as it says.

    Attributes:
        shape: Its shape.
        levels: For an enumeration, the name of each code; else none.
    """

    def __init__(self, item: Any, source: str):
        import h5py

        super().__init__(item, source)
        with self._told():
            self.shape: tuple[int, ...] = tuple(item.shape or ())
            self.dtype: np.dtype = item.dtype
            levels = h5py.check_enum_dtype(item.dtype) or {}
            self.levels = {int(code): str(name) for name, code in levels.items()}
            if item.shape is None:
                raise self.error("is empty where an array is wanted")
            if _is_odd(item.dtype):
                raise self.error("holds neither text nor numbers")
            self._check_storage(item)

    def _check_storage(self, item: Any) -> None:
        """See that the claimed values are in this file, before memory is made."""
        import h5py

        if item.external or item.is_virtual:
            raise self.error(
                "keeps its values in another file, which is not opened",
                "write the file again with all of its parts in it",
            )
        claimed, held = math.prod(self.shape) * self.dtype.itemsize, 0
        if claimed:
            held = item.id.get_storage_size()
        if item.chunks is not None and claimed:
            sides = zip(self.shape, item.chunks, strict=True)
            chunks = math.prod(-(-side // part) for side, part in sides)
            filters = item.id.get_create_plist()
            codes = {filters.get_filter(at)[0] for at in range(filters.get_nfilters())}
            packed = codes - {h5py.h5z.FILTER_SHUFFLE, h5py.h5z.FILTER_FLETCHER32}
            if packed == {h5py.h5z.FILTER_DEFLATE}:
                held *= _DEFLATE
            elif packed:
                held = claimed  # what other methods reach has no bound
            if item.id.get_num_chunks() < chunks:
                held = 0
        if held + (_SLACK if held else 0) < claimed:
            raise self.error(
                f"claims {' x '.join(map(str, self.shape))} values that the file does "
                f"not hold",
                "it was cut off or never written to its end; write it again",
            )

    def __len__(self) -> int:
        return self.shape[0] if self.shape else 0

    def read(self, rows: slice = slice(None)) -> np.ndarray:
        """Values as they are stored.

        Args:
            rows: Which, along the first axis.
        """
        with self._told():
            return np.asarray(self._item[rows] if self.shape else self._item[()])

    def numbers(self, rows: slice = slice(None)) -> np.ndarray:
        """Real numbers.

        Raises:
            DataError: For an array of something else.
        """
        self.check_kind("biuf", "numbers")
        return self.read(rows)

    def whole_numbers(self, rows: slice = slice(None)) -> np.ndarray:
        """Whole numbers in one dimension, as int64.

        Raises:
            DataError: For an array of something else.
        """
        self.check_kind("iu", "whole numbers", ndim=1)
        values = self.read(rows)
        if values.dtype == np.uint64 and values.max(initial=0) > np.iinfo(np.int64).max:
            raise self.error(f"has {values.max()}, which is too large")
        return values.astype(np.int64)

    def check_kind(self, kinds: str, what: str, ndim: int | None = None) -> None:
        """Refuse another kind of values.

        Args:
            kinds: The letters of NumPy for the kinds.
            what: What they are called.
            ndim: The number of dimensions; None for any.
        """
        if self.dtype.kind not in kinds:
            raise self.error(f"holds {_called(self.dtype)}, not {what}")
        if ndim is not None and len(self.shape) != ndim:
            raise self.error(f"has {len(self.shape)} dimensions, not {ndim}")

    def texts(self) -> np.ndarray:
        """Text, as objects in one dimension.

        Raises:
            DataError: For what is no text, or no list of it.
        """
        self.check_kind("OSU", "text", ndim=1)
        values = self.read().tolist()
        if any(not isinstance(value, bytes | str) for value in values):
            raise self.error("holds something other than text")
        decoded = [
            value if isinstance(value, str) else value.decode("utf-8", "replace")
            for value in values
        ]
        return np.array(decoded, object)


def _called(dtype: np.dtype) -> str:
    return "text" if dtype.kind in "OSU" else f"values of the type {dtype}"
