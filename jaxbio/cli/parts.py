"""Networks and augmentations from words: `cnn:channels=128+128`, `scan=flip:0.5`."""

import argparse
import dataclasses
import textwrap
import typing
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any, get_args

from jaxbio.cli.flags import add_flags, convert, descriptions, shown
from jaxbio.errors import JaxbioError, nearest, option
from jaxbio.models import ENCODERS, Encoder, Network, network_from_dict
from jaxbio.models.fusion import Fusion
from jaxbio.models.network import Pairs
from jaxbio.models.pretrained.catalog import MODELS
from jaxbio.models.pretrained.encoder import Pretrained, Tune
from jaxbio.models.pretrained.loading import FAMILIES
from jaxbio.plugins import Registry
from jaxbio.train import Augmentation, Training

AUGMENTATIONS = Augmentation.registry
_COMPOSED = ("encoders", "fusion", "pairs")
_OF_ENCODERS = {
    **{name: f"cnn:{name}" for name in ("channels", "kernel_sizes", "dilations")},
    **{name: f"cnn:{name}" for name in ("pool_windows", "residual", "norm", "pool")},
    **{name: f"cnn:{name}" for name in ("kmers", "both_strands", "kmer_dropout")},
    **{name: f"cnn:{name}" for name in ("positions", "properties", "wide_width")},
    **{name: f"rnn:{name}" for name in ("cell", "widths", "bidirectional")},
    **{"position_dropout": "cnn:position_dropout", "conv_dropout": "cnn:dropout"},
    **{"recurrent_dropout": "rnn:dropout", "category_width": "embedding:width"},
    **{"numeric_hidden": "mlp:hidden", "numeric_dropout": "mlp:input_dropout"},
    **{"image_channels": "resnet:channels", "image_blocks": "resnet:blocks"},
    "image_dropout": "resnet:dropout",
}
MOVED = {
    **{name: f"--encoder {new}=…" for name, new in _OF_ENCODERS.items()},
    **{name: f"--augment {name}:…" for name in ("reverse_complement", "shift")},
    **{name: f"--augment {name}:…" for name in ("mutate", "flip", "flip_vertical")},
    **{name: f"--augment {name}:…" for name in ("rotate", "translate", "brightness")},
    "fusion_width": "--fusion gated:… or --fusion attention:…",
    **{f"pair_{f.name}": f"--pairs {f.name}=…" for f in dataclasses.fields(Pairs)},
}
"""Options of older versions, and how they are written now."""


def add_network_flags(parser: argparse.ArgumentParser) -> None:
    """Add the options of the network, and of what examples undergo in training."""
    group = parser.add_argument_group("network")

    def add(name: str, **options: Any) -> None:
        group.add_argument(name, default=argparse.SUPPRESS, **options)

    add(
        "--encoder",
        action="append",
        metavar="[INPUT=]NAME[:FIELD=VALUE,…]",
        help=f"what encodes an input, or each input that it accepts: "
        f"{', '.join(ENCODERS)}; values of a list stand between plus signs, as in "
        f"cnn:channels=128+128; or a pretrained model (`jaxbio models list`, a "
        f"folder, or as in esm2:FOLDER); repeat for several (default: chosen by the "
        f"data)",
    )
    add("--model", metavar="NAME", help="the same as --encoder NAME")
    add(
        "--tune",
        choices=get_args(Tune),
        help="how pretrained models are trained: frozen, with vectors that are "
        "computed once; lora, by low-rank changes; or full (default: frozen)",
    )
    add("--rank", type=int, metavar="N", help="with --tune lora, the rank (default: 8)")
    add(
        "--fusion",
        metavar="NAME[:WIDTH]",
        help=f"how several inputs become one vector: {', '.join(Fusion.registry)} "
        f"(default: concat)",
    )
    add(
        "--pairs",
        metavar="FIELD=VALUE,…",
        help="layers over pairs of positions: channels, dilations, dropout",
    )
    add_flags(parser, "network", [Network], group=group, without=_COMPOSED)
    add(
        "--augment",
        action="append",
        metavar="[INPUT=]NAME[:VALUE]",
        help=f"what training examples of an input, or of each that it fits, undergo "
        f"at each step: {', '.join(AUGMENTATIONS)}; repeat for several (default: "
        f"chosen by the data)",
    )
    for name in MOVED:
        parser.add_argument(
            "--" + name.replace("_", "-"), action=_Moved, help=argparse.SUPPRESS
        )


