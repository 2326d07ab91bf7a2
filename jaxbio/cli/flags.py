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
    without: Collection[str] = (),
    group: Any = None,
) -> None:
    """Add a flag for each field of some dataclasses.

    Types come from the annotations and help texts from the `Attributes:` of the
    docstrings. A flag that is not given does not appear among the parsed options.

    Args:
        parser: What to add to.
        title: The heading of the group.
        kinds: Dataclasses; fields of one name are one flag.
        chosen: Fields whose default is chosen by the data, whatever the class says.
        without: Fields that get no flag.
        group: A group of the parser to add to, instead of a new one of that title.
    """
    group = group or parser.add_argument_group(title)
    seen: set[str] = set(without)
    for kind in kinds:
        described = descriptions(kind)
        hints = typing.get_type_hints(kind)
        for field in dataclasses.fields(kind):
            if field.name in seen:
                continue
            seen.add(field.name)
            options = _argument(hints[field.name])
            default = "chosen by the data" if field.name in chosen else shown(field)
            group.add_argument(
                "--" + field.name.replace("_", "-"),
                dest=field.name,
                default=argparse.SUPPRESS,
                help=f"{described.get(field.name, '')} (default: {default})".replace(
                    "%", "%%"
                ),
                **options,
            )


def add_help_all(
    parser: argparse.ArgumentParser, common: Collection[str], more: Callable[[], str]
) -> None:
    """Let `--help` show the common options only, and `--help-all` all of them.

    Args:
        parser: Of a command with many options.
        common: The names of the options that are common.
        more: Gives further text for `--help-all`.
    """

    class Common(argparse.RawDescriptionHelpFormatter):
        def add_argument(self, action: argparse.Action) -> None:
            if action.dest in common:
                super().add_argument(action)

    class HelpAll(argparse.Action):
        def __call__(self, parser, namespace, values, option_string=None) -> None:
            parser.formatter_class = argparse.RawDescriptionHelpFormatter
            parser.epilog = f"{more()}\n\n{parser.epilog}"
            parser.print_help()
            parser.exit()

    parser.formatter_class = Common
    parser.add_argument(
        "--help-all",
        action=HelpAll,
        nargs=0,
        default=argparse.SUPPRESS,
        help="show all options, encoders and augmentations",
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


def convert(hint: Any, text: str) -> Any:
    """The value of a type that a text stands for; `+` is between those of a tuple.

    Raises:
        ValueError: If it stands for none.

    Example:
        >>> convert(tuple[int, ...] | None, "8+16"), convert(bool, "no")
        ((8, 16), False)
    """
    hint = _given(hint)
    if hint is bool:
        if text not in ("yes", "no", "true", "false"):
            raise ValueError("write yes or no")
        return text in ("yes", "true")
    if typing.get_origin(hint) is typing.Literal:
        if text not in typing.get_args(hint):
            raise ValueError(f"known: {', '.join(typing.get_args(hint))}")
        return text
    if typing.get_origin(hint) is tuple:
        kind = typing.get_args(hint)[0]
        return tuple(convert(kind, part) for part in text.split("+") if part)
    return hint(text)


def _given(hint: Any) -> Any:
    """The type of a field without None."""
    if isinstance(hint, types.UnionType) or typing.get_origin(hint) is typing.Union:
        return next(kind for kind in typing.get_args(hint) if kind is not type(None))
    return hint


def _argument(hint: Any) -> dict[str, Any]:
    """The options of `add_argument` for a type."""
    hint = _given(hint)
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


def shown(field: dataclasses.Field) -> str:
    """The default of a field in words."""
    if field.default is dataclasses.MISSING:
        return "none, it has to be given"
    if field.default is None:
        return "chosen by the data"
    if isinstance(field.default, tuple):
        return ",".join(map(str, field.default)) or "none"
    return str(field.default)
