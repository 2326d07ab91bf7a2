"""Public data sets by name: where they are, their licences, their readers."""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer

if TYPE_CHECKING:
    from jaxbio.datasets import catalog
    from jaxbio.datasets.loaders import load

_HOMES = {
    "loaders": ("load",),
}

__all__ = [
    "catalog",
    "load",
]

__getattr__ = importer(__name__, _HOMES, ("catalog",))
