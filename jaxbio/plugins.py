"""Parts by name: those of the package, your own, and those of installed plugins.

A run's folder names its parts and never makes Python import anything: a part is found
because its module was imported, or because an installed package offers that module as
an entry point of the group `jaxbio.plugins`.
"""

import dataclasses
import functools
import importlib
import sys
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any, Generic, TypeVar

from jaxbio.errors import JaxbioError, nearest, spelled

GROUP = "jaxbio.plugins"
"""The group of entry points under which a package offers a module with parts."""

_T = TypeVar("_T")


class Registry(Generic[_T]):
    """Parts of one kind by name.

    Attributes:
        what: The kind, as messages call it: `task`, `encoder`.

    Example:
        >>> tasks = Registry("task")
        >>> tasks.add("regression", object)
        >>> "regression" in tasks, list(tasks)
        (True, ['regression'])
    """

    def __init__(self, what: str):
        self.what = what
        self._parts: dict[str, _T] = {}

    def add(self, name: str, part: _T) -> None:
        """Make a part known; the same definition once more replaces it.

        Raises:
            JaxbioError: If another part has that name.
        """
        other = self._parts.get(name)
        if other is not None and _definition(other) != _definition(part):
            raise JaxbioError(
                f"two {self.what}s are called {name!r}: {_definition(other)} and "
                f"{_definition(part)}: give one of them another name"
            )
        self._parts[name] = part

    def __getitem__(self, name: str) -> _T:
        """The part of a name.

        Raises:
            JaxbioError: For a name that neither an imported module nor an installed
                plugin has registered.
        """
        if name not in self:
            raise JaxbioError(
                f"{self.what} {name!r} is not known: {nearest(name, self._parts)}"
            )
        return self._parts[name]

    def __contains__(self, name: object) -> bool:
        if name not in self._parts:
            load_plugins()
        return name in self._parts

    def __iter__(self) -> Iterator[str]:
        return iter(self._parts)

    def __len__(self) -> int:
        return len(self._parts)

    def get(self, name: str) -> _T | None:
        """The part of a name; None if there is none."""
        return self._parts.get(name)

    def items(self) -> list[tuple[str, _T]]:
        """Names and parts, in the order in which they were added."""
        return list(self._parts.items())

    def make(self, values: Mapping[str, Any]) -> Any:
        """The part that `to_json` described.

        Args:
            values: A name under `name`, and any fields of its class.

        Raises:
            JaxbioError: For a name, a field or a value that cannot be.
        """
        fields = tuples({key: item for key, item in values.items() if key != "name"})
        name = str(values.get("name", ""))
        kind: Any = self[name]
        names = [field.name for field in dataclasses.fields(kind)]
        for key in fields:
            if key not in names:
                raise JaxbioError(
                    f"{self.what} {name} has no field {key!r}: {nearest(key, names)}"
                )
        try:
            return kind(**fields)
        except TypeError as error:
            raise JaxbioError(f"{self.what} {name}: {error}") from None

    def check(self, part: Any) -> None:
        """See that a part will be found again by its name.

        Raises:
            JaxbioError: If its class is not registered.
        """
        kind = type(part)
        name = kind.__dict__.get("name")
        known = self._parts.get(name) if name else None
        if known is None or _definition(known) != _definition(kind):
            raise JaxbioError(
                f"the {self.what} {kind.__qualname__} has no name by which a run could "
                f"find it again: give its class a `name` and the decorator "
                f"@jaxbio.register"
            )


METRICS: Registry[Callable[..., Any]] = Registry("metric")
"""Metrics of users by name: functions `(truth, prediction) -> number`."""


