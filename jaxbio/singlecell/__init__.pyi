from .autoencoder import (
    Autoencoder as Autoencoder,
    VariationalAutoencoder as VariationalAutoencoder,
)
from .clustering import (
    cluster as cluster,
    cluster_counts as cluster_counts,
    components as components,
)
from .imputation import (
    Imputation as Imputation,
    fit_imputation as fit_imputation,
    impute_genes as impute_genes,
)
from .latent import (
    LatentConfig as LatentConfig,
    encode_cells as encode_cells,
    fit_latent as fit_latent,
)
