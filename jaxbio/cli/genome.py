"""`jaxbio predict RUN --genome FILE`: predictions along a whole genome."""

import argparse
import sys
from typing import Any

from jaxbio.cli.console import Stopwatch, finish
from jaxbio.cli.progress import Progress
from jaxbio.genome.scan import scan_genome
from jaxbio.predict.predictor import Predictor


def add_arguments(group: Any) -> None:
    """Add the flags that only go with a whole genome."""
    group.add_argument(
        "--stride",
        type=int,
        metavar="N",
        help="bases from a window to the next (default: 50); each window's prediction "
        "stands at the N bases about its middle",
    )
    group.add_argument(
        "--region",
        metavar="CHROM:START-END",
        help="only there; both ends count, from 1",
    )
    group.add_argument(
        "--strand",
        choices=("+", "-"),
        default="+",
        help="on which windows are read (default: +)",
    )
    group.add_argument(
        "--output",
        metavar="NAME",
        help="which of the model's outputs, such as label:positive, if it has several",
    )


def run(options: argparse.Namespace, predictor: Predictor) -> int:
    """Write a value a place."""
    watch, shown = Stopwatch(), Progress("windows")
    done = scan_genome(
        predictor,
        options.genome,
        options.out,
        stride=options.stride,
        length=getattr(options, "length", None),
        region=options.region,
        strand=options.strand,
        output=options.output,
        on_progress=lambda at: shown(at.done, at.windows, at=at.contig),
    )
    for note in done.notes:
        print(f"jaxbio predict: {note}", file=sys.stderr)
    rate = done.windows / max(watch.seconds, 1e-9)
    print(
        f"{done.output} of {done.windows:,} windows in {watch.seconds:.1f} s "
        f"({rate:,.0f} a second): {options.out}"
    )
    result = {"windows": done.windows, "written": done.written, "output": done.output}
    result |= {"notes": list(done.notes), "seconds": watch.seconds}
    finish(options, {**result, "out": options.out})
    return 0
