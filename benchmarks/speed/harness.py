"""What the benchmarks share: options, alternating timings, JSON lines.

A script looks like this::

    suite = harness.Suite("cnn", __doc__)
    if torch := suite.peer("torch", "training", "PyTorch eager"):
        agreement = harness.agree(our_outputs, their_outputs)
        suite.compare("training", "PyTorch eager", ours, theirs,
                      agreement=agreement, repeats=15, flops=2e9)

`ours` and `theirs` take no arguments, do the whole work and wait for it to be done.
"""

import argparse
import datetime
import importlib
import importlib.util
import json
import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any, NamedTuple

# Peers in the same process need some of an accelerator's memory, too.
os.environ.setdefault("XLA_PYTHON_CLIENT_MEM_FRACTION", "0.5")
os.environ.setdefault("TF_FORCE_GPU_ALLOW_GROWTH", "true")
os.environ.setdefault("TF_CPP_MIN_LOG_LEVEL", "2")
os.environ.setdefault("KERAS_BACKEND", "tensorflow")

import jax
import machine
import numpy as np
import rows

TOLERANCE = 1e-4
"""The largest absolute difference between our outputs and the peer's."""

REST = 0.1
"""Seconds before each timed call: threads of the side before go on spinning a while."""

_VERSIONS = ("jaxbio", "jax", "flax", "optax", "numpy")
_INSTALL = {"tensorflow": "tensorflow keras", "keras": "tensorflow keras"}


class Timing(NamedTuple):
    """Seconds of both sides, in the order in which they were taken."""

    ours: tuple[float, ...]
    theirs: tuple[float, ...]

    @property
    def ratio(self) -> float:
        """The peer's median time over ours; above 1 we are faster."""
        return statistics.median(self.theirs) / statistics.median(self.ours)


def compare(
    ours: Callable[[], Any],
    theirs: Callable[[], Any],
    *,
    repeats: int,
    warmup: int = 2,
    clock: Callable[[], float] = time.perf_counter,
    rest: float = REST,
) -> Timing:
    """Time two functions in turn, a, b, a, b, and so on.

    Args:
        ours: Does our work and waits for its end.
        theirs: Does the peer's.
        repeats: Timed calls of each.
        warmup: Calls of each before, not timed.
        clock: Gives seconds.
        rest: Seconds before each timed call.
    """
    for _ in range(warmup):
        ours()
        theirs()
    times: tuple[list[float], list[float]] = ([], [])
    for _ in range(repeats):
        for work, kept in zip((ours, theirs), times, strict=True):
            time.sleep(rest)
            kept.append(seconds(work, clock))
    return Timing(*map(tuple, times))


def seconds(
    work: Callable[[], Any], clock: Callable[[], float] = time.perf_counter
) -> float:
    """The seconds of one call."""
    start = clock()
    work()
    return clock() - start


def spread(times: Sequence[float]) -> float:
    """The interquartile range over the median."""
    if len(times) < 2:
        return 0.0
    low, _, high = statistics.quantiles(times, n=4, method="inclusive")
    return (high - low) / statistics.median(times)


def agree(ours: Any, theirs: Any, tolerance: float = TOLERANCE) -> float:
    """The largest absolute difference of two arrays (or torch tensors, or numbers).

    Raises:
        SystemExit: If it is above the tolerance, or the shapes differ.
    """
    ours, theirs = np.asarray(ours), np.asarray(theirs)
    if ours.shape != theirs.shape:
        raise SystemExit(f"outputs differ in shape: {ours.shape} and {theirs.shape}")
    difference = float(np.abs(ours - theirs).max(initial=0))
    if not difference <= tolerance:  # also if it is not a number
        raise SystemExit(f"outputs differ by {difference:g}: nothing is timed")
    return difference


