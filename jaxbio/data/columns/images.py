"""Pictures of one size."""

import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from jaxtyping import Num, UInt, UInt64

from jaxbio.data.columns.base import Column, Origin, Reading, Table
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.hashing import hash_pixels
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.image_sizes import fitting_size, sizes_of
from jaxbio.data.io.images import eight_bits, read_images
from jaxbio.data.io.parse import texts
from jaxbio.data.specs import Features, InputKind, InputSpec, Rows
from jaxbio.errors import DataError, option

_SIZED = "image="
_MOST_SIDE = 32  # pixels that a linear baseline sees


@dataclasses.dataclass(frozen=True)
class ImageSpec(InputSpec):
    """An image, as the training rows showed it.

    Attributes:
        size: Height, width and channels.
        resized: Whether images are brought to that size.
        range: For pixels of 16 bits, the least and greatest of the training rows, which
            are 0 and 1 to the network; empty for 8 bits.
    """

    size: tuple[int, ...] = ()
    resized: bool = False
    range: tuple[int, ...] = ()

    @property
    def reading_kind(self) -> InputKind:
        return _SIZED + "x".join(map(str, self.size)) if self.resized else self.kind

    def linear_features(self, values: Rows) -> Features:
        """Brightness from -1 to 1, of squares of pixels where there are many."""
        n, *sides, channels = values.shape
        step = max(1, -(-max(sides) // _MOST_SIDE))
        height, width = (side // step for side in sides)
        whole = values[:, : height * step, : width * step]
        squares = whole.reshape(n, height, step, width, step, channels)
        table = squares.mean(axis=(2, 4), dtype=np.float32).reshape(n, -1)
        table = table / (0.5 if self.range else 127.5) - 1
        return table / np.float32(np.sqrt(max(1.0, table.shape[1] / 100)))

    def example(self, rows: int, length: int) -> np.ndarray:
        """Black images."""
        return np.zeros((rows, *self.size), np.float32 if self.range else np.uint8)


@dataclasses.dataclass(frozen=True)
class Images(Table):
    """Pictures of one size with one or three channels.

    Attributes:
        values: The pixels, uint8 or uint16.
        resized: Whether they were brought to this size, as further ones then are, too.
    """

    values: UInt[np.ndarray, "n height width channels"]
    resized: bool = False
    name = "image"
    spec = ImageSpec

    @classmethod
    def accepts(cls, kind: InputKind) -> bool:
        return isinstance(kind, str) and (kind == cls.name or kind.startswith(_SIZED))

    @classmethod
    def holds(cls, array: Any) -> bool:
        return getattr(array, "ndim", 0) == 4

    @classmethod
    def read(cls, frame: Frame, name: str, kind: InputKind, how: Reading) -> Column:
        """The images of an archive, or of files whose paths stand in a column."""
        size, channels = image_size(str(kind))
        if name in frame.arrays:
            images = cls(frame.arrays[name])
            shape = images.values.shape[1:]
            if size is None or shape == (*size, channels or shape[-1]):
                return images
            raise DataError(
                f"{frame.source}: images of an archive keep their size "
                f"({shape[0]} x {shape[1]} x {shape[2]}): leave it out, as image"
            )
        values = texts(frame, name)
        filled = np.flatnonzero([bool(text) for text in values])
        folder = Path(frame.source).parent
        pixels = read_images(
            [_beside(folder, values[at]) for at in filled],
            size=size,
            channels=channels,
            rows=frame.rows[filled],
            where=f"{frame.source}, column {name}",
            resizing=lambda height, width: option(
                "inputs", {name: f"{_SIZED}{height}x{width}"}
            ),
        )
        images = cls(pixels, resized=size is not None)
        if len(filled) == len(values):
            return images
        indices = np.full(len(values), -1, np.int32)
        indices[filled] = np.arange(len(filled))
        return DictionaryColumn(images, indices)

    @classmethod
    def concatenate(cls, columns: Sequence["Images"]) -> "Images":
        sizes = [column.values.shape[1:] for column in columns]
        second = next((size for size in sizes if size != sizes[0]), None)
        if second is not None:
            size = _by(sizes[0])
            raise DataError(
                f"images of one input are {size} and {_by(second)} (height, width, "
                f"channels): bring all to one size, as image={size.replace(' ', '')}"
            )
        if len({column.values.dtype for column in columns}) > 1:
            raise DataError(
                "images of one input have 8 and 16 bits a channel: write all with "
                "8, or all with 16"
            )
        return super().concatenate(columns)

    def nothing(self, rows: int) -> "Images":
        pixels = np.zeros((rows, *self.values.shape[1:]), self.values.dtype)
        return dataclasses.replace(self, values=pixels)

    def hashes(self) -> UInt64[np.ndarray, "n"]:
        return hash_pixels(self.values.view(np.uint8))

    def buffers(self) -> list[Any]:
        return [repr(self.values.shape).encode(), self.values.tobytes()]

    def describe(self) -> str:
        height, width, channels = self.values.shape[1:]
        depth = "1 channel" if channels == 1 else f"{channels} channels"
        text = f"images of {height} x {width}, {depth}"
        if self.values.dtype == np.uint8 or not self.values.size:
            return text
        return f"{text} of 16 bits ({self.values.min()} to {self.values.max()})"

    def learn(self, name: str, origin: Origin) -> ImageSpec:
        size, values = self.values.shape[1:], self.values
        deep = values.dtype != np.uint8 and values.size
        span = (int(values.min()), int(values.max())) if deep else ()
        return ImageSpec(name, self.kind, size, self.resized, span)

    def encode(
        self, spec: ImageSpec, origin: Origin
    ) -> Num[np.ndarray, "n height width channels"]:
        size = self.values.shape[1:]
        if size != spec.size:
            raise DataError(
                f"{origin.source}: images of {spec.name} are {_by(size)}, the model "
                f"takes {_by(spec.size)} (height, width, channels): read them with "
                f"that size"
            )
        if not spec.range:  # also models of before, to which 16 bits were 8
            return eight_bits(self.values)
        low, high = spec.range
        if self.values.dtype == np.uint8 and len(self.values):
            raise DataError(
                f"{origin.source}: images of {spec.name} have 8 bits a channel, the "
                f"model learned from 16 bits, of values from {low} to {high}: give "
                f"images of 16 bits"
            )
        return (self.values.astype(np.float32) - low) / np.float32(max(high - low, 1))

    def check(self, spec: Any, origin: Origin, unknown: str) -> tuple[str, ...]:
        """Pixels beyond those of the training rows."""
        if not isinstance(spec, ImageSpec) or not self.values.size:
            return ()
        if not spec.range:
            deep = self.values.dtype != np.uint8
            note = (
                f"{origin.source}, input {spec.name}: images of 16 bits are scaled to "
                f"the 8 bits from which the model learned, as if they used all 65,536 "
                f"levels"
            )
            return (note,) if deep else ()
        low, high = spec.range
        axes = tuple(range(1, self.values.ndim))
        lowest, highest = self.values.min(axis=axes), self.values.max(axis=axes)
        beyond = int(((lowest < low) | (highest > high)).sum())
        if not beyond:
            return ()
        return (
            f"{origin.source}, input {spec.name}: {beyond} of {len(self.values)} "
            f"images have values outside those of training ({low} to {high}): they "
            f"reach from {lowest.min()} to {highest.max()}",
        )


def sized_kind(frame: Frame, name: str) -> str:
    """The kind by which images of a column get one size that fits them.

    Args:
        frame: The rows, or some of them.
        name: The column with the paths of the files.

    Returns:
        `image`, or such as `image=64x64x3`; see `fitting_size`.
    """
    folder = Path(frame.source).parent
    paths = [_beside(folder, text) for text in texts(frame, name) if text]
    size = fitting_size(sizes_of(paths), len(paths))
    return _SIZED + size if size else Images.name


def image_size(kind: str) -> tuple[tuple[int, int] | None, int | None]:
    """The height and width, and the channels, to which images are brought.

    Raises:
        DataError: For a size that is none.

    Example:
        >>> image_size("image"), image_size("image=28x28"), image_size("image=8x9x1")
        ((None, None), ((28, 28), None), ((8, 9), 1))
    """
    if kind == Images.name:
        return None, None
    parts = kind.removeprefix(_SIZED).split("x")
    if len(parts) not in (2, 3) or not all(part.isdigit() for part in parts):
        raise DataError(
            f"input kind {kind!r}: write image=HEIGHTxWIDTH or "
            f"image=HEIGHTxWIDTHxCHANNELS, for example image=64x64x3"
        )
    height, width, *channels = map(int, parts)
    return (height, width), channels[0] if channels else None


def _by(size: Sequence[int]) -> str:
    return " x ".join(map(str, size))


def _beside(folder: Path, text: str) -> Path:
    """A path beside the table in which it stands, or else from where we are."""
    path = Path(text)
    return path if path.exists() and not (folder / path).exists() else folder / path
