"""Expression of genes in cells or samples, as it was read, and what may be wrong."""

import dataclasses
from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Bool, Num

from jaxbio.errors import DataError, option

Values = Any
"""`scipy.sparse.csr_matrix` or `numpy.ndarray`, float32 `[cells genes]`."""

Duplicates = Literal["error", "sum"]
"""Treatment of a gene that occurs twice."""

_AT_ONCE = 1 << 20  # values that are looked at together
_SHOWN = 3


@dataclasses.dataclass(frozen=True)
class Expression:
    """Expression of genes in cells or samples.

    Attributes:
        values: `scipy.sparse.csr_matrix` or dense, float32 `[cells genes]`; in a dense
            one NaN stands for a missing value.
        genes: The name of each column.
        ids: The name of each row.
        cells: What is known of each row besides, by name: labels, batches, donors.
        source: The file, for messages.
        notes: What was done in reading that its user should know, in sentences.
    """

    values: Values
    genes: tuple[str, ...]
    ids: tuple[str, ...]
    cells: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    source: str = "expression"
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return self.values.shape[0]

    @property
    def is_sparse(self) -> bool:
        """Check that only values other than 0 are stored."""
        return not isinstance(self.values, np.ndarray)

    def take(self, rows: np.ndarray) -> "Expression":
        """The chosen rows.

        Args:
            rows: Their numbers, or a mask.

        Example:
            >>> table = Expression(np.eye(2, dtype=np.float32), ("a", "b"), ("x", "y"))
            >>> table.take(np.array([1])).ids
            ('y',)
        """
        rows = np.flatnonzero(rows) if rows.dtype == bool else rows
        return dataclasses.replace(
            self,
            values=self.values[rows],
            ids=tuple(self.ids[row] for row in rows),
            cells={name: values[rows] for name, values in self.cells.items()},
        )

    def with_note(self, note: str) -> "Expression":
        """The same with one more note."""
        return dataclasses.replace(self, notes=(*self.notes, note))


def checked(
    table: Expression, *, counts: bool = False, duplicates: Duplicates = "error"
) -> Expression:
    """The table, once nothing is wrong with it.

    Args:
        table: What was read.
        counts: Whether raw counts are needed: whole numbers, 0 or more.
        duplicates: What to do with a gene that occurs twice: `"error"`, or `"sum"` to
            add up its columns.

    Returns:
        The table, with duplicates summed and notes about that and about cells without
        any count, whose scores will all be those of no expression.

    Raises:
        DataError: For genes that occur twice, values that are not finite, negative
            counts, counts that are not whole, and cells or genes without any value.

    Example:
        >>> values = np.array([[1, 2, 3]], np.float32)
        >>> table = Expression(values, ("TP53", "MYC", "TP53"), ("cell",), source="x")
        >>> checked(table, duplicates="sum").values.tolist()
        [[4.0, 2.0]]
        >>> checked(table)
        Traceback (most recent call last):
        jaxbio.errors.DataError: x: 1 gene occurs more than once ('TP53' 2 times): ...
    """
    check_values(table, counts=counts)
    _check_missing(table)
    table = _without_duplicates(table, duplicates)
    if counts:
        empty = int((np.asarray(table.values.sum(axis=1)).ravel() == 0).sum())
        if empty:
            table = table.with_note(
                f"{empty} of {len(table)} cells have no counts at all: they look alike "
                f"to any model"
            )
    return table


def check_part(
    table: Expression,
    *,
    counts: bool = False,
    duplicates: Duplicates = "error",
    before: int = 0,
) -> Expression:
    """Some rows of a file, without values or names that `checked` refuses.

    Args:
        table: Rows one after the other.
        counts: Whether raw counts are needed.
        duplicates: What to do with a gene that occurs twice, as for `checked`.
        before: How many rows stand before them, for messages.

    Raises:
        DataError: As `checked`, but not for what the other rows may have: a gene or a
            cell without any value.

    Example:
        >>> values = np.array([[0.5]], np.float32)
        >>> table = Expression(values, ("TP53",), ("cell",), source="x")
        >>> check_part(table, counts=True, before=9)
        Traceback (most recent call last):
        jaxbio.errors.DataError: x, row 10 (cell), gene 'TP53': 0.5 is not a whole ...
    """
    check_values(table, counts=counts, before=before)
    return _without_duplicates(table, duplicates)


def check_values(table: Expression, *, counts: bool = False, before: int = 0) -> None:
    """Refuse values that are not finite and, where counts are needed, no counts.

    Args:
        table: Rows one after the other.
        counts: Whether raw counts are needed.
        before: How many rows stand before them, for messages.

    Raises:
        DataError: For such a value; it names row and gene.
    """
    _check_finite(table, before)
    if counts:
        _check_counts(table, before)


