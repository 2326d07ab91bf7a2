"""Counts of the parts of things: words of sequences, fragments of molecules."""

import abc
import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar

import numpy as np
from jaxtyping import Bool, Float32, Int64, Num, UInt64

from jaxbio.data.batching.layouts import gather_ragged, offsets_of
from jaxbio.data.columns.base import Column, Origin
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.hashing import hash_numbers

_ODD = np.uint64(0xBF58476D1CE4E5B9)  # a multiplier of splitmix64
_MOST = 4096  # parts that a network sees
_MOST_CELLS = 100_000_000  # of the training rows' table


@dataclasses.dataclass(frozen=True)
class PartsSpec(NumericSpec):
    """Counts of parts, as the training rows showed them.

    Attributes:
        keys: The numbers that stand for the parts, ascending.
    """

    keys: tuple[int, ...] = ()


@dataclasses.dataclass(frozen=True)
class Parts(Column):
    """How often each row has each of any number of parts.

    Training rows teach which parts are counted: those that some rows have, but not all.

    Attributes:
        keys: The number of each part of each row.
        counts: How often the row has it; 0 for a part without a row.
        offsets: Where the parts of each row begin, and where the last ones end.
    """

    keys: UInt64[np.ndarray, "total"]
    counts: Float32[np.ndarray, "total"]
    offsets: Int64[np.ndarray, "n_plus_1"]
    spec = PartsSpec
    views_of: ClassVar[tuple[str, ...]] = ()

    @abc.abstractmethod
    def names(self, keys: UInt64[np.ndarray, "k"]) -> list[str]:
        """What the parts are called."""

    @classmethod
    @abc.abstractmethod
    def least(cls, rows: int) -> int:
        """In how many of the training rows a part has to be."""

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def take(self, indices: Num[np.ndarray, "m"]) -> Any:
        keys, offsets = gather_ragged(self.keys, self.offsets, indices)
        counts, _ = gather_ragged(self.counts, self.offsets, indices)
        return dataclasses.replace(self, keys=keys, counts=counts, offsets=offsets)

    @classmethod
    def concatenate(cls, columns: Sequence[Any]) -> Any:
        lengths = np.concatenate([np.diff(column.offsets) for column in columns])
        return dataclasses.replace(
            columns[0],
            keys=np.concatenate([column.keys for column in columns]),
            counts=np.concatenate([column.counts for column in columns]),
            offsets=offsets_of(lengths),
        )

    def nothing(self, rows: int) -> Any:
        return dataclasses.replace(
            self,
            keys=self.keys[:0],
            counts=self.counts[:0],
            offsets=np.zeros(rows + 1, np.int64),
        )

    def missing(self) -> Bool[np.ndarray, "n"]:
        return np.diff(self.offsets) == 0

    def hashes(self) -> UInt64[np.ndarray, "n"]:
        each = hash_numbers(self.counts[:, None]) ^ (self.keys * _ODD)
        each = (each ^ (each >> np.uint64(29))) * _ODD  # else sums of keys would do
        sums = np.concatenate([[np.uint64(0)], np.cumsum(each, dtype=np.uint64)])
        return sums[self.offsets[1:]] - sums[self.offsets[:-1]]

    def buffers(self) -> list[Any]:
        return [x.tobytes() for x in (self.keys, self.counts, self.offsets)]

    def describe(self) -> str:
        return f"{len(np.unique(self.keys)):,} {self.name}"

    def learn(self, name: str, origin: Origin) -> PartsSpec:
        keys, having = np.unique(self.keys, return_counts=True)
        filled = int((~self.missing()).sum())
        kept = (having >= self.least(filled)) & (having < filled)
        if not kept.any():  # few rows: what there is
            kept = having > 0
        most = max(min(_MOST, _MOST_CELLS // max(len(self), 1)), 64)
        order = np.argsort(-np.where(kept, having, 0), kind="stable")[:most]
        keys = np.sort(keys[order[kept[order]]])
        table = self.table(keys)[~self.missing()].astype(np.float64)
        scale = table.std(axis=0)
        return PartsSpec(
            name,
            self.kind,
            columns=tuple(self.names(keys)),
            mean=tuple(table.mean(axis=0).tolist()),
            scale=tuple(np.where(scale > 0, scale, 1.0).tolist()),
            has_missing=bool(self.missing().any()),
            keys=tuple(keys.tolist()),
        )

    def encode(self, spec: Any, origin: Origin) -> Float32[np.ndarray, "n k"]:
        """log(1 + count) of the parts of a specification; NaN in rows with none."""
        return self.table(np.array(spec.keys, np.uint64))

    def table(self, keys: UInt64[np.ndarray, "k"]) -> Float32[np.ndarray, "n k"]:
        """log(1 + count) of some parts, NaN in rows that have no parts at all.

        Args:
            keys: Their numbers, ascending.
        """
        rows = np.repeat(np.arange(len(self)), np.diff(self.offsets))
        place = np.searchsorted(keys, self.keys)
        found = np.zeros(len(place), bool)
        inside = place < len(keys)
        found[inside] = keys[place[inside]] == self.keys[inside]
        table = np.zeros((len(self), len(keys)), np.float32)
        table[rows[found], place[found]] = np.log1p(self.counts[found])
        table[self.missing()] = np.nan
        return table


def counted(
    rows: Int64[np.ndarray, "m"], keys: UInt64[np.ndarray, "m"], n: int
) -> tuple[
    UInt64[np.ndarray, "total"],
    Float32[np.ndarray, "total"],
    Int64[np.ndarray, "n_plus_1"],
]:
    """Occurrences of parts as the fields of a column: keys, counts and offsets.

    Args:
        rows: The row of each occurrence.
        keys: The part.
        n: The number of rows.

    Example:
        >>> keys, counts, offsets = counted(
        ...     np.array([1, 0, 1]), np.array([7, 7, 7], np.uint64), 2)
        >>> keys.tolist(), counts.tolist(), offsets.tolist()
        ([7, 7], [1.0, 2.0], [0, 1, 2])
    """
    order = np.lexsort((keys, rows))
    rows, keys = rows[order], keys[order]
    new = np.ones(len(keys), bool)
    new[1:] = (rows[1:] != rows[:-1]) | (keys[1:] != keys[:-1])
    starts = np.flatnonzero(new)
    counts = np.diff(np.append(starts, len(keys))).astype(np.float32)
    return keys[starts], counts, offsets_of(np.bincount(rows[starts], minlength=n))
