"""`jaxbio data genotypes`: a VCF file to a table, joined with what else is known."""

import argparse
import functools
import sys
from pathlib import Path

from jaxbio.cli.console import Stopwatch, finish
from jaxbio.data.io.files import STANDARD_INPUT
from jaxbio.data.io.write import write_table
from jaxbio.genome.cohort import KEYS
from jaxbio.genome.genotypes import read_genotypes


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio data genotypes`."""
    parser.add_argument(
        "vcf", metavar="FILE", help="a VCF file with genotypes, also .gz .bz2; or -"
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="where to write a row a sample and a column a variant with how often the "
        "sample has the alternative allele (empty where not called): .tsv .csv "
        ".parquet, also .gz",
    )
    parser.add_argument(
        "--join",
        metavar="TABLE[:COLUMN]",
        help="put the columns of a table in front, by the names of the samples in "
        f"COLUMN (default: {', '.join(KEYS)}, whichever is there)",
    )
    parser.add_argument(
        "--min-maf",
        type=float,
        default=0.0,
        metavar="F",
        help="leave out alternative alleles that are, or whose absence is, rarer (0)",
    )
    parser.add_argument(
        "--max-missing",
        type=float,
        default=1.0,
        metavar="F",
        help="leave out variants not called in a larger share of the samples (1)",
    )
    parser.add_argument(
        "--region",
        metavar="CHROM:START-END",
        help="only variants that begin there; both ends count, from 1",
    )


def run(options: argparse.Namespace) -> int:
    """Write the table."""
    watch = Stopwatch()
    found = read_genotypes(
        options.vcf,
        region=options.region,
        min_maf=options.min_maf,
        max_missing=options.max_missing,
    )
    if options.join is not None:
        found = found.join(*_table_and_column(options.join))
    # Types of Parquet columns have to be known from the first part on.
    whole = options.out.lower().endswith(".parquet")
    parts = found.parts(len(found.samples) if whole else None)
    write_table(parts, options.out)
    show = functools.partial(
        print, file=sys.stderr if options.out == STANDARD_INPUT else sys.stdout
    )
    for note in found.notes:
        show(note)
    samples, variants = len(found.samples), len(found.variants)
    show(
        f"{samples:,} samples by {variants:,} variants, {100 * found.missing:.2g} % of "
        f"the calls missing ({watch.seconds:.1f} s): {options.out}"
    )
    result = {"samples": samples, "variants": variants, "missing": found.missing}
    result |= {"notes": list(found.notes), "seconds": watch.seconds}
    finish(options, {**result, "out": options.out})
    return 0


def _table_and_column(text: str) -> tuple[str, str | None]:
    """The two parts of TABLE:COLUMN, or a table alone."""
    if Path(text).exists() or ":" not in text:
        return text, None
    table, _, column = text.rpartition(":")
    return table, column
