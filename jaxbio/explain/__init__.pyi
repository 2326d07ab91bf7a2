from .gradcam import activation_maps as activation_maps, grad_cam as grad_cam
from .mutagenesis import ism as ism, substitution_effects as substitution_effects
