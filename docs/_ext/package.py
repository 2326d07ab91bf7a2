"""`package`: what a package says of itself, and the names that it gives.

    .. package:: jaxbio.data

Packages of jaxbio import their names when they are first used; `__all__` says
which there are.
"""

import importlib
import inspect
import pkgutil
import sys
import types

from docstrings import fenced
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.pycode import ModuleAnalyzer
from sphinx.util.docutils import SphinxDirective
from sphinx.util.logging import getLogger

LOG = getLogger(__name__)


class Package(SphinxDirective):
    """A table of the names of a package, and each of them in full."""

    required_arguments = 1
    has_content = True  # further names, with the module in which they stand

    def run(self) -> list[nodes.Node]:
        """The nodes of all that."""
        package = self.arguments[0]
        names = {f"{package}.{n}": n for n in _names(package)}
        given = {path.rpartition(".")[2] for path in names}
        for line in filter(None, map(str.strip, self.content)):
            if line.rpartition(".")[2] not in given:
                names[line] = line.removeprefix(f"{package}.")
        objects = {}
        for path in names:
            try:
                objects[path] = _object(path)
            except (AttributeError, ImportError) as error:
                LOG.warning("%s cannot be imported: %s", path, error)
        modules = [p for p, o in objects.items() if isinstance(o, types.ModuleType)]
        paths = sorted(
            objects.keys() - set(modules), key=lambda p: _order(p, objects[p])
        )
        homes = {path: path for path in paths}
        if package == "jaxbio":  # most of its names are those of packages
            homes |= {path: _described(path, names[path]) for path in paths}
        lines = [f".. py:module:: {package}", ""]
        lines += _docstring(package)
        lines += _table([(homes[p], names[p], objects[p]) for p in paths])
        if modules:
            listed = ", ".join(f":py:mod:`{path}`" for path in sorted(modules))
            lines += [f"Packages: {listed}.", ""]
        for path in paths:
            if homes[path] == path:
                lines += _entry(path, objects[path])
        holder = nodes.container()
        self.state.nested_parse(
            StringList(lines, source=f"{package}.__all__"), self.content_offset, holder
        )
        return list(holder.children)


def _names(package: str) -> list[str]:
    return importlib.import_module(package).__all__


def _described(path: str, name: str) -> str:
    """The package that gives a name of jaxbio, too, and describes it."""
    root = importlib.import_module("jaxbio")
    for found in pkgutil.iter_modules(root.__path__):
        if found.ispkg and found.name != "cli":
            home = importlib.import_module(f"jaxbio.{found.name}")
            if name in home.__all__ and getattr(home, name) is getattr(root, name):
                return f"jaxbio.{found.name}.{name}"
    return path


def _docstring(package: str) -> list[str]:
    """The text of a package, with fenced code as reStructuredText has it."""
    text = inspect.getdoc(importlib.import_module(package)) or ""
    return [*fenced(text.splitlines()), ""]


def _object(path: str):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _order(path: str, value: object) -> tuple[int, str]:
    """Classes, functions, values; each by name."""
    name = path.rpartition(".")[2]
    kind = 0 if inspect.isclass(value) else 1 if callable(value) else 2
    return kind, name.lower()


def _role(value: object) -> str:
    if inspect.isclass(value):
        return "class"
    return "func" if inspect.isroutine(value) else "data"


def _table(rows: list[tuple[str, str, object]]) -> list[str]:
    if not rows:
        return []
    lines = [".. list-table::", "   :widths: auto", ""]
    for path, short, value in rows:
        lines.append(f"   * - :py:{_role(value)}:`{short} <{path}>`")
        lines.append(f"     - {_first_sentence(path, value)}")
    return [*lines, ""]


def _first_sentence(path: str, value: object) -> str:
    if not (inspect.isclass(value) or inspect.isroutine(value)):
        text = _comment(path) or f"Of the type `{type(value).__name__}`."
    else:
        text = inspect.getdoc(value) or ""
    return " ".join(text.split("\n\n")[0].split())


def _comment(path: str) -> str:
    """The text under the assignment of a value, wherever in jaxbio that stands."""
    name = path.rpartition(".")[2]
    value = _object(path)
    for module, loaded in sorted(sys.modules.items()):
        if module.startswith("jaxbio.") and getattr(loaded, name, None) is value:
            found = ModuleAnalyzer.for_module(module).find_attr_docs()
            if ("", name) in found:
                return "\n".join(found["", name]).strip()
    return ""


def _entry(path: str, value: object) -> list[str]:
    if inspect.isclass(value):
        lines = [f".. autoclass:: {path}", "   :members:"]
        return [*lines, "   :special-members: __call__", ""]
    if inspect.isroutine(value):
        return [f".. autofunction:: {path}", ""]
    text = _comment(path).splitlines()
    return [f".. py:data:: {path}", "", *(f"   {line}" for line in text), ""]


def setup(app) -> dict:
    """Tell Sphinx of the directive."""
    app.add_directive("package", Package)
    return {"parallel_read_safe": True}
