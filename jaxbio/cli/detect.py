"""`jaxbio detect`: symbols that a run did not expect."""

import argparse
import sys

from jaxbio.cli.console import Stopwatch, add_common, finish, set_up
from jaxbio.data.io.write import write_table
from jaxbio.data.sequence_files import read_sequences
from jaxbio.predict.detection import PASSES, detect
from jaxbio.run.symbols import open_symbols


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio detect`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "examples:\n"
        "  jaxbio detect run reads.fa -o hits.tsv\n"
        "  jaxbio detect run reads.fa --background reference.fa --fdr 0.05 -o hits.tsv"
    )
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a run of jaxbio pretrain, or a pretrained model with a token a letter",
    )
    parser.add_argument(
        "data", metavar="DATA", help="a file of sequences, or a table of them"
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="where to write: .tsv, .csv or .parquet, or - for standard output",
    )
    parser.add_argument(
        "--fdr",
        type=float,
        default=0.1,
        metavar="X",
        help="write places up to this false discovery rate; 1 for all with a symbol "
        "other than the expected one (default: 0.1)",
    )
    parser.add_argument(
        "--background",
        metavar="FILE",
        help="sequences without mutations, on which false discoveries are counted "
        "(default: what the model itself says of how often it is surprised)",
    )
    parser.add_argument(
        "--passes",
        type=int,
        default=PASSES,
        metavar="N",
        help=f"each sequence is read so many times, every Nth symbol hidden; 0 to hide "
        f"each symbol alone (default: {PASSES})",
    )
    parser.add_argument(
        "--window",
        type=int,
        metavar="N",
        help="the most symbols that the model sees at once (default: what it was made "
        "for)",
    )
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Find them, and write a table."""
    set_up(options)
    watch = Stopwatch()
    background = None
    if options.background is not None:
        background = list(read_sequences(options.background))
    found = detect(
        open_symbols(options.model, window=options.window),
        list(read_sequences(options.data)),
        background=background,
        fdr=options.fdr,
        passes=options.passes or None,
        on_part=lambda done: print(f"{done:,} sequences", file=sys.stderr),
    )
    write_table([found.columns()], options.out)
    if options.out != "-":
        print(
            f"{len(found):,} of {found.tested:,} places at a false discovery rate of "
            f"{options.fdr:g}, in {watch.seconds:.1f} s: {options.out}"
        )
    result = {"hits": len(found), "tested": found.tested, "seconds": watch.seconds}
    finish(options, {**result, "out": options.out})
    return 0
