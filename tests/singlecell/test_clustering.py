"""Clusters of cells."""

import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from jaxbio.data.expression import read_counts
from jaxbio.errors import DataError
from jaxbio.metrics.clustering import adjusted_rand_index
from jaxbio.singlecell import clustering
from jaxbio.singlecell.clustering import (
    cluster,
    cluster_counts,
    components,
    find_clusters,
    has_leiden,
    leiden,
)


def _groups(cells=180, genes=120, k=3, seed=0):
    """Counts of cells of k groups, each with genes of its own."""
    rng = np.random.default_rng(seed)
    truth = np.arange(cells) % k
    rates = rng.gamma(1.0, 1.0, genes) * np.ones((k, 1))
    for group in range(k):
        rates[group, group * 10 : group * 10 + 10] *= 8
    library = rng.lognormal(0, 0.5, (cells, 1))
    return sparse.csr_matrix(rng.poisson(rates[truth] * library).astype(float)), truth


def test_residuals_by_hand():
    # Library sizes 4 and 2, genes 4 and 2 of 6: expected are 8/3, 4/3; 4/3, 2/3.
    from jaxbio.singlecell.clustering import _residuals

    counts = sparse.csc_matrix(np.array([[3.0, 1.0], [1.0, 1.0]]))
    expected = np.array([[8 / 3, 4 / 3], [4 / 3, 2 / 3]])
    by_hand = (counts.toarray() - expected) / np.sqrt(expected + expected**2 / 100)
    got = _residuals(counts, np.array([4.0, 2.0]))
    np.testing.assert_allclose(got, by_hand, rtol=1e-5)


def test_groups_are_found_whatever_the_library_size():
    matrix, truth = _groups()
    assert adjusted_rand_index(truth, cluster_counts(matrix, 3)) > 0.95
    assert adjusted_rand_index(truth, cluster_counts(matrix)) > 0.95
    # Ten times the counts of every other cell are the same cells.
    often = sparse.diags(np.where(np.arange(180) % 2, 10.0, 1.0)) @ matrix
    assert adjusted_rand_index(truth, cluster_counts(often.tocsr(), 3)) > 0.9


def test_same_seed_same_clusters_and_order_of_cells_does_not_matter():
    matrix, _ = _groups(seed=1)
    found = cluster_counts(matrix, 3, seed=2)
    assert (found == cluster_counts(matrix, 3, seed=2)).all()
    mixed = np.random.default_rng(0).permutation(matrix.shape[0])
    again = cluster_counts(matrix[mixed], 3, seed=2)
    assert adjusted_rand_index(found[mixed], again) > 0.95
    assert (np.diff(np.bincount(found)) <= 0).all()


def test_bad_input_of_clusters():
    with pytest.raises(DataError, match="cell 2 has a value that is not finite"):
        cluster(np.array([[0.0], [np.nan], [1.0]]))
    with pytest.raises(DataError, match="5 clusters of 3 cells"):
        cluster(np.eye(3), 5)
    with pytest.raises(DataError, match="no counts at all"):
        components(sparse.csr_matrix((10, 4)))
    some = sparse.csr_matrix(np.ones((4, 6)))
    with pytest.raises(DataError, match=r"^4 cells: at least 5 are needed"):
        components(some)
    rare = sparse.csr_matrix(np.repeat(np.eye(3), 4, axis=0))
    with pytest.raises(
        DataError, match="none of the 3 genes has counts in at least 5 of the 12 cells"
    ):
        components(rare)


def test_five_cells_are_enough():
    counts = np.random.default_rng(0).poisson(3.0, (5, 30)) + 1
    assert cluster_counts(sparse.csr_matrix(counts)).shape == (5,)


@pytest.mark.data
def test_mouse_spleen_has_its_types(real_data):
    folder = real_data("expression/spleen_actinn")
    table = read_counts(folder / "counts.npz", genes=folder / "genes.csv", counts=True)
    truth = pd.read_csv(folder / "cells.csv")["label"].to_numpy()
    found = cluster_counts(table.values, 5)
    assert adjusted_rand_index(truth, found) > 0.88  # 0.79 of SVD and k-means


needs_leiden = pytest.mark.skipif(not has_leiden(), reason="leidenalg is not installed")


def blobs(n=40, seed=0):
    rng = np.random.default_rng(seed)
    return np.repeat(np.eye(4), n, axis=0) + 0.02 * rng.normal(size=(4 * n, 4))


@needs_leiden
def test_communities_of_neighbours_are_found():
    found = leiden(blobs())
    assert np.bincount(found).tolist() == [40] * 4
    assert adjusted_rand_index(np.repeat(np.arange(4), 40), found) == 1
    with pytest.raises(DataError, match="resolution 0: give a number above 0"):
        leiden(blobs(), 0)


@needs_leiden
def test_the_more_stable_clustering_is_taken(monkeypatch):
    found = find_clusters(blobs())
    assert set(found.stability) == {"spectral", "leiden"}
    assert found.stability[found.method] == max(found.stability.values()) > 0.95
    rng = np.random.default_rng(0)
    monkeypatch.setattr(  # one that never says the same twice
        clustering, "cluster", lambda some, k, **how: rng.integers(0, 3, len(some))
    )
    assert find_clusters(blobs()).method == "leiden"


def test_what_is_asked_for_is_done():
    assert find_clusters(blobs(), 3).method == "spectral"
    assert len(set(find_clusters(blobs(), 3).labels)) == 3
    assert find_clusters(blobs(10)).stability == {}  # too few to be cut
    with pytest.raises(DataError, match="takes a resolution, not a number"):
        find_clusters(blobs(), 3, resolution=1.0)
    with pytest.raises(DataError, match="a number of clusters, no resolution"):
        find_clusters(blobs(), method="spectral", resolution=1.0)


def test_without_leidenalg_it_is_spectral_clustering(monkeypatch):
    monkeypatch.setattr(clustering, "has_leiden", lambda: False)
    assert find_clusters(blobs()).method == "spectral"
    with pytest.raises(DataError, match=r"pip install 'jaxbio\[singlecell\]'"):
        find_clusters(blobs(), method="leiden")
