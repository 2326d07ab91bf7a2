"""How good predictions are: the field's measures, on NumPy arrays, without JAX."""

from typing import TYPE_CHECKING

from jaxbio.lazy import importer

if TYPE_CHECKING:
    from jaxbio.metrics.affinity import (
        affinity_metrics,
        concordance_index,
        enrichment_factor,
        r_m_squared,
        within_group,
    )
    from jaxbio.metrics.backbone import check_backbone, clashes
    from jaxbio.metrics.clusters import (
        adjusted_rand_index,
        cluster_metrics,
        normalised_mutual_information,
    )
    from jaxbio.metrics.contacts import contact_map, contact_metrics, precision_at_l
    from jaxbio.metrics.local_distances import BACKBONE, Lddt, lddt
    from jaxbio.metrics.pairs import pair_metrics
    from jaxbio.metrics.residues import (
        q3,
        q8,
        rsa_metrics,
        secondary_structure_metrics,
        sov,
    )
    from jaxbio.metrics.rows import (
        binary_metrics,
        bootstrap_interval,
        count_metrics,
        multiclass_metrics,
        multilabel_metrics,
        pearson,
        regression_metrics,
        spearman,
    )
    from jaxbio.metrics.superposition import (
        GDT_HA,
        GDT_TS,
        Superposition,
        gdt_ts,
        rmsd,
        superpose,
        tm_score,
    )

_HOMES = {
    "affinity": (
        "affinity_metrics",
        "concordance_index",
        "enrichment_factor",
        "r_m_squared",
        "within_group",
    ),
    "backbone": ("check_backbone", "clashes"),
    "clusters": (
        "adjusted_rand_index",
        "cluster_metrics",
        "normalised_mutual_information",
    ),
    "contacts": ("contact_map", "contact_metrics", "precision_at_l"),
    "local_distances": ("BACKBONE", "Lddt", "lddt"),
    "pairs": ("pair_metrics",),
    "residues": ("q3", "q8", "rsa_metrics", "secondary_structure_metrics", "sov"),
    "rows": (
        "binary_metrics",
        "bootstrap_interval",
        "count_metrics",
        "multiclass_metrics",
        "multilabel_metrics",
        "pearson",
        "regression_metrics",
        "spearman",
    ),
    "superposition": (
        "GDT_HA",
        "GDT_TS",
        "Superposition",
        "gdt_ts",
        "rmsd",
        "superpose",
        "tm_score",
    ),
}

__all__ = [
    "BACKBONE",
    "GDT_HA",
    "GDT_TS",
    "Lddt",
    "Superposition",
    "adjusted_rand_index",
    "affinity_metrics",
    "binary_metrics",
    "bootstrap_interval",
    "check_backbone",
    "clashes",
    "cluster_metrics",
    "concordance_index",
    "contact_map",
    "contact_metrics",
    "count_metrics",
    "enrichment_factor",
    "gdt_ts",
    "lddt",
    "multiclass_metrics",
    "multilabel_metrics",
    "normalised_mutual_information",
    "pair_metrics",
    "pearson",
    "precision_at_l",
    "q3",
    "q8",
    "r_m_squared",
    "regression_metrics",
    "rmsd",
    "rsa_metrics",
    "secondary_structure_metrics",
    "sov",
    "spearman",
    "superpose",
    "tm_score",
    "within_group",
]

# Training needs the measures of rows alone.
__getattr__ = importer(__name__, _HOMES)
