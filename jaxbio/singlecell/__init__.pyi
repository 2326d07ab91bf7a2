from .autoencoder import (
    Autoencoder as Autoencoder,
    VariationalAutoencoder as VariationalAutoencoder,
)
from .clustering import (
    Clusters as Clusters,
    cluster as cluster,
    cluster_counts as cluster_counts,
    components as components,
    find_clusters as find_clusters,
    leiden as leiden,
)
from .imputation import (
    Imputation as Imputation,
    fit_imputation as fit_imputation,
    impute_genes as impute_genes,
)
from .latent import AE as AE, VAE as VAE, cells_of as cells_of
