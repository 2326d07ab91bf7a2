"""What variants do to transcripts and proteins, in the words of bcftools csq.

The types, their order and the text of INFO/BCSQ are those of bcftools csq (Danecek and
McCarthy, Bioinformatics 2017, 33:2037), and so is the idea of looking at all variants
of one haplotype together. Sites of splicing are the 2 bases of an intron at each end,
regions of splicing 3 to 8 bases of the intron and 3 of the exon.
"""

import functools
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from jaxbio.genome.transcripts import (
    STANDARD,
    Fetch,
    Interval,
    Transcript,
    Transcripts,
    genetic_code,
    reverse_complement,
)

TYPES = (
    "synonymous",
    "missense",
    "stop_lost",
    "stop_gained",
    "inframe_deletion",
    "inframe_insertion",
    "frameshift",
    "splice_acceptor",
    "splice_donor",
    "start_lost",
    "splice_region",
    "stop_retained",
    "5_prime_utr",
    "3_prime_utr",
    "non_coding",
    "intron",
    "intergenic",
    "inframe_altering",
    "NMD_transcript",
    "coding_sequence",
    "start_retained",
)
"""All types, in the order in which several of one variant are joined by `&`."""

_RANK = {name: rank for rank, name in enumerate(TYPES)}
_SITE, _EXON_SIDE, _INTRON_SIDE = 2, 3, 8  # bases
_NMD = "nonsense_mediated_decay"


class Allele(NamedTuple):
    """An alternative allele as VCF writes it.

    Attributes:
        position: Of the first base of `reference`, from 1.
        reference: Bases of the genome.
        alternative: Bases in their place.
    """

    position: int
    reference: str
    alternative: str

    def __str__(self) -> str:
        return f"{self.position}{self.reference}>{self.alternative}"


@dataclass(frozen=True, slots=True)
class Consequence:
    """What one or several variants do to one transcript.

    Attributes:
        types: One or several of `TYPES`.
        gene: The name of the gene; empty between genes.
        transcript: The name of the transcript; empty where all of a gene share it.
        biotype: As of the transcript.
        strand: `+` or `-` where the protein is changed or could be, else empty.
        protein: Amino acids before and after, with the place of the first, `5I>5L`.
        dna: The variants, `1944T>C+1945G>A`.
        after_stop: A variant upstream on the same haplotype has ended the protein.
    """

    types: tuple[str, ...]
    gene: str = ""
    transcript: str = ""
    biotype: str = ""
    strand: str = ""
    protein: str = ""
    dna: str = ""
    after_stop: bool = False

    @property
    def type(self) -> str:
        """The types in one word, such as `*missense` or `frameshift&stop_retained`."""
        return "*" * self.after_stop + "&".join(self.types)

    def __str__(self) -> str:
        fields = (self.type, self.gene, self.transcript, self.biotype, self.strand)
        return "|".join((*fields, self.protein, self.dna)).rstrip("|")


INTERGENIC = Consequence(("intergenic",))
"""What a variant does that touches no transcript."""


class Edit(NamedTuple):
    """A change of a coding sequence, in the direction of translation.

    Attributes:
        start: The first base that is replaced, from 0.
        end: The base behind the last that is replaced.
        bases: What comes in their place.
        first: The first codon that is looked at.
        last: The last codon that is looked at.
        allele: The allele that makes the change.
    """

    start: int
    end: int
    bases: str
    first: int
    last: int
    allele: Allele

    @property
    def growth(self) -> int:
        """How much longer the sequence becomes."""
        return len(self.bases) - (self.end - self.start)


class Span(NamedTuple):
    """The bases of the contig that an allele changes, from 0, without common ends."""

    start: int
    end: int
    bases: str


