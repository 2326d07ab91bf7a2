"""`jaxbio structure`: labels from protein structures, structures from sequences."""

import argparse
import importlib

VERBS = ("labels", "train", "predict")
"""The verbs in the order of a user's day; each is a module of this package."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the verbs of `jaxbio structure`."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    for verb in VERBS:
        importlib.import_module(f"jaxbio.cli.structure.{verb}").add_parser(verbs)


def run(options: argparse.Namespace) -> int:
    """Run a verb."""
    return importlib.import_module(f"jaxbio.cli.structure.{options.verb}").run(options)
