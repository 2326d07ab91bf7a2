"""`jaxbio variants`: what each variant of a file does to a prediction."""

import argparse
import sys

from jaxbio.cli.console import Stopwatch, add_common, finish, set_up
from jaxbio.cli.progress import Progress
from jaxbio.data.io.write import write_table
from jaxbio.data.parent_files import read_parent
from jaxbio.errors import JaxbioError
from jaxbio.genome.consequence_records import ConsequenceAnnotator
from jaxbio.genome.gene_files import read_genes
from jaxbio.genome.reference import Reference, open_reference
from jaxbio.genome.saturation import (
    Saturation,
    region_of,
    regions_of,
    saturation_map,
)
from jaxbio.genome.sources import TableSource
from jaxbio.genome.variants import (
    BACKGROUND,
    Annotator,
    VariantSource,
    opened,
    score_variants,
)
from jaxbio.plot.page import check_picture, save
from jaxbio.predict.mutants import mutant_tables


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio variants`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "examples:\n"
        "  jaxbio variants run --vcf in.vcf.gz --genome hg38.fa -o out.vcf.gz\n"
        "  jaxbio variants run --vcf in.bcf --genome hg38.fa --shifts 3 -o out.tsv\n"
        "  jaxbio variants run --saturate peaks.bed --genome hg38.fa -o all.parquet\n"
        "  jaxbio variants run --region chr1:1000-1200 --genome hg38.fa -o all.tsv\n"
        "  jaxbio variants run --table v.csv --column snp --genome hg38.fa -o s.tsv\n"
        "  jaxbio variants run --table dms.csv --parent wild.fa -o s.tsv"
    )
    parser.add_argument(
        "model",
        metavar="RUN",
        help="the folder of a run whose input is DNA or RNA, a run of jaxbio pretrain, "
        "or a pretrained model",
    )
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument(
        "--vcf", metavar="FILE", help="variants: .vcf, .vcf.gz or .bcf (needs pysam)"
    )
    what.add_argument(
        "--table",
        metavar="FILE",
        help="a table with a variant a row: chr:pos:ref:alt, chr-pos-ref-alt or "
        "chr:g.posA>G with --genome; A42V, p.Ala42Val, A42G:K50R or 76A>T with "
        "--parent",
    )
    what.add_argument(
        "--saturate",
        metavar="BED",
        help="all substitutions of the regions of a BED file",
    )
    what.add_argument(
        "--region", metavar="CHROM:START-END", help="all substitutions of one region"
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="where to write: .vcf, .vcf.gz or .bcf for all records of --vcf with more "
        "fields of INFO; .tsv, .csv or .parquet for a row an allele, - for such rows "
        "on standard output. The same command goes on where it was stopped",
    )
    parser.add_argument("--genome", metavar="FASTA", help="the genome")
    parser.add_argument(
        "--genes",
        metavar="FILE",
        help="GFF3, GTF or GenBank: with --vcf, what each variant does to the genes is "
        "written beside its scores, as INFO/BCSQ; with --table, variants may be named "
        "by transcripts, as NM_000142.5:c.76A>G",
    )
    parser.add_argument(
        "--parent",
        metavar="FILE",
        help="with --table, the sequence that is mutated, or its letters",
    )
    parser.add_argument(
        "--column",
        metavar="COL",
        help="with --table, the column with the variants (default: variant, mutant, "
        "mutation or mutations)",
    )
    parser.add_argument(
        "--first",
        type=int,
        default=1,
        metavar="N",
        help="with --parent, the number of its first letter in the names of mutations "
        "(default: 1)",
    )
    parser.add_argument(
        "--deletions",
        action="store_true",
        help="with --saturate or --region, the deletion of each base, too",
    )
    parser.add_argument(
        "--heatmap",
        metavar="FILE",
        help="with --region, a picture of the scores: .png, .pdf or .svg",
    )
    parser.add_argument(
        "--mismatch",
        choices=("error", "skip", "both"),
        default="error",
        help="where REF is not what the genome has: refuse the file, give no score, or "
        "put both alleles of the file into the genome (default: error)",
    )
    how = parser.add_argument_group("how alleles are scored")
    how.add_argument(
        "--length",
        type=int,
        metavar="N",
        help="bases of a window (default: those of the longest training sequence)",
    )
    how.add_argument(
        "--strands",
        choices=("both", "forward", "reverse"),
        default="both",
        help="means over both strands, or one of them (default: both; of RNA forward)",
    )
    how.add_argument(
        "--shifts",
        type=int,
        default=0,
        metavar="N",
        help="means over windows moved by up to N bases to both sides (default: 0)",
    )
    how.add_argument(
        "--background",
        type=int,
        default=BACKGROUND,
        metavar="N",
        help="random edits of the same kind in the same window beside each allele, for "
        f"a z score and an empirical p; 0 for none (default: {BACKGROUND})",
    )
    how.add_argument(
        "--output",
        action="extend",
        nargs="+",
        default=[],
        metavar="NAME",
        help="the targets or classes that are scored (default: all, up to 16)",
    )
    how.add_argument(
        "--method",
        choices=("masked", "pseudo"),
        default="masked",
        help="of a model that learned without labels: the changed base hidden; or "
        "pseudo-likelihoods of whole windows, also of insertions and deletions, a pass "
        "a base (default: masked)",
    )
    how.add_argument(
        "--seed", type=int, default=0, metavar="N", help="of random edits (default: 0)"
    )
    how.add_argument(
        "--prefix",
        default="JB",
        metavar="NAME",
        help="what the names of new fields begin with (default: JB)",
    )
    add_common(parser)


def run(options: argparse.Namespace) -> int:
    """Score, and write a file."""
    set_up(options)
    watch = Stopwatch()
    _check(options)
    if options.parent is not None:
        return _mutants(options, watch)
    genome = open_reference(options.genome, _tell)
    scores = score_variants(
        options.model,
        _source(options, genome),
        genome,
        options.out,
        mismatch=options.mismatch,
        length=options.length,
        strands=options.strands,
        shifts=options.shifts,
        background=options.background,
        outputs=options.output,
        method=options.method,
        prefix=options.prefix,
        seed=options.seed,
        annotators=_annotators(options, genome),
        on_part=Progress("alleles", every=1.0),
        on_note=_tell,
    )
    tally = scores.tally
    seconds = max(watch.seconds, 1e-9)
    index = "" if scores.index is None else f", {scores.index}"
    _say(
        options,
        f"{tally.records:,} records, {tally.scored:,} of {tally.alleles:,} alleles "
        f"scored in {watch.seconds:.1f} s ({tally.scored / seconds:,.0f} a second): "
        f"{options.out}{index}",
    )
    if options.heatmap is not None:
        save(saturation_map(options.out, title=options.region), options.heatmap)
        print(f"map of the region: {options.heatmap}")
    result = {
        "records": tally.records,
        "alleles": tally.alleles,
        "scored": tally.scored,
        "skipped": dict(tally.reasons),
        "mismatches": tally.mismatches,
        "seconds": watch.seconds,
        "out": options.out,
        "index": scores.index,
    }
    finish(options, result)
    return 0


def _check(options: argparse.Namespace) -> None:
    if options.parent is not None and options.table is None:
        raise JaxbioError("--parent goes with --table: see --help")
    if options.parent is not None and options.genome is not None:
        raise JaxbioError(
            "give --genome for variants by their place in a genome, or --parent for "
            "mutations of one sequence"
        )
    if options.parent is None and options.genome is None:
        beside = " or a parent sequence with --parent" if options.table else ""
        raise JaxbioError(f"which genome? Give the FASTA file with --genome{beside}")
    if options.genes is not None and options.vcf is None and options.table is None:
        raise JaxbioError("--genes goes with --vcf or --table: see --help")
    if options.heatmap is not None and options.region is None:
        raise JaxbioError("--heatmap goes with --region: see --help")
    if options.heatmap is not None:
        check_picture(options.heatmap)


def _source(options: argparse.Namespace, genome: Reference) -> str | VariantSource:
    if options.vcf is not None:
        return options.vcf
    if options.table is not None:
        genes = None if options.genes is None else read_genes(options.genes)
        return TableSource(options.table, genome, options.column, genes=genes)
    regions = (
        [region_of(options.region, genome)]
        if options.region is not None
        else regions_of(options.saturate, genome)
    )
    return Saturation(genome, regions, deletions=options.deletions)


def _annotators(options: argparse.Namespace, genome: Reference) -> list[Annotator]:
    if options.genes is None or options.vcf is None:
        return []
    annotator = ConsequenceAnnotator(options.genes, genome)
    for note in annotator.notes:
        _tell(note)
    return [annotator]


def _mutants(options: argparse.Namespace, watch: Stopwatch) -> int:
    """Mutants of a parent: predictions and their change, or likelihoods."""
    parent = read_parent(options.parent).sequence
    model = opened(options.model)
    tables = mutant_tables(
        model, parent, options.table,
        column=options.column, first=options.first, method=options.method,
    )  # fmt: skip
    count = write_table(tables, options.out)
    _say(options, f"{count:,} mutants in {watch.seconds:.1f} s: {options.out}")
    result = {"mutants": count, "seconds": watch.seconds, "out": options.out}
    finish(options, result)
    return 0


def _tell(note: str) -> None:
    print(f"jaxbio variants: {note}", file=sys.stderr)


def _say(options: argparse.Namespace, text: str) -> None:
    print(text, file=sys.stderr if options.out == "-" else sys.stdout)
