"""Consequences of the variants of a VCF file, written to a VCF file or a table."""

import gzip
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import NamedTuple, Protocol

import numpy as np

from jaxbio._atomic import replacing
from jaxbio.errors import DataError, JaxbioError, nearest, option
from jaxbio.genome.consequence_terms import Variant
from jaxbio.genome.consequences import Models
from jaxbio.genome.gene_files import Code, read_genes
from jaxbio.genome.haplotypes import Found, HaplotypeStream, Unphased, read_calls
from jaxbio.genome.records import (
    InfoField,
    Record,
    VariantFile,
    annotated,
    check_out,
    write_records,
)
from jaxbio.genome.transcripts import Transcripts

TAG = "BCSQ"
"""The field of the INFO and FORMAT columns, as bcftools csq calls it."""

INFO = InfoField(
    TAG,
    "String",
    "Consequences of the variant on transcripts, in the words of bcftools csq (@POS: "
    "see the record at POS; *: after a stop on the same haplotype). Format: "
    "Consequence|gene|transcript|biotype|strand|amino_acid_change|dna_change",
    ".",
)
FORMAT = (
    f"##FORMAT=<ID={TAG},Number=.,Type=Integer,Description="
    f'"Bits that tell which consequences of INFO/{TAG} a sample has: bit 2*i+h of '
    f'consequence i and copy h, 30 bits a number">'
)
COLUMNS = (
    "chrom", "pos", "id", "ref", "alt", "consequence", "gene", "transcript", "biotype",
    "strand", "amino_acid_change", "dna_change",
)  # fmt: skip
"""The columns of a table; with samples, `haplotypes` counts the copies that have it."""

REASONS = {
    "NO_CONTIG": "the genome has no such contig",
    "OUTSIDE": "REF runs past the end of the contig",
    "REF_MISMATCH": "REF is not what the genome has",
    "SYMBOLIC": "a symbolic allele, a breakend or *",
    "SAME": "ALT is REF",
}
"""Why an alternative allele has no consequences."""

_BASES = re.compile(r"[ACGTRYSWKMBDHVN]+", re.IGNORECASE)
_PLAIN = re.compile(r"[ACGT]+")
_TABLES = (".tsv", ".tsv.gz")
_BLOCK = 1 << 16
_A_NUMBER = 15  # consequences whose bits fit into one number, as of bcftools csq
_LISTED = 3


class Genome(Protocol):
    """What is asked of a genome."""

    @property
    def lengths(self) -> Mapping[str, int]:
        """The bases of each contig."""
        ...

    def resolve(self, name: str) -> str | None:
        """The genome's name of a contig; None for one that it lacks."""
        ...

    def fetch(self, contig: str, start: int, end: int) -> str:
        """Bases from `start` to `end`, from 0, the end not included."""
        ...


@dataclass
class Summary:
    """What was found in a file of variants.

    Attributes:
        records: How many records there are, each of them in the output.
        variants: How many ALT alleles they have.
        types: How often each type is among the consequences of alleles.
        skipped: Alleles without consequences, by the words of `REASONS`.
        notes: What a reader should know, in sentences.
    """

    records: int = 0
    variants: int = 0
    types: Counter[str] = field(default_factory=Counter)
    skipped: Counter[str] = field(default_factory=Counter)
    notes: list[str] = field(default_factory=list)


class _Blocks:
    """Bases of a genome, fetched in blocks since neighbours are asked for in turn."""

    def __init__(self, genome: Genome):
        self._genome = genome
        self._at: tuple[str, int] = ("", -1)
        self._bases = ""

    def __call__(self, contig: str, start: int, end: int) -> str:
        number = start // _BLOCK
        low = number * _BLOCK
        if end > low + _BLOCK:
            return self._genome.fetch(contig, start, end).upper()
        if self._at != (contig, number):
            high = min(low + _BLOCK, self._genome.lengths[contig])
            self._bases = self._genome.fetch(contig, low, high).upper()
            self._at = contig, number
        return self._bases[start - low : end - low]


