"""Tables of genes by samples, turned so that rows are samples."""

from collections.abc import Collection

import numpy as np

from jaxbio.data.io.frames import Frame
from jaxbio.data.keys import listed, names_of, places

_FEWEST = 2  # names in common, by which it is told


def named_by(table: Frame, other: Frame) -> str:
    """The column of another file whose names are columns of a table; empty for none.

    Example:
        >>> genes = Frame({"gene": np.array(["TP53"]), "s1": np.array([1.5]),
        ...     "s2": np.array([2.5])}, "genes.tsv", np.array([2]))
        >>> clinic = Frame({"who": np.array(["s2", "s1"])}, "c.csv", np.array([2, 3]))
        >>> named_by(genes, clinic)
        'who'
    """
    for name, values in other.columns.items():
        if len(table.columns.keys() & set(names_of(values))) >= _FEWEST:
            return name
    return ""


def turned(table: Frame, names: Collection[str], key: str) -> Frame:
    """A table with a row for each of its columns of measured values.

    Args:
        table: Rows with a name, such as that of a gene, and a value for each sample.
        names: What samples are called, some of which are columns.
        key: The column for the names of samples.

    Returns:
        The columns `key` and one for each row that has a name, with a note. The table
        as it is if no column names its rows.

    Raises:
        DataError: For a row whose name occurs twice.

    Example:
        >>> genes = Frame({"gene": np.array(["TP53", "MYC"]), "s1": np.array([1.5, 3]),
        ...     "s2": np.array([2.5, 4])}, "genes.tsv", np.array([2, 3]))
        >>> columns = turned(genes, ["s1", "s2"], "who").columns
        >>> {name: values.tolist() for name, values in columns.items()}
        {'who': ['s1', 's2'], 'TP53': [1.5, 2.5], 'MYC': [3.0, 4.0]}
    """
    samples = [name for name in table.columns if name in set(names)]
    others = [name for name in table.columns if name not in set(names)]
    if not samples or not others:
        return table
    rows = places(table, _name_of_rows(table, others))
    numbers = all(table.columns[name].dtype.kind in "biuf" for name in samples)
    # What is written as the samples are is of samples that the other file lacks.
    kept = [
        name
        for name in table.columns
        if name in samples or (numbers and table.columns[name].dtype.kind in "biuf")
    ]
    values = np.stack([table.columns[name] for name in kept])[:, list(rows.values())]
    columns = dict(zip(rows, values.T, strict=True))
    note = (
        f"{table.source} has a column for each {key}: it was turned, so that its rows "
        f"are columns ({listed(rows)})"
    )
    return Frame(
        {key: np.array(kept, object), **columns},
        table.source,
        np.arange(1, len(kept) + 1),
        format=table.format,
        notes=(*table.notes, note),
    )


def _name_of_rows(table: Frame, others: list[str]) -> str:
    """The first column whose names all differ, or else the first."""
    for name in others:
        names = names_of(table.columns[name])
        if len(set(names)) == len(names):
            return name
    return others[0]
