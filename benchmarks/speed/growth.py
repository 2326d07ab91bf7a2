"""How the speed of training grows with batch, length, channels and rows.

    python benchmarks/speed/growth.py [--quick]

One line for each: `x`, `value` in sequences a second, and `slope`, how steeply the time
of a step grows with its work on logarithmic axes (1 is linear, less is better). The
peer is jaxbio itself, linearly continued from the smallest point: a ratio of 1 or more
says that nothing is lost by growing.
"""

import dataclasses
import sys
from collections.abc import Callable, Sequence
from typing import Any

import harness
import numpy as np
import training
import twins

BASE, SIZE, STEPS = twins.SMALL, 64, 8
GRIDS = {
    "batch": (16, 32, 64, 128, 256),
    "length": (125, 250, 500, 1000, 2000),
    "channels": (16, 32, 64, 128, 256),
    "rows": (512, 1024, 2048, 4096, 8192),
}
"""Values of each; `rows` are those of an epoch in one program."""


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("growth", __doc__, arguments)
    if suite.alone or suite.wants("itself"):
        for axis, values in GRIDS.items():
            measure(suite, axis, values[:3] if suite.quick else values)
    return 0


def measure(suite: harness.Suite, axis: str, values: Sequence[int]) -> None:
    """The line of one grid: all its points are timed in turn."""
    points = [point(axis, value) for value in values]
    rounds = 3 if suite.quick else 7
    for work, *_ in points:
        work()
    times = np.array(
        [[harness.seconds(work) for work, *_ in points] for _ in range(rounds)]
    )
    seconds = np.median(times, axis=0)
    rows, flops = (np.array([p[at] for p in points], float) for at in (1, 2))
    slope = np.polyfit(np.log(flops), np.log(seconds), 1)[0]
    continued = seconds[0] * flops[-1] / flops[0]
    suite.write(
        axis,
        "itself",
        {
            "ratio": round(continued / seconds[-1], 3),
            "jaxbio_s": float(seconds[-1]),
            "peer_s": float(continued),
            "spread": round(max(map(harness.spread, times.T)), 4),
            "repeats": rounds,
            "agreement": None,
            "x": list(values),
            "value": [round(float(rate), 1) for rate in rows / seconds],
            "slope": round(float(slope), 3),
            **harness.shares(float(seconds[-1]), float(flops[-1])),
        },
    )


def point(axis: str, value: int) -> tuple[Callable[[], Any], int, float]:
    """A function that trains, its rows and its floating-point operations."""
    shape, size, steps = BASE, SIZE, STEPS
    if axis == "batch":
        size = value
    elif axis == "rows":
        steps = value // SIZE
    elif axis == "length":
        shape = dataclasses.replace(shape, length=value)
    else:
        shape = dataclasses.replace(shape, channels=(value,) * len(shape.channels))
    batches = training.random_batches(shape, steps=steps, size=size)
    work = training.jaxbio_steps(twins.conv_net(shape), *batches)
    return work, steps * size, steps * size * shape.flops


if __name__ == "__main__":
    sys.exit(main())
