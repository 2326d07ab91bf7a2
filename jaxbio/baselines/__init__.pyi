from .fit import (
    Baselines as Baselines,
    fit_baselines as fit_baselines,
    load_baselines as load_baselines,
    save_baselines as save_baselines,
)
from .random_effects import RandomEffectsBaseline as RandomEffectsBaseline
from .separation import SeparationBaseline as SeparationBaseline
