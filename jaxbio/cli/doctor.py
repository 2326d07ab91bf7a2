"""`jaxbio doctor`: device, versions, speed, and what would make it faster."""

import argparse

from jaxbio.cli.console import add_common, finish, set_up
from jaxbio.doctor import examine


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio doctor`."""
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Measure and show."""
    set_up(options)
    found = examine()
    for name, value in found.facts.items():
        print(f"{name:<28}  {value}")
    print()
    for line in found.advice:
        print(f"- {line}")
    finish(options, {"facts": found.facts, "advice": list(found.advice)})
    return 0
