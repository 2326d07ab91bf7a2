"""Cells without labels: what they have in common, and clusters of them.

NumPy, SciPy and scikit-learn alone.
"""

import importlib.util
from collections.abc import Callable, Sequence
from typing import Any, Literal, NamedTuple

import numpy as np
import threadpoolctl
from jaxtyping import Float, Float32, Int64, Num

from jaxbio.errors import DataError

_GENES = 2000
_THETA = 100.0  # inverse dispersion of counts around their means, as for UMI counts
_NEIGHBOURS = 20
DIMS = (10, 15, 20, 25, 30)
"""Numbers of leading components over which links of cells are averaged."""

_WEAK = 1 / 15  # of the neighbours that two cells share: less is no link
_AT_ONCE = 1000
_MOST_CLUSTERS = 30
_STARTS = 10
_FOR_SILHOUETTE = 2000
_RESOLUTION = 0.5
_SMALL = 100  # cells below which spectral clustering is taken
_FOR_STABILITY = 3000  # cells
_PARTS, _SHARE = 4, 0.8  # that are clustered again
_LEAST_CELLS = 5  # with a count of a gene, for it to be looked at


def components(
    matrix: Any, n: int = max(DIMS), *, genes: int = _GENES, seed: int = 0
) -> Float32[np.ndarray, "cells n"]:
    """Principal components of Pearson residuals of the most variable genes.

    The residuals of counts from what library size and gene alone predict, under a
    negative binomial model; genes are those with the largest variance of residuals
    (Lause, Berens & Kobak 2021, Genome Biol. 22, 258). Dense is the part of the matrix
    with the chosen genes alone.

    Args:
        matrix: Raw counts, `scipy.sparse.csr_matrix` `[cells genes]`.
        n: How many components; fewer if there are fewer cells or genes.
        genes: How many genes are used.
        seed: Of the randomised decomposition.

    Raises:
        DataError: For a matrix without counts, with fewer than 5 cells, or without a
            gene that has counts in 5 cells.

    Example:
        >>> from scipy import sparse
        >>> counts = np.random.default_rng(0).poisson(1.0, (40, 30))
        >>> components(sparse.csr_matrix(counts), 5).shape
        (40, 5)
    """
    from sklearn.utils.extmath import randomized_svd

    matrix = matrix.tocsc()
    if not matrix.count_nonzero():
        raise DataError("no counts at all: check that the matrix holds raw counts")
    if matrix.shape[0] < _LEAST_CELLS:
        raise DataError(
            f"{matrix.shape[0]} cells: at least {_LEAST_CELLS} are needed, and "
            f"hundreds are advisable"
        )
    common = np.diff(matrix.indptr) >= _LEAST_CELLS
    matrix = matrix[:, np.flatnonzero(common)]
    library = np.asarray(matrix.sum(axis=1)).ravel().astype(np.float64)
    if not library.any():
        raise DataError(
            f"none of the {len(common)} genes has counts in at least {_LEAST_CELLS} of "
            f"the {matrix.shape[0]} cells: give more cells, or genes seen more often"
        )
    spread = np.concatenate(
        [
            _residuals(matrix[:, start : start + _AT_ONCE], library).var(axis=0)
            for start in range(0, matrix.shape[1], _AT_ONCE)
        ]
    )
    genes_used = np.sort(np.argsort(-spread, kind="stable")[:genes])
    residuals = _residuals(matrix[:, genes_used], library)
    residuals -= residuals.mean(axis=0)
    n = min(n, *residuals.shape)
    left, values, _ = randomized_svd(residuals, n, random_state=seed)
    return (left * values).astype(np.float32)


