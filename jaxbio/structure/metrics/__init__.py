"""Measures of protein structure, in NumPy."""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer

if TYPE_CHECKING:
    from jaxbio.structure.metrics.backbone import check_backbone, clashes
    from jaxbio.structure.metrics.local_distance import BACKBONE, Lddt, lddt
    from jaxbio.structure.metrics.secondary_structure import (
        q3,
        q8,
        rsa_metrics,
        secondary_structure_metrics,
        sov,
    )
    from jaxbio.structure.metrics.superposition import (
        GDT_HA,
        GDT_TS,
        Superposition,
        gdt_ts,
        rmsd,
        superpose,
        tm_score,
    )

_HOMES = {
    "backbone": (
        "check_backbone",
        "clashes",
    ),
    "local_distance": (
        "BACKBONE",
        "Lddt",
        "lddt",
    ),
    "secondary_structure": (
        "q3",
        "q8",
        "rsa_metrics",
        "secondary_structure_metrics",
        "sov",
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
    "check_backbone",
    "clashes",
    "gdt_ts",
    "lddt",
    "q3",
    "q8",
    "rmsd",
    "rsa_metrics",
    "secondary_structure_metrics",
    "sov",
    "superpose",
    "tm_score",
]

__getattr__ = importer(__name__, _HOMES)
