"""A script of several parts: what its command line is, and where its lines go."""

import argparse
import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import jax

from benchmarks.report import keep, read, write

Parts = Mapping[str, Callable[[int], Iterator[dict]]]
"""The lines of each part, given a seed."""


def run_parts(
    description: str,
    parts: Parts,
    table: Callable[[list[dict[str, Any]]], str],
    *,
    results: Path,
    page: Path,
    marks: tuple[str, str],
    arguments: Sequence[str] | None = None,
) -> int:
    """Measure parts, keep a line of JSON for each measure, and print the table.

    Args:
        description: The script's docstring.
        parts: By name.
        table: Makes the table of the lines.
        results: Where lines are kept.
        page: Where `--write` puts the table.
        marks: Between what it stands there.
        arguments: Of the command line; None for those of the process.
    """
    parser = argparse.ArgumentParser(description=description.split("\n")[0])
    parser.add_argument("parts", nargs="*", choices=[*parts, []], metavar="PART")
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--table", action="store_true", help="print the table only")
    parser.add_argument("--write", action="store_true", help="into the documentation")
    parser.add_argument("--results", type=Path, default=results)
    options = parser.parse_args(arguments)
    names = () if options.table or options.write else options.parts or parts
    for name in names:
        began = time.perf_counter()
        about = {"jax": jax.__version__, "device": jax.devices()[0].platform}
        for line in parts[name](options.seed):
            minutes = round((time.perf_counter() - began) / 60, 1)
            line = {"set": name, **line, "seed": options.seed, "minutes": minutes}
            print(json.dumps({**line, **about}), flush=True)
            keep({**line, **about}, options.results)
    shown = table(read(options.results))
    print(shown)
    if options.write:
        write(page, shown, marks)
    return 0