def _residuals(
    counts: Any, library: Float[np.ndarray, "cells"]
) -> Float32[np.ndarray, "cells genes"]:
    total = library.sum()
    genes = np.asarray(counts.sum(axis=0)).ravel()
    expected = np.outer(library, genes / total)
    apart = counts.toarray() - expected
    apart /= np.sqrt(np.maximum(expected + expected**2 / _THETA, 1e-12))
    most = np.sqrt(len(library))  # a single count in a large file says no more
    return np.clip(apart, -most, most).astype(np.float32)


Method = Literal["spectral", "leiden"]
"""How links between cells become clusters."""


class Clusters(NamedTuple):
    """Clusters of cells.

    Attributes:
        labels: The cluster of each cell, from 0, the largest first.
        method: How they were found.
        stability: By method, how well clusters of parts of the cells agree with those
            of all (mean adjusted Rand index); empty where nothing was to be chosen.
    """

    labels: Int64[np.ndarray, "cells"]
    method: Method
    stability: dict[Method, float]


def has_leiden() -> bool:
    """Check that what Leiden clustering needs is installed."""
    return all(importlib.util.find_spec(name) for name in ("igraph", "leidenalg"))


def find_clusters(
    latent: Num[np.ndarray, "cells dims"],
    k: int | None = None,
    *,
    method: Method | None = None,
    resolution: float | None = None,
    dims: Sequence[int] = (),
    seed: int = 0,
) -> Clusters:
    """Group cells by the more stable of spectral and Leiden clustering.

    Stable is what finds the same clusters in parts of the cells as in all of them.

    Args:
        latent: As for `cluster`.
        k: As for `cluster`; a number asks for spectral clustering.
        method: Which, if it is not to be chosen. Without igraph and leidenalg it is
            spectral clustering.
        resolution: Of Leiden clustering, for which it asks; more makes more clusters.
        dims: As for `cluster`.
        seed: Of everything random.

    Raises:
        DataError: As `cluster` and `leiden` do; for a number of clusters beside a
            resolution.

    Source:
        Lange T, Roth V, Braun ML, Buhmann JM (2004) Neural Computation 16:1299, for the
        stability of clusters.
    """
    if k is not None and (resolution is not None or method == "leiden"):
        raise DataError(
            "Leiden clustering takes a resolution, not a number of clusters"
        )
    if method == "spectral" and resolution is not None:
        raise DataError("spectral clustering takes a number of clusters, no resolution")

    def spectral(some: np.ndarray) -> np.ndarray:
        return cluster(some, k, dims=dims, seed=seed)

    def by_leiden(some: np.ndarray) -> np.ndarray:
        given = _RESOLUTION if resolution is None else resolution
        return leiden(some, given, dims=dims, seed=seed)

    ways: dict[Method, Callable[[np.ndarray], np.ndarray]] = {
        "spectral": spectral,
        "leiden": by_leiden,
    }
    if method is None and resolution is not None:
        method = "leiden"
    if method is None and (k is not None or not has_leiden() or len(latent) < _SMALL):
        method = "spectral"
    if method is not None:
        return Clusters(ways[method](latent), method, {})
    some = np.random.default_rng(seed).permutation(len(latent))[:_FOR_STABILITY]
    stability: dict[Method, float] = {
        name: _stability(way, latent[some]) for name, way in ways.items()
    }
    best = max(ways, key=lambda name: stability[name])
    return Clusters(ways[best](latent), best, stability)


def _stability(way: Callable[[np.ndarray], np.ndarray], latent: np.ndarray) -> float:
    """How well clusters of parts of the cells agree with those of all."""
    from sklearn.metrics import adjusted_rand_score

    whole, agreement = way(latent), []
    for number in range(_PARTS):
        rows = np.random.default_rng(number).permutation(len(latent))
        rows = rows[: int(_SHARE * len(rows))]
        agreement.append(adjusted_rand_score(whole[rows], way(latent[rows])))
    return float(np.mean(agreement))


