"""How good predictions are: the field's measures, on NumPy arrays, without JAX."""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer

if TYPE_CHECKING:
    from jaxbio.metrics.affinity import (
        affinity_metrics,
        concordance_index,
        enrichment_factor,
        pair_metrics,
        r_m_squared,
        within_group,
    )
    from jaxbio.metrics.clustering import (
        adjusted_rand_index,
        cluster_metrics,
        normalized_mutual_information,
    )
    from jaxbio.metrics.contacts import contact_map, contact_metrics, precision_at_l
    from jaxbio.metrics.standard import (
        binary_metrics,
        bootstrap_interval,
        count_metrics,
        multiclass_metrics,
        multilabel_metrics,
        pearson,
        regression_metrics,
        spearman,
    )

_HOMES = {
    "affinity": (
        "affinity_metrics",
        "concordance_index",
        "enrichment_factor",
        "r_m_squared",
        "within_group",
    ),
    "clustering": (
        "adjusted_rand_index",
        "cluster_metrics",
        "normalized_mutual_information",
    ),
    "contacts": ("contact_map", "contact_metrics", "precision_at_l"),
    "pairs": ("pair_metrics",),
    "standard": (
        "binary_metrics",
        "bootstrap_interval",
        "count_metrics",
        "multiclass_metrics",
        "multilabel_metrics",
        "pearson",
        "regression_metrics",
        "spearman",
    ),
}

__all__ = [
    "adjusted_rand_index",
    "affinity_metrics",
    "binary_metrics",
    "bootstrap_interval",
    "cluster_metrics",
    "concordance_index",
    "contact_map",
    "contact_metrics",
    "count_metrics",
    "enrichment_factor",
    "multiclass_metrics",
    "multilabel_metrics",
    "normalized_mutual_information",
    "pair_metrics",
    "pearson",
    "precision_at_l",
    "r_m_squared",
    "regression_metrics",
    "spearman",
    "within_group",
]

# Training needs the measures of rows alone.
__getattr__ = importer(__name__, _HOMES)
