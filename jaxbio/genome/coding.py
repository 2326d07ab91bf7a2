"""Where a variant lies in a transcript, and how it changes the coding sequence."""

from collections.abc import Iterable
from typing import NamedTuple

from jaxbio.genome.alleles import edit_of
from jaxbio.genome.consequence_terms import Consequence, Variant, in_order
from jaxbio.genome.transcripts import (
    STANDARD,
    Fetch,
    Interval,
    Transcript,
    genetic_code,
    reverse_complement,
)

_SITE, _EXON_SIDE, _INTRON_SIDE = 2, 3, 8  # bases of splicing
_NMD = "nonsense_mediated_decay"


class CodingEdit(NamedTuple):
    """A change of a coding sequence, in the direction of translation.

    Attributes:
        start: The first base that is replaced, from 0.
        end: The base behind the last that is replaced.
        bases: What comes in their place.
        first: The first codon that is looked at.
        last: The last codon that is looked at.
        variant: The variant that makes the change.
    """

    start: int
    end: int
    bases: str
    first: int
    last: int
    variant: Variant

    @property
    def growth(self) -> int:
        """How much longer the sequence becomes."""
        return len(self.bases) - (self.end - self.start)


class Span(NamedTuple):
    """The bases of the contig that a variant changes, from 0."""

    start: int
    end: int
    bases: str


def span_of(variant: Variant) -> Span:
    """What a variant changes; of several readings, the leftmost within the record."""
    edit = edit_of(
        variant.position, variant.reference.upper(), variant.alternative.upper()
    )
    return Span(edit.start, edit.start + len(edit.removed), edit.inserted)


