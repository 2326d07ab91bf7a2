"""`jaxbio models`: pretrained models by name, and where they are."""

import argparse

from jaxbio.cli.console import add_common, finish
from jaxbio.models.pretrained import hub
from jaxbio.models.pretrained.catalog import MODELS
from jaxbio.models.pretrained.folder import ModelFolder


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio models`."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listed = verbs.add_parser("list", help="the models that are known by name")
    got = verbs.add_parser("get", help="download a model and show its licence")
    where = verbs.add_parser("path", help="print where a model lies on this machine")
    for verb in (got, where):
        verb.add_argument(
            "name",
            metavar="NAME",
            help="a model of the list, or a name on Hugging Face",
        )
    got.add_argument(
        "--accept-licence",
        action="store_true",
        help="accept a licence that forbids commercial use; it is remembered",
    )
    for verb in (listed, got, where):
        add_common(verb, device=False)


def run(options: argparse.Namespace) -> int:
    """List, download or find."""
    if options.verb == "list":
        return _list(options)
    if options.verb == "path":
        path = hub.path(options.name)
        print(path)
        finish(options, {"name": options.name, "path": str(path)})
        return 0
    entry = MODELS.get(options.name)
    if entry is not None:
        print(f"{entry.name}: {entry.title}")
        print(f"licence: {entry.licence}")
        print(f"cite: {entry.citation}")
        print(f"from: {entry.address}")
    path = hub.get(options.name, accept_licence=options.accept_licence)
    digest = ModelFolder(path).digest()
    print(f"sha256: {digest}")
    print(path)
    finish(options, {"name": options.name, "path": str(path), "sha256": digest})
    return 0


def _list(options: argparse.Namespace) -> int:
    width = max(map(len, MODELS))
    for entry in MODELS.values():
        here = "here" if hub.find(entry.name) else ""
        print(
            f"{entry.name:<{width}}  {here:<4}  {_size(entry.parameters):>6}  "
            f"{entry.title} [{entry.licence}]"
        )
    finish(options, {"models": list(MODELS)})
    return 0


def _size(millions: float) -> str:
    """A number of parameters in few letters."""
    return f"{millions / 1000:.1f} B" if millions >= 1000 else f"{millions:.0f} M"