def register(part: _T) -> _T:
    """Make a part of yours known by its name, so that runs with it load again.

    For classes of tasks, encoders, augmentations and column types the name is their
    `name`; a function is a metric of the name that it has. Use it as a decorator. A run
    that uses the part is loaded where its module was imported, or where a package that
    offers the module as an entry point of the group `jaxbio.plugins` is installed.

    Args:
        part: A class with `registry` and `name`, or a function `(truth, prediction) ->
            number`, for which higher is better.

    Returns:
        The part.

    Raises:
        JaxbioError: For something else, or a name that another part has.

    Example:
        >>> @register
        ... def share_within_one(truth, prediction):
        ...     return float((abs(truth - prediction) <= 1).mean())
        >>> METRICS["share_within_one"] is share_within_one
        True
    """
    registry = getattr(part, "registry", None)
    if isinstance(part, type) and isinstance(registry, Registry):
        name = part.__dict__.get("name")
        if not isinstance(name, str) or not name:
            raise JaxbioError(
                f'{part.__qualname__} has no name: write `name = "…"` in the class, '
                f"by which runs and the command line find it"
            )
        registry.add(name, part)
    elif callable(part) and not isinstance(part, type):
        METRICS.add(part.__name__, part)
    else:
        raise JaxbioError(
            f"{part!r} cannot be registered: give a class of a task, an encoder, an "
            f"augmentation or a column type, or a function (truth, prediction) -> "
            f"number for a metric"
        )
    return part


def to_json(value: Any) -> Any:
    """Parts and other dataclasses as JSON values, parts with their names.

    Example:
        >>> from jaxbio.models import Gated
        >>> to_json({"fusion": Gated(64)})
        {'fusion': {'name': 'gated', 'width': 64}}
    """
    if dataclasses.is_dataclass(value) and not isinstance(value, type):
        part: Any = value
        name = {"name": part.name} if hasattr(part, "registry") else {}
        fields = dataclasses.fields(value)
        return name | {f.name: to_json(getattr(value, f.name)) for f in fields}
    if isinstance(value, Mapping):
        return {key: to_json(item) for key, item in value.items()}
    return (
        [to_json(item) for item in value] if isinstance(value, tuple | list) else value
    )


def tuples(fields: Mapping[str, Any]) -> dict[str, Any]:
    """Fields from JSON, in which lists stand for tuples.

    Example:
        >>> tuples({"columns": ["a", "b"], "name": "x"})
        {'columns': ('a', 'b'), 'name': 'x'}
    """
    return {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}


def origin(part: Any) -> str | None:
    """The module in which a part of a user was defined; None for one of the package.

    Example:
        >>> origin(Registry), origin(JaxbioError("…"))
        (None, None)
    """
    kind = part if isinstance(part, type) or hasattr(part, "__name__") else type(part)
    module = kind.__module__
    return None if module.split(".")[0] == "jaxbio" else module


def require(parts: Mapping[str, str], registries: Mapping[str, Registry]) -> None:
    """See that the parts of users that a run needs are there.

    Args:
        parts: The module of each by `what:name`, as a run keeps them.
        registries: The registries by what they hold.

    Raises:
        JaxbioError: With the first name that is missing and its module.
    """
    for key, module in parts.items():
        what, _, name = key.partition(":")
        if name in registries[what]:
            continue
        raise JaxbioError(
            f"the {what} {name!r} of the module {module!r} is not known here: "
            f"{spelled('import that module first', f'name it with --plugin {module}')}"
            f", or install a package that offers it as an entry point of the group "
            f"{GROUP}"
        )


@functools.cache
def load_plugins() -> None:
    """Import the modules that installed packages offer, once.

    Raises:
        JaxbioError: If one cannot be imported.
    """
    from importlib.metadata import entry_points  # slow to import, and few need it

    for entry in entry_points(group=GROUP):
        try:
            entry.load()
        except Exception as error:
            package = entry.dist.name if entry.dist else "a package"
            raise JaxbioError(
                f"the plugin {entry.name} of {package} ({entry.value}) cannot be "
                f"imported: {error!r}: update or uninstall {package}"
            ) from error


def import_plugin(name: str) -> None:
    """Import a module of a user, whose parts register themselves.

    Args:
        name: The module, as `import` takes it, also from the working folder; or its
            file, which ends in .py.

    Raises:
        JaxbioError: If it cannot be imported.
    """
    path = Path(name)
    folder, module = (path.parent, path.stem) if path.suffix == ".py" else ("", name)
    sys.path.insert(0, str(Path(folder).absolute()))
    try:
        importlib.import_module(module)
    except Exception as error:
        raise JaxbioError(f"--plugin {name} cannot be imported: {error!r}") from error
    finally:
        sys.path.pop(0)


def _definition(part: Any) -> str:
    """The place of a definition, as module and name."""
    return f"{part.__module__}.{part.__qualname__}"
