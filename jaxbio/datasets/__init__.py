"""Public data sets by name: where they are, their licences, their readers."""

from typing import TYPE_CHECKING

from jaxbio._lazy import importer

if TYPE_CHECKING:
    from jaxbio.datasets import catalog
    from jaxbio.datasets.chains import cgdms_chains
    from jaxbio.datasets.drugs import DrugTables, tables
    from jaxbio.datasets.loaders import load

_HOMES = {
    "chains": ("cgdms_chains",),
    "drugs": ("DrugTables", "tables"),
    "loaders": ("load",),
}

__all__ = [
    "DrugTables",
    "catalog",
    "cgdms_chains",
    "load",
    "tables",
]

__getattr__ = importer(__name__, _HOMES, ("catalog",))
