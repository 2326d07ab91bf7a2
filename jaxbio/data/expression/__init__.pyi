from .genes import (
    Match as Match,
    gene_kind as gene_kind,
    match_genes as match_genes,
    take_genes as take_genes,
)
from .h5ad import read_h5ad as read_h5ad, stream_h5ad as stream_h5ad
from .moments import TOTAL as TOTAL, Moments as Moments, count_moments as count_moments
from .read import (
    read_counts as read_counts,
    read_expression as read_expression,
    read_wide as read_wide,
)
from .table import Expression as Expression, checked as checked
