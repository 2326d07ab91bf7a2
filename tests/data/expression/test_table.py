import numpy as np
import pytest
from scipy import sparse

from jaxbio.data.expression import (
    Expression,
    checked,
)
from jaxbio.errors import DataError

COUNTS = np.array([[0, 3, 1], [2, 0, 0], [0, 0, 5], [1, 1, 1]], np.float32)
GENES = ("MYC", "TP53", "KRAS")


def _table(values, genes=GENES, **more):
    values = np.asarray(values, np.float32) if isinstance(values, list) else values
    ids = tuple(f"c{row}" for row in range(values.shape[0]))
    return Expression(values, genes, ids, source="x.csv", **more)


def test_bad_counts_are_pointed_out():
    for wrap in (sparse.csr_matrix, np.asarray):
        values = COUNTS.copy()
        values[1, 0] = -2
        place = r"x.csv, row 2 \(c1\), gene 'MYC': -2 is negative \(1 such"
        with pytest.raises(DataError, match=place):
            checked(_table(wrap(values)), counts=True)
        values[1, 0] = 0.5
        with pytest.raises(DataError, match=r"0\.5 is not a whole number"):
            checked(_table(wrap(values)), counts=True)
        assert checked(_table(wrap(values))).genes == GENES
        values[1, 0] = np.inf
        with pytest.raises(DataError, match="inf is not a finite number"):
            checked(_table(wrap(values)))
    values[1, 0] = np.nan
    with pytest.raises(DataError, match="nan is not a finite number"):
        checked(_table(sparse.csr_matrix(values)))
    assert np.isnan(checked(_table(values), counts=True).values[1, 0])
    empty = COUNTS * np.array([[1], [0], [1], [1]], np.float32)
    assert "1 of 4 cells have no counts" in checked(_table(empty), counts=True).notes[0]


def test_genes_that_occur_twice():
    for wrap in (sparse.csr_matrix, np.asarray):
        table = _table(wrap(COUNTS), ("A", "B", "A"))
        with pytest.raises(DataError, match=r"1 gene occurs more than once \('A' 2"):
            checked(table)
        summed = checked(table, duplicates="sum")
        values = summed.values.toarray() if summed.is_sparse else summed.values
        np.testing.assert_array_equal(values, [[1, 3], [2, 0], [5, 0], [2, 1]])
        assert summed.genes == ("A", "B") and "added up" in summed.notes[0]
