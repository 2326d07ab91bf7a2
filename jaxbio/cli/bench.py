"""`jaxbio bench`: the speed benchmarks, on this machine."""

import argparse
import ast
import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import jaxbio
from jaxbio.cli.console import add_common, finish
from jaxbio.errors import JaxbioError

NAMES = (
    "mlp",
    "cnn",
    "dilated",
    "affinity",
    "images",
    "sparse",
    "rnn",
    "predict",
    "variants",
    "encode",
    "ensemble",
    "survival",
    "epoch",
    "structure",
    "language",
    "growth",
    "windows",
)
"""The scripts, in the order in which they run."""

_ROW = "{:<10}{:<28}{:<24}{:>9}{:>9}{:>7}{:>8}{:>9}"


_HEADS = ("jaxbio", "peer", "ratio", "spread", "of peak")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio bench`."""
    parser.add_argument(
        "names", nargs="*", metavar="NAME", help="which ones (default: all)"
    )
    parser.add_argument("--list", action="store_true", help="say what there is")
    parser.add_argument("--quick", action="store_true", help="smaller and fewer runs")
    parser.add_argument(
        "--peer",
        action="append",
        metavar="NAME",
        help="only peers whose name contains this; 'none' for jaxbio alone",
    )
    parser.add_argument(
        "--json-lines", metavar="FILE", help="append the results to this file, too"
    )
    add_common(parser, device=False)


def run(options: argparse.Namespace) -> int:
    """List, or run one script after the other, each in a process of its own."""
    folder = scripts()
    names = [name for name in NAMES if (folder / f"{name}.py").exists()]
    if options.list:
        for name in names:
            print(f"{name:<10}  {_summary(folder / f'{name}.py')}")
        finish(options, {"benchmarks": names})
        return 0
    for name in options.names:
        if name not in names:
            raise JaxbioError(f"no benchmark {name!r}: known are {', '.join(names)}")
    print(_ROW.format("benchmark", "case", "peer", *_HEADS))
    lines = []
    for name in options.names or names:
        for line in _run(folder / f"{name}.py", _words(options)):
            print(describe(line), flush=True)
            lines.append(line)
    finish(options, {"lines": lines})
    return 0


def scripts() -> Path:
    """The folder of the scripts: in the installed package, or beside it in the source.

    Raises:
        JaxbioError: If they are in neither place.
    """
    package = Path(jaxbio.__file__).parent
    for folder in (package / "_benchmarks", package.parent / "benchmarks" / "speed"):
        if (folder / "rows.py").exists():
            return folder
    raise JaxbioError("the benchmarks are not installed: install jaxbio from a wheel")


def describe(line: dict[str, Any]) -> str:
    """A result as one row of the table."""
    start = (line["benchmark"], line["case"][:27], line["peer"][:23])
    if line.get("status"):
        told = f"{line['status']}: {line.get('remedy') or line.get('reason', '')}"
        return "{:<10}{:<28}{:<24}  {}".format(*start, told)
    return _ROW.format(
        *start,
        _seconds(line["jaxbio_s"]),
        _seconds(line.get("peer_s")),
        f"{line['ratio']:.2f}" if line.get("ratio") else "",
        f"{100 * line['spread']:.0f} %",
        _percent(line.get("fraction_of_peak")),
    )


def _seconds(value: float | None) -> str:
    if value is None:
        return ""
    for unit, scale in (("s", 1), ("ms", 1e3)):
        if value * scale >= 1:
            return f"{value * scale:.3g} {unit}"
    return f"{value * 1e6:.3g} us"


def _percent(value: float | None) -> str:
    return "" if value is None else f"{100 * value:.0f} %"


def _summary(script: Path) -> str:
    """The first line of a script's description; the script is not run."""
    text = ast.get_docstring(ast.parse(script.read_text(encoding="utf-8"))) or ""
    return text.splitlines()[0]


def _words(options: argparse.Namespace) -> list[str]:
    words = ["--quick"] if options.quick else []
    for peer in options.peer or ():
        words += ["--peer", peer]
    if options.json_lines:
        words += ["--json-lines", str(Path(options.json_lines).absolute())]
    return words


def _run(script: Path, words: list[str]) -> Iterator[dict[str, Any]]:
    """The lines of a script, as they come."""
    command = [sys.executable, str(script), *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None  # it was asked for
        for text in process.stdout:
            if text.startswith("{"):
                yield json.loads(text)
    if process.returncode:
        raise JaxbioError(
            f"{script.name} ended with code {process.returncode}; what it said is above"
        )
