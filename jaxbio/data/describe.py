"""A data set in words, and how to read another file in the same way."""

import numpy as np

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.dictionary import Column, DictionaryColumn
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.numeric import Fingerprints, Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.data.kinds import InputKind

_SHOWN = 6


def describe_kinds(data: Dataset) -> list[str]:
    """One line for each input and target: what it was read as.

    Args:
        data: The data set.

    Returns:
        Lines such as `input seq: dna, 101 symbols`.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> column = Sequences.from_strings(["ACG", "T"], DNA)
        >>> target = Category.from_values(["yes", "no"])
        >>> describe_kinds(Dataset({"seq": column}, {"label": target}))
        ['input seq: dna, 1 to 3 symbols', 'target label: 2 classes (no, yes)']
    """
    inputs = [f"input {name}: {_words(c)}" for name, c in data.inputs.items()]
    return inputs + [f"target {name}: {_words(c)}" for name, c in data.targets.items()]


def _words(column: Column) -> str:
    match column:
        case Sequences():
            lengths = column.lengths[column.lengths > 0]
            gaps = 1 - len(lengths) / max(len(column), 1)
            missing = f", {gaps:.1%} missing" if gaps else ""
            return f"{column.kind}, {_range(lengths)} symbols{missing}"
        case Track():
            return f"numbers per position, {_range(column.lengths)}"
        case Fingerprints():
            return f"fingerprints of {len(column.names)} bits"
        case Numeric():
            gaps = float(np.isnan(column.values).mean()) if len(column) else 0.0
            missing = f", {gaps:.1%} missing" if gaps else ""
            if len(column.names) > 1:
                return f"{len(column.names)} numbers ({_listed(column.names)}){missing}"
            return f"number{missing}"
        case Category(per_position=True):
            letters = sorted(set().union(*filter(None, column.values)) - {"?"})
            return f"{len(letters)} classes per position ({_listed(letters)})"
        case Category():
            classes = sorted({value for value in column.values if value is not None})
            gaps = float(np.mean([value is None for value in column.values]))
            missing = f", {gaps:.1%} missing" if gaps else ""
            return f"{len(classes)} classes ({_listed(classes)}){missing}"
        case Images():
            height, width, channels = column.values.shape[1:]
            depth = "1 channel" if channels == 1 else f"{channels} channels"
            return f"images of {height} x {width}, {depth}"
        case SparseCounts():
            share = column.matrix.nnz / max(np.prod(column.matrix.shape), 1)
            genes = f"{len(column.names)} genes ({_listed(column.names)})"
            return f"counts of {genes}, {share:.1%} not 0"
        case DictionaryColumn():
            gaps = float((column.rows < 0).mean()) if len(column) else 0.0
            missing = f", missing in {gaps:.1%} of the rows" if gaps else ""
            used = np.unique(column.rows[column.rows >= 0])
            distinct = f"{len(used)} different ones"
            return f"{_words(column.items.take(used))}, {distinct}{missing}"


def _range(lengths: np.ndarray) -> str:
    low, high = int(lengths.min(initial=1 << 62)), int(lengths.max(initial=0))
    return f"{low} to {high}" if low < high else str(high)


def _listed(names: list[str] | tuple[str, ...]) -> str:
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def kinds_of(data: Dataset) -> tuple[dict[str, InputKind], dict[str, str]]:
    """The inputs and targets with which `read` reads another file in the same way.

    Args:
        data: A data set that was read.

    Returns:
        The kind of each input, and the kind of each target.

    Example:
        >>> column = Numeric(np.zeros((2, 2), np.float32), ("age", "weight"))
        >>> target = Category.from_values(["yes", "no"])
        >>> kinds_of(Dataset({"features": column}, {"label": target}))
        ({'features': ('age', 'weight')}, {'label': 'class'})
    """
    inputs: dict[str, InputKind] = {}
    for name, column in data.inputs.items():
        match column.items if isinstance(column, DictionaryColumn) else column:
            case Sequences() as sequences:
                inputs[name] = sequences.alphabet
            case Numeric(kind="numeric") as numbers:
                inputs[name] = numbers.names
            case other:
                inputs[name] = other.kind
    return inputs, {name: _kind(column) for name, column in data.targets.items()}


def _kind(target: Column) -> str:
    match target:
        case Category():
            return "positions_class" if target.per_position else "class"
        case Track():
            return "positions_number"
        case _:
            return "number"
