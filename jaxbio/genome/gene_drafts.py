"""Transcripts of what a file tells of them, and which cannot be used."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from jaxbio.errors import DataError, nearest
from jaxbio.genome.transcripts import (
    STANDARD,
    Interval,
    Transcript,
    Transcripts,
    genetic_code,
)

Code = int | Mapping[str, int] | None
"""A genetic code for all genes, for those of contigs by name, or as the file says."""

_LISTED = 8


@dataclass(slots=True)
class Draft:
    """What is known of a transcript while its file is read.

    Attributes:
        name: As of `Transcript`; so are the next three.
        contig: The contig.
        strand: `+` or `-`, or another sign where it is not told.
        line: Where it begins in its file.
        gene: The name of its gene.
        biotype: Empty where it is not told.
        exons: In any order, and perhaps twice.
        coding: Coding parts with their phases, `.` where it is not told.
        stop: Parts of the stop codon that may lack in `coding`.
        ordered: Whether `coding` is in the order of translation.
        code: The number of the genetic code; empty where it is not told.
        mixed: Whether parts lie on several strands or contigs.
    """

    name: str
    contig: str
    strand: str
    line: int
    gene: str = ""
    biotype: str = ""
    exons: list[Interval] = field(default_factory=list)
    coding: list[tuple[Interval, str]] = field(
        default_factory=list
    )  # with their phases
    stop: list[Interval] = field(default_factory=list)
    ordered: bool = False
    code: str = ""
    mixed: bool = False

    def merge(self, other: "Draft") -> None:
        """Add the parts of another draft of the same transcript."""
        self.mixed |= other.mixed
        self.mixed |= (other.contig, other.strand) != (self.contig, self.strand)
        self.line = min(self.line, other.line)
        self.exons += other.exons
        self.coding += other.coding
        self.stop += other.stop
        self.code = self.code or other.code


def finish_drafts(
    drafts: Iterable[Draft], notes: list[str], code: Code, source: str
) -> Transcripts:
    """Transcripts of drafts, with notes on those that do not fit.

    Args:
        drafts: What was read.
        notes: Notes so far.
        code: As for `read_genes`.
        source: What messages call the file.

    Raises:
        DataError: If none is left, or `code` names a contig that has no genes.
    """
    drafts = list(drafts)
    if isinstance(code, Mapping):
        contigs = dict.fromkeys(draft.contig for draft in drafts)
        for name in code:
            if name not in contigs:
                raise DataError(
                    f"{source}: no genes on contig {name!r}, for which there is a "
                    f"genetic code: {nearest(name, contigs)}"
                )
    left: dict[str, list[str]] = defaultdict(list)
    partial, kept = 0, []
    for draft in drafts:
        reason = _fault(draft)
        if reason:
            left[reason].append(f"{draft.name} (row {draft.line})")
            continue
        kept.append(_transcript(draft, code))
        length = sum(end - start for start, end in kept[-1].coding)
        partial += (length - kept[-1].phase) % 3 > 0
    for reason, names in left.items():
        more = ", …" if len(names) > _LISTED else ""
        notes.append(
            f"{len(names):,} transcripts are left out, {reason}: "
            f"{', '.join(names[:_LISTED])}{more}"
        )
    if partial:
        notes.append(
            f"{partial:,} transcripts have a CDS whose length is no multiple of 3 "
            f"(incomplete): its whole codons are used"
        )
    if not kept:
        raise DataError(f"{source}: no transcript can be used: " + "; ".join(notes))
    return Transcripts(kept, notes)


def _fault(draft: Draft) -> str:
    """Why a transcript cannot be used, or nothing."""
    if draft.mixed:
        return "their parts lie on several strands or contigs (trans-splicing)"
    if draft.strand not in "+-":
        return "they have no strand"
    parts, phases = _coding(draft)
    if any(phase not in ("0", "1", "2", ".") for phase in phases):
        return "a phase of their CDS is not 0, 1 or 2"
    if "." in phases or not phases:
        return ""
    done = -int(phases[0])
    for (start, end), phase in zip(parts, phases, strict=True):
        if int(phase) != -done % 3:
            return "the phases of their CDS do not fit its lengths"
        done += end - start
    return ""


def _coding(draft: Draft) -> tuple[list[Interval], list[str]]:
    """Coding parts in the order of translation, and their phases."""
    found = dict(draft.coding)
    parts = list(found) if draft.ordered else _ordered(found, draft.strand)
    return parts, [found[part] for part in parts]


def _ordered(parts: Iterable[Interval], strand: str) -> list[Interval]:
    return sorted(parts, reverse=strand == "-")


def _transcript(draft: Draft, code: Code) -> Transcript:
    parts, phases = _coding(draft)
    phase = phases[0] if phases else "0"
    if parts and draft.stop:  # GTF: the stop codon is no part of the CDS there
        parts = _joined(parts, draft.stop, draft.strand)
    exons = _ordered(set(draft.exons), draft.strand)
    if not exons or not _within(parts, exons):
        exons = parts or exons
    number = int(draft.code) if draft.code.isdigit() else STANDARD
    if isinstance(code, int):
        number = code
    elif code:
        number = code.get(draft.contig, number)
    genetic_code(number)
    return Transcript(
        draft.name,
        draft.gene,
        draft.contig,
        draft.strand,
        draft.biotype or ("protein_coding" if parts else "non_coding"),
        tuple(exons),
        tuple(parts),
        0 if phase == "." else int(phase),
        number,
    )


def _joined(
    parts: list[Interval], stop: Iterable[Interval], strand: str
) -> list[Interval]:
    """Coding parts with those of the stop codon that they lack."""
    found = list(parts)
    for start, end in _ordered(stop, strand):
        if any(a <= start and end <= b for a, b in found):
            continue
        last = found[-1]
        if strand == "+" and last[1] == start:
            found[-1] = (last[0], end)
        elif strand == "-" and last[0] == end:
            found[-1] = (start, last[1])
        else:
            found.append((start, end))
    return found


def _within(parts: Iterable[Interval], exons: list[Interval]) -> bool:
    return all(any(a <= start and end <= b for a, b in exons) for start, end in parts)
