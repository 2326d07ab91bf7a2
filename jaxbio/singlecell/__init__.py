"""Single cells: clusters, latent space, genes that were not measured."""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer

if TYPE_CHECKING:
    from jaxbio.singlecell.autoencoder import Autoencoder, VariationalAutoencoder
    from jaxbio.singlecell.clustering import cluster, cluster_counts, components
    from jaxbio.singlecell.imputation import Imputation, fit_imputation, impute_genes
    from jaxbio.singlecell.latent import LatentConfig, encode_cells, fit_latent

_HOMES = {
    "autoencoder": (
        "Autoencoder",
        "VariationalAutoencoder",
    ),
    "latent": (
        "LatentConfig",
        "encode_cells",
        "fit_latent",
    ),
    "clustering": (
        "cluster",
        "cluster_counts",
        "components",
    ),
    "imputation": (
        "Imputation",
        "fit_imputation",
        "impute_genes",
    ),
}

__all__ = [
    "Autoencoder",
    "Imputation",
    "LatentConfig",
    "VariationalAutoencoder",
    "cluster",
    "cluster_counts",
    "components",
    "encode_cells",
    "fit_imputation",
    "fit_latent",
    "impute_genes",
]

__getattr__ = importer(__name__, _HOMES)
