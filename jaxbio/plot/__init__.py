"""Pictures; the drawing libraries are imported when one is drawn."""

from jaxbio.plot.degradation import degradation_curves
from jaxbio.plot.embeddings import embedding, plane
from jaxbio.plot.heatmaps import overlay, overlays
from jaxbio.plot.logo import contribution_logo, contributions

__all__ = [
    "contribution_logo",
    "contributions",
    "degradation_curves",
    "embedding",
    "overlay",
    "overlays",
    "plane",
]
