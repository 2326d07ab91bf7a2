"""Public names: examples need no others, and each means one thing."""

import ast
import importlib
import pkgutil
from pathlib import Path

import pytest

import jaxbio

EXAMPLES = sorted((Path(__file__).parents[1] / "examples").glob("*.py"))
PUBLIC = {
    "jaxbio",
    *(f"jaxbio.{name}" for name in ("clinical", "data", "datasets", "design")),
    *(f"jaxbio.{name}" for name in ("explain", "genome", "metrics", "nn", "plot")),
    *(f"jaxbio.{name}" for name in ("predict", "run", "singlecell", "structure")),
    *(f"jaxbio.{name}" for name in ("tasks", "train")),
}
PACKAGES = [
    found.name
    for found in pkgutil.walk_packages(jaxbio.__path__, "jaxbio.")
    if found.ispkg
]


def private_names(text: str) -> list[str]:
    """What a script takes from jaxbio that is not public."""
    found = []
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            found += [each.name for each in node.names if each.name != "jaxbio"]
        if isinstance(node, ast.ImportFrom):
            module = node.module or ""
            known = importlib.import_module(module).__all__ if module in PUBLIC else ()
            names = [each.name for each in node.names if each.name not in known]
            found += [f"{module}.{name}" for name in names]
        if isinstance(node, ast.Attribute):  # such as jb.plot.save
            module, _, name = ast.unparse(node).rpartition(".")
            package = module.replace("jb", "jaxbio", 1)
            if module.split(".")[0] == "jb" and package in PUBLIC:
                known = importlib.import_module(package).__all__
                found += [f"{package}.{name}"] if name not in known else []
    return [name for name in found if name.split(".")[0] == "jaxbio"]


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: path.stem)
def test_examples_need_public_names_only(path):
    assert private_names(path.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    ("line", "private"),
    [
        ("import jaxbio.plot.page", ["jaxbio.plot.page"]),
        ("from jaxbio.plot.page import save", ["jaxbio.plot.page.save"]),
        ("from jaxbio.plot import save, page", ["jaxbio.plot.page"]),
        ("jb.data.io.files.open_bytes(x)", ["jaxbio.data.io"]),
        ("import numpy as np; import jaxbio as jb; jb.fit(np.array(1)).evaluate()", []),
    ],
)
def test_private_names_are_found(line, private):
    assert private_names(line) == private


@pytest.mark.parametrize("name", ["jaxbio", *PACKAGES])
def test_public_names_are_there_and_no_module_bears_one_of_a_function(name):
    package = importlib.import_module(name)
    values = {each: getattr(package, each) for each in getattr(package, "__all__", ())}
    modules = {each.name for each in pkgutil.iter_modules(package.__path__)}
    assert not [each for each in modules & values.keys() if callable(values[each])]
