"""Loaders of the public sets of drugs: pairs that refer to tables of drugs and targets.

A drug or a protein stands once, however many pairs it is in: `DrugTables` are pairs
with numbers of entities and a table for each entity, and `datasets` makes data sets of
them, whose columns are `DictionaryColumn`.
"""

import dataclasses
import gzip
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from jaxtyping import Float32, Int64

from jaxbio.alphabet import PROTEIN, SMILES
from jaxbio.data.columns.base import Column
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.datasets import catalog
from jaxbio.datasets.chains import fasta_pairs
from jaxbio.errors import DataError, nearest

Parts = dict[str, Dataset]

_MOLECULENET: dict[str, tuple[str, str]] = {
    "esol": ("measured log solubility in mols per litre", "number"),
    "freesolv": ("expt", "number"),
    "lipophilicity": ("exp", "number"),
    "bbbp": ("p_np", "class"),
    "bace": ("Class", "class"),
    "tox21": ("", "labels"),
    "clintox": ("", "labels"),
    "sider": ("", "labels"),
    "hiv": ("HIV_active", "class"),
}
"""The target and its kind; labels are all columns but these."""
_NO_LABELS = frozenset(("mol_id", "smiles"))
_MATRICES = {"expression": "exp", "mutation": "mu", "copy_number": "cn"}


@dataclasses.dataclass(frozen=True)
class DrugTables:
    """Rows that refer to entities.

    Attributes:
        rows: One row a pair (or molecule): the number of each entity under its name,
            the targets, and `part` where there is a published split.
        entities: For each entity a table in the order of the numbers; the columns
            `smiles` and `sequence` are what a model reads.
        targets: The columns of `rows` to be predicted.
        kind: `number`, `class` or `labels` (NaN where not measured).
        matrices: For an entity's name numbers of each of its items, by what they are.
        genes: The columns of the matrices.
        source: What messages call it.
    """

    rows: pd.DataFrame
    entities: Mapping[str, pd.DataFrame]
    targets: tuple[str, ...]
    kind: str
    matrices: Mapping[str, Mapping[str, Float32[np.ndarray, "items genes"]]] = (
        dataclasses.field(default_factory=dict)
    )
    genes: tuple[str, ...] = ()
    source: str = "data"


def tables(name: str, variant: str = "") -> DrugTables:
    """The tables of a public set of drugs that is on this machine.

    Args:
        name: `davis`, `gpcr_label_reversal`, `human_dti`, `gdsc2_response` or
            `moleculenet`.
        variant: For a set of several, which one; the first if not given.

    Raises:
        DataError: If the set or variant is not known, or not on this machine.
    """
    if name not in _TABLES:
        raise DataError(f"no set of drugs {name!r}: {nearest(name, _TABLES)}")
    choice = catalog.choose_variant(name, variant)
    return _TABLES[name](catalog.path(name), choice)


def load(name: str) -> Callable[[Path, str], Parts]:
    """The loader of a set for `public.load`.

    Args:
        name: As for `tables`.

    Returns:
        A function of the set's folder and the variant.
    """
    return lambda folder, variant: datasets(_TABLES[name](folder, variant))


def davis_folds(
    found: DrugTables,
) -> tuple[
    list[tuple[Int64[np.ndarray, "train"], Int64[np.ndarray, "valid"]]],
    Int64[np.ndarray, "test"],
]:
    """The folds of DeepDTA on Davis: five of the training rows, and the test rows.

    Args:
        found: What `tables("davis")` gave.

    Returns:
        For each fold the row numbers of the four others and its own; and those of the
        test.

    Source:
        Öztürk H et al. (2018) Bioinformatics 34:i821, setting 1.
    """
    fold = found.rows["fold"].to_numpy(str)
    pairs = [
        (
            np.flatnonzero((fold != number) & (fold != "test")),
            np.flatnonzero(fold == number),
        )
        for number in "01234"
    ]
    return pairs, np.flatnonzero(fold == "test")


def datasets(found: DrugTables) -> Parts:
    """Data sets of tables, by the published split if there is one.

    Args:
        found: The tables.

    Returns:
        `train`, `test` and perhaps `valid`; or `all`. An input each for the drug, the
        protein, and what is known of a cell line.
    """
    inputs: dict[str, Column] = {}
    for name, items in found.entities.items():
        which = found.rows[name].to_numpy(np.int32)
        for kind, alphabet in (("smiles", SMILES), ("sequence", PROTEIN)):
            if kind in items:
                where = f"{found.source}, {name}"
                texts = items[kind].tolist()
                column = Sequences.from_strings(texts, alphabet, where=where)
                inputs[name] = DictionaryColumn(column, which)
        for what, values in found.matrices.get(name, {}).items():
            inputs[what] = DictionaryColumn(Numeric(values, found.genes), which)
    if not found.entities:
        texts = found.rows["smiles"].tolist()
        inputs["drug"] = Sequences.from_strings(texts, SMILES, where=found.source)
    data = Dataset(inputs, _target_columns(found), source=found.source)
    if "part" not in found.rows:
        return {"all": data}
    part = found.rows["part"].to_numpy(str)
    names = (name for name in ("train", "valid", "test") if (part == name).any())
    return {name: data.take(part == name) for name in names}


def _target_columns(tables: DrugTables) -> dict[str, Column]:
    names = list(tables.targets)
    if tables.kind == "class":
        return {name: Category.from_values(tables.rows[name]) for name in names}
    values = tables.rows[names].to_numpy(np.float32)
    name = names[0] if len(names) == 1 else "labels"
    return {name: Numeric(values, tuple(names))}