class Model:
    """A transcript with its coding sequence, ready for many variants.

    Attributes:
        transcript: The transcript.
        sequence: Its coding bases from the first whole codon.
        protein: What they are translated into.
    """

    def __init__(self, transcript: Transcript, fetch: Fetch):
        self.transcript = transcript
        self.code = genetic_code(transcript.code)
        self.introns = transcript.introns
        self.exons = sorted(transcript.exons)
        self.sequence = transcript.coding_sequence(fetch) if transcript.coding else ""
        self.protein = self.translate(self.sequence)
        self.forward = transcript.strand == "+"
        whole = transcript.phase == 0 and self.sequence[:3] in self.code.starts
        self.has_start = whole
        self._parts: list[tuple[int, int, int]] = []  # start, end, place in sequence
        place = -transcript.phase
        for start, end in transcript.coding:
            self._parts.append((start, end, place))
            place += end - start
        if transcript.coding:
            self._low = min(start for start, _ in transcript.coding)
            self._high = max(end for _, end in transcript.coding)

    def translate(self, bases: str, *, start: bool = True) -> str:
        """Amino acids; a start codon of other codes than the standard one is M."""
        letters = self.code.translate(bases)
        begins = start and self.transcript.phase == 0 and bases[:3] in self.code.starts
        if begins and self.code.number != STANDARD:
            return "M" + letters[1:]
        return letters

    def effects(self, variant: Variant) -> tuple[list[Consequence], list[CodingEdit]]:
        """What a variant does by its place, and its changes of the coding sequence.

        Args:
            variant: Bases only, no symbolic allele.

        Returns:
            Consequences that need no translation, and edits for `translated`.
        """
        span = span_of(variant)
        if not self._touches(span):
            return [], []
        item = self.transcript
        if not item.coding:
            return [self._plain("non_coding", named=False)], []
        sites, region = self._splicing(span)
        if sites:
            return [self._plain(*sites, *self._lost_bases(span))], []
        consequences: list[Consequence] = []
        edits, partial = self._edits(span, variant)
        if partial:
            consequences.append(self._boundary(partial, span))
        if region:
            consequences.append(self._plain("splice_region"))
        consequences += [self._plain(name) for name in self._untranslated(span)]
        if not consequences and not edits:
            inside = any(a < max(span.end, span.start + 1) and span.start < b
                         for a, b in self.introns)  # fmt: skip
            if inside:
                consequences.append(self._plain("intron", named=False))
        return consequences, edits

    def _touches(self, span: Span) -> bool:
        item = self.transcript
        if span.start == span.end:
            return item.start < span.start < item.end
        return item.start < span.end and span.start < item.end

    def _plain(self, *types: str, named: bool = True) -> Consequence:
        item = self.transcript
        name = item.name if named else ""
        return Consequence(
            self.types(*types, marked=named), item.gene, name, self.biotype
        )

    @property
    def biotype(self) -> str:
        """The biotype as it is written: NMD is short for nonsense-mediated decay."""
        biotype = self.transcript.biotype
        return "NMD" if biotype == _NMD else biotype

    def types(self, *types: str, marked: bool = True) -> tuple[str, ...]:
        """Types in order; marked where the transcript is bound to decay."""
        if marked and self.transcript.biotype == _NMD:
            types = (*types, "NMD_transcript")
        return in_order(types)

    def _splicing(self, span: Span) -> tuple[list[str], bool]:
        """Sites of splicing that are hit, and whether a region of splicing is."""
        left_site = "splice_donor" if self.forward else "splice_acceptor"
        right_site = "splice_acceptor" if self.forward else "splice_donor"
        sites, region = [], False
        start, end = span.start, span.end
        for low, high in self.introns:
            if low - _EXON_SIDE > end:
                break
            if start > high + _EXON_SIDE:
                continue
            if start == end:  # an insertion before `start`
                left = low <= start < low + _SITE
                right = start == high - 1
                region |= low - _EXON_SIDE < start < low + _INTRON_SIDE
                region |= high - _INTRON_SIDE < start <= high + _EXON_SIDE
            else:
                left = start < low + _SITE and low < end
                right = start < high and high - _SITE < end
                region |= start < low + _INTRON_SIDE and low - _EXON_SIDE < end
                region |= start < high + _EXON_SIDE and high - _INTRON_SIDE < end
            sites += [left_site] * left + [right_site] * right
        return sites, region

    def _lost_bases(self, span: Span) -> list[str]:
        """What becomes of the frame where a deletion takes a site of splicing along."""
        lost = sum(
            max(0, min(span.end, end) - max(span.start, start))
            for start, end, _ in self._parts
        )
        if not lost or len(span.bases) >= span.end - span.start:
            return []
        return ["frameshift"] if lost % 3 else ["inframe_deletion"]

    def _edits(
        self, span: Span, variant: Variant
    ) -> tuple[list[CodingEdit], list[Interval]]:
        """Changes of the coding sequence, or the coding parts of one that has none."""
        edits, partial = [], []
        for start, end, place in self._parts:
            low, high = max(span.start, start), min(span.end, end)
            insertion = span.start == span.end
            if insertion:
                inside = start < span.start < end
                inside |= span.start == start and self._after_intron(start)
                if not inside:
                    continue
                low = high = span.start
            elif low >= high:
                continue
            bases = span.bases
            if (low, high) != (span.start, span.end):
                if len(bases) != span.end - span.start:
                    if not self._continued(span):
                        partial.append((low, high))
                        continue
                    # It runs over where two parts meet: its bases go to the first.
                    bases = bases if low == span.start else ""
                else:
                    bases = bases[low - span.start : high - span.start]
            edits.append(self._edit(Span(low, high, bases), start, end, place, variant))
        return edits, partial

    def _after_intron(self, start: int) -> bool:
        return any(high == start for _, high in self.introns) or any(
            end == start for _, end, _ in self._parts
        )

    def _continued(self, span: Span) -> bool:
        """Check that all bases of a span are translated."""
        covered = sum(
            max(0, min(span.end, end) - max(span.start, start))
            for start, end, _ in self._parts
        )
        return covered >= span.end - span.start

    def _edit(
        self, span: Span, start: int, end: int, place: int, variant: Variant
    ) -> CodingEdit:
        """The change of one coding part; looks at the base left of an indel, too."""
        pure = span.start == span.end or not span.bases
        looked = span.start - (pure and span.start > start)
        stop = max(span.end, looked + 1)
        if self.forward:
            at = place - start
            first, last = (looked + at) // 3, (stop - 1 + at) // 3
            return CodingEdit(
                span.start + at, span.end + at, span.bases, first, last, variant
            )
        at = place + end
        first, last = (at - stop) // 3, (at - 1 - looked) // 3
        bases = reverse_complement(span.bases)
        return CodingEdit(at - span.end, at - span.start, bases, first, last, variant)

    def _boundary(self, partial: Iterable[Interval], span: Span) -> Consequence:
        """What an indel does that lies across an end of the coding sequence."""
        at_start = span.start < self._low and self.forward
        at_start |= span.end > self._high and not self.forward
        at_end = span.start < self._low and not self.forward
        at_end |= span.end > self._high and self.forward
        lost = sum(high - low for low, high in partial)
        types = ["start_lost"] * at_start
        if at_end:
            types += ["stop_lost", "frameshift" if lost % 3 else "inframe_deletion"]
        types = types or ["coding_sequence"]
        item = self.transcript
        return Consequence(
            self.types(*types), item.gene, item.name, self.biotype, item.strand
        )

    def _untranslated(self, span: Span) -> list[str]:
        """The untranslated regions that are touched."""
        found = []
        for start, end in self.exons:
            low, high = max(start, span.start), min(end, span.end)
            if span.start == span.end:
                inside = start < span.start < end
                inside |= span.start == start and self._after_intron(start)
                before, after = span.start <= self._low, span.start >= self._high
            else:
                inside = low < high
                before, after = low < self._low, high > self._high
            if inside and before:
                found.append("5_prime_utr" if self.forward else "3_prime_utr")
            if inside and after:
                found.append("3_prime_utr" if self.forward else "5_prime_utr")
        return list(dict.fromkeys(found))
