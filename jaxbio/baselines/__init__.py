"""Baselines that stand beside every score: trivial, linear, random effects."""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer

if TYPE_CHECKING:
    from jaxbio.baselines.fit import (
        Baselines,
        fit_baselines,
        load_baselines,
        save_baselines,
    )
    from jaxbio.baselines.random_effects import RandomEffectsBaseline
    from jaxbio.baselines.separation import SeparationBaseline

_HOMES = {
    "fit": (
        "Baselines",
        "fit_baselines",
        "load_baselines",
        "save_baselines",
    ),
    "random_effects": ("RandomEffectsBaseline",),
    "separation": ("SeparationBaseline",),
}

__all__ = [
    "Baselines",
    "RandomEffectsBaseline",
    "SeparationBaseline",
    "fit_baselines",
    "load_baselines",
    "save_baselines",
]

__getattr__ = importer(__name__, _HOMES)
