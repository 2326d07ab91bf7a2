"""Pictures; the drawing libraries are imported when one is drawn."""

from jaxbio.plot.degradation import degradation_curves
from jaxbio.plot.embedding import embedding, plane
from jaxbio.plot.logo import contribution_logo, contributions
from jaxbio.plot.overlay import overlay, overlays
from jaxbio.plot.predicted import predicted_structure
from jaxbio.plot.structures import (
    ca_trace,
    distance_maps,
    secondary_structure_strip,
    structure_overview,
)

__all__ = [
    "ca_trace",
    "contribution_logo",
    "contributions",
    "degradation_curves",
    "distance_maps",
    "embedding",
    "overlay",
    "overlays",
    "plane",
    "predicted_structure",
    "secondary_structure_strip",
    "structure_overview",
]
