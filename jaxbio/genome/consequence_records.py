"""Consequences of records of VCF files, each checked against the genome first."""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Protocol, runtime_checkable

from jaxbio.errors import DataError, option
from jaxbio.genome.consequence_terms import Variant
from jaxbio.genome.consequences import Models, alone
from jaxbio.genome.gene_drafts import Code
from jaxbio.genome.gene_files import read_genes
from jaxbio.genome.haplotypes import Found, HaplotypeStream, read_calls
from jaxbio.genome.records import InfoField, Record, VariantFile
from jaxbio.genome.transcripts import Fetch, Transcripts

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
_BLOCK = 1 << 16  # bases
_LISTED = 3


@runtime_checkable
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


class Blocks:
    """Bases of a genome, fetched in blocks since neighbours are asked for in turn."""

    def __init__(self, genome: Genome):
        self._genome = genome
        self._at: tuple[str, int] = ("", -1)
        self._bases = ""

    def __call__(self, contig: str, start: int, end: int) -> str:
        """Bases in capitals."""
        number = start // _BLOCK
        low = number * _BLOCK
        if end > low + _BLOCK:
            return self._genome.fetch(contig, start, end).upper()
        if self._at != (contig, number):
            high = min(low + _BLOCK, self._genome.lengths[contig])
            self._bases = self._genome.fetch(contig, low, high).upper()
            self._at = contig, number
        return self._bases[start - low : end - low]


class ConsequenceAnnotator:
    """Consequences beside scores: an annotator of `jaxbio.genome.variants`.

    Each allele is looked at alone.

    Attributes:
        fields: The field of INFO that it fills.
        notes: What was left out of the genes, in sentences.
    """

    def __init__(
        self, genes: str | Path | Transcripts, genome: Genome, *, code: Code = None
    ):
        """Read the genes.

        Args:
            genes: As for `annotate_consequences`.
            genome: The genome.
            code: The genetic code; see `read_genes`.

        Raises:
            DataError: For genes that cannot be read or are of another genome.
        """
        self.fields = (INFO,)
        if not isinstance(genes, Transcripts):
            genes = read_genes(genes, code=code)
        self._genome = genome
        self._genes = genes.placed(dict(genome.lengths), genome.resolve)
        self._models = Models(genome.fetch)
        self._blocks = Blocks(genome)
        self.notes = self._genes.notes

    def __call__(self, records: Sequence[Record]) -> list[Mapping[str, str]]:
        """For each record the text of BCSQ; empty where no allele can be looked at."""
        return [{TAG: self._text(record)} for record in records]

    def _text(self, record: Record) -> str:
        contig = self._genome.resolve(record.contig)
        if contig is None or fault(record, contig, self._genome, self._blocks):
            return ""
        found: dict[str, None] = {}
        for alternative in record.alternatives:
            if not _reason(record, alternative):
                variant = Variant(record.position, record.reference, alternative)
                several = alone(contig, variant, self._genes, self._models)
                found.update(dict.fromkeys(map(str, several)))
        return ",".join(found)


@dataclass
class Reader:
    """Records of a file with what was found, in its order."""

    source: VariantFile
    genome: Genome
    stream: HaplotypeStream
    summary: Summary
    contigs: Mapping[str, str | None]  # of the file, by the genome's names
    mismatch: str
    progress: Callable[[int], None] | None
    examples: dict[str, list[str]] = field(default_factory=dict)

    def found(self) -> Iterator[tuple[Record, list[Found]]]:
        """Each record with the consequences of its alleles."""
        blocks = Blocks(self.genome)
        for record in self.source.records():
            yield from map(self._counted, self._add(record, blocks))
        yield from map(self._counted, self.stream.finish())

    def _add(
        self, record: Record, blocks: Blocks
    ) -> Iterator[tuple[object, list[Found]]]:
        contig = self.contigs[record.contig]
        self.summary.records += 1
        if self.progress and self.summary.records % 1000 == 0:
            self.progress(self.summary.records)
        whole = fault(record, contig, self.genome, blocks)
        if whole == "REF_MISMATCH" and self.mismatch == "error":
            raise DataError(self._mismatch(record, str(contig)))
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

    def _mismatch(self, record: Record, contig: str) -> str:
        hint, reference = "", record.reference.upper()
        start, end = record.position - 1, record.position - 1 + len(record.reference)
        bases = self.genome.fetch(contig, start, end).upper()
        for by, side in ((-1, "left"), (1, "right")):
            low, high = start + by, end + by
            inside = low >= 0 and high <= self.genome.lengths[contig]
            if inside and self.genome.fetch(contig, low, high).upper() == reference:
                hint = (
                    f" (one base to the {side} it has {reference:.20}: POS may be off "
                    f"by one)"
                )
                break
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


def fault(record: Record, contig: str | None, genome: Genome, bases: Fetch) -> str:
    """Why no allele of a record can be looked at, a word of `REASONS`, or nothing.

    Args:
        record: The record.
        contig: Its contig by the genome's name.
        genome: The genome.
        bases: Gives bases of the genome, in capitals.
    """
    if contig is None:
        return "NO_CONTIG"
    start, end = record.position - 1, record.position - 1 + len(record.reference)
    if start < 0 or end > genome.lengths[contig]:
        return "OUTSIDE"
    found, reference = bases(contig, start, end), record.reference.upper()
    same = found == reference or _alike(found, reference)
    return "" if same or not _BASES.fullmatch(reference) else "REF_MISMATCH"


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
