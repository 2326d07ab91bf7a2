"""`jaxbio data`: public sets by name, genotypes and windows as tables, genes."""

import argparse

from jaxbio.cli.console import add_common, finish
from jaxbio.cli.data import consequences, genotypes, windows
from jaxbio.datasets import catalog


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio data`."""
    verbs = parser.add_subparsers(dest="verb", metavar="VERB", required=True)
    listed = verbs.add_parser("list", help="the sets that are known by name")
    got = verbs.add_parser("get", help="download a set, check it and show its licence")
    where = verbs.add_parser("path", help="print where a set lies on this machine")
    for verb in (got, where):
        verb.add_argument("name", metavar="NAME", help="the name of a set")
    made = verbs.add_parser("genotypes", help="a VCF file to a table for training")
    genotypes.add_arguments(made)
    judged = verbs.add_parser("consequences", help="what variants do to genes")
    consequences.add_arguments(judged)
    cut = verbs.add_parser(
        "windows", help="windows of a genome about intervals, as rows for training"
    )
    windows.add_arguments(cut)
    for verb in (listed, got, where, made, judged, cut):
        add_common(verb, device=False)


def run(options: argparse.Namespace) -> int:
    """List, download, find or make a table."""
    if options.verb == "genotypes":
        return genotypes.run(options)
    if options.verb == "consequences":
        return consequences.run(options)
    if options.verb == "windows":
        return windows.run(options)
    if options.verb == "list":
        return _list(options)
    if options.verb == "path":
        path = catalog.path(options.name)
        print(path)
        finish(options, {"name": options.name, "path": str(path)})
        return 0
    entry = catalog.info(options.name)
    print(f"{entry.name}: {entry.title}")
    print(f"licence: {entry.licence}")
    print(f"cite: {entry.citation}")
    path = catalog.get(options.name, progress=True)
    print(path)
    finish(options, {"name": options.name, "path": str(path)})
    return 0


def _list(options: argparse.Namespace) -> int:
    entries = [catalog.info(name) for name in catalog.names()]
    width = max(len(entry.name) for entry in entries)
    for entry in entries:
        print(f"{entry.name:<{width}}  {entry.title} [{entry.licence}]")
    finish(options, {"sets": [entry.name for entry in entries]})
    return 0