class Suite:
    """The options of a script, and the lines that it writes."""

    def __init__(
        self,
        benchmark: str,
        doc: str,
        arguments: Sequence[str] | None = None,
        add: Callable[[argparse.ArgumentParser], Any] = lambda parser: None,
    ):
        """Read the options.

        Args:
            benchmark: The name of the script.
            doc: Its description, `__doc__`.
            arguments: Words of the command line; those of the process if not given.
            add: Adds options of the script's own.
        """
        parser = argparse.ArgumentParser(
            description=doc, formatter_class=argparse.RawDescriptionHelpFormatter
        )
        parser.add_argument(
            "--quick", action="store_true", help="smaller and fewer runs"
        )
        parser.add_argument(
            "--json-lines",
            type=Path,
            metavar="FILE",
            help="append the lines to this file, too",
        )
        parser.add_argument(
            "--peer",
            action="append",
            metavar="NAME",
            help="only peers whose name contains this; may be repeated; "
            "'none' for jaxbio alone",
        )
        parser.add_argument(
            "--precision",
            choices=("float32", "tf32"),
            default="float32",
            help="of matrix products on a GPU, for jaxbio and the peer alike",
        )
        add(parser)
        self.options = parser.parse_args(arguments)
        self.benchmark = benchmark
        self.quick = self.options.quick
        self.lines: list[dict[str, Any]] = []
        set_precision("float32")  # in which agreement is checked

    def wants(self, peer: str) -> bool:
        """Whether `--peer` lets this one through."""
        names = self.options.peer
        return not names or any(name.lower() in peer.lower() for name in names)

    @property
    def alone(self) -> bool:
        """Whether jaxbio is to be timed without any peer: `--peer none`."""
        return self.options.peer == ["none"]

    def peer(self, module: str, case: str, *peers: str) -> Any:
        """A peer's module; None, and a line that says so, if it is not installed.

        Args:
            module: To import; `torch` is set to all cores.
            case: Of the lines that are missing.
            peers: Names of the rows for which it is needed.

        Returns:
            The module, or None if it is missing or `--peer` wants none of the rows.
        """
        wanted = [peer for peer in peers if self.wants(peer)]
        if not wanted:
            return None
        if importlib.util.find_spec(module) is None:
            for peer in wanted:
                self.missing(module, case, peer)
            return None
        found = importlib.import_module(module)
        if module == "torch":
            found.set_num_threads(machine.threads())
        return found

    def missing(self, module: str, case: str, peer: str) -> None:
        """Write that a peer is not installed, and the remedy."""
        remedy = f"pip install {_INSTALL.get(module, module)}"
        self.write(case, peer, {"status": "missing", "remedy": remedy})

    @contextmanager
    def attempt(self, case: str, peer: str) -> Iterator[None]:
        """If a peer fails inside, write that, with the reason, and go on."""
        try:
            yield
        except Exception as error:
            reason = f"{type(error).__name__}: {error}".splitlines()[0][:200]
            self.write(case, peer, {"status": "failed", "reason": reason})

    def compare(
        self,
        case: str,
        peer: str,
        ours: Callable[[], Any],
        theirs: Callable[[], Any] | None,
        *,
        agreement: float | None,
        repeats: int,
        warmup: int = 2,
        per: int = 1,
        flops: float = 0,
        moved: float = 0,
        precision: str | None = None,
        device: str | None = None,
        threads: int | None = None,
        derive: Callable[[Timing], dict[str, Any]] = lambda timing: {},
        **more: Any,
    ) -> dict[str, Any]:
        """Time both sides in turn and write the line.

        Args:
            case: What is measured, such as `training`.
            peer: Against whom, such as `PyTorch eager`.
            ours: Does our work and waits for its end.
            theirs: Does the peer's; None to time ours alone.
            agreement: What `agree` found; None where there are no outputs to compare.
            repeats: Timed calls of each side.
            warmup: Calls of each side before.
            per: Pieces of work in a call (steps, epochs); the times are of one piece.
            flops: Floating-point operations of one piece.
            moved: Bytes that one piece reads and writes at least.
            precision: Of the products, if it is not that of the option.
            device: Where it ran, if not on JAX's device: `"cpu"`.
            threads: Threads of both sides, if not all cores.
            derive: Further entries of the line, from the timing.
            more: Further entries.

        Returns:
            The line.
        """
        precision = precision or self.options.precision
        set_precision(precision)
        timing = compare(ours, theirs or (lambda: None), repeats=repeats, warmup=warmup)
        set_precision("float32")
        each = statistics.median(timing.ours) / per
        mine, other = spread(timing.ours), spread(timing.theirs) if theirs else None
        entries = {
            "ratio": _round(timing.ratio) if theirs else None,
            "jaxbio_s": _round(each),
            "peer_s": _round(statistics.median(timing.theirs) / per)
            if theirs
            else None,
            "spread": _round(max(mine, other or 0)),
            "jaxbio_spread": _round(mine),
            "peer_spread": None if other is None else _round(other),
            "repeats": repeats,
            "agreement": agreement,
            "precision": precision,
            **shares(each, flops, moved, precision),
            **derive(timing),
            **more,
        }
        return self.write(case, peer, entries, device=device, threads=threads)

    def write(
        self,
        case: str,
        peer: str,
        entries: dict[str, Any],
        *,
        device: str | None = None,
        threads: int | None = None,
    ) -> dict[str, Any]:
        """Print a line, and append it to the file that was named."""
        device = device or machine.device_name()
        line = {
            "benchmark": self.benchmark,
            "case": case,
            "peer": peer,
            "device": device,
            **entries,
            "quick": self.quick,
            "threads": threads or machine.threads(),
            "cpu": machine.cpu_model(),
            "versions": _versions(peer),
            "date": datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds"),
        }
        text = json.dumps(line)
        print(text, flush=True)
        if self.options.json_lines:
            with self.options.json_lines.open("a") as file:
                file.write(text + "\n")
        self.lines.append(line)
        return line