def annotate_consequences(
    vcf: str | Path,
    genes: str | Path | Transcripts,
    genome: Genome,
    out: str | Path,
    *,
    code: Code = None,
    alone: bool = False,
    unphased: Unphased = "alone",
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
        alone: Whether each variant is looked at alone although samples have genotypes.
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
    samples = 0 if alone else max(source.header[-1].count("\t") - 8, 0)
    summary = Summary(notes=list(transcripts.notes))
    stream = HaplotypeStream(transcripts, Models(genome.fetch), samples, unphased)
    reader = _Reader(source, genome, stream, summary, mismatch, progress)
    if table:
        _write_table(out, reader.found(), bool(samples))
    else:
        header = [*source.header[:-1], INFO.line]
        header += [FORMAT] * bool(samples) + [source.header[-1]]
        lines = (_line(record, found) for record, found in reader.found())
        longest = max(genome.lengths.values(), default=0)
        write_records(out, header, lines, indexed=False, longest=longest)
    summary.notes += reader.notes()
    return summary


@dataclass
class _Reader:
    """Records of a file with what was found, in its order."""

    source: VariantFile
    genome: Genome
    stream: HaplotypeStream
    summary: Summary
    mismatch: str
    progress: Callable[[int], None] | None
    contigs: dict[str, str | None] = field(default_factory=dict)
    examples: dict[str, list[str]] = field(default_factory=dict)

    def found(self) -> Iterator[tuple[Record, list[Found]]]:
        """Each record with the consequences of its alleles."""
        blocks = _Blocks(self.genome)
        for record in self.source.records():
            yield from map(self._counted, self._add(record, blocks))
        yield from map(self._counted, self.stream.finish())
        if self.contigs and not any(self.contigs.values()):
            names = ", ".join(list(self.contigs)[:4])
            raise DataError(
                f"{self.source.path}: the genome has none of its contigs ({names}): "
                f"give the genome that the variants were called on, or rename the "
                f"contigs (bcftools annotate --rename-chrs)"
            )

    def _add(
        self, record: Record, blocks: _Blocks
    ) -> Iterator[tuple[object, list[Found]]]:
        if record.contig not in self.contigs:
            self.contigs[record.contig] = self.genome.resolve(record.contig)
        contig = self.contigs[record.contig]
        self.summary.records += 1
        if self.progress and self.summary.records % 1000 == 0:
            self.progress(self.summary.records)
        whole = self._whole(record, contig, blocks)
        variants: list[Variant | None] = []
        for alternative in record.alternatives:
            reason = whole or _reason(record, alternative)
            self.summary.variants += 1
            if reason:
                self._skip(record, alternative, reason)
                variants.append(None)
            else:
                variants.append(Variant(record.position, record.reference, alternative))
        where = f"{self.source.path}, row {record.line}"
        calls = None
        if self.stream.samples and any(variants):
            texts = _genotypes(record, where)
            calls = read_calls(texts, where)
        return self.stream.add(record, contig or "", variants, calls, where)

    def _whole(self, record: Record, contig: str | None, blocks: _Blocks) -> str:
        """Why no allele of a record can be looked at."""
        if contig is None:
            return "NO_CONTIG"
        start, end = record.position - 1, record.position - 1 + len(record.reference)
        if start < 0 or end > self.genome.lengths[contig]:
            return "OUTSIDE"
        bases = blocks(contig, start, end)
        reference = record.reference.upper()
        if bases == reference or _alike(bases, reference):
            return ""
        if self.mismatch == "error":
            raise DataError(self._mismatch(record, contig, bases))
        return "REF_MISMATCH"

    def _mismatch(self, record: Record, contig: str, bases: str) -> str:
        hint, reference = "", record.reference.upper()
        start, end = record.position - 1, record.position - 1 + len(record.reference)
        for by, side in ((-1, "left"), (1, "right")):
            low, high = start + by, end + by
            inside = low >= 0 and high <= self.genome.lengths[contig]
            if inside and self.genome.fetch(contig, low, high).upper() == reference:
                hint = (
                    f" (one base to the {side} it has {reference:.20}: POS may be off "
                    f"by one)"
                )
        return (
            f"{self.source.path}, row {record.line}: REF at {record.contig}:"
            f"{record.position} is {record.reference:.20}, the genome has "
            f"{bases:.20}{hint}: give the genome that the variants were called on, or "
            f"pass such records through with {option('mismatch', 'skip')}"
        )

    def _skip(self, record: Record, alternative: str, reason: str) -> None:
        self.summary.skipped[reason] += 1
        listed = self.examples.setdefault(reason, [])
        if len(listed) < _LISTED:
            listed.append(
                f"row {record.line} ({record.contig}:{record.position}:"
                f"{record.reference:.20}:{alternative:.20})"
            )

    def _counted(self, pair: tuple[object, list[Found]]) -> tuple[Record, list[Found]]:
        record, found = pair
        assert isinstance(record, Record)
        for one in found:
            if one.consequence is not None:
                self.summary.types[one.consequence.type] += 1
        return record, found

    def notes(self) -> list[str]:
        """What a reader should know of the file."""
        notes = []
        renamed = {a: b for a, b in self.contigs.items() if b not in (None, a)}
        if renamed:
            shown = ", ".join(f"{a} is {b}" for a, b in list(renamed.items())[:_LISTED])
            more = ", …" if len(renamed) > _LISTED else ""
            notes.append(f"contigs are called otherwise in the genome: {shown}{more}")
        for reason, count in self.summary.skipped.most_common():
            shown = ", ".join(self.examples[reason])
            more = ", …" if count > _LISTED else ""
            notes.append(
                f"{count:,} alleles without consequences, {reason}: {REASONS[reason]}: "
                f"{shown}{more}"
            )
        counts = self.stream.counts
        if counts["unphased"]:
            notes.append(
                f"{counts['unphased']:,} heterozygous calls without a phase (0/1): "
                f"their alleles are looked at alone"
            )
        if counts["polyploid"]:
            notes.append(
                f"{counts['polyploid']:,} records have calls of more than two copies: "
                f"these are left out of the haplotypes"
            )
        if counts["overlapping"]:
            notes.append(
                f"{counts['overlapping']:,} times an allele lies on bases that another "
                f"of its haplotype takes away or replaces: it is looked at alone"
            )
        return notes


def _alike(bases: str, reference: str) -> bool:
    """Check that bases agree but for those that one of the two does not know."""
    return all(
        one == other or not (_PLAIN.fullmatch(one) and _PLAIN.fullmatch(other))
        for one, other in zip(bases, reference, strict=True)
    )


def _reason(record: Record, alternative: str) -> str:
    if not (_BASES.fullmatch(alternative) and _BASES.fullmatch(record.reference)):
        return "SYMBOLIC"
    return "SAME" if alternative.upper() == record.reference.upper() else ""


def _genotypes(record: Record, where: str) -> list[str]:
    """GT of each sample."""
    cells = record.text.split("\t")
    fields = cells[8].split(":")
    if "GT" not in fields:
        return ["."] * (len(cells) - 9)
    at = fields.index("GT")
    if len(fields) == 1:
        return cells[9:]
    parts = (cell.split(":", at + 1) for cell in cells[9:])
    return [part[at] if at < len(part) else "." for part in parts]


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
    fields = cells[8].count(":")
    for at, row in enumerate(numbers, 9):
        missing = fields - 1 - cells[at].count(":")  # trailing fields may be left out
        cells[at] += ":." * missing + ":" + ",".join(map(str, row))
    return "\t".join(cells)


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
                each.protein, each.dna,
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
