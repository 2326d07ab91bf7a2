"""Statistics of log-normalised counts, without a dense copy."""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
from jaxtyping import Float32, Int

from jaxbio.errors import DataError

TOTAL = 1e4
"""The counts of every cell once library sizes are levelled."""

_AT_ONCE = 1 << 20  # stored values that are transformed at a time


class Moments(NamedTuple):
    """Statistics of each gene over training cells, of log(1 + normalised counts).

    Attributes:
        mean: The mean.
        scale: The standard deviation; 0 for a gene that does not vary.
        share: The mean share of the gene in a cell's counts.
    """

    mean: Float32[np.ndarray, "genes"]
    scale: Float32[np.ndarray, "genes"]
    share: Float32[np.ndarray, "genes"]


def count_moments(matrix: Any, *, total: float = TOTAL) -> Moments:
    """Mean, standard deviation and share of each gene over cells.

    Args:
        matrix: Raw counts, `scipy.sparse.csr_matrix` `[cells genes]`.
        total: The library size to which every cell is brought before log(1 + x).

    Returns:
        Statistics over cells that have any counts; `[genes]` each.

    Raises:
        DataError: If there are no such cells.

    Example:
        >>> from scipy import sparse
        >>> counts = sparse.csr_matrix(np.array([[1, 1, 0], [2, 0, 0]], np.float32))
        >>> moments = count_moments(counts, total=2)
        >>> [round(float(value), 4) for value in moments.mean]  # of logs 2, 3; 2, 1
        [0.8959, 0.3466, 0.0]
        >>> moments.share.tolist()
        [0.75, 0.25, 0.0]
    """
    cells, genes = matrix.shape
    n, sums = 0, np.zeros((3, genes))
    for start, end in _parts(matrix.indptr):
        bounds = matrix.indptr[start : end + 1].astype(np.int64)
        stored = slice(bounds[0], bounds[-1])
        counts = matrix.data[stored].astype(np.float64)
        rows = np.repeat(np.arange(end - start), np.diff(bounds))
        totals = np.bincount(rows, counts, end - start)
        n += int((totals > 0).sum())
        shares = counts / np.where(totals > 0, totals, 1)[rows]
        logs = np.log1p(total * shares)
        for out, values in zip(sums, (logs, logs**2, shares), strict=True):
            out += np.bincount(matrix.indices[stored], values, genes)
    if not n:
        raise DataError(f"none of {cells} cells has any counts: check the file")
    mean, square, share = sums / n
    spread = np.sqrt(np.maximum(square - mean**2, 0))
    spread[spread < 1e-6 * np.maximum(mean, 1e-30)] = 0  # a constant, up to rounding
    return Moments(*(part.astype(np.float32) for part in (mean, spread, share)))


def _parts(bounds: Int[np.ndarray, "n_plus_1"]) -> Iterator[tuple[int, int]]:
    """First rows and ends of parts with few stored values, or of one row each."""
    start, last = 0, len(bounds) - 1
    while start < last:
        full = np.searchsorted(bounds, bounds[start] + _AT_ONCE, side="right") - 1
        end = min(max(int(full), start + 1), last)
        yield start, end
        start = end
