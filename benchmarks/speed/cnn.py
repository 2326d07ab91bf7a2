"""Training of a DNA network of DeepSTARR's shape, against PyTorch.

    python benchmarks/speed/cnn.py [--quick]

249 nt; convolutions 256x7, 60x3, 60x5, 120x3, each followed by maxima of two positions,
batch normalisation and ReLU; two dense layers of 256 with dropout; Adam; batch 128.
Times are of one step. On an accelerator also a trunk of 512 channels in bfloat16.
"""

import sys
from collections.abc import Sequence

import harness
import jax.numpy as jnp
import machine
import training
import twins


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure and print."""
    suite = harness.Suite("cnn", __doc__, arguments)
    steps, repeats = (4, 3) if suite.quick else (16, 11)
    training.against_torch(
        suite,
        "DeepSTARR training",
        twins.DEEPSTARR,
        size=128,
        steps=steps,
        repeats=repeats,
    )
    if machine.kind() != "cpu":
        training.against_torch(
            suite,
            "512 channels, bfloat16",
            twins.WIDE,
            size=128,
            steps=steps,
            repeats=repeats,
            dtype=jnp.bfloat16,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
