"""Pictures as Matplotlib figures; `save` writes them, and nothing opens a window."""

from jaxbio.plot.degradation import degradation_curves
from jaxbio.plot.embeddings import embedding, plane
from jaxbio.plot.heatmaps import overlay, overlays
from jaxbio.plot.logo import contribution_logo, contributions
from jaxbio.plot.page import figure, save, style

__all__ = [
    "contribution_logo",
    "contributions",
    "degradation_curves",
    "embedding",
    "figure",
    "overlay",
    "overlays",
    "plane",
    "save",
    "style",
]
