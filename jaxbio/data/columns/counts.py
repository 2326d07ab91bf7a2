"""Sparse counts of genes in cells."""

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float32, Num


@dataclasses.dataclass(frozen=True)
class SparseCounts:
    """Counts of many genes in cells, most of them 0.

    Attributes:
        matrix: A sparse matrix of SciPy in rows (CSR), float32 `[n genes]`.
        names: The genes.
        absent: Genes about which the file says nothing, which is not a count of 0.
    """

    matrix: Any
    names: tuple[str, ...]
    absent: frozenset[str] = frozenset()
    kind = "counts"

    def __len__(self) -> int:
        return self.matrix.shape[0]

    def take(self, indices: Num[np.ndarray, "m"]) -> "SparseCounts":
        """The chosen rows."""
        return dataclasses.replace(self, matrix=self.matrix[indices])

    def dense(self, indices: Num[np.ndarray, "m"]) -> Float32[np.ndarray, "m genes"]:
        """The chosen rows with all zeros written out; NaN for absent genes."""
        table = self.matrix[indices].toarray()
        if self.absent:
            table[:, [name in self.absent for name in self.names]] = np.nan
        return table