def set_precision(precision: str) -> None:
    """Of matrix products and convolutions on an accelerator, in JAX and in PyTorch.

    `float32` means just that; `tf32` is what GPUs do fast. The CPU knows no difference.
    """
    exact = precision == "float32"
    if machine.kind() == "cpu":
        return
    jax.config.update(
        "jax_default_matmul_precision", "highest" if exact else "tensorfloat32"
    )
    if importlib.util.find_spec("torch"):
        import torch

        torch.backends.cuda.matmul.allow_tf32 = not exact
        torch.backends.cudnn.allow_tf32 = not exact


def torch_device() -> str:
    """`cuda` if JAX and PyTorch both have a GPU, else `cpu`."""
    import torch

    return "cuda" if machine.kind() == "gpu" and torch.cuda.is_available() else "cpu"


def torch_wait() -> None:
    """Wait until PyTorch has done what it was given."""
    import torch

    if torch_device() == "cuda":
        torch.cuda.synchronize()


def shares(
    seconds: float, flops: float, moved: float = 0, precision: str = "float32"
) -> dict[str, float]:
    """The fractions of the machine's measured rates.

    Args:
        seconds: That a piece of work takes.
        flops: Its floating-point operations; 0 if they are not known.
        moved: Bytes that it reads and writes; 0 likewise.
        precision: Of its matrix products.
    """
    shares = {}
    if flops:
        peak = machine.matrix_rate(precision)
        shares["gflops"] = _round(flops / seconds / 1e9)
        shares["peak_gflops"] = _round(peak / 1e9)
        shares["fraction_of_peak"] = _round(flops / seconds / peak)
    if moved:
        peak = machine.copy_rate()
        shares["peak_copy_gbs"] = _round(peak / 1e9)
        shares["fraction_of_copy"] = _round(moved / seconds / peak)
    return shares


def _versions(peer: str) -> dict[str, str]:
    """Versions of Python, of our parts, and of the peer that is named first."""
    names = list(_VERSIONS)
    for word, packages in rows.PACKAGES.items():
        if word in peer.lower():
            names += packages
    found = {"python": platform.python_version()}
    for name in names:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def _round(value: float) -> float:
    return float(f"{value:.4g}")
