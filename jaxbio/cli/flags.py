"""Flags made from dataclasses: one description serves Python, TOML and the shell."""

import argparse
import dataclasses
import inspect
import re
import types
import typing
from collections.abc import Callable, Collection
from typing import Any


def add_flags(
    parser: argparse.ArgumentParser,
    title: str,
    kinds: Collection[type],
    *,
    chosen: Collection[str] = (),
) -> None:
    """Add a flag for each field of some dataclasses.

    Types come from the annotations and help texts from the `Attributes:` of the
    docstrings. A flag that is not given does not appear among the parsed options.

    Args:
        parser: What to add to.
        title: The heading of the group.
        kinds: Dataclasses; fields of one name are one flag.
        chosen: Fields whose default is chosen by the data, whatever the class says.
    """
    group = parser.add_argument_group(title)
    seen: set[str] = set()
    for kind in kinds:
        described = descriptions(kind)
        hints = typing.get_type_hints(kind)
        for field in dataclasses.fields(kind):
            if field.name in seen:
                continue
            seen.add(field.name)
            options = _argument(hints[field.name])
            default = None if field.name in chosen else field.default
            shown = "chosen by the data" if default is None else _shown(default)
            group.add_argument(
                "--" + field.name.replace("_", "-"),
                dest=field.name,
                default=argparse.SUPPRESS,
                help=f"{described.get(field.name, '')} (default: {shown})".replace(
                    "%", "%%"
                ),
                **options,
            )


def descriptions(kind: type) -> dict[str, str]:
    """What the docstrings of a class and its bases say of each attribute.

    Example:
        >>> from jaxbio.train import Training
        >>> descriptions(Training)["learning_rate"]
        'the peak learning rate'
    """
    found: dict[str, str] = {}
    for base in reversed(kind.__mro__):
        text = inspect.cleandoc(base.__dict__.get("__doc__") or "")
        _, _, listed = text.partition("Attributes:\n")
        listed = listed.split("\n\n")[0]
        for name, words in re.findall(r"^    (\w+): ((?:.|\n     )*)", listed, re.M):
            sentence = " ".join(words.split()).rstrip(".").replace("`", "")
            found[name] = sentence[0].lower() + sentence[1:]
    return found


def _argument(hint: Any) -> dict[str, Any]:
    """The options of `add_argument` for a type."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        hint = next(kind for kind in typing.get_args(hint) if kind is not type(None))
    if hint is bool:
        return {"action": argparse.BooleanOptionalAction}
    if typing.get_origin(hint) is typing.Literal:
        return {"choices": typing.get_args(hint)}
    if typing.get_origin(hint) is tuple:
        return {"type": _tuple(typing.get_args(hint)[0]), "metavar": "N,N,…"}
    return {"type": hint, "metavar": {int: "N", float: "X"}.get(hint, "NAME")}


def _tuple(kind: Callable[[str], Any]) -> Callable[[str], tuple]:
    def parse(text: str) -> tuple:
        return tuple(kind(part) for part in text.split(",") if part.strip())

    parse.__name__ = "list of numbers"  # argparse shows it for a wrong value
    return parse


def _shown(default: Any) -> str:
    if isinstance(default, tuple):
        return ",".join(map(str, default)) or "none"
    return str(default)
