"""Further ways to write the molecules of training rows, to learn from."""

import dataclasses
from itertools import chain
from typing import Any

import numpy as np

from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.dataset import Dataset
from jaxbio.data.molecules.smiles import randomised_smiles
from jaxbio.errors import DataError, spelled


def randomize_smiles(data: Dataset, n: int, *, seed: int = 0) -> Dataset:
    """Rows, then `n` times the same rows with their molecules written in another way.

    A network that reads SMILES learns from them that the order of the atoms means
    nothing. Molecules that rows share get `n` further items each.

    Args:
        data: Training rows with SMILES.
        n: Further spellings of each molecule.
        seed: The same seed gives the same spellings.

    Returns:
        `(n + 1) * len(data)` rows.

    Raises:
        DataError: Without SMILES, or for what RDKit cannot read, by row.
        JaxbioError: Without rdkit.

    Source:
        Bjerrum EJ (2017) arXiv:1703.07076.

    Example:
        >>> from jaxbio.alphabet import SMILES
        >>> data = Dataset({"drug": Sequences.from_strings(["OCC"], SMILES)})
        >>> more = randomize_smiles(data, 3)  # doctest: +SKIP
        >>> more.inputs["drug"].strings()  # doctest: +SKIP
        ['OCC', 'CCO', 'C(O)C', 'OCC']
    """
    rows = np.tile(np.arange(len(data)), n + 1)
    repeated = data.take(rows)
    columns: dict[str, Any] = {}
    for name, column in data.inputs.items():
        if column.kind != "smiles":
            continue
        if isinstance(column, DictionaryColumn):
            where = f"{data.source}, values of {name}"
            values = _respelled(column.values, n, seed, where)
            step = np.repeat(np.arange(n + 1), len(data)) * len(column.values)
            indices = column.indices[rows]
            indices = np.where(indices >= 0, indices + step, -1).astype(np.int32)
            columns[name] = DictionaryColumn(values, indices)
        else:
            columns[name] = _respelled(column, n, seed, f"{data.source}, {name}")
    if not columns:
        listed = ", ".join(f"{k} ({v.kind})" for k, v in data.inputs.items())
        raise DataError(
            f"{data.source}: randomization is of SMILES, the inputs are {listed}: "
            f"leave {spelled('smiles_randomization', '--smiles-randomization')} out"
        )
    return dataclasses.replace(repeated, inputs={**repeated.inputs, **columns})


def _respelled(column: Any, n: int, seed: int, where: str) -> Sequences:
    """All as they are, then all in another spelling, and so on."""
    texts = column.strings()
    spellings = randomised_smiles(texts, n, seed=seed, where=where)
    spelt = chain(texts, *zip(*spellings, strict=True))
    return Sequences.from_strings(list(spelt), column.alphabet)
