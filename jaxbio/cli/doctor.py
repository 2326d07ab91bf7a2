"""`jaxbio doctor`: device, versions, speed, and what would make it faster."""

import argparse
import dataclasses
import importlib.util
import os
import platform
import time
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

from jaxbio.cli.console import add_common, finish, set_up
from jaxbio.version import __version__

_PARTS = ("jax", "jaxlib", "flax", "optax", "orbax-checkpoint", "numpy")

_MATRIX = 2048

_COPY_BYTES = 1 << 28


@dataclasses.dataclass(frozen=True)
class Examination:
    """What was found.

    Attributes:
        facts: Names and values, measured rates among them.
        advice: Sentences; at least one.
    """

    facts: dict[str, Any]
    advice: tuple[str, ...]


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


def examine() -> Examination:
    """Look at device, versions and compile cache, and measure two rates.

    Returns:
        Facts such as `matrix product, GFLOP/s` (float32, 2048 x 2048) and `copy, GB/s`
        (bytes read and written), and advice.
    """
    device = jax.devices()[0]
    cache = jax.config.values["jax_compilation_cache_dir"]
    facts: dict[str, Any] = {
        "jaxbio": __version__,
        "python": f"{platform.python_version()} on {platform.system()}",
        **{name: _version(name) for name in _PARTS},
        "device": f"{device.device_kind} ({jax.device_count()} x {device.platform})",
        "processor cores to use": _cores(),
        "compile cache": _cache(cache),
        "matrix product, GFLOP/s": round(matrix_rate() / 1e9, 1),
        "copy, GB/s": round(copy_rate() / 1e9, 1),
    }
    return Examination(facts, _advice(device.platform, cache))


def matrix_rate() -> float:
    """Floating-point operations a second of a float32 matrix product."""
    a = jnp.ones((_MATRIX, _MATRIX), jnp.float32)
    product = jax.jit(lambda x: x @ x)
    return 2 * _MATRIX**3 / _best_time(lambda: product(a).block_until_ready())


def copy_rate() -> float:
    """Bytes a second, read and written, of adding one to a large array."""
    a = jnp.ones(_COPY_BYTES // 4, jnp.float32)
    add = jax.jit(lambda x: x + 1)
    return 2 * _COPY_BYTES / _best_time(lambda: add(a).block_until_ready())


def _best_time(work: Callable[[], Any], repeats: int = 5) -> float:
    work()  # compile
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return min(times)


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "not installed"


def _cores() -> int:
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


def _cache(folder: str | None) -> str:
    if not folder:
        return "none"
    files = [path for path in Path(folder).rglob("*") if path.is_file()]
    size = sum(path.stat().st_size for path in files) / 1e6
    return f"{folder} ({len(files)} files, {size:.1f} MB)"


def _advice(backend: str, cache: str | None) -> tuple[str, ...]:
    lines = []
    if backend == "cpu":
        nvidia = Path("/proc/driver/nvidia/version").exists()
        if nvidia and importlib.util.find_spec("jax_cuda13_plugin") is None:
            lines.append(
                "an NVIDIA GPU is here but JAX computes on the CPU: "
                "pip install 'jaxbio[gpu]'"
            )
        else:
            lines.append(
                "computing on the CPU: a GPU trains convolutional networks many times "
                "faster (pip install 'jaxbio[gpu]' where there is one)"
            )
        if _cores() < (os.cpu_count() or 1):
            lines.append(
                f"only {_cores()} of {os.cpu_count()} processor cores may be used here"
            )
    else:
        lines.append(
            "on this device --dtype bfloat16 often doubles the speed of training"
        )
    if not cache:
        lines.append(
            "no compile cache: leave out --compile-cache none to start faster the "
            "second time"
        )
    return tuple(lines)
