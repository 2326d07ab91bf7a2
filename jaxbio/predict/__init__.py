"""Prediction: from raw inputs to named results."""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer

if TYPE_CHECKING:
    from jaxbio.predict.predictions import Predictions
    from jaxbio.predict.predictor import Predictor

_HOMES = {
    "predictor": (
        "Predictions",
        "Predictor",
    ),
}

__all__ = [
    "Predictions",
    "Predictor",
]

__getattr__ = importer(__name__, _HOMES)