def trimmed(allele: Allele) -> Span:
    """What an allele changes; of several readings, the leftmost within the record.

    Example:
        >>> trimmed(Allele(10, "ACA", "A"))
        Span(start=9, end=11, bases='')
    """
    reference, alternative = allele.reference.upper(), allele.alternative.upper()
    short, tail, head = min(len(reference), len(alternative)), 0, 0
    while tail < short and reference[-1 - tail] == alternative[-1 - tail]:
        tail += 1
    while head < short - tail and reference[head] == alternative[head]:
        head += 1
    start = allele.position - 1 + head
    end = allele.position - 1 + len(reference) - tail
    return Span(start, end, alternative[head : len(alternative) - tail])


class Model:
    """A transcript with its coding sequence, ready for many alleles.

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
        if start and self.code.number != STANDARD and self.transcript.phase == 0:
            if bases[:3] in self.code.starts:
                letters = "M" + letters[1:]
        return letters

    def effects(self, allele: Allele) -> tuple[list[Consequence], list[Edit]]:
        """What an allele does by its place, and its changes of the coding sequence.

        Args:
            allele: Bases only, no symbolic allele.

        Returns:
            Consequences that need no translation, and edits for `translated`.
        """
        span = trimmed(allele)
        if not self._touches(span):
            return [], []
        item = self.transcript
        if not item.coding:
            return [self._plain("non_coding", named=False)], []
        sites, region = self._splicing(span)
        if sites:
            return [self._plain(*sites, *self._lost_bases(span))], []
        consequences: list[Consequence] = []
        edits, partial = self._edits(span, allele)
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
            self._types(*types, marked=named), item.gene, name, self.biotype
        )

    @property
    def biotype(self) -> str:
        """The biotype as it is written: NMD is short for nonsense-mediated decay."""
        biotype = self.transcript.biotype
        return "NMD" if biotype == _NMD else biotype

    def _types(self, *types: str, marked: bool = True) -> tuple[str, ...]:
        if marked and self.transcript.biotype == _NMD:
            types = (*types, "NMD_transcript")
        return tuple(sorted(set(types), key=_RANK.__getitem__))

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

    def _edits(self, span: Span, allele: Allele) -> tuple[list[Edit], list[Interval]]:
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
            edits.append(self._edit(Span(low, high, bases), start, end, place, allele))
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
        self, span: Span, start: int, end: int, place: int, allele: Allele
    ) -> Edit:
        """The change of one coding part; the base left of an indel is looked at, too."""
        pure = span.start == span.end or not span.bases
        looked = span.start - (pure and span.start > start)
        stop = max(span.end, looked + 1)
        if self.forward:
            at = place - start
            first, last = (looked + at) // 3, (stop - 1 + at) // 3
            return Edit(
                span.start + at, span.end + at, span.bases, first, last, allele
            )
        at = place + end
        first, last = (at - stop) // 3, (at - 1 - looked) // 3
        bases = reverse_complement(span.bases)
        return Edit(at - span.end, at - span.start, bases, first, last, allele)

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
            self._types(*types), item.gene, item.name, self.biotype, item.strand
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


class Group(NamedTuple):
    """Edits of one haplotype that change the protein together.

    Attributes:
        edits: In the direction of translation.
        consequence: What they do.
    """

    edits: tuple[Edit, ...]
    consequence: Consequence


def translated(model: Model, edits: Iterable[Edit]) -> tuple[list[Group], list[Edit]]:
    """What the edits of one haplotype do to the protein.

    Edits of one codon belong together, and so do those from where the frame is left to
    where it is found again.

    Args:
        model: The transcript.
        edits: All of the haplotype, in any order.

    Returns:
        Groups in the direction of translation, and edits that contradict one before
        them, as two alleles of the same base do.
    """
    usable, conflicting, end = [], [], -1
    for edit in sorted(edits):
        if edit.start < end or (edit.start == edit.end == end and usable):
            conflicting.append(edit)
            continue
        usable.append(edit)
        end = max(edit.end, end)
    groups, shift, stopped, at = [], 0, False, 0
    while at < len(usable):
        several, at = [usable[at]], at + 1
        growth, last = several[0].growth, several[0].last
        alleles = {several[0].allele}
        while at < len(usable) and (
            growth % 3 or usable[at].first <= last or usable[at].allele in alleles
        ):
            edit, at = usable[at], at + 1
            several.append(edit)
            alleles.add(edit.allele)
            growth, last = growth + edit.growth, max(last, edit.last)
        found, ends = _change(model, several, growth, last, shift, stopped)
        groups.append(Group(tuple(several), found))
        shift, stopped = shift + growth, stopped or ends
    return groups, conflicting


def _change(
    model: Model,
    edits: Sequence[Edit],
    growth: int,
    last: int,
    shift: int,
    stopped: bool,
) -> tuple[Consequence, bool]:
    """What edits do together, and whether the protein ends early by them."""
    item, sequence = model.transcript, model.sequence
    alleles = sorted({edit.allele for edit in edits})
    dna = "+".join(map(str, alleles))
    first = min(edit.first for edit in edits)

    def make(*types: str, protein: str = "", told: bool = True) -> Consequence:
        return Consequence(
            model._types(*types),
            item.gene,
            item.name,
            model.biotype,
            item.strand,
            protein,
            dna if told else "",
            stopped,
        )

    if first < 0 or 3 * first + 3 > len(sequence):
        return make("coding_sequence"), False  # in a codon that is not whole
    shifted = growth % 3 != 0
    stop = len(sequence) if shifted else min(3 * last + 3, len(sequence))
    pieces, place = [], 3 * first
    for edit in edits:
        pieces += [sequence[place : edit.start], edit.bases]
        place = edit.end
    pieces.append(sequence[place:stop])
    before = model.protein[first : stop // 3]
    after = model.translate("".join(pieces), start=first == 0)
    ended, stops, rest = after.partition("*")
    shown = ended + stops or "?"
    place = first + 1
    protein = f"{place}{before}>{place + shift // 3}{shown}"
    start_kept = True
    if model.has_start and first == 0:
        start_kept = after[:1] == before[:1]
    own_stop = before.endswith("*") and len(model.protein) == first + len(before)
    kept_stop = own_stop and (not rest or len(ended) >= len(before) - 1)
    early = bool(stops) and not kept_stop
    in_stop = own_stop and any(
        edit.end > 3 * (len(model.protein) - 1) for edit in edits
    )
    if shifted:
        if not start_kept:
            return make("start_lost", told=False), True
        types = ["frameshift"]
        if len(before) == 1 and own_stop:
            types.append("stop_retained" if after[:1] == "*" else "stop_lost")
        return make(*types, protein=protein), True
    types = []
    if growth:
        types.append("inframe_insertion" if growth > 0 else "inframe_deletion")
    elif any(edit.growth for edit in edits):
        types.append("inframe_altering")
    if not start_kept:
        types.append("start_lost")
    elif model.has_start and first == 0 and not growth and before == after:
        codon = "".join(pieces)[:3]
        if codon != sequence[:3]:
            types.append("start_retained")
    if early:
        types.append("stop_gained")
    if own_stop and "*" not in after:
        types.append("stop_lost")
    elif in_stop and not early and (growth or before == after):
        types.append("stop_retained")
    if not growth and not set(types) - {"inframe_altering"}:
        types.append("synonymous" if before == after else "missense")
    if before == after and not growth:
        protein = f"{place}{before}"
    return make(*types, protein=protein), early




class Models:
    """Models of transcripts, made when needed; the latest are kept.

    Args:
        fetch: Gives the bases of a contig, as `Fetch`.
        most: How many are kept.
    """

    def __init__(self, fetch: Fetch, *, most: int = 512):
        self._make = functools.lru_cache(maxsize=most)(
            lambda transcript: Model(transcript, fetch)
        )

    def __call__(self, transcript: Transcript) -> Model:
        """The model of a transcript."""
        return self._make(transcript)


def consequences(
    contig: str,
    alleles: Iterable[Allele],
    transcripts: Transcripts,
    fetch: Fetch | Models,
) -> list[list[Consequence]]:
    """What each allele does on its own.

    Args:
        contig: The contig, as `transcripts` call it.
        alleles: Alternative alleles, of bases only.
        transcripts: The transcripts of the genome.
        fetch: Gives the bases of a contig from a start, from 0, to an end.

    Returns:
        Of each allele its consequences, in the order of the transcripts; `INTERGENIC`
        alone if it touches none.

    Example:
        >>> exons = ((2, 11),)
        >>> genes = Transcripts([Transcript("t", "g", "1", "+", "x", exons, exons)])
        >>> bases = "GGATGATATAAGG"
        >>> found = consequences("1", [Allele(6, "A", "C"), Allele(1, "G", "A")], genes,
        ...     lambda contig, start, end: bases[start:end])
        >>> [str(each) for [each] in found]
        ['missense|g|t|x|+|2I>2L|6A>C', 'intergenic']
    """
    models = fetch if isinstance(fetch, Models) else Models(fetch)
    return [alone(contig, allele, transcripts, models) for allele in alleles]


def alone(
    contig: str, allele: Allele, transcripts: Transcripts, models: Models
) -> list[Consequence]:
    """What an allele does to each transcript, without others beside it.

    Args:
        contig: The contig, as `transcripts` call it.
        allele: The allele, of bases only.
        transcripts: The transcripts of the genome.
        models: Of the transcripts.
    """
    start, end, _ = trimmed(allele)
    found: dict[Consequence, None] = {}
    for transcript in transcripts.overlapping(contig, start, end):
        model = models(transcript)
        placed, edits = model.effects(allele)
        groups, conflicting = translated(model, edits)
        groups += [each for one in conflicting for each in translated(model, [one])[0]]
        found.update(dict.fromkeys(group.consequence for group in groups))
        found.update(dict.fromkeys(placed))
    return list(found) or [INTERGENIC]


def haplotype(
    contig: str,
    alleles: Iterable[Allele],
    transcripts: Transcripts,
    fetch: Fetch | Models,
) -> list[Consequence]:
    """What alleles do that lie together on one copy of a chromosome.

    Args:
        contig: The contig, as `transcripts` call it.
        alleles: All alternative alleles of the copy that may matter to each other.
        transcripts: The transcripts of the genome.
        fetch: As of `consequences`.

    Returns:
        Consequences by transcript; those of several alleles name all of them.

    Example:
        >>> exons = ((2, 11),)
        >>> genes = Transcripts([Transcript("t", "g", "1", "+", "x", exons, exons)])
        >>> bases = "GGATGATATAAGG"
        >>> both = [Allele(6, "A", "T"), Allele(7, "T", "G")]
        >>> [str(each) for each in haplotype("1", both, genes,
        ...     lambda contig, start, end: bases[start:end])]
        ['stop_gained|g|t|x|+|2I>2*|6A>T+7T>G']
    """
    models = fetch if isinstance(fetch, Models) else Models(fetch)
    touched: dict[Transcript, list[Allele]] = {}
    for allele in alleles:
        start, end, _ = trimmed(allele)
        for transcript in transcripts.overlapping(contig, start, end):
            touched.setdefault(transcript, []).append(allele)
    found: dict[Consequence, None] = {}
    for transcript, several in touched.items():
        model, edits, placed = models(transcript), [], []
        for allele in several:
            by_place, own = model.effects(allele)
            placed += by_place
            edits += own
        groups, conflicting = translated(model, edits)
        groups += [each for one in conflicting for each in translated(model, [one])[0]]
        found.update(dict.fromkeys(group.consequence for group in groups))
        found.update(dict.fromkeys(placed))
    return list(found)
