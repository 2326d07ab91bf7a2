"""A data set in words, and how to read another file in the same way."""

from jaxbio.data.dataset import Dataset
from jaxbio.data.specs import InputKind


def describe_kinds(data: Dataset) -> list[str]:
    """One line for each input and target: what it was read as.

    Args:
        data: The data set.

    Returns:
        Lines such as `input seq: dna, 101 symbols`.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> from jaxbio.data import Category, Sequences
        >>> column = Sequences.from_strings(["ACG", "T"], DNA)
        >>> target = Category.from_values(["yes", "no"])
        >>> describe_kinds(Dataset({"seq": column}, {"label": target}))
        ['input seq: dna, 1 to 3 symbols', 'target label: 2 classes (no, yes)']
    """
    groups = {"input": data.inputs, "target": data.targets}
    return [
        f"{what} {name}: {column.describe()}"
        for what, columns in groups.items()
        for name, column in columns.items()
    ]


def kinds_of(data: Dataset) -> tuple[dict[str, InputKind], dict[str, str]]:
    """The inputs and targets with which `read` reads another file in the same way.

    Args:
        data: A data set that was read.

    Returns:
        The kind of each input, and the kind of each target.

    Example:
        >>> import numpy as np
        >>> from jaxbio.data import Category, Numeric
        >>> column = Numeric(np.zeros((2, 2), np.float32), ("age", "weight"))
        >>> target = Category.from_values(["yes", "no"])
        >>> kinds_of(Dataset({"features": column}, {"label": target}))
        ({'features': ('age', 'weight')}, {'label': 'class'})
    """
    inputs = {name: column.reading_kind for name, column in data.inputs.items()}
    return inputs, {name: column.target_kind for name, column in data.targets.items()}
