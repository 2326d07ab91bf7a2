"""Pictures of protein structures; drawing libraries are imported when needed."""

from jaxbio.structure.plot.overview import (
    ca_trace,
    distance_maps,
    secondary_structure_strip,
    structure_overview,
)

__all__ = [
    "ca_trace",
    "distance_maps",
    "secondary_structure_strip",
    "structure_overview",
]
