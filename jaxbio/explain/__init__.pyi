from .gradcam import activation_maps as activation_maps, grad_cam as grad_cam
from .mutagenesis import ism as ism, substitution_effects as substitution_effects
from .permutation import (
    Importance as Importance,
    permutation_importance as permutation_importance,
)
from .shapley_values import (
    Contributions as Contributions,
    contributions as contributions,
    shapley as shapley,
)