def leiden(
    latent: Num[np.ndarray, "cells dims"],
    resolution: float = 0.5,
    *,
    dims: Sequence[int] = (),
    neighbours: int = _NEIGHBOURS,
    seed: int = 0,
) -> Int64[np.ndarray, "cells"]:
    """Group cells by communities of the neighbours that they share.

    Args:
        latent: As for `cluster`.
        resolution: More makes more clusters.
        dims: As for `cluster`.
        neighbours: As for `cluster`.
        seed: Of the order in which cells are moved.

    Returns:
        The cluster of each cell, from 0, the largest first.

    Raises:
        DataError: For values that are not finite, a resolution that is not above 0, or
            without igraph and leidenalg.

    Source:
        Traag VA, Waltman L, van Eck NJ (2019) Scientific Reports 9:5233.
    """
    if not has_leiden():
        raise DataError(
            "Leiden clustering needs igraph and leidenalg: pip install "
            "'jaxbio[singlecell]'"
        )
    if not resolution > 0:
        raise DataError(f"resolution {resolution}: give a number above 0")
    import igraph
    import leidenalg

    links = _links(latent, dims, neighbours).tocoo()
    once = links.row < links.col
    edges = np.stack([links.row[once], links.col[once]], axis=1)
    graph = igraph.Graph(n=len(latent), edges=edges.tolist())
    found = leidenalg.find_partition(
        graph,
        leidenalg.RBConfigurationVertexPartition,
        weights=links.data[once].tolist(),
        resolution_parameter=resolution,
        seed=seed,
    )
    return _by_size(np.array(found.membership, np.int64))


def _links(
    latent: Num[np.ndarray, "cells dims"], dims: Sequence[int], neighbours: int
) -> Any:
    """Links of cells by the neighbours that they share, over some lengths."""
    if not np.isfinite(latent).all():
        row = int(np.argwhere(~np.isfinite(latent))[0][0])
        raise DataError(f"cell {row + 1} has a value that is not finite")
    used = _lengths(latent, dims)
    return sum(_shared(latent[:, :dim], min(neighbours, len(latent))) for dim in used)


def _lengths(latent: np.ndarray, dims: Sequence[int]) -> list[int]:
    width = latent.shape[1]
    return sorted({min(dim, width) for dim in dims}) or [width]


def _by_size(labels: Int64[np.ndarray, "cells"]) -> Int64[np.ndarray, "cells"]:
    """The same clusters, the largest first."""
    order = np.argsort(-np.bincount(labels), kind="stable")
    return np.argsort(order)[labels].astype(np.int64)


