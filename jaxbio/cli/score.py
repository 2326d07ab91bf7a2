"""`jaxbio score`: mutations scored without labels."""

import argparse
import sys

from jaxbio.cli.console import Stopwatch, add_common, finish, set_up
from jaxbio.data.io.write import write_table
from jaxbio.data.sequence_files import read_sequence
from jaxbio.predict.mutations import score_mutations
from jaxbio.run.symbols import open_symbols, read_mutations


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio score`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "examples:\n"
        "  jaxbio score esm2-8m wild.fa --all -o scores.tsv\n"
        "  jaxbio score esm2-8m wild.fa --mutations dms.csv -o scores.tsv\n"
        "  jaxbio score run gene.fa --mutations m.csv --method pseudo -o scores.tsv"
    )
    parser.add_argument(
        "model",
        metavar="MODEL",
        help="a run of jaxbio pretrain, or a pretrained model with a token a letter: a "
        "name of jaxbio models list, a name on Hugging Face, or a folder",
    )
    parser.add_argument("wild", metavar="FILE", help="the sequence that is mutated")
    which = parser.add_mutually_exclusive_group()
    which.add_argument(
        "--mutations",
        metavar="FILE",
        help="a table with a mutant a row, as A42G, A42G:K50R, p.Ala42Gly or g.76A>T; "
        "its other columns go along",
    )
    which.add_argument(
        "--all",
        action="store_true",
        help="all single substitutions (default without --mutations)",
    )
    parser.add_argument(
        "--method",
        choices=("masked", "wild", "pseudo"),
        default="masked",
        help="masked marginals, each place hidden in turn; wild-type marginals, one "
        "pass; or pseudo-likelihoods of whole mutants, a pass a place and mutant "
        "(default: masked)",
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="where to write: .tsv, .csv or .parquet, or - for standard output",
    )
    parser.add_argument(
        "--column",
        metavar="COL",
        help="the column with the mutants (default: mutant, mutation, mutations or "
        "variant)",
    )
    parser.add_argument(
        "--first",
        type=int,
        default=1,
        metavar="N",
        help="the number of the first letter of the sequence in the names of "
        "mutations (default: 1)",
    )
    parser.add_argument(
        "--id", metavar="NAME", help="which sequence of the file, if there are several"
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
    """Score, and write a table."""
    set_up(options)
    watch = Stopwatch()
    _, wild = read_sequence(options.wild, options.id)
    given = None
    if options.mutations is not None:
        given = read_mutations(options.mutations, options.column)
    scores = score_mutations(
        open_symbols(options.model, window=options.window),
        wild,
        None if given is None else given.mutants,
        method=options.method,
        first=options.first,
        where=None if given is None else given.where,
        on_part=lambda done: print(f"{done:,} mutants", file=sys.stderr),
    )
    columns = scores.columns()
    if given is not None:
        columns = {**given.kept, "score": scores.scores}
    write_table([columns], options.out)
    if options.out != "-":
        print(f"{len(scores):,} mutants in {watch.seconds:.1f} s: {options.out}")
    result = {"mutants": len(scores), "seconds": watch.seconds, "out": options.out}
    finish(options, result)
    return 0