def single(values: np.ndarray) -> np.ndarray:
    """Numbers as float32; what that cannot hold is infinite, which a check finds."""
    with np.errstate(over="ignore"):
        return values.astype(np.float32, copy=False)


def _stored(values: Values) -> np.ndarray:
    return values if isinstance(values, np.ndarray) else values.data


def _place(table: Expression, bad: Bool[np.ndarray, "..."], before: int) -> str:
    """Place of the first bad value, and that value."""
    values = table.values
    if isinstance(values, np.ndarray):
        row, column = (int(at) for at in np.argwhere(bad)[0])
        value = values[row, column]
    else:
        at = int(np.flatnonzero(bad)[0])
        row = int(np.searchsorted(values.indptr, at, side="right")) - 1
        column, value = int(values.indices[at]), values.data[at]
    where = f"row {before + row + 1} ({table.ids[row]}), gene {table.genes[column]!r}"
    return f"{table.source}, {where}: {value:g}"


def _where(
    is_bad: Callable[[np.ndarray], np.ndarray], stored: Num[np.ndarray, "..."]
) -> Bool[np.ndarray, "..."] | None:
    """Mask of bad values; None if none is, for which parts are looked at in turn."""
    step = max(1, _AT_ONCE // max(stored[:1].size, 1))
    parts = (stored[start : start + step] for start in range(0, len(stored), step))
    return is_bad(stored) if any(is_bad(part).any() for part in parts) else None


def _check_finite(table: Expression, before: int) -> None:
    stored = _stored(table.values)
    # NaN has a meaning in a table alone: a sparse file has nothing at missing places.
    infinite = (lambda x: ~np.isfinite(x)) if table.is_sparse else np.isinf
    bad = _where(infinite, stored)
    if bad is not None:
        raise DataError(
            f"{_place(table, bad, before)} is not a finite number "
            f"({int(bad.sum())} such values): correct it, or leave it out of the file"
        )


def _check_counts(table: Expression, before: int) -> None:
    stored = _stored(table.values)
    bad = _where(lambda x: x < 0, stored)
    if bad is not None:
        raise DataError(
            f"{_place(table, bad, before)} is negative ({int(bad.sum())} such values), "
            f"but raw counts are needed: give the counts before scaling, or read the "
            f"values as numbers"
        )
    bad = _where(lambda x: np.isfinite(x) & (x != np.floor(x)), stored)
    if bad is not None:
        raise DataError(
            f"{_place(table, bad, before)} is not a whole number "
            f"({int(bad.sum())} such values), but raw counts are needed: the file may "
            f"be normalised already; name the layer with counts "
            f"({option('layer', 'NAME')}), or read the values as numbers, not counts"
        )


def _check_missing(table: Expression) -> None:
    if not all(table.values.shape):
        raise DataError(
            f"{table.source}: {len(table)} cells and {len(table.genes)} genes: check "
            f"that the file is whole"
        )
    if table.is_sparse:
        return
    missing = np.isnan(table.values)
    if not missing.any():
        return
    for axis, names, what in ((1, table.ids, "row"), (0, table.genes, "gene")):
        without = np.flatnonzero(missing.all(axis=axis))
        if without.size:
            raise DataError(
                f"{table.source}: {without.size} {what}{'s' * (without.size > 1)} "
                f"without any value ({quoted([names[at] for at in without])}): remove "
                f"them from the file"
            )


def quoted(names: Sequence[str]) -> str:
    """The first of some names in quotes, for messages."""
    listed = ", ".join(repr(name) for name in names[:_SHOWN])
    return listed + (", …" if len(names) > _SHOWN else "")


def _without_duplicates(table: Expression, duplicates: Duplicates) -> Expression:
    twice = {name: n for name, n in Counter(table.genes).items() if n > 1}
    if not twice:
        return table
    many = f"{len(twice)} genes occur" if len(twice) > 1 else "1 gene occurs"
    if duplicates == "error":
        genes = ", ".join(f"{n!r} {k} times" for n, k in list(twice.items())[:_SHOWN])
        raise DataError(
            f"{table.source}: {many} more than once ({genes}"
            f"{', …' if len(twice) > _SHOWN else ''}): use identifiers that are "
            f"unique, such as those of Ensembl, or add the columns up "
            f"({option('duplicates', 'sum')})"
        )
    from scipy import sparse

    first = {name: at for at, name in enumerate(dict.fromkeys(table.genes))}
    to = np.array([first[name] for name in table.genes])
    adder = sparse.csr_matrix(
        (np.ones(len(to), np.float32), (np.arange(len(to)), to)),
        shape=(len(to), len(first)),
    )
    summed = table.values @ adder
    if table.is_sparse:
        summed = summed.tocsr()
        summed.sort_indices()
    return dataclasses.replace(table, values=summed, genes=tuple(first)).with_note(
        f"{many} more than once: their columns were added up"
    )