def cluster(
    latent: Num[np.ndarray, "cells dims"],
    k: int | None = None,
    *,
    dims: Sequence[int] = (),
    neighbours: int = _NEIGHBOURS,
    seed: int = 0,
) -> Int64[np.ndarray, "cells"]:
    """Group cells by the neighbours that they share.

    The nearest neighbours of each cell by the cosine; links between cells with many in
    common (Xu & Su 2015, Bioinformatics 31, 1974); spectral clustering of these links
    (Ng, Jordan & Weiss 2002, NIPS 14) with k-means on the leading eigenvectors.

    Args:
        latent: A description of each cell, as from `components` or an autoencoder.
        k: The number of clusters; if not given, the one from 2 to 30 with the largest
            silhouette (Rousseeuw 1987, J. Comput. Appl. Math. 20, 53).
        dims: Numbers of leading columns; links are averaged over descriptions of these
            lengths, so that none has to be chosen. All columns if not given.
        neighbours: How many of each cell, itself included.
        seed: Of k-means.

    Returns:
        The cluster of each cell, from 0, the largest first.

    Raises:
        DataError: For values that are not finite, or more clusters than cells.

    Example:
        >>> rng = np.random.default_rng(0)
        >>> blobs = np.repeat(np.eye(3), 20, axis=0) + 0.01 * rng.normal(size=(60, 3))
        >>> np.bincount(cluster(blobs)).tolist()
        [20, 20, 20]
    """
    from sklearn import metrics

    cells = len(latent)
    if k is not None and not 1 <= k <= cells:
        raise DataError(f"{k} clusters of {cells} cells: ask for 1 to {cells}")
    graph = _links(latent, dims, neighbours)
    used = _lengths(latent, dims)
    most = min(_MOST_CLUSTERS, cells - 1) if k is None else k
    vectors = _leading(graph, most)
    if k is not None:
        return _partition(vectors[:, :k], seed)
    middle = _directions(latent[:, : used[len(used) // 2]])
    sample = np.random.default_rng(seed).permutation(cells)[:_FOR_SILHOUETTE]
    best, result = -np.inf, np.zeros(cells, np.int64)
    for many in range(2, most + 1):
        labels = _partition(vectors[:, :many], seed)
        if 1 < len(np.unique(labels[sample])) < len(sample):
            score = metrics.silhouette_score(middle[sample], labels[sample])
            if score > best:
                best, result = score, labels
    return result


def _partition(
    vectors: Float[np.ndarray, "cells k"], seed: int
) -> Int64[np.ndarray, "cells"]:
    """K-means of directions, the largest cluster first."""
    from sklearn.cluster import KMeans

    k = vectors.shape[1]
    options: dict[str, Any] = {"n_init": _STARTS, "random_state": seed}
    # One thread: the work is small, and sums then do not depend on their order.
    with threadpoolctl.threadpool_limits(limits=1):
        labels = KMeans(k, **options).fit_predict(_directions(vectors))
    return _by_size(labels.astype(np.int64))


def _directions(rows: Num[np.ndarray, "n dims"]) -> Float[np.ndarray, "n dims"]:
    return rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-12)


def cluster_counts(
    matrix: Any, k: int | None = None, *, seed: int = 0
) -> Int64[np.ndarray, "cells"]:
    """Group cells by raw counts: `find_clusters` of `components` of several lengths.

    Args:
        matrix: Raw counts, `scipy.sparse.csr_matrix` `[cells genes]`.
        k: The number of clusters; see `cluster`.
        seed: Of everything random.

    Returns:
        The cluster of each cell, from 0, the largest first.
    """
    return find_clusters(components(matrix, seed=seed), k, dims=DIMS, seed=seed).labels


def _shared(latent: np.ndarray, neighbours: int) -> Any:
    """For each pair of cells the share of neighbours that they have in common."""
    from scipy import sparse
    from sklearn.neighbors import NearestNeighbors

    near = NearestNeighbors(n_neighbors=neighbours).fit(_directions(latent))
    nearest = near.kneighbors(return_distance=False, n_neighbors=neighbours - 1)
    cells = len(latent)
    nearest = np.concatenate([np.arange(cells)[:, None], nearest], axis=1).ravel()
    bounds = np.arange(cells + 1) * neighbours
    links = sparse.csr_matrix(
        (np.ones(len(nearest)), nearest, bounds), shape=(cells, cells)
    )
    graph = (links @ links.T).tocsr()
    graph.data /= 2 * neighbours - graph.data  # of those of either
    graph.data[graph.data < _WEAK] = 0
    graph.setdiag(0)
    graph.eliminate_zeros()
    return graph


def _leading(graph: Any, n: int) -> Float[np.ndarray, "cells n"]:
    """The vectors of the largest eigenvalues of the normalised links."""
    from scipy import sparse

    cells = graph.shape[0]
    degree = np.asarray(graph.sum(axis=1)).ravel()
    root = sparse.diags(1 / np.sqrt(np.maximum(degree, 1e-9)))
    normal = root @ graph @ root
    if n >= cells - 1 or cells < 100:
        values, vectors = np.linalg.eigh(normal.toarray())
    else:
        start = np.random.default_rng(0).normal(size=cells)
        values, vectors = sparse.linalg.eigsh(normal, n, which="LA", v0=start)
    return vectors[:, np.argsort(-values)[:n]]
