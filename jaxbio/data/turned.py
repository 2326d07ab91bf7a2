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
    samples = table.columns.keys() & set(names)
    others = [name for name in table.columns if name not in samples]
    if not samples or not others:
        return table
    named = _name_of_rows(table, others)
    rows = places(table, named)
    kinds = {_holds_numbers(table, name) for name in samples}
    # Others may be of samples that come later in the other file.
    kept = [
        name
        for name in table.columns
        if name in samples or (name != named and _holds_numbers(table, name) in kinds)
    ]
    values = np.stack([table.columns[name] for name in kept])[:, list(rows.values())]
    columns = dict(zip(rows, values.T, strict=True))
    note = (
        f"{table.source} has a column for each {key}: it was turned, so that its rows "
        f"are columns ({listed(rows)})"
    )
    if rest := [name for name in others if name != named]:
        note += f"; columns that name no {key} are not used ({listed(rest)})"
    return Frame(
        {key: np.array(kept, object), **columns},
        table.source,
        np.arange(1, len(kept) + 1),
        format=table.format,
        notes=(*table.notes, note),
    )


def _holds_numbers(table: Frame, name: str) -> bool:
    return table.columns[name].dtype.kind in "biuf"


def _name_of_rows(table: Frame, others: list[str]) -> str:
    """The first column whose names all differ, or else the first."""
    for name in others:
        names = names_of(table.columns[name])
        if len(set(names)) == len(names):
            return name
    return others[0]
