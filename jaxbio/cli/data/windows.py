"""`jaxbio data windows`: what is learned of intervals and a genome, as a table."""

import argparse
import functools
import sys

from jaxbio.cli.console import Stopwatch, finish
from jaxbio.cli.windows import add_windows, windows_of
from jaxbio.data.io.files import STANDARD_INPUT
from jaxbio.data.io.write import write_table
from jaxbio.errors import JaxbioError
from jaxbio.genome.tracks import PROFILE


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio data windows`."""
    parser.add_argument(
        "intervals",
        metavar="FILE",
        nargs="?",
        help="intervals: BED, narrowPeak, broadPeak, GFF3, GTF, GenBank, or a table "
        "with chrom, start and end; nothing for windows over the whole genome",
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="where to write a row a window: .tsv .csv .parquet, also .gz",
    )
    parser.add_argument(
        "--seed", type=int, default=0, metavar="N", help="for negatives (default: 0)"
    )
    add_windows(parser)


def run(options: argparse.Namespace) -> int:
    """Write the table."""
    watch = Stopwatch()
    settings = vars(options)
    if "bins" in options and "summary" not in options:
        # What a profile learns, as columns.
        settings = {"summary": "sum", "uncovered": "zero", **settings}
    if settings.get("summary") == PROFILE:
        raise JaxbioError(
            "--summary profile: values of bases make no columns: give sum and --bins"
        )
    windows = windows_of(settings, options.intervals, options.seed)
    count = write_table(
        (dict(frame.columns) for frame in windows.frames()),
        options.out,
        plain=("strand",),
    )
    show = functools.partial(
        print, file=sys.stderr if options.out == STANDARD_INPUT else sys.stdout
    )
    for note in windows.notes:
        show(note)
    show(
        f"{count:,} windows of {windows.length:,} bases ({watch.seconds:.1f} s): "
        f"{options.out}"
    )
    result = {"windows": count, "length": windows.length, "notes": list(windows.notes)}
    finish(options, {**result, "seconds": watch.seconds, "out": options.out})
    return 0
