"""Prediction: from raw inputs to named results, and libraries ranked by them."""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer

if TYPE_CHECKING:
    from jaxbio.predict.predictions import Predictions
    from jaxbio.predict.predictor import Predictor
    from jaxbio.predict.screen import Pairs, best, cross
    from jaxbio.predict.selective import UNKNOWN, reject, threshold_for_precision

_HOMES = {
    "predictor": ("Predictions", "Predictor"),
    "screen": ("Pairs", "best", "cross"),
    "selective": ("UNKNOWN", "reject", "threshold_for_precision"),
}

__all__ = [
    "UNKNOWN",
    "Pairs",
    "Predictions",
    "Predictor",
    "best",
    "cross",
    "reject",
    "threshold_for_precision",
]

__getattr__ = importer(__name__, _HOMES)
