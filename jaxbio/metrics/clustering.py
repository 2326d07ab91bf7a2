"""Agreement of clusters with known groups, whatever either are called."""

import numpy as np
from jaxtyping import Shaped

from jaxbio.errors import DataError

Labels = Shaped[np.ndarray, "_"]
"""Names or numbers of groups; None, NaN, '' and -1 for a row whose group is unknown."""


def adjusted_rand_index(truth: Labels, clusters: Labels) -> float | None:
    """The share of pairs on which both agree, corrected for chance.

    Hubert & Arabie 1985, J. Classification 2, 193.

    Args:
        truth: The known groups; rows without one are left out.
        clusters: The clusters.

    Returns:
        1 for the same partition, about 0 for a random one; None without rows.

    Raises:
        DataError: If the two have not one label a row each.

    Example:
        >>> truth = np.array(["T", "T", "B", "B"])
        >>> adjusted_rand_index(truth, np.array([1, 1, 0, 0]))
        1.0
        >>> adjusted_rand_index(truth, np.array([0, 1, 0, 1]))
        -0.5
    """
    from sklearn import metrics

    truth, clusters = _known(truth, clusters)
    if not len(truth):
        return None
    return float(metrics.adjusted_rand_score(truth, clusters))


def normalized_mutual_information(truth: Labels, clusters: Labels) -> float | None:
    """Mutual information of clusters and groups, over the mean of both entropies.

    Strehl & Ghosh 2002, J. Mach. Learn. Res. 3, 583, with the arithmetic mean.

    Args:
        truth: The known groups; rows without one are left out.
        clusters: The clusters.

    Returns:
        1 for the same partition, 0 for an independent one; None without rows.

    Raises:
        DataError: If the two have not one label a row each.

    Example:
        >>> truth = np.array(["T", "T", "B", "B"])
        >>> normalized_mutual_information(truth, np.array([1, 1, 0, 0]))
        1.0
    """
    from sklearn import metrics

    truth, clusters = _known(truth, clusters)
    if not len(truth):
        return None
    return float(metrics.normalized_mutual_info_score(truth, clusters))


def cluster_metrics(truth: Labels, clusters: Labels) -> dict[str, float | int | None]:
    """Both measures of clusters.

    Args:
        truth: The known groups; rows without one are left out.
        clusters: The clusters.

    Returns:
        `ari`, `nmi`, `clusters` (how many there are) and `n`, the rows that counted.

    Example:
        >>> cluster_metrics(np.array(["T", "B", ""]), np.array([0, 1, 1]))
        {'ari': 1.0, 'nmi': 1.0, 'clusters': 2, 'n': 2}
    """
    labels = _known(truth, clusters)
    return {
        "ari": adjusted_rand_index(truth, clusters),
        "nmi": normalized_mutual_information(truth, clusters),
        "clusters": len(np.unique(clusters)),
        "n": len(labels[0]),
    }


def _known(truth: Labels, clusters: Labels) -> tuple[np.ndarray, np.ndarray]:
    if len(truth) != len(clusters):
        raise DataError(
            f"{len(clusters)} clusters for {len(truth)} rows of truth: they must stand "
            f"row by row"
        )
    unknown = np.array(
        [value is None or value != value or value in ("", -1) for value in truth], bool
    )
    # Names and numbers side by side do not sort; their codes do.
    codes = {value: at for at, value in enumerate(dict.fromkeys(truth[~unknown]))}
    return np.array([codes[value] for value in truth[~unknown]], int), clusters[
        ~unknown
    ]
