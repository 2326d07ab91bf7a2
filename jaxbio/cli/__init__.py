"""The command line: `jaxbio COMMAND …`.

Exit codes: 0, 1 for a wrong input (one message, no traceback), 2 for wrong usage, 130
after Ctrl-C.
"""

import argparse
import contextlib
import importlib
import os
import sys
from collections.abc import Sequence

from jaxbio.cli.output import guarded
from jaxbio.cli.repeated import spread_repeated, without_place
from jaxbio.errors import JaxbioError, StoppedError, remedies_as_flags
from jaxbio.plugins import import_plugin
from jaxbio.version import __version__

COMMANDS = {
    "quickstart": "train on real data that is already installed, in about two minutes",
    "train": "train a network on a file of sequences or numbers with labels",
    "pretrain": "train a network on sequences without labels, on hidden symbols",
    "evaluate": "score a trained network on labelled rows, beside plain baselines",
    "predict": "predict the rows of a file of any size",
    "embed": "vectors of sequences by a pretrained model or a run, to a file",
    "score": "score mutations of a sequence, without labels",
    "variants": "score the variants of a VCF file or a table, or all of a region",
    "detect": "find symbols that a model did not expect, such as mutations in reads",
    "explain": "show what in an image, a sequence or a table speaks for a prediction",
    "design": "propose sequences that a trained network predicts to be as wanted",
    "cells": "clusters, latent descriptions and unmeasured genes of cells",
    "structure": "labels from protein structures, and structures from sequences",
    "models": "pretrained models of proteins and DNA: which there are, and where",
    "data": "public data sets; genotypes and windows as tables; variants with genes",
    "doctor": "show device, versions and speed, and what would make it faster",
    "bench": "time jaxbio against PyTorch, Keras and others on this machine",
}
"""The commands in the order of a user's day; each is a module of this package."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Run a command.

    Args:
        arguments: The words after `jaxbio`; those of the process if not given.

    Returns:
        The exit code.
    """
    words = list(sys.argv[1:] if arguments is None else arguments)
    parser = argparse.ArgumentParser(
        prog="jaxbio",
        description="From biological files and labels to trained, checked and portable "
        "JAX models.",
        epilog="Start with: jaxbio quickstart. Then: jaxbio train --help",
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--version", action="version", version=__version__)
    commands = parser.add_subparsers(dest="command", metavar="COMMAND", required=True)
    chosen = words[0] if words else ""
    for name, summary in COMMANDS.items():
        command = commands.add_parser(
            name, help=summary, description=_sentence(summary)
        )
        if name == chosen:  # only the command that is run is imported
            importlib.import_module(f"jaxbio.cli.{name}").add_arguments(command)
    options, extra = parser.parse_known_args(words)
    if extra:
        options, extra = parser.parse_known_args(spread_repeated(parser, words, extra))
    if extra:
        command = commands.choices[options.command]
        command.error(without_place(command, extra))
    with guarded():
        return _run(options)


def _run(options: argparse.Namespace) -> int:
    """Run a command, and tell of errors in one line."""
    try:
        with remedies_as_flags():
            for plugin in getattr(options, "plugin", None) or ():
                import_plugin(plugin)
            module = importlib.import_module(f"jaxbio.cli.{options.command}")
            return module.run(options) or 0
    except StoppedError as error:
        print(f"jaxbio {options.command}: {error}", file=sys.stderr)
        return 130
    except JaxbioError as error:
        print(f"jaxbio {options.command}: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the reader of our output has gone, as in `… | head`
        with contextlib.suppress(OSError, ValueError):
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        print(f"jaxbio {options.command}: stopped", file=sys.stderr)
        return 130


def _sentence(text: str) -> str:
    return text[0].upper() + text[1:] + "."
