"""Small data sets with a known truth, for tests that need one."""

import jax
import jax.numpy as jnp
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from jaxbio.alphabet import DNA, PROTEIN, SMILES, Alphabet
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import DictionaryArray, Ragged
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.competing_events import CompetingEvents
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.time_to_event import TimeToEvent
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.data.io.frames import Frame
from jaxbio.data.learn import learn_schema


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


def survival_data(n=150, columns=3, seed=0, censored=0.5):
    """Numbers whose weighted sum is a log hazard, with times that may be censored."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(n, columns)).astype(np.float32)
    hazard = np.exp(values @ np.linspace(1.5, -0.5, columns))
    time = random.exponential(10 / hazard)
    end = random.exponential(10 / censored, n)
    rows = np.stack([np.minimum(time, end), time <= end, np.zeros(n)], axis=1)
    names = tuple(f"gene_{at}" for at in range(columns))
    return Dataset(
        {"gene_*": Numeric(values, names)},
        {"days,died": TimeToEvent(rows.astype(np.float32), ("days", "died"))},
        source="survival data",
    )


def competing_data(n=200, seed=0):
    """Numbers of which the first raises one hazard and the second another."""
    random = np.random.default_rng(seed)
    values = random.normal(size=(n, 2)).astype(np.float32)
    hazards = np.stack([0.1 * np.exp(values[:, 0]), 0.05 * np.exp(values[:, 1])], 1)
    time = random.exponential(1 / hazards.sum(axis=1))
    cause = 1 + (random.random(n) > hazards[:, 0] / hazards.sum(axis=1))
    end = random.uniform(2, 30, n)
    rows = np.stack([np.minimum(time, end), cause * (time <= end), np.zeros(n)], axis=1)
    return Dataset(
        {"gene_*": Numeric(values, ("gene_0", "gene_1"))},
        {"days,cause": CompetingEvents(
            rows.astype(np.float32), ("days", "cause"), ("relapse", "death")
        )},
        source="competing data",
    )  # fmt: skip


def sequences_of(texts, alphabet=DNA):
    return Sequences.from_strings(list(texts), alphabet)


def reverse_complement(text):
    """The other strand, letter by letter."""
    return text[::-1].translate(str.maketrans("ACGTN", "TGCAN"))


def dna_row(text, length=12):
    """Symbols of one padded sequence, [1 length]."""
    codes = np.full((1, length), DNA.pad, np.uint8)
    codes[0, : len(text)] = DNA.encode(text)
    return jnp.asarray(codes)


def normal(*shape, seed=0, scale=1.0):
    """Normal numbers in the widest type that JAX has at the moment."""
    values = scale * np.random.default_rng(seed).normal(size=shape)
    return jnp.asarray(values.astype(jax.dtypes.canonicalize_dtype(np.float64)))


def sparse_counts(cells, genes, each=50):
    """Counts of 1 and more of `each` genes in every cell."""
    rng = np.random.default_rng(0)
    columns = np.sort(rng.integers(0, genes - each, (cells, each)), axis=1)
    columns += np.arange(each)  # none occurs twice
    counts = 1 + rng.poisson(1.0, cells * each).astype(np.float32)
    bounds = np.arange(cells + 1) * each
    return sparse.csr_matrix((counts, columns.ravel(), bounds), (cells, genes))


NAN = np.nan


def numeric(*rows, names=None) -> Numeric:
    values = np.array(rows, np.float32)
    return Numeric(values, names or tuple(f"c{at}" for at in range(values.shape[1])))


def mixed_data(**changes) -> Dataset:
    """Three rows of every kind of input and target, some values missing."""
    columns = {
        "seq": Sequences.from_strings(["ACG", "ACT", "CCT"], DNA),
        "x": numeric([1, 5], [NAN, 5], [3, 5], names=("a", "b")),
        "sex": Category.from_values(["m", None, "f"]),
    }
    targets = {
        "y": numeric([1], [2], [6], names=("y",)),
        "kind": Category.from_values(["10", "9", None]),
        "tox": numeric([0, 1], [1, NAN], [1, 1], names=("t1", "t2")),
        "ss": Category.from_values(["HHE", "?EC", None]),
        "acc": Track(np.array([1, 2, 3, NAN, 5], np.float32), np.array([0, 3, 5, 5])),
    }
    return Dataset(columns, {**targets, **changes}, source="x.csv")


MIXED_KINDS = {
    "y": ("number", False),
    "kind": ("class", False),
    "tox": ("labels", False),
    "ss": ("class", True),
    "acc": ("number", True),
}


def frame_of(rows=None, **columns) -> Frame:
    """Cells as a reader gives them."""
    cells = {name: pd.Series(v, dtype=object).array for name, v in columns.items()}
    cells = {name: values.to_numpy() for name, values in cells.items()}
    count = len(next(iter(cells.values())))
    numbers = np.arange(2, 2 + count) if rows is None else np.array(rows, np.int64)
    return Frame(cells, "x.csv", numbers)


def numbers(values, names=None):
    values = np.asarray(values, np.float32)
    return Numeric(values, tuple(names or map(str, range(values.shape[1]))))


def random_texts(n, length, seed=0, letters="ACGT"):
    rng = np.random.default_rng(seed)
    return ["".join(row) for row in rng.choice(list(letters), (n, length))]


def prepared(inputs, column, kind, *, per_position=False, weights=None):
    data = Dataset(inputs, {"y": column}, weights=weights)
    schema = learn_schema(data, {"y": (kind, per_position)})
    return schema, schema.encode(data)


def drug_pairs(n_drugs=12, n_proteins=10):
    """Pairs of which both drugs and proteins say something; targets of each kind."""
    drug, protein = np.divmod(np.arange(n_drugs * n_proteins, dtype=np.int32), 10)
    rng = np.random.default_rng(0)
    y = rng.normal(size=n_drugs)[drug] + rng.normal(size=n_proteins)[protein]
    y += 0.1 * rng.normal(size=len(y))
    molecules = Sequences.from_strings(random_texts(n_drugs, 8, 1, "CNOS"), SMILES)
    chains = Sequences.from_strings(random_texts(n_proteins, 20, 2, "ACDEFG"), PROTEIN)
    return Dataset(
        {
            "drug": DictionaryColumn(molecules, drug),
            "protein": DictionaryColumn(chains, protein),
        },
        {
            "kd": numbers(y[:, None]),
            "reads": numbers(rng.poisson(np.exp(y))[:, None]),
            "binds": Category.from_values(np.where(y > 0, "yes", "no")),
            "labels": numbers(np.stack([y > 0, y > 1], axis=1)),
        },
    )


PAIR_KINDS = {
    "kd": ("number", False), "reads": ("count", False), "binds": ("class", False),
    "labels": ("labels", False),
}  # fmt: skip


DIGITS = Alphabet("digits", "0123456789")


def runs_of(texts, alphabet=DNA):
    """Sequences as they are encoded."""
    column = sequences_of(texts, alphabet)
    return Ragged(column.codes, column.offsets, alphabet.pad)


def numbered(ids):
    ids = np.asarray(ids, np.int32)
    return DictionaryArray(runs_of(map(str, range(ids.max() + 1)), DIGITS), ids)


def rows_of(y, **ids):
    """Encoded rows of entities that are told apart by their numbers."""
    inputs = {name: numbered(each) for name, each in ids.items()}
    n = len(y)
    return Arrays(inputs, {"y": y}, np.ones(n, np.float32), np.zeros(n, np.int64))


def write_cells(path, counts, genes, kinds):
    """An AnnData file as its published layout says."""
    h5py = pytest.importorskip("h5py", reason="h5py is not installed")
    matrix = sparse.csr_matrix(counts.astype(np.float32))
    with h5py.File(path, "w") as file:
        group = file.create_group("X")
        group.attrs["encoding-type"] = "csr_matrix"
        group.attrs["shape"] = matrix.shape
        for part in ("data", "indices", "indptr"):
            group[part] = getattr(matrix, part)
        obs, var = file.create_group("obs"), file.create_group("var")
        obs.attrs["_index"], obs.attrs["column-order"] = "barcode", ["cell_type"]
        obs["barcode"] = [f"c{at}" for at in range(len(counts))]
        obs["cell_type"] = list(kinds)
        var.attrs["_index"], var.attrs["column-order"] = "gene", []
        var["gene"] = list(genes)
    return path


CELL_COUNTS = np.random.default_rng(1).poisson(1.0, (7, 4))
CELL_GENES = ("MYC", "TP53", "KRAS", "EGFR")
