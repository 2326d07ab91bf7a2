"""Runs: training from data sets to a folder, and back from the folder."""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer

if TYPE_CHECKING:
    from jaxbio.run.ensemble import Observer
    from jaxbio.run.evaluation import Evaluation, evaluate
    from jaxbio.run.fitting import Run, fit, load, load_run

_HOMES = {
    "fitting": (
        "Run",
        "fit",
        "load",
        "load_run",
    ),
    "ensemble": ("Observer",),
    "evaluation": (
        "Evaluation",
        "evaluate",
    ),
}

__all__ = [
    "Evaluation",
    "Observer",
    "Run",
    "evaluate",
    "fit",
    "load",
    "load_run",
]

__getattr__ = importer(__name__, _HOMES)
