"""Explanations of predictions."""

from jaxbio.explain.activations import activation_maps
from jaxbio.explain.gradcam import grad_cam
from jaxbio.explain.mutagenesis import ism
from jaxbio.explain.substitutions import substitution_effects

__all__ = ["activation_maps", "grad_cam", "ism", "substitution_effects"]
