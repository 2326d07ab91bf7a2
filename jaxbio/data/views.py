"""Views: what else a network can see of an input, such as descriptors of molecules.

A view is an input named `TYPE@INPUT`, of a column type that says of which inputs it can
be a view. Files need not have it: it is made of the column of the input itself.
"""

import dataclasses
from collections.abc import Iterable

from jaxbio.data.columns.base import Column
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.dataset import Dataset


def source_of(name: str) -> str:
    """The input of which a name stands for a view; empty if for none.

    Example:
        >>> source_of("words@smiles"), source_of("smiles"), source_of("bits@smiles")
        ('smiles', '', '')
    """
    kind, _, source = name.partition("@")
    types = dict(Column.registry.items())
    return source if kind in types and types[kind].views_of else ""


def view_of(name: str, data: Dataset) -> Column:
    """The input of that name, or the view for which it stands.

    Args:
        name: An input.
        data: Rows that have it, or that of which it is a view.

    Raises:
        DataError: If they have neither.
    """
    source = source_of(name)
    if name in data.inputs or source not in data.inputs:
        return data.input(name)
    return made_of(name, data.inputs[source])


def views_for(column: Column) -> tuple[str, ...]:
    """The names of the types that can be a view of a column."""
    types = Column.registry.items()
    return tuple(name for name, each in types if column.kind in each.views_of)


def with_views(data: Dataset, names: Iterable[str]) -> Dataset:
    """Rows with some views among their inputs.

    Args:
        data: The rows.
        names: Inputs such as `words@smiles`.

    Example:
        >>> from jaxbio.alphabet import SMILES
        >>> from jaxbio.data.columns.sequences import Sequences
        >>> data = Dataset({"drug": Sequences.from_strings(["CCO"], SMILES)})
        >>> with_views(data, ["words@drug"]).inputs["words@drug"].describe()
        '5 words'
    """
    views = {name: view_of(name, data) for name in names}
    return dataclasses.replace(data, inputs={**data.inputs, **views})


def made_of(name: str, column: Column) -> Column:
    """A view of the rows of a column, or of each value to which they refer.

    Args:
        name: The view, such as `words@smiles`.
        column: That of which it is a view.
    """
    kind = Column.registry[name.partition("@")[0]]
    if isinstance(column, DictionaryColumn):
        return DictionaryColumn(kind.view(column.values), column.indices)
    return kind.view(column)
