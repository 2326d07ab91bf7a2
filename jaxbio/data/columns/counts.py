"""Sparse counts of genes in cells."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Num, UInt64

from jaxbio.data.batching.layouts import SparseRows
from jaxbio.data.columns.base import Column, Origin, Reading, listed
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.expression import (
    Expression,
    count_moments,
    match_genes,
    take_genes,
)
from jaxbio.data.expression.table import check_values
from jaxbio.data.hashing import hash_sparse
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import numbers, refuse
from jaxbio.data.specs import CountColumns, InputKind, InputSpec
from jaxbio.errors import DataError

MOST_GENES = 2000
"""Genes that linear models see at most: those that vary most."""

_ALIKE = 100


@dataclasses.dataclass(frozen=True)
class CountsSpec(InputSpec):
    """Counts of genes, as the training rows showed them.

    Attributes:
        columns: The genes, in the model's order.
        mean: Means of their logarithms over training rows (see
            `jaxbio.nn.LogNormalize`).
        scale: Standard deviations of these; 1 where a gene is constant.
        share: The mean share of each gene in the counts of a cell.
    """

    columns: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    share: tuple[float, ...] = ()

    @property
    def reading_kind(self) -> InputKind:
        """The genes, which a table has as columns."""
        return CountColumns(self.columns)

    @property
    def divisor(self) -> float:
        """By what linear models divide scores: many genes weigh no more than 100 do."""
        return max(1.0, min(len(self.columns), MOST_GENES) / _ALIKE) ** 0.5

    def example(self, rows: int, length: int) -> np.ndarray:
        """Cells with one count of each gene."""
        return np.ones((rows, len(self.columns)), np.float32)


@dataclasses.dataclass(frozen=True)
class SparseCounts(Column):
    """Counts of many genes in cells, most of them 0.

    Attributes:
        matrix: A sparse matrix of SciPy in rows (CSR), float32 `[n genes]`.
        names: The genes.
        absent: Genes about which the file says nothing, which is not a count of 0.
    """

    matrix: Any
    names: tuple[str, ...]
    absent: frozenset[str] = frozenset()
    name = "counts"
    spec = CountsSpec

    @classmethod
    def accepts(cls, kind: InputKind) -> bool:
        return kind == cls.name or isinstance(kind, CountColumns)

    @classmethod
    def holds(cls, array: Any) -> bool:
        return hasattr(array, "indptr")

    @classmethod
    def read(cls, frame: Frame, name: str, kind: InputKind, how: Reading) -> Column:
        """The matrix of a file of cells, or columns of counts."""
        if name in frame.arrays:
            _check_counts(frame, name)
            return cls(frame.arrays[name], frame.vectors[name])
        from scipy import sparse  # slow to import, and few need it

        if isinstance(kind, CountColumns):
            names = tuple(gene for gene in kind if gene in frame.columns)
            names = names or frame.matching(name, how.used)
        else:
            names = frame.matching(name, how.used)
        values = numbers(frame, names)
        # A row may have nothing of all genes.
        there = np.asarray(~np.isnan(values).all(axis=1), bool)
        rule = "a count is there and not negative"
        refuse(frame, names, values, ~(values >= 0) & there[:, np.newaxis], rule)
        counts = cls(sparse.csr_matrix(values[there]), names)
        if there.all():
            return counts
        places = np.where(there, np.cumsum(there) - 1, -1).astype(np.int32)
        return DictionaryColumn(counts, places)

    @property
    def reading_kind(self) -> InputKind:
        return CountColumns(self.names)

    def __len__(self) -> int:
        return self.matrix.shape[0]

    def take(self, indices: Num[np.ndarray, "m"]) -> "SparseCounts":
        return dataclasses.replace(self, matrix=self.matrix[indices])

    @classmethod
    def concatenate(cls, columns: Sequence["SparseCounts"]) -> "SparseCounts":
        from scipy import sparse

        matrices = [column._with_genes_of(columns[0]) for column in columns]
        matrix = sparse.vstack(matrices, format="csr")
        return dataclasses.replace(columns[0], matrix=matrix)

    def nothing(self, rows: int) -> "SparseCounts":
        shape = rows, len(self.names)
        return dataclasses.replace(self, matrix=type(self.matrix)(shape, dtype="f4"))

    def hashes(self) -> UInt64[np.ndarray, "n"]:
        return hash_sparse(self.matrix, self.names)

    def buffers(self) -> list[Any]:
        parts = (self.matrix.data, self.matrix.indices, self.matrix.indptr)
        views = (np.ascontiguousarray(part).view(np.uint8) for part in parts)
        return [repr(self.names).encode(), *views]

    def describe(self) -> str:
        share = self.matrix.nnz / max(np.prod(self.matrix.shape), 1)
        genes = f"{len(self.names)} genes ({listed(self.names)})"
        return f"counts of {genes}, {share:.1%} not 0"

    def learn(self, name: str, origin: Origin) -> CountsSpec:
        moments = count_moments(self.matrix)
        return CountsSpec(
            name,
            self.kind,
            columns=self.names,
            mean=tuple(moments.mean.tolist()),
            scale=tuple(moments.scale.tolist()),
            share=tuple(moments.share.tolist()),
        )

    def encode(self, spec: CountsSpec, origin: Origin) -> SparseRows:
        if self.names == spec.columns:
            return SparseRows(self.matrix, self.names, self.absent)
        match = match_genes(self.names, spec.columns)
        match.check(source=origin.source)
        lacking = np.array(spec.columns, object)[~match.present]
        matrix = take_genes(self.matrix, match)
        return SparseRows(matrix, spec.columns, self.absent | frozenset(lacking))

    def check(self, spec: Any, origin: Origin, unknown: str) -> tuple[str, ...]:
        """Genes that the rows lack or have besides."""
        if not isinstance(spec, CountsSpec):
            return ()
        match = match_genes(self.names, spec.columns)
        odd = match.missing or match.unknown or match.respelt
        return (f"{origin.source}, input {spec.name}: {match.summary}",) if odd else ()

    def _with_genes_of(self, first: "SparseCounts") -> Any:
        """The matrix with the genes of another column in their order."""
        if self.names == first.names and self.absent == first.absent:
            return self.matrix
        place = {name: at for at, name in enumerate(self.names)}
        others = set(place) ^ set(first.names) | self.absent ^ first.absent
        if others:
            raise DataError(
                f"cells of two files have other genes ({len(others)} of them, such as "
                f"{min(others)!r}, stand in one alone): keep in both files the genes "
                f"that both have"
            )
        return self.matrix[:, [place[name] for name in first.names]]


def _check_counts(frame: Frame, name: str) -> None:
    """Refuse the values of a layer that are no raw counts."""
    ids = tuple(map(str, frame.columns["id"])) if "id" in frame.columns else ()
    table = Expression(
        frame.arrays[name],
        frame.vectors[name],
        ids or tuple(map(str, frame.rows)),
        source=frame.source,
    )
    check_values(table, counts=True, before=int(frame.rows[0]) if len(frame) else 0)
