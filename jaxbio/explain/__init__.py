"""Explanations of predictions."""

from jaxbio.explain.gradcam import activation_maps, grad_cam
from jaxbio.explain.mutagenesis import ism, substitution_effects

__all__ = ["activation_maps", "grad_cam", "ism", "substitution_effects"]
