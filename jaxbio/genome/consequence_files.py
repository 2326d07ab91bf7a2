"""Consequences of the variants of a VCF file, written to a VCF file or a table."""

import gzip
import operator
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.errors import DataError, JaxbioError, nearest
from jaxbio.genome.consequence_records import INFO, TAG, Genome, Reader, Summary
from jaxbio.genome.consequences import Models
from jaxbio.genome.gene_drafts import Code
from jaxbio.genome.gene_files import read_genes
from jaxbio.genome.haplotypes import Found, HaplotypeStream
from jaxbio.genome.hgvs_proteins import protein_hgvs
from jaxbio.genome.records import (
    Record,
    VariantFile,
    annotated,
    check_out,
    write_records,
)
from jaxbio.genome.transcripts import Transcripts

FORMAT = (
    f"##FORMAT=<ID={TAG},Number=.,Type=Integer,Description="
    f'"Bits that tell which consequences of INFO/{TAG} a sample has: bit 2*i+h of '
    f'consequence i and copy h, 30 bits a number">'
)
COLUMNS = (
    "chrom", "pos", "id", "ref", "alt", "consequence", "gene", "transcript", "biotype",
    "strand", "amino_acid_change", "dna_change", "hgvs_p",
)  # fmt: skip
"""The columns of a table; with samples, `haplotypes` counts the copies that have it."""

_TABLES = (".tsv", ".tsv.gz")
_A_NUMBER = 15  # consequences whose bits fit into one number, as of bcftools csq


def annotate_consequences(
    vcf: str | Path,
    genes: str | Path | Transcripts,
    genome: Genome,
    out: str | Path,
    *,
    code: Code = None,
    local: bool = False,
    unphased: str = "alone",
    mismatch: str = "error",
    progress: Callable[[int], None] | None = None,
) -> Summary:
    """Write what each variant of a file does to the genes.

    Args:
        vcf: A VCF file, plain or compressed, or a BCF file.
        genes: A GFF3, GTF or GenBank file, or transcripts that were read.
        genome: The genome.
        out: A VCF file with INFO/BCSQ, and FORMAT/BCSQ where samples have genotypes, or
            a table (`.tsv`, `.tsv.gz`) with a row a consequence.
        code: The genetic code; see `read_genes`.
        local: Whether each variant is looked at alone although samples have genotypes.
        unphased: What becomes of heterozygous calls without a phase.
        mismatch: Where REF is not what the genome has: `error` or `skip`.
        progress: Called with the number of records now and then.

    Returns:
        Counts and notes.

    Raises:
        JaxbioError: For files that cannot be read, used together or written.
    """
    if mismatch not in ("error", "skip"):
        raise JaxbioError(
            f"mismatch={mismatch!r}: {nearest(mismatch, ('error', 'skip'))}"
        )
    table = str(out).lower().endswith(_TABLES)
    if not table:
        check_out(out)
    source = VariantFile(vcf)
    if TAG in source.declared("INFO"):
        raise DataError(
            f"{vcf} has {TAG} already: take it off first (bcftools annotate -x "
            f"INFO/{TAG},FORMAT/{TAG})"
        )
    transcripts = (
        genes if isinstance(genes, Transcripts) else read_genes(genes, code=code)
    )
    transcripts = transcripts.placed(dict(genome.lengths), genome.resolve)
    samples = 0 if local else max(source.header[-1].count("\t") - 8, 0)
    contigs, in_order = _scan(source)
    names = {contig: genome.resolve(contig) for contig in contigs}
    if names and not any(names.values()):
        raise DataError(
            f"{vcf}: the genome has none of its contigs ({', '.join(contigs[:4])}): "
            f"give the genome that the variants were called on, or rename the contigs "
            f"(bcftools annotate --rename-chrs)"
        )
    summary = Summary(notes=list(transcripts.notes))
    stream = HaplotypeStream(transcripts, Models(genome.fetch), samples, unphased)
    reader = Reader(source, genome, stream, summary, names, mismatch, progress)
    if table:
        _write_table(out, reader.found(), bool(samples))
    else:
        header = _header(source, names, genome, samples)
        lines = (_line(record, found) for record, found in reader.found())
        longest = max(genome.lengths.values(), default=0)
        write_records(out, header, lines, indexed=in_order, longest=longest)
    summary.notes += reader.notes()
    return summary


