"""`jaxbio data consequences`: what the variants of a VCF file do to genes."""

import argparse
from collections.abc import Sequence

from jaxbio.cli.console import Stopwatch, finish
from jaxbio.cli.progress import Progress
from jaxbio.errors import JaxbioError
from jaxbio.genome.consequence_files import annotate_consequences
from jaxbio.genome.gene_drafts import Code
from jaxbio.genome.haplotypes import UNPHASED
from jaxbio.genome.reference import Reference

_SHOWN = 8  # types of consequences in the last line


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the arguments of `jaxbio data consequences`."""
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = (
        "examples:\n"
        "  jaxbio data consequences in.vcf.gz --genome hg38.fa --genes hg38.gff3.gz "
        "-o out.vcf.gz\n"
        "  jaxbio data consequences in.vcf --genome ecoli.fa --genes ecoli.gbk "
        "-o out.tsv\n"
        "  jaxbio data consequences in.vcf --genome hg38.fa --genes hg38.gtf "
        "--code MT:2 -o out.vcf"
    )
    parser.add_argument("vcf", metavar="VCF", help="variants: .vcf, .vcf.gz or .bcf")
    parser.add_argument("--genome", metavar="FASTA", required=True, help="the genome")
    parser.add_argument(
        "--genes",
        metavar="FILE",
        required=True,
        help="its genes: GFF3 of Ensembl or NCBI, GTF, or GenBank (.gff3 .gff .gtf .gb "
        ".gbk, also .gz)",
    )
    parser.add_argument(
        "-o",
        "--out",
        metavar="FILE",
        required=True,
        help="where to write: .vcf, .vcf.gz or .bcf for all records with their "
        "consequences in INFO/BCSQ, as bcftools csq writes them; .tsv or .tsv.gz for a "
        "row a consequence",
    )
    parser.add_argument(
        "--code",
        action="append",
        default=[],
        metavar="[CONTIG:]N",
        help="the genetic code by its number at NCBI, of all genes or those of a "
        "contig: 11 for bacteria and plastids, 2 for mitochondria of vertebrates; "
        "repeat for several contigs (default: transl_table of the genes, else 1)",
    )
    parser.add_argument(
        "--local",
        action="store_true",
        help="look at each variant alone, also where samples have several on one "
        "haplotype",
    )
    parser.add_argument(
        "--unphased",
        choices=UNPHASED,
        default="alone",
        help="heterozygous calls without a phase (0/1): look at their alleles alone, "
        "take them as phased, or refuse them (default: alone)",
    )
    parser.add_argument(
        "--mismatch",
        choices=("error", "skip"),
        default="error",
        help="where REF is not what the genome has: refuse the file, or pass the "
        "record through (default: error)",
    )


def run(options: argparse.Namespace) -> int:
    """Write the file."""
    watch, reference = Stopwatch(), Reference(options.genome)
    summary = annotate_consequences(
        options.vcf,
        options.genes,
        reference,
        options.out,
        code=_code(options.code),
        local=options.local,
        unphased=options.unphased,
        mismatch=options.mismatch,
        progress=Progress("records"),
    )
    notes = [*reference.notes, *summary.notes]
    for note in notes:
        print(note)
    types = summary.types.most_common()
    listed = ", ".join(f"{name} {count:,}" for name, count in types[:_SHOWN])
    more = f", {len(types) - _SHOWN} more" if len(types) > _SHOWN else ""
    print(f"consequences: {listed or 'none'}{more}")
    print(
        f"{summary.records:,} records with {summary.variants:,} alleles "
        f"({watch.seconds:.1f} s): {options.out}"
    )
    result = {"records": summary.records, "alleles": summary.variants}
    result |= {"consequences": dict(types), "skipped": dict(summary.skipped)}
    result |= {
        "notes": notes,
        "seconds": watch.seconds,
        "out": options.out,
    }
    finish(options, result)
    return 0


def _code(given: Sequence[str]) -> Code:
    """The genetic code of all genes, or of those of contigs."""
    pairs = [text.rpartition(":") for text in given]
    wrong = next((text for text, (_, _, n) in zip(given, pairs, strict=True)
                  if not (n.isascii() and n.isdigit())), None)  # fmt: skip
    if wrong is not None:
        raise JaxbioError(f"--code {wrong}: write a number, or CONTIG:NUMBER as MT:2")
    named = {contig: int(number) for contig, _, number in pairs if contig}
    plain = [int(number) for contig, _, number in pairs if not contig]
    if len(plain) > 1 or (plain and named):
        raise JaxbioError(
            f"--code {' '.join(given)}: give one number for all genes, or "
            f"CONTIG:NUMBER for some contigs"
        )
    return plain[0] if plain else named or None