class _Moved(argparse.Action):
    """An option of older versions, which tells how it is written now."""

    def __init__(self, option_strings, dest, **options):
        super().__init__(option_strings, argparse.SUPPRESS, nargs="?", **options)
        self._name = dest

    def __call__(self, parser, namespace, values, option_string=None):
        """Stop with the new words."""
        parser.error(f"{option_string} is written {MOVED[self._name]} now")


def parse_part(registry: Registry, text: str) -> tuple[str | None, dict[str, Any]]:
    """An input, if one is named, and a part as `Registry.make` takes it.

    Args:
        registry: The parts.
        text: `[INPUT=]NAME[:FIELD=VALUE,…]`; the first fields need no name.

    Raises:
        JaxbioError: For a name, a field or a value that cannot be.

    Example:
        >>> parse_part(ENCODERS, "drug=mlp:hidden=512+256")
        ('drug', {'name': 'mlp', 'hidden': (512, 256)})
        >>> parse_part(AUGMENTATIONS, "flip:0.5")
        (None, {'name': 'flip', 'share': 0.5})
    """
    head, _, fields = text.partition(":")
    column, equals, name = head.rpartition("=")
    if registry is ENCODERS and name not in registry:
        part = _pretrained(name, fields, text)
        return (column if equals else None), part
    kind: Any = registry[name]
    values = parse_fields(kind, fields, f"{registry.what} {text}")
    return (column if equals else None), {"name": name, **values}


def _pretrained(name: str, fields: str, text: str) -> dict[str, Any]:
    """A pretrained model by its name or folder, as `Registry.make` takes it."""
    model = name
    if name in FAMILIES:
        folder, _, fields = fields.partition(",")
        model = f"{name}:{folder}"
    elif name not in MODELS and "/" not in name and not Path(name).is_dir():
        known = [*ENCODERS, *MODELS]
        raise JaxbioError(f"encoder {name!r} is not known: {nearest(name, known)}")
    values = parse_fields(Pretrained, fields, f"encoder {text}")
    return {"name": Pretrained.name, "model": model, **values}


def _tuned(encoders: Any, settings: Mapping[str, Any]) -> None:
    """Give pretrained models the options that are for all of them."""
    given = {name: settings[name] for name in ("tune", "rank") if name in settings}
    parts = encoders.values() if isinstance(encoders, Mapping) else encoders
    ours = [part for part in parts if part["name"] == Pretrained.name]
    if given and not ours:
        raise JaxbioError(
            f"{option(*next(iter(given.items())))} is for a pretrained model: name "
            f"one, as in {option('model', 'esm2-8m')}"
        )
    for part in ours:
        part.update({name: x for name, x in given.items() if name not in part})


def parse_fields(kind: type, text: str, where: str) -> dict[str, Any]:
    """The fields of a dataclass from `FIELD=VALUE,…`."""
    fields = dataclasses.fields(kind)
    names = [field.name for field in fields]
    places = [field.name for field in fields if not field.kw_only]
    hints, values = typing.get_type_hints(kind), {}
    for at, item in enumerate(part for part in text.split(",") if part):
        field, equals, value = item.partition("=")
        if not equals:
            field, value = (places[at] if at < len(places) else field), item
        field = field.replace("-", "_")
        if field not in names:
            raise JaxbioError(f"{where}: no field {field!r}: {nearest(field, names)}")
        try:
            values[field] = convert(hints[field], value)
        except ValueError as error:
            raise JaxbioError(f"{where}: {field} {value!r}: {error}") from None
    return values


