"""Expression of genes: reading matrices of cells, matching genes, statistics.

Raw counts stay sparse: what a model needs dense, it makes dense batch by batch.
"""

from jaxbio.data.expression.genes import Match, gene_kind, match_genes, take_genes
from jaxbio.data.expression.h5ad import read_h5ad, stream_h5ad
from jaxbio.data.expression.moments import TOTAL, Moments, count_moments
from jaxbio.data.expression.read import read_counts, read_expression, read_wide
from jaxbio.data.expression.table import Expression, checked

__all__ = [
    "TOTAL",
    "Expression",
    "Match",
    "Moments",
    "checked",
    "count_moments",
    "gene_kind",
    "match_genes",
    "read_counts",
    "read_expression",
    "read_h5ad",
    "read_wide",
    "stream_h5ad",
    "take_genes",
]