def _davis(folder: Path, variant: str) -> DrugTables:
    """Kinase inhibitors: pKd, with the floor of 5 where nothing bound."""
    rows = pd.read_csv(folder / "affinity.csv.gz").rename(columns={"target": "protein"})
    rows["pkd"] = 9 - np.log10(rows["kd_nM"])
    rows["part"] = np.where(rows["fold"] == "test", "test", "train")
    entities = {
        "drug": _by_number(pd.read_csv(folder / "drugs.csv"), "drug"),
        "protein": _proteins(folder / "proteins.fasta.gz"),
    }
    return _checked(DrugTables(rows, entities, ("pkd",), "number", source="davis"))


def _gpcr_label_reversal(folder: Path, variant: str) -> DrugTables:
    """Ligands of GPCRs; those of the test rows were trained on with the other label."""
    entities = {
        "drug": _by_number(pd.read_csv(folder / "drugs.csv.gz"), "drug"),
        "protein": _proteins(folder / "proteins.fasta"),
    }
    files = {part: folder / f"{part}.csv" for part in ("train", "test")}
    rows = _joined(files)
    tables = DrugTables(rows, entities, ("interacts",), "class", source=folder.name)
    return _checked(tables)


def _human_dti(folder: Path, variant: str) -> DrugTables:
    """Interactions with human proteins; in `cold` no entity of a part is in another."""
    entities = {
        "drug": _by_number(pd.read_csv(folder / "drugs.csv"), "drug"),
        "protein": _proteins(folder / "proteins.fasta.gz"),
    }
    ends = {"train": "train", "valid": "val", "test": "test"}
    files = {part: folder / f"{variant}_{end}.csv" for part, end in ends.items()}
    rows, source = _joined(files), f"human_dti, {variant}"
    return _checked(DrugTables(rows, entities, ("interacts",), "class", source=source))


def _gdsc2_response(folder: Path, variant: str) -> DrugTables:
    """Cell lines and drugs: ln IC50 (µM), with the genes of each cell line."""
    rows = pd.read_csv(folder / "response.csv.gz")
    entities = {
        "drug": _by_number(pd.read_csv(folder / "drugs.csv"), "drug"),
        "cell": _by_number(pd.read_csv(folder / "cells.csv"), "cell"),
    }
    genes = tuple(pd.read_csv(folder / "genes.csv")["symbol"].astype(str))
    matrices = {
        what: _matrix(folder / f"cells_{end}.npy.gz") for what, end in _MATRICES.items()
    }
    return _checked(
        DrugTables(
            rows,
            entities,
            ("ln_ic50",),
            "number",
            {"cell": matrices},
            genes,
            source="gdsc2_response",
        )
    )


def _moleculenet(folder: Path, variant: str) -> DrugTables:
    """Molecules and what was measured of them; each stands in one row."""
    file = next(iter(sorted(folder.glob(f"{variant}.csv*"))), None)
    if file is None:
        raise DataError(f"{folder} has no file {variant}.csv: complete it")
    table = pd.read_csv(file)
    target, kind = _MOLECULENET[variant]
    labels = tuple(name for name in table if name not in _NO_LABELS)
    rows = table.assign(smiles=table["smiles"].str.strip())
    if "Model" in rows:
        rows["part"] = rows["Model"].str.lower()
    names = (target,) if target else tuple(str(name) for name in labels)
    return DrugTables(rows, {}, names, kind, source=f"moleculenet, {variant}")


def _joined(files: Mapping[str, Path]) -> pd.DataFrame:
    """Pair files one after the other, with the part of each row."""
    parts = [pd.read_csv(file).assign(part=part) for part, file in files.items()]
    names = {"target": "protein", "y": "interacts"}
    return pd.concat(parts, ignore_index=True).rename(columns=names)


def _by_number(table: pd.DataFrame, name: str) -> pd.DataFrame:
    """A table under its column of numbers, which count from 0."""
    if (table[name].to_numpy() != np.arange(len(table))).any():
        raise DataError(f"the table of {name}s is not numbered from 0 in its order")
    return table.set_index(name)


def _proteins(file: Path) -> pd.DataFrame:
    """Proteins by number; headers are the number and perhaps a name."""
    records = [(*header.split(maxsplit=1), body) for header, body in fasta_pairs(file)]
    table = {
        "protein": [int(record[0]) for record in records],
        "name": [record[1] if len(record) == 3 else "" for record in records],
        "sequence": [record[-1] for record in records],
    }
    return _by_number(pd.DataFrame(table), "protein")


def _matrix(file: Path) -> Any:
    with gzip.open(file) as handle:
        return np.load(handle, allow_pickle=False).astype(np.float32)


def _checked(tables: DrugTables) -> DrugTables:
    """The tables, if every row refers to an item that is there."""
    for name, items in tables.entities.items():
        numbers = tables.rows[name].to_numpy()
        wrong = np.flatnonzero((numbers < 0) | (numbers >= len(items)))
        if len(wrong):
            raise DataError(
                f"{tables.source}, row {wrong[0] + 1}: no {name} {numbers[wrong[0]]}; "
                f"there are {len(items)}"
            )
    return tables


_TABLES: dict[str, Callable[[Path, str], DrugTables]] = {
    "davis": _davis,
    "gdsc2_response": _gdsc2_response,
    "gpcr_label_reversal": _gpcr_label_reversal,
    "human_dti": _human_dti,
    "moleculenet": _moleculenet,
}
