"""Frames whose inputs are no text: images and counts of genes in cells."""

import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from jaxbio.data.columns.base import Counts, Images
from jaxbio.data.io.frames import ROWS, Frame

IMAGE = "image"
"""The input of folders and archives of images."""

COUNTS = "counts"
"""The input of AnnData files."""


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
    """Whether an npz archive has arrays called `…_images` (or is no archive at all)."""
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
        yield Frame(columns, str(path), rows, made={IMAGE: Images(images)})


def _is_whole(labels: np.ndarray) -> bool:
    if labels.dtype.kind == "f":
        # Beyond float64's whole numbers the next one may be meant.
        return bool((labels == np.round(labels)).all() and (abs(labels) < 2**53).all())
    return labels.dtype.kind in "biu"


def _plain(labels: np.ndarray) -> np.ndarray:
    if labels.dtype.kind == "S":
        labels = np.char.decode(labels, "latin-1")
    return labels if labels.dtype.kind in "biuf" else labels.astype(object)


def cell_frames(path: str | Path, *, rows: int = ROWS) -> Iterator[Frame]:
    """The raw counts of an AnnData file, with what is known of each cell.

    Yields:
        Frames with the columns of `obs`; counts stay sparse.
    """
    from jaxbio.data.expression import stream_h5ad

    start = 0
    for part in stream_h5ad(path, counts=True, rows=rows):
        columns = {name: np.asarray(values) for name, values in part.cells.items()}
        columns["id"] = np.array(part.ids, object)
        numbers = np.arange(start, start + len(part))
        start += len(part)
        made = {COUNTS: Counts(part.values, part.genes)}
        yield Frame(columns, str(path), numbers, made=made, notes=part.notes)
