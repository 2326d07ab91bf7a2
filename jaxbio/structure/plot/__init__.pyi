from .attributions import attribution_strip as attribution_strip
from .overview import (
    ca_trace as ca_trace,
    distance_maps as distance_maps,
    predicted_structure as predicted_structure,
    secondary_structure_strip as secondary_structure_strip,
    structure_overview as structure_overview,
)
