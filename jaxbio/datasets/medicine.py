"""Loaders of the public sets of medical images and of expression in patients."""

import itertools
from pathlib import Path

import numpy as np
import pandas as pd

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.data.io.image_archive import read_image_archive
from jaxbio.errors import DataError

Parts = dict[str, Dataset]

_BLOCKS = ("mrna", "mirna", "protein")


def medmnist(folder: Path, variant: str) -> Parts:
    """Images and classes of an archive of MedMNIST; the published split."""
    file = folder / f"{folder.name}.npz"
    parts: Parts = {}
    for part, (images, labels) in read_image_archive(file).items():
        name = {"val": "valid"}.get(part, part)
        parts[name] = Dataset(
            {"image": Images(images)},
            {"label": Category.from_values(labels)},
            source=f"{file.name}, {name}",
        )
    return parts


def breast_tcga(folder: Path, variant: str) -> Parts:
    """Subtypes and three profiles of tumours; the test tumours lack the proteins."""
    parts: Parts = {}
    genes: dict[str, tuple[str, ...]] = {}
    for part in ("train", "test"):
        labels = pd.read_csv(folder / f"{part}_labels.csv").set_index("sample")
        inputs: dict[str, Numeric] = {}
        for block in _BLOCKS:
            file = folder / f"{part}_{block}.csv.gz"
            if file.exists():
                table = pd.read_csv(file).set_index("sample")
                if list(table.index) != list(labels.index):
                    raise DataError(f"{file}: its samples are not those of the labels")
                names = tuple(map(str, table.columns))
                _check_same(names, genes.setdefault(block, names), file)
                values = table.to_numpy(np.float32)
            else:
                shape = (len(labels), len(genes[block]))
                values = np.full(shape, np.nan, np.float32)
            inputs[block] = Numeric(values, genes[block])
        parts[part] = Dataset(
            inputs,
            {"subtype": Category.from_values(labels.iloc[:, 0])},
            ids=labels.index.to_numpy(object),
            source=f"breast_tcga, {part}",
        )
    return parts


def _check_same(columns: tuple[str, ...], first: tuple[str, ...], file: Path) -> None:
    if columns == first:
        return
    pairs = itertools.zip_longest(columns, first)
    at, (name, twin) = next((at, p) for at, p in enumerate(pairs, 1) if p[0] != p[1])
    raise DataError(
        f"{file}: value {at} is of {name or 'no gene'}, that of the training rows of "
        f"{twin or 'none'}: both must have the same columns in the same order"
    )