def model_of(settings: Mapping[str, Any]) -> Network | None:
    """The network that the options describe; None if the data are to choose."""
    values = {
        field.name: settings[field.name]
        for field in dataclasses.fields(Network)
        if field.name in settings
    }
    words = settings.get("encoder", ())
    words = [words] if isinstance(words, str) else list(words)
    words += [settings["model"]] if "model" in settings else []
    if words:
        named, general = _sorted(ENCODERS, words)
        if named and general:
            raise JaxbioError("name the input of every encoder, or of none")
        before = values.get("encoders", {})
        values["encoders"] = {**before, **_alone(named)} if named else general
    elif "encoders" in values:
        values["encoders"] = {
            name: parse_part(ENCODERS, each)[1] if isinstance(each, str) else each
            for name, each in values["encoders"].items()
        }
    _tuned(values.get("encoders", ()), settings)
    if isinstance(values.get("fusion"), str):
        values["fusion"] = parse_part(Fusion.registry, values["fusion"])[1]
    if isinstance(values.get("pairs"), str):
        values["pairs"] = parse_fields(Pairs, values["pairs"], "--pairs")
    return network_from_dict(values) if values else None


def training_of(settings: Mapping[str, Any]) -> dict[str, Any]:
    """The settings of training among the options."""
    known = {field.name for field in dataclasses.fields(Training)}
    values = {name: value for name, value in settings.items() if name in known}
    given = values.get("augment")
    if isinstance(given, Mapping):
        values["augment"] = _augment_table(given)
    elif given is not None:
        words = [given] if isinstance(given, str) else list(given)
        named, general = _sorted(AUGMENTATIONS, words)
        if named and general:
            raise JaxbioError("name the input of every augmentation, or of none")
        values["augment"] = _made(named) if named else _made({"": general})[""]
    return values


def _augment_table(given: Mapping[str, Any]) -> Any:
    """Augmentations of a TOML table, `flip = 0.5`, or of one such table an input."""

    def table(changes: Any) -> list[dict[str, Any]]:
        if isinstance(changes, list):  # of a run's config.json
            return changes
        return [
            {"name": name, **value}
            if isinstance(value, Mapping)
            else parse_part(AUGMENTATIONS, f"{name}:{value}")[1]
            for name, value in changes.items()
        ]

    if any(name in AUGMENTATIONS for name in given):
        return _made({"": table(given)})[""]
    return _made({name: table(changes) for name, changes in given.items()})


def _made(named: Mapping[str, list[dict[str, Any]]]) -> dict[str, list[Augmentation]]:
    return {
        name: [AUGMENTATIONS.make(each) for each in changes]
        for name, changes in named.items()
    }


def _sorted(registry: Registry, words: Collection[str]):
    """Parts by input, and those that name none."""
    named: dict[str, list[dict[str, Any]]] = {}
    general: list[dict[str, Any]] = []
    for column, part in (parse_part(registry, text) for text in words):
        (general if column is None else named.setdefault(column, [])).append(part)
    return named, general


def _alone(named: Mapping[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    for name, parts in named.items():
        if len(parts) > 1:
            listed = " and ".join(part["name"] for part in parts)
            raise JaxbioError(f"the input {name} has two encoders, {listed}: give one")
    return {name: parts[0] for name, parts in named.items()}


def listing() -> str:
    """All encoders, fusions and augmentations with their fields, for `--help-all`."""
    lines = []
    for registry, flag in (
        (Encoder.registry, "--encoder"),
        (Fusion.registry, "--fusion"),
        (AUGMENTATIONS, "--augment"),
    ):
        lines.append(f"{registry.what}s ({flag}):")
        for name, kind in registry.items():
            summary = (kind.__doc__ or "").strip().splitlines()[0]
            summary = f"{name}: {summary[0].lower()}{summary[1:]}"
            lines += _wrapped(summary, 2, 4)
            described = descriptions(kind)
            for field in dataclasses.fields(kind):
                text = f"{described.get(field.name, '')} (default: {shown(field)})"
                lines += _wrapped(f"{field.name:<18} {text}", 4, 23)
    return "\n".join(lines)


def _wrapped(text: str, first: int, then: int) -> list[str]:
    return textwrap.wrap(
        text, 80, initial_indent=" " * first, subsequent_indent=" " * then
    )
