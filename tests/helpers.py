"""Small data sets with a known truth, for tests that need one."""

import numpy as np

from jaxbio.alphabet import DNA
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset


def motif_data(n=240, length=30, seed=0, motif="TGACTCA"):
    """DNA in which the rows of class `yes` hold a motif at a random place."""
    random = np.random.default_rng(seed)
    rows, labels = [], []
    for number in range(n):
        text = "".join(random.choice(list("ACGT"), length))
        if number % 2:
            at = random.integers(length - len(motif))
            text = text[:at] + motif + text[at + len(motif) :]
        rows.append(text)
        labels.append("yes" if number % 2 else "no")
    return Dataset(
        {"seq": Sequences.from_strings(rows, DNA)},
        {"label": Category.from_values(labels)},
        source="motif data",
    )


def linear_data(n=200, columns=5, seed=0, missing=0.0):
    """Numbers whose target is a weighted sum of them, with a little noise."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(n, columns)).astype(np.float32)
    target = values @ np.arange(1, columns + 1) + 10 + 0.1 * random.normal(size=n)
    values[random.random(values.shape) < missing] = np.nan
    names = tuple(f"gene_{at}" for at in range(columns))
    return Dataset(
        {"gene_*": Numeric(values, names)},
        {"y": Numeric(target[:, None].astype(np.float32), ("y",))},
        source="linear data",
    )
