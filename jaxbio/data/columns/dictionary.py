"""Values that stand once, and rows that refer to them."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Int32, Num, UInt64

from jaxbio.data.batching.buckets import MOST_BUCKETS
from jaxbio.data.batching.layouts import DictionaryArray
from jaxbio.data.columns.base import Column, Origin, Table
from jaxbio.data.specs import InputKind, InputSpec

_A_BUCKET = 512  # rows that refer to values, for which a further length is worth while


@dataclasses.dataclass(frozen=True)
class DictionaryColumn(Column):
    """Values that stand once and rows that refer to them: 379 proteins in 30,000 pairs.

    Attributes:
        values: Each distinct value.
        indices: The number of the value of each row; -1 where it is missing.

    Example:
        >>> from jaxbio.alphabet import PROTEIN
        >>> from jaxbio.data.columns.sequences import Sequences
        >>> proteins = Sequences.from_strings(["MKV", "GG"], PROTEIN)
        >>> column = DictionaryColumn(proteins, np.array([1, 1, 0], np.int32))
        >>> column.kind, len(column), column.expanded().strings()
        ('protein', 3, ['GG', 'GG', 'MKV'])
    """

    values: Column
    indices: Int32[np.ndarray, "n"]

    @property
    def kind(self) -> str:
        return self.values.kind

    @property
    def reading_kind(self) -> InputKind:
        return self.values.reading_kind

    @property
    def target_kind(self) -> str:
        return self.values.target_kind

    def __len__(self) -> int:
        return len(self.indices)

    def take(self, indices: Num[np.ndarray, "m"]) -> "DictionaryColumn":
        return DictionaryColumn(self.values, self.indices[indices])

    @classmethod
    def concatenate(cls, columns: Sequence[Column]) -> "DictionaryColumn":
        """Values that are one object in all parts, as of one lookup, stand once."""
        parts = [_as_dictionary(column) for column in columns]
        first = parts[0].values
        if all(part.values is first for part in parts):
            return cls(first, np.concatenate([part.indices for part in parts]))
        starts = np.cumsum([0, *(len(part.values) for part in parts[:-1])])
        indices = [
            np.where(part.indices < 0, -1, part.indices + start).astype(np.int32)
            for part, start in zip(parts, starts, strict=True)
        ]
        values = type(first).concatenate([part.values for part in parts])
        return cls(values, np.concatenate(indices))

    def nothing(self, rows: int) -> "DictionaryColumn":
        return DictionaryColumn(self.values, np.full(rows, -1, np.int32))

    def missing(self) -> Bool[np.ndarray, "n"]:
        """Mask of rows that refer to no value, or to one that has nothing."""
        return np.append(self.values.missing(), True)[self.indices]  # -1 is the last

    def expanded(self) -> Column:
        """The value of each row; of a missing one nothing: no symbols, NaN, zeros."""
        values, present = self.values, self.indices >= 0
        if present.all():
            return values.take(self.indices)
        both = type(values).concatenate([values, values.nothing(1)])
        return both.take(np.where(present, self.indices, len(values)))

    def aligned(self, like: Column) -> "DictionaryColumn":
        like = like.values if isinstance(like, DictionaryColumn) else like
        return DictionaryColumn(self.values.aligned(like), self.indices)

    def hashes(self) -> UInt64[np.ndarray, "n"]:
        """Those of the values; 0 for a missing one."""
        return np.append(self.values.hashes(), np.uint64(0))[self.indices]

    def identities(self) -> UInt64[np.ndarray, "n"]:
        """Those of the values; 0 for a missing one."""
        return np.append(self.values.identities(), np.uint64(0))[self.indices]

    def buffers(self) -> list[Any]:
        return [*self.values.buffers(), self.indices.tobytes()]

    def used(self) -> Column:
        """The values to which rows refer."""
        return self.values.take(np.unique(self.indices[self.indices >= 0]))

    def describe(self) -> str:
        used = self.used()
        return f"{used.describe()}, {len(used)} different ones"

    def learn(self, name: str, origin: Origin) -> InputSpec:
        """What values teach to which rows refer, each looked at once."""
        # Each length is a program to compile and a batch that is not full.
        most = MOST_BUCKETS if origin.most_buckets is None else origin.most_buckets
        buckets = max(min(len(self) // _A_BUCKET, most), 1)
        return self.used().learn(name, origin._replace(most_buckets=buckets))

    def check(self, spec: Any, origin: Origin, unknown: str) -> tuple[str, ...]:
        """What its type says of the value of each row."""
        checked = type(self.values).check is not Column.check
        if not checked or not isinstance(self.values, Table):
            return ()  # nothing of single rows
        return self.expanded().check(spec, origin, unknown)

    def encode(self, spec: InputSpec, origin: Origin) -> DictionaryArray:
        """Each value once."""
        values = self.values.encode(spec, origin)
        assert not isinstance(values, DictionaryArray)  # they are no dictionary
        return DictionaryArray(values, self.indices)


def concatenate(columns: Sequence[Column]) -> Column:
    """The rows of several columns of one type, one after the other.

    Args:
        columns: At least one; some may be dictionaries of the type.
    """
    shared = any(isinstance(column, DictionaryColumn) for column in columns)
    return (DictionaryColumn if shared else type(columns[0])).concatenate(columns)


def plain(column: Column) -> Column:
    """The column with a value of its own for each row."""
    return column.expanded() if isinstance(column, DictionaryColumn) else column


def _as_dictionary(column: Column) -> DictionaryColumn:
    """The column with a value a row, if rows do not yet share values."""
    if isinstance(column, DictionaryColumn):
        return column
    return DictionaryColumn(column, np.arange(len(column), dtype=np.int32))
