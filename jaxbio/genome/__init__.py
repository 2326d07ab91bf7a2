"""Genomes: variants and genotypes."""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer

if TYPE_CHECKING:
    from jaxbio.genome.genotypes import Genotypes, read_genotypes

_HOMES = {
    "genotypes": ("Genotypes", "read_genotypes"),
}

__all__ = [
    "Genotypes",
    "read_genotypes",
]

__getattr__ = importer(__name__, _HOMES)
