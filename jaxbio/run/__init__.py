"""Runs: training from data sets to a folder, and back from the folder."""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer

if TYPE_CHECKING:
    from jaxbio.run.ensemble import Observer
    from jaxbio.run.evaluation import Evaluation, evaluate
    from jaxbio.run.fitting import Run, fit, load, load_run
    from jaxbio.run.recipes import choose_model, choose_training

_HOMES = {
    "recipes": ("choose_model", "choose_training"),
    "fitting": (
        "Run",
        "fit",
        "load",
        "load_run",
    ),
    "ensemble": ("Observer",),
    "evaluation": (
        "Evaluation",
        "choose_model",
        "choose_training",
        "evaluate",
    ),
}

__all__ = [
    "Evaluation",
    "Observer",
    "Run",
    "choose_model",
    "choose_training",
    "evaluate",
    "fit",
    "load",
    "load_run",
]

__getattr__ = importer(__name__, _HOMES)
