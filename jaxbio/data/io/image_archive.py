"""Images and labels from npz archives."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from jaxtyping import UInt

from jaxbio.data.io.files import open_bytes
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.npz import Arrays, listed_arrays, open_npz
from jaxbio.errors import DataError

Part = tuple[UInt[np.ndarray, "n height width channels"], np.ndarray]


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
    with open_bytes(path) as handle, open_npz(handle, str(path)) as arrays:
        names = [name.removesuffix("_images") for name in arrays.names]
        parts = [n for n, full in zip(names, arrays.names, strict=True) if n != full]
        usual = [name for name in ("train", "val", "test") if name in parts]
        for name in [*usual, *(name for name in parts if name not in usual)]:
            if f"{name}_labels" not in arrays:
                raise DataError(
                    f"{path}: there is {name}_images but no {name}_labels: add the "
                    f"labels, one a row"
                )
            images = _checked(arrays[f"{name}_images"], f"{path}, {name}_images")
            result[name] = images, _labels(arrays, name, len(images), path)
        if not result:
            raise DataError(
                f"{path}: no images in it: arrays must be called train_images, "
                f"train_labels and so on; there are: {listed_arrays(arrays.names)}"
            )
    return result


def _checked(images: np.ndarray, where: str) -> np.ndarray:
    """As `[n height width channels]`."""
    if images.dtype not in (np.uint8, np.uint16):
        raise DataError(
            f"{where} is {images.dtype}: pixels must be uint8, 0 to 255, or uint16"
        )
    if images.ndim == 3:
        images = images[..., None]
    if images.ndim != 4 or images.shape[-1] not in (1, 3):
        raise DataError(
            f"{where} has the shape {images.shape}: it must be n x height x width, and "
            f"x 1 or x 3 for grey or colour"
        )
    return images


def _labels(arrays: Arrays, part: str, count: int, path: str | Path) -> np.ndarray:
    labels = arrays[f"{part}_labels"]
    if labels.ndim not in (1, 2) or labels.dtype.kind not in "biufSU":
        raise DataError(
            f"{path}: {part}_labels are {labels.dtype} {list(labels.shape)}: give "
            f"numbers or text, one a row or in columns"
        )
    if len(labels) != count:
        raise DataError(
            f"{path}: {count} {part}_images but {len(labels)} {part}_labels: there "
            f"must be one label an image"
        )
    return labels[:, 0] if labels.ndim == 2 and labels.shape[1] == 1 else labels


IMAGE = "image"
"""The input of folders and archives of images."""


def image_folder(folder: str | Path) -> Iterator[Frame]:
    """The paths of images in a folder.

    Yields:
        A frame with the columns `id` and `image`, with `label` where there is a folder
        for each class, and for each of the folders `train`, `val` and `test` with such
        folders a frame with `split` as well.
    """
    from jaxbio.data.io.images import find_images, find_parts, left_out, loose_images

    start = 1
    for part, inner in (find_parts(folder) or {"": Path(folder)}).items():
        loose = loose_images(inner)
        paths, labels = (loose, []) if loose else find_images(inner)
        note = "" if loose else left_out(inner)
        columns = {
            "id": [str(path.relative_to(folder)) for path in paths],
            IMAGE: list(map(str, paths)),
            **({"label": labels} if labels else {}),
            **({SPLIT: [part] * len(paths)} if part else {}),
        }
        rows = np.arange(start, start + len(paths))
        start += len(paths)
        arrays = {name: np.array(values, object) for name, values in columns.items()}
        yield Frame(arrays, str(folder), rows, notes=(note,) if note else ())


def archive_parts(path: str | Path) -> list[str]:
    """The parts of an npz archive of images by the names of its arrays.

    Returns:
        Such as `train`, `val` and `test`; none for a file that is no such archive, or
        no archive at all, of which its reader says what is wrong.
    """
    ending = "_images.npy"
    try:
        with zipfile.ZipFile(path) as archive:
            names = archive.namelist()
    except Exception:  # a damaged archive makes zipfile raise nearly anything
        return []
    return [name.removesuffix(ending) for name in names if name.endswith(ending)]


SPLIT = "split"
"""The column of an archive with the part of each row."""


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
        columns: dict[str, np.ndarray] = {SPLIT: np.array([name] * len(images), object)}
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
