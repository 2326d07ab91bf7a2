"""Loaders of the public sets of medical images and of expression in patients."""

from pathlib import Path

import numpy as np
import pandas as pd

from jaxbio.data.columns import Category, Images, Numeric
from jaxbio.data.dataset import Dataset
from jaxbio.data.image_archive import read_image_archive
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
                genes.setdefault(block, tuple(map(str, table.columns)))
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
