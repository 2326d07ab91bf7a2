"""Names of a package whose parts are imported when first asked for."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def importer(
    package: str, names: Mapping[str, Sequence[str]], modules: Sequence[str] = ()
) -> Callable[[str], Any]:
    """A `__getattr__` for a package.

    Args:
        package: Its `__name__`.
        names: By module of the package, the names that it gives.
        modules: Modules of the package that are names themselves.

    Example:
        >>> find = importer("jaxbio", {"alphabet": ["DNA"]}, ["errors"])
        >>> find("DNA").name, find("errors").__name__
        ('dna', 'jaxbio.errors')
    """
    homes = {name: module for module, listed in names.items() for name in listed}

    def find(name: str) -> Any:
        if name in modules:
            return importlib.import_module(f"{package}.{name}")
        if name in homes:
            return getattr(importlib.import_module(f"{package}.{homes[name]}"), name)
        raise AttributeError(f"module {package!r} has no attribute {name!r}")

    return find
