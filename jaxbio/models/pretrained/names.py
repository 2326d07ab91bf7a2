"""From the tensors of a file to the parameters of a `LanguageModel`: strict.

Whatever does not fit is collected and told at once: tensors that are missing, of
another shape, or left over.
"""

import dataclasses
import re
from collections.abc import Iterable, Mapping
from typing import Any

import jax
import numpy as np

from jaxbio.errors import JaxbioError, nearest

_SHOWN = 8


@dataclasses.dataclass(frozen=True)
class Part:
    """Some of the rows of a tensor that a file keeps as one.

    Attributes:
        name: The tensor's module.
        at: Which part.
        of: How many parts there are.
    """

    name: str
    at: int
    of: int


Table = Mapping[str, "str | Part"]
"""By the path of a module, or of a parameter of it, the name of the module, or of the
tensor, in files. `{}` stands for the number of the layer."""

_SUFFIXES = {
    "kernel": (".weight",),
    "embedding": (".weight",),
    "scale": (".weight", ".gamma"),
    "bias": (".bias", ".beta"),
}


def read_parameters(
    tensors: Mapping[str, np.ndarray],
    shapes: Mapping[str, Any],
    table: Table,
    *,
    layers: int,
    ignored: Iterable[str] = (),
    source: str = "the weights",
) -> dict[str, Any]:
    """The parameters of a model, stacked over its layers.

    Args:
        tensors: Arrays by the names of the file.
        shapes: What the model needs, as a nested dict; see `shapes_of`.
        table: Which tensor is which parameter.
        layers: Number of layers.
        ignored: Patterns of names that may be left over.
        source: Where the tensors come from, for messages.

    Returns:
        A nested dict like `shapes`, of float32.

    Raises:
        JaxbioError: If a tensor is missing, misshapen or left over; it names all.

    Example:
        >>> tensors = {"dense.weight": np.ones((3, 2)), "dense.bias": np.ones(3)}
        >>> shapes = {"head": {"kernel": np.zeros((2, 3)), "bias": np.zeros(3)}}
        >>> found = read_parameters(tensors, shapes, {"head": "dense"}, layers=0)
        >>> found["head"]["kernel"].shape
        (2, 3)
    """
    reader = _Reader(_prefixed(tensors, table), table)
    result: dict[str, Any] = {}
    for path, wanted in _leaves(shapes):
        stacked = path.startswith("stack/layers/")
        shape = tuple(wanted.shape)
        values = [
            reader.read(path, number, shape[1:] if stacked else shape)
            for number in (range(layers) if stacked else (0,))
        ]
        if all(value is not None for value in values):
            whole = np.empty(shape, np.float32)
            for number, value in enumerate(values):
                whole[number if stacked else ...] = value
            _place(result, path, whole)
    unused = [
        name
        for name in reader.tensors
        if name not in reader.used
        and not any(re.fullmatch(pattern, name) for pattern in ignored)
    ]
    reader.refuse(unused, source)
    return result


class _Reader:
    """The tensors of a file, which were used, and what was wrong."""

    def __init__(self, tensors: Mapping[str, np.ndarray], table: Table):
        self.tensors = tensors
        self.table = table
        self.used: set[str] = set()
        self.missing: list[str] = []
        self.misshapen: list[str] = []

    def read(self, path: str, number: int, shape: tuple[int, ...]) -> np.ndarray | None:
        names, part, kind = self._names(path, number)
        name = next((each for each in names if each in self.tensors), None)
        if name is None:
            self.missing.append(f"{names[0]} {_written(shape, kind)}")
            return None
        self.used.add(name)
        value = self.tensors[name]
        if part is not None and len(value) % part.of == 0:
            rows = len(value) // part.of
            value = value[part.at * rows : (part.at + 1) * rows]
        value = value.T if kind == "kernel" else value
        if value.shape != shape:
            found = list(self.tensors[name].shape)
            wanted = _written(shape, kind, 1 if part is None else part.of)
            self.misshapen.append(f"{name} is {found}, not {wanted}")
            return None
        return value

    def _names(self, path: str, number: int) -> tuple[list[str], Part | None, str]:
        module, _, kind = path.rpartition("/")
        whole = self.table.get(path)
        if isinstance(whole, str):
            return [whole.format(number)], None, kind
        entry = self.table[module]
        part = entry if isinstance(entry, Part) else None
        stem = (entry.name if isinstance(entry, Part) else entry).format(number)
        return [stem + suffix for suffix in _SUFFIXES[kind]], part, kind

    def refuse(self, unused: list[str], source: str) -> None:
        problems = []
        free = unused or list(self.tensors)
        if self.missing:
            hint = nearest(self.missing[0].split()[0], free).partition(" Known")[0]
            hint = f"; {hint}" if hint else ""
            problems.append(f"missing: {_listed(self.missing)}{hint}")
        if self.misshapen:
            problems.append(f"of another shape: {_listed(self.misshapen)}")
        if unused:
            problems.append(f"left over: {_listed(unused)}")
        if problems:
            raise JaxbioError(f"{source} do not fit the model. " + ". ".join(problems))


def _written(shape: tuple[int, ...], kind: str, parts: int = 1) -> list[int]:
    """A shape as files have it."""
    written = list(shape[::-1] if kind == "kernel" else shape)
    written[0] *= parts
    return written


def _prefixed(tensors: Mapping[str, np.ndarray], table: Table) -> dict[str, np.ndarray]:
    """Names with the prefix of the family, which files of the trunk alone lack."""
    first = table.get("tokens")
    prefix = first.split(".")[0] + "." if isinstance(first, str) else ""
    if not isinstance(first, str) or f"{first[len(prefix) :]}.weight" not in tensors:
        return dict(tensors)
    return {prefix + name: value for name, value in tensors.items()}


def _leaves(shapes: Mapping[str, Any]) -> list[tuple[str, Any]]:
    return [
        ("/".join(str(key.key) for key in path), leaf)
        for path, leaf in jax.tree_util.tree_leaves_with_path(shapes)
    ]


def _place(tree: dict[str, Any], path: str, value: Any) -> None:
    *parts, last = path.split("/")
    for part in parts:
        tree = tree.setdefault(part, {})
    tree[last] = value


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
    return ", ".join(names[:_SHOWN]) + more
