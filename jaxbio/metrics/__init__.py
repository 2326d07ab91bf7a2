"""How good predictions are: the field's measures, on NumPy arrays, without JAX."""

from jaxbio.metrics.rows import (
    binary_metrics,
    bootstrap_interval,
    count_metrics,
    multiclass_metrics,
    multilabel_metrics,
    regression_metrics,
)

__all__ = [
    "binary_metrics",
    "bootstrap_interval",
    "count_metrics",
    "multiclass_metrics",
    "multilabel_metrics",
    "regression_metrics",
]
