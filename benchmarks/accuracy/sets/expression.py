"""Expression: tumours by arrays, types of cells by counts."""

import gzip
from pathlib import Path

import numpy as np

from benchmarks.accuracy.problems import Parts, Problem, folder, folds, parts
from jaxbio.data import Dataset
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric

_FLOORS = {"golub": 100.0, "alon": 20.0, "singh": 20.0, "shipp": 20.0}
"""Intensities below which arrays tell nothing apart (Dudoit et al. 2002, J. Am. Stat.
Assoc. 97, 77, for the first; the usual one for the others)."""
_CEILING = 16_000.0
_CELLS = {
    "worm_neuron": ("labels.csv", "label"),
    "mouse_bladder_2100": ("labels.csv", "label"),
    "pbmc68k_reduced": ("cells.csv", "bulk_label"),
    "spleen_actinn": ("cells.csv", "label"),
}
"""The file of the types of cells, and its column."""


def _tumours(name: str) -> tuple[Dataset, np.ndarray]:
    """Logarithms of intensities, each sample standardised, and the published split.

    Nothing here looks at another sample or at a label.
    """
    import pandas as pd

    path: Path = folder("expression", name)
    with gzip.open(path / "x.npy.gz") as handle:
        values = np.load(handle, allow_pickle=False).astype(np.float32)
    values = np.log2(np.clip(values, _FLOORS[name], _CEILING))
    values -= values.mean(axis=1, keepdims=True)
    values /= values.std(axis=1, keepdims=True)
    labels = pd.read_csv(path / "labels.csv")
    genes = tuple(f"gene_{at}" for at in range(values.shape[1]))
    data = Dataset(
        {"expression": Numeric(values, genes)},
        {"label": Category.from_values(labels["label"])},
        source=name,
    )
    part = labels["set"] if "set" in labels else [""] * len(labels)
    return data, np.array(part, str)


def _golub() -> Parts:
    data, part = _tumours("golub")
    return {"train": data.take(part == "train"), "test": data.take(part != "train")}


def cells(name: str) -> Dataset:
    """Counts of genes seen in three cells or more, and the type of each cell."""
    import pandas as pd

    from jaxbio.data.columns.counts import SparseCounts
    from jaxbio.data.expression import read_counts

    path, (file, column) = folder("expression", name), _CELLS[name]
    matrix = read_counts(path / "counts.npz", counts=True).values
    seen = np.flatnonzero(np.bincount(matrix.indices, minlength=matrix.shape[1]) >= 3)
    names = tuple(f"gene_{at}" for at in seen)
    return Dataset(
        {"counts": SparseCounts(matrix[:, seen].astype(np.float32), names)},
        {"type": Category.from_values(pd.read_csv(path / file)[column].astype(str))},
        source=name,
    )


PROBLEMS = {
    "golub": Problem(
        parts(_golub), "right", "29 of 34 strong calls", "Golub 1999", 3,
        "published split",
    ),
    **{
        name: Problem(
            folds(lambda name=name: _tumours(name)[0], 10), "accuracy", how="10 folds"
        )
        for name in ("alon", "singh", "shipp")
    },
    **{
        name: Problem(
            folds(lambda name=name: cells(name), 5), "f1", how="5 folds"
        )
        for name in _CELLS
    },
}  # fmt: skip
