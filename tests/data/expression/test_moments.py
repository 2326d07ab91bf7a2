import tracemalloc

import numpy as np
import pytest
from scipy import sparse

from jaxbio.data.expression import (
    count_moments,
)
from jaxbio.errors import DataError
from tests.helpers import sparse_counts


def test_moments_are_those_of_the_dense_matrix():
    rng = np.random.default_rng(0)
    counts = rng.poisson(0.5, (50, 30)).astype(np.float32)
    counts[7] = counts[-1] = 0  # no counts: not a cell to learn from
    counts[:, 3] = 0
    kept = counts[counts.sum(1) > 0]
    shares = kept / kept.sum(1, keepdims=True)
    logs = np.log1p(1e4 * shares)
    moments = count_moments(sparse.csr_matrix(counts))
    np.testing.assert_allclose(moments.mean, logs.mean(0), rtol=1e-5)
    np.testing.assert_allclose(moments.scale, logs.std(0), rtol=1e-4)
    np.testing.assert_allclose(moments.share, shares.mean(0), rtol=1e-5)
    assert moments.scale[3] == 0
    with pytest.raises(DataError, match="none of 2 cells has any counts"):
        count_moments(sparse.csr_matrix((2, 3), dtype=np.float32))


@pytest.mark.parametrize("at_once", [1, 7, 100])
def test_moments_do_not_depend_on_the_parts(monkeypatch, at_once):
    counts = np.random.default_rng(0).poisson(0.3, (60, 20)).astype(np.float32)
    counts[[0, 20, -1]] = 0
    matrix = sparse.csr_matrix(counts)
    whole = count_moments(matrix)
    monkeypatch.setattr("jaxbio.data.expression.moments._AT_ONCE", at_once)
    for part, same in zip(count_moments(matrix), whole, strict=True):
        np.testing.assert_allclose(part, same, rtol=1e-6)


def test_moments_take_hardly_any_memory(monkeypatch):
    matrix = sparse_counts(20_000, 500)
    monkeypatch.setattr("jaxbio.data.expression.moments._AT_ONCE", 1 << 14)
    tracemalloc.start()
    count_moments(matrix)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert peak < 0.3 * (matrix.data.nbytes + matrix.indices.nbytes)
