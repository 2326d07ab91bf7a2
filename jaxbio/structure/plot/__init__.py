"""Pictures of protein structures as Matplotlib figures; `jaxbio.plot.save` writes."""

from jaxbio.structure.plot.overview import (
    ca_trace,
    distance_maps,
    predicted_structure,
    secondary_structure_strip,
    structure_overview,
)

__all__ = [
    "ca_trace",
    "distance_maps",
    "predicted_structure",
    "secondary_structure_strip",
    "structure_overview",
]
