"""Training of a dilated residual network on DNA of 1,000 nt, against PyTorch.

    python benchmarks/speed/dilated.py [--quick]

The shape of BPNet: 64 channels, a convolution of 21 nt and nine of 3 with dilations
2, 4, …, 512, each adding its input; the mean over positions; Adam; batch 32. Times are
of one step.
"""

import sys
from collections.abc import Sequence

import harness
import training
import twins


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("dilated", __doc__, arguments)
    steps, repeats = (2, 3) if suite.quick else (8, 11)
    training.against_torch(
        suite, "training", twins.BPNET, size=32, steps=steps, repeats=repeats
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
