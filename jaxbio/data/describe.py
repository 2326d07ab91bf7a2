"""A data set in words, and how to read another file in the same way."""

from collections.abc import Iterator

from jaxbio.data.dataset import Dataset
from jaxbio.data.specs import InputKind
from jaxbio.errors import option

_HEADS = ("column", "kind", "values", "missing", "used as")
_MOST_LINES = 40
_WIDEST = 44  # of a name or a few words


def describe_kinds(data: Dataset) -> list[str]:
    r"""The columns of a file as a table: what they hold, and what they are used as.

    Args:
        data: The data set.

    Returns:
        The lines of the table; inputs first, then targets, then columns that are not
        used, with the reason. What a column may be as well stands beside it.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> from jaxbio.data import Category, Sequences
        >>> column = Sequences.from_strings(["ACG", "T"], DNA)
        >>> target = Category.from_values(["yes", None])
        >>> data = Dataset({"seq": column}, {"label": target})
        >>> print("\n".join(describe_kinds(data)))
        column  kind      values           missing  used as
        seq     dna       1 to 3 symbols            input
        label   category  1 classes (yes)  1        target
    """
    rows = [_HEADS, *_used(data), *_unused(data)]
    if len(rows) > _MOST_LINES:
        more = ("…", "", f"{len(rows) - _MOST_LINES} more columns", "", "")
        rows = [*rows[:_MOST_LINES], more]
    rows = [tuple(map(_short, row[:-1])) + row[-1:] for row in rows]
    widths = [max(len(row[at]) for row in rows) for at in range(len(_HEADS))]
    return [
        "  ".join(f"{cell:<{w}}" for cell, w in zip(row, widths, strict=True)).rstrip()
        for row in rows
    ]


def _used(data: Dataset) -> Iterator[tuple[str, ...]]:
    for use, columns in (("input", data.inputs), ("target", data.targets)):
        for name, column in columns.items():
            for one in column.summary(name):
                missing = str(one.missing) if one.missing else ""
                part = f" {name}" if one.column != name and use == "input" else ""
                doubt = _doubt(one.column, data) if use == "input" else ""
                yield one.column, one.kind, one.values, missing, f"{use}{part}{doubt}"


def _doubt(column: str, data: Dataset) -> str:
    """What a column may be as well, and how to say so."""
    other = data.provenance.otherwise.get(column)
    if other == "dates":
        return " (dates written as numbers?)"
    return f" (or {option('kinds', {column: other})})" if other else ""


def _unused(data: Dataset) -> Iterator[tuple[str, ...]]:
    for column, reason in data.provenance.unused.items():
        yield column, "", "", "", f"not used: {reason}"


def _short(text: str) -> str:
    return text if len(text) <= _WIDEST else text[: _WIDEST - 1] + "…"


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