def _scan(source: VariantFile) -> tuple[list[str], bool]:
    """The contigs of a file, and whether its records are sorted."""
    contigs: dict[str, None] = {}
    last, in_order = ("", 0), True
    for record in source.records():
        contig, position = record.contig, record.position
        if contig != last[0]:
            in_order &= contig not in contigs
            contigs[contig] = None
        else:
            in_order &= position >= last[1]
        last = contig, position
    return list(contigs), in_order


def _header(
    source: VariantFile,
    names: Mapping[str, str | None],
    genome: Genome,
    samples: int,
) -> list[str]:
    """The header with lines for the new fields, and for contigs that had none."""
    *lines, columns = source.header
    declared = source.declared("contig")
    for contig, name in names.items():
        if contig not in declared:
            length = f",length={genome.lengths[name]}" if name else ""
            lines.append(f"##contig=<ID={contig}{length}>")
    return [*lines, INFO.line, *([FORMAT] if samples else []), columns]


def _line(record: Record, found: Sequence[Found]) -> str:
    """The text of a record with BCSQ in INFO, and in FORMAT where samples have it."""
    listed: dict[str, np.ndarray | None] = {}
    for one in found:
        before = listed.get(str(one))
        if before is not None and one.carriers is not None:
            listed[str(one)] = before | one.carriers
        else:
            listed[str(one)] = one.carriers
    text = annotated(record, {TAG: ",".join(listed)})
    carriers = [each for each in listed.values() if each is not None]
    if not carriers or not any(each.any() for each in carriers):
        return text
    cells = text.split("\t")
    cells[8] += f":{TAG}"
    size = -(-len(carriers) // _A_NUMBER)
    numbers = np.zeros((len(carriers[0]), size), np.int64)
    for at, each in enumerate(carriers):
        shift = 2 * (at % _A_NUMBER)
        numbers[:, at // _A_NUMBER] |= (each @ np.array([1, 2])) << shift
    calls, fields = cells[9:], cells[8].count(":") - 1
    if fields:  # those at the end of a call may be left out
        calls = [call + ":." * (fields - call.count(":")) for call in calls]
    return "\t".join([*cells[:9], *map(operator.add, calls, _marks(numbers))])


def _marks(numbers: np.ndarray) -> list[str]:
    """The text of each row of numbers; most rows are alike."""
    if numbers.shape[1] == 1:
        keys = numbers[:, 0].tolist()
        texts = {key: f":{key}" for key in set(keys)}
    else:
        keys = list(map(tuple, numbers.tolist()))
        texts = {key: ":" + ",".join(map(str, key)) for key in set(keys)}
    return list(map(texts.__getitem__, keys))


def _write_table(
    path: str | Path, found: Iterable[tuple[Record, list[Found]]], samples: bool
) -> None:
    with replacing(path) as temporary:
        packed = str(path).lower().endswith(".gz")
        opened = gzip.open if packed else open
        with opened(temporary, "wt", encoding="utf-8", newline="") as handle:
            columns = (*COLUMNS, "haplotypes") if samples else COLUMNS
            handle.write("\t".join(columns) + "\n")
            for record, several in found:
                handle.writelines(_rows(record, several, samples))


class _Cells(NamedTuple):
    """The cells of a row after those of the variant."""

    consequence: str
    gene: str = ""
    transcript: str = ""
    biotype: str = ""
    strand: str = ""
    protein: str = ""
    dna: str = ""
    name: str = ""


def _rows(record: Record, found: Sequence[Found], samples: bool) -> Iterator[str]:
    seen: set[int] = set()
    for one in found:
        seen.add(one.number)
        if one.consequence is None:
            cells = _Cells(str(one))
        else:
            each = one.consequence
            cells = _Cells(
                each.type, each.gene, each.transcript, each.biotype, each.strand,
                each.protein, each.dna, protein_hgvs(each),
            )  # fmt: skip
        count = "" if one.carriers is None else str(int(one.carriers.sum()))
        yield _row(record, one.number, cells, count, samples)
    for number in range(max(len(record.alternatives), 1)):
        if number not in seen:  # nothing is lost, whatever it is
            yield _row(record, number, _Cells(""), "", samples)


def _row(record: Record, number: int, cells: _Cells, count: str, samples: bool) -> str:
    alternative = record.alternatives[number] if record.alternatives else "."
    own = (record.contig, str(record.position), record.name, record.reference)
    row = (*own, alternative, *cells, *([count] if samples else []))
    return "\t".join(row) + "\n"
