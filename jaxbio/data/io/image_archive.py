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
from jaxbio.data.io.frames import Frame
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
    result: dict[str, Part] = {}
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
            result[name] = images, _labels(arrays, name, len(images), path)
        if not result:
            listed = ", ".join(arrays.files[:8]) or "none"
            raise DataError(
                f"{path}: no images in it: arrays must be called train_images, "
                f"train_labels and so on; there are: {listed}"
            )
    return result


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


IMAGE = "image"
"""The input of folders and archives of images."""


def image_folder(folder: str | Path) -> Iterator[Frame]:
    """The paths of images in a folder with one folder for each class.

    Yields:
        One frame with the columns `id`, `image` and `label`.
    """
    from jaxbio.data.io.images import find_images, left_out

    paths, labels = find_images(folder)
    note = left_out(folder)
    names = [str(Path(path).relative_to(folder)) for path in paths]
    columns = {
        "id": np.array(names, object),
        IMAGE: np.array(list(map(str, paths)), object),
        "label": np.array(list(labels), object),
    }
    rows = np.arange(1, len(paths) + 1)
    yield Frame(columns, str(folder), rows, notes=(note,) if note else ())


def is_image_archive(path: str | Path) -> bool:
    """Check that an npz archive has arrays called `…_images` (or is no archive)."""
    try:
        with zipfile.ZipFile(path) as archive:
            return any(name.endswith("_images.npy") for name in archive.namelist())
    except (OSError, zipfile.BadZipFile):
        return False  # the reader of npz files says what is wrong


def archive_frames(path: str | Path) -> Iterator[Frame]:
    """The images of an archive of the layout of MedMNIST.

    Yields:
        A frame for each part, with the columns `label` and `split` (`train`, `valid` or
        `test`). Labels are whole numbers if those of all parts are, else as they stand.
    """
    from jaxbio.data.io.image_archive import read_image_archive

    parts = read_image_archive(path)
    whole = all(map(_is_whole, (labels for _, labels in parts.values())))
    start = 0
    for part, (images, labels) in parts.items():
        rows = np.arange(start, start + len(images))
        start += len(images)
        name = {"val": "valid"}.get(part, part)
        columns: dict[str, np.ndarray] = {
            "split": np.array([name] * len(images), object)
        }
        labels = labels.astype(np.int64) if whole else _plain(labels)
        if labels.ndim == 1:
            columns["label"] = labels
        else:
            columns |= {f"label_{at}": x for at, x in enumerate(labels.T)}
        yield Frame(columns, str(path), rows, arrays={IMAGE: images})


def _is_whole(labels: np.ndarray) -> bool:
    if labels.dtype.kind == "f":
        # Beyond float64's whole numbers the next one may be meant.
        return bool((labels == np.round(labels)).all() and (abs(labels) < 2**53).all())
    return labels.dtype.kind in "biu"


def _plain(labels: np.ndarray) -> np.ndarray:
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "latin-1")
    return labels if labels.dtype.kind in "biuf" else labels.astype(object)
