"""How fast this machine is: matrix products and copies, measured through JAX.

    python benchmarks/speed/machine.py

Every benchmark states its speed as a share of these rates.
"""

import functools
import json
import os
import platform
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import jax
import jax.numpy as jnp

_SIZE = {"cpu": 2048, "accelerator": 8192}
_COPY_BYTES = 1 << 28
_REPEATS = 7


def kind() -> str:
    """`cpu`, `gpu` or `tpu`: where JAX computes."""
    return jax.default_backend()


def device_name() -> str:
    """`cpu`, or the name of the accelerator."""
    return "cpu" if kind() == "cpu" else jax.devices()[0].device_kind


@functools.cache
def cpu_model() -> str:
    """The processor's name, as the operating system gives it."""
    info = Path("/proc/cpuinfo")
    if info.exists():
        for line in info.read_text().splitlines():
            if line.startswith("model name"):
                return line.partition(":")[2].strip()
    return platform.processor() or platform.machine()


def threads() -> int:
    """The processor cores that this process may use."""
    affinity = getattr(os, "sched_getaffinity", None)  # not on macOS
    return len(affinity(0)) if affinity else os.cpu_count() or 1


@functools.cache
def matrix_rate(precision: str = "float32") -> float:
    """Floating-point operations a second of a square matrix product, the best of some.

    Args:
        precision: `float32`, `tf32` or `bfloat16`; the CPU has no `tf32`.
    """
    size = _SIZE["cpu" if kind() == "cpu" else "accelerator"]
    dtype = jnp.bfloat16 if precision == "bfloat16" else jnp.float32
    a = jnp.ones((size, size), dtype)
    product = jax.jit(lambda x: x @ x)
    names = {"float32": "highest", "tf32": "tensorfloat32"}
    with jax.default_matmul_precision(names.get(precision, "default")):
        return 2 * size**3 / _best_time(lambda: product(a))


@functools.cache
def copy_rate() -> float:
    """Bytes a second, read and written, of adding one to a large array, in place.

    In place, as new memory costs more here and there than all the copying.
    """
    kept = [jnp.ones(_COPY_BYTES // 4, jnp.float32)]
    add = jax.jit(lambda x: x + 1, donate_argnums=0)

    def work() -> jax.Array:
        kept[0] = add(kept[0])
        return kept[0]

    return 2 * _COPY_BYTES / _best_time(work)


def _best_time(work: Callable[[], Any]) -> float:
    """Seconds of one call; on an accelerator several are sent off together."""
    calls = 1 if kind() == "cpu" else 10
    jax.block_until_ready(work())  # compile
    times = []
    for _ in range(_REPEATS):
        start = time.perf_counter()
        for _ in range(calls):
            result = work()
        jax.block_until_ready(result)
        times.append((time.perf_counter() - start) / calls)
    return min(times)


def main() -> int:
    """Measure and print one JSON line."""
    rates = ["float32"] + ([] if kind() == "cpu" else ["tf32", "bfloat16"])
    line = {
        "benchmark": "machine",
        "device": device_name(),
        "cpu": cpu_model(),
        "threads": threads(),
        **{f"{name}_gflops": round(matrix_rate(name) / 1e9, 1) for name in rates},
        "copy_gbs": round(copy_rate() / 1e9, 1),
    }
    print(json.dumps(line))
    return 0


if __name__ == "__main__":
    sys.exit(main())
