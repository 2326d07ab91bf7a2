"""Images and labels from npz archives."""

import contextlib
import struct
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any, cast

import numpy as np
from jaxtyping import UInt8

from jaxbio.data.io.files import open_bytes
from jaxbio.errors import DataError

_DAMAGE = (OSError, ValueError, EOFError, TypeError, AttributeError)
_PACKED = (struct.error, zlib.error, zipfile.BadZipFile)

Part = tuple[UInt8[np.ndarray, "n height width channels"], np.ndarray]


def read_image_archive(path: str | Path) -> dict[str, Part]:
    """Read an npz archive of the layout of MedMNIST (Yang et al. 2023).

    It has arrays `train_images` and `train_labels`, and likewise `val`, `test` or other
    parts.

    Args:
        path: The archive.

    Returns:
        Images and labels by part, `train`, `val` and `test` first. Labels in one column
        are `[n]`, in several `[n columns]`.

    Raises:
        DataError: For a file that is damaged or of another layout.
    """
    found: dict[str, Part] = {}
    with _archive(path) as arrays:
        names = [name.removesuffix("_images") for name in arrays.files]
        parts = [n for n, full in zip(names, arrays.files, strict=True) if n != full]
        usual = [name for name in ("train", "val", "test") if name in parts]
        for name in [*usual, *(name for name in parts if name not in usual)]:
            if f"{name}_labels" not in arrays.files:
                raise DataError(
                    f"{path}: there is {name}_images but no {name}_labels: add the "
                    f"labels, one a row"
                )
            images = _checked(arrays[f"{name}_images"], f"{path}, {name}_images")
            found[name] = images, _labels(arrays, name, len(images), path)
        if not found:
            listed = ", ".join(arrays.files[:8]) or "none"
            raise DataError(
                f"{path}: no images in it: arrays must be called train_images, "
                f"train_labels and so on; there are: {listed}"
            )
    return found


@contextlib.contextmanager
def _archive(path: str | Path) -> Iterator[Any]:
    with open_bytes(path) as handle:
        try:
            with np.load(cast(IO[bytes], handle)) as arrays:
                yield arrays
        except DataError:
            raise
        except (*_DAMAGE, *_PACKED) as error:
            raise DataError(
                f"{path}: not a whole npz archive of numbers ({error}): copy it again, "
                f"or write it with numpy.savez_compressed"
            ) from None


def _checked(images: np.ndarray, where: str) -> np.ndarray:
    """As `[n height width channels]`."""
    if images.dtype != np.uint8:
        raise DataError(f"{where} is {images.dtype}: pixels must be uint8, 0 to 255")
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise DataError(
            f"{where} has the shape {images.shape}: it must be n x height x width, and "
            f"x 1 or x 3 for grey or colour"
        )
    return images


def _labels(arrays: Any, part: str, count: int, path: str | Path) -> np.ndarray:
    labels = arrays[f"{part}_labels"]
    if len(labels) != count:
        raise DataError(
            f"{path}: {count} {part}_images but {len(labels)} {part}_labels: there "
            f"must be one label an image"
        )
    return labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels
