"""`jaxbio embed`: vectors of sequences by a pretrained model, or of rows by a run."""

import argparse
import sys

from jaxbio.cli.console import (
    Stopwatch,
    add_common,
    add_id,
    add_missing,
    add_unknown,
    finish,
    missing_of,
    set_up,
)
from jaxbio.errors import JaxbioError
from jaxbio.predict.embedding import embed_file
from jaxbio.run import load
from jaxbio.run.symbols import is_run

_DTYPES = {"float32": "float32", "bf16": "bfloat16"}


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio embed`."""
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a model of `jaxbio models list`, a name on Hugging Face, or a folder, "
        "with its family as in esm2:FOLDER; or the folder of a run of train or "
        "pretrain, whose vectors are what its networks learned, before the last layer",
    )
    parser.add_argument(
        "data",
        metavar="DATA",
        help="a file of sequences, or a table of them; for a run any file that it "
        "predicts",
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="where to write: .npz, .parquet or .h5ad; the same command goes on where "
        "it was stopped",
    )
    parser.add_argument(
        "--pool",
        choices=("mean", "cls", "none"),
        default="mean",
        help="the mean over the tokens, the first token's vector, or one vector a "
        "token (default: mean)",
    )
    parser.add_argument(
        "--layer",
        type=int,
        metavar="N",
        help="after which layer; 0 for the embeddings, -1 for the last (default)",
    )
    parser.add_argument(
        "--window",
        type=int,
        metavar="N",
        help="the most tokens that the model sees at once; longer sequences are read "
        "in windows that overlap by half (default: 1024, or what it has learned)",
    )
    parser.add_argument(
        "--column", metavar="COL", help="of a table, the column with the sequences"
    )
    parser.add_argument(
        "--dtype",
        choices=tuple(_DTYPES),
        default="float32",
        help="numbers of the computation; bf16 is for accelerators",
    )
    add_id(parser)
    add_missing(parser)
    add_unknown(parser)
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Embed a file, some sequences at a time."""
    set_up(options)
    watch = Stopwatch()
    run = is_run(options.model)
    if missing_of(options) and not run:
        raise JaxbioError(
            f"--missing is for the columns of a run, and {options.model} reads "
            f"sequences alone: leave it out"
        )
    count = embed_file(
        load(options.model, missing=missing_of(options)) if run else options.model,
        options.data,
        options.out,
        column=options.column,
        ids=options.id,
        on_part=lambda done: print(f"{done:,} sequences", file=sys.stderr),
        pool=options.pool,
        layer=options.layer,
        window=options.window,
        unknown=options.unknown,
        dtype=_DTYPES[options.dtype],
    )
    rate = count / max(watch.seconds, 1e-9)
    print(
        f"{count} sequences in {watch.seconds:.1f} s ({rate:,.0f} a second): "
        f"{options.out}"
    )
    result = {"sequences": count, "seconds": watch.seconds, "out": str(options.out)}
    finish(options, result)
    return 0
