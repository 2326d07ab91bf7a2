"""Transcripts: exons, coding parts, strand and genetic code, found by position."""

import functools
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from Bio.Data.CodonTable import unambiguous_dna_by_id

from jaxbio.errors import DataError, nearest

Interval = tuple[int, int]
"""Start and end on the contig: positions from 0, the end not included."""

Fetch = Callable[[str, int, int], str]
"""Gives the bases of a contig from a start to an end, as `Interval` counts them."""

STANDARD = 1
"""The number of the standard genetic code."""

_COMPLEMENT = str.maketrans("ACGTRYSWKMBDHVNacgt", "TGCAYRSWMKVHDBNtgca")
_BIN = 14  # bits of a position that tell apart places in one bin


def reverse_complement(bases: str) -> str:
    """Bases of the other strand, read in its direction.

    Example:
        >>> reverse_complement("AACG")
        'CGTT'
    """
    return bases.translate(_COMPLEMENT)[::-1]


@dataclass(frozen=True, slots=True, eq=False)  # compared by identity, which is fast
class Transcript:
    """One transcript of a gene.

    Attributes:
        name: Its identifier, such as `ENST00000379692`.
        gene: The name of its gene.
        contig: The contig as the file of genes calls it.
        strand: `+` or `-`.
        biotype: Such as `protein_coding` or `lncRNA`.
        exons: Exons in the order of transcription.
        coding: The coding part of each exon in the order of translation; with a stop
            codon. Parts may overlap, as where a ribosome slips. None of a transcript
            that is not translated.
        phase: Bases of the first coding part that precede its first whole codon.
        code: The number of the genetic code, as NCBI counts them.
        start: The first position, from 0.
        end: The position behind the last.
    """

    name: str
    gene: str
    contig: str
    strand: str
    biotype: str
    exons: tuple[Interval, ...]
    coding: tuple[Interval, ...] = ()
    phase: int = 0
    code: int = STANDARD
    start: int = field(init=False, repr=False)
    end: int = field(init=False, repr=False)

    def __post_init__(self):
        object.__setattr__(self, "start", min(start for start, _ in self.exons))
        object.__setattr__(self, "end", max(end for _, end in self.exons))

    @property
    def introns(self) -> list[Interval]:
        """Introns in the order of the contig; none where exons touch or overlap."""
        pairs = zip(self.exons, self.exons[1:], strict=False)
        if self.strand == "-":
            pairs = ((after, before) for before, after in pairs)
        return sorted(
            (left[1], right[0]) for left, right in pairs if left[1] < right[0]
        )

    def coding_sequence(self, fetch: Fetch) -> str:
        """The translated bases in the direction of translation, from the first codon.

        Args:
            fetch: Gives the bases of a contig.

        Example:
            >>> exons = ((8, 11), (2, 5))
            >>> transcript = Transcript("t", "g", "1", "-", "x", exons, exons)
            >>> transcript.coding_sequence(lambda contig, start, end:
            ...     "GGTTAGGGCATGG"[start:end])
            'ATGTAA'
        """
        parts = (fetch(self.contig, *part).upper() for part in self.coding)
        if self.strand == "-":
            parts = (reverse_complement(part) for part in parts)
        return "".join(parts)[self.phase :]


@dataclass(frozen=True, slots=True)
class GeneticCode:
    """Codons and what they stand for.

    Attributes:
        number: As NCBI counts genetic codes.
        letters: The amino acid of each codon, `*` of a stop.
        starts: Codons that a protein may begin with; of the standard code only ATG,
            since the others are rare.
    """

    number: int
    letters: dict[str, str]
    starts: frozenset[str]

    def translate(self, bases: str) -> str:
        """Amino acids of the whole codons; X where a base is not known.

        Example:
            >>> genetic_code(2).translate("ATATGANNAC")
            'MWX'
        """
        get = self.letters.get
        whole = range(0, len(bases) - len(bases) % 3, 3)
        return "".join([get(bases[at : at + 3], "X") for at in whole])


@functools.cache
def genetic_code(number: int) -> GeneticCode:
    """A genetic code by its number.

    Args:
        number: As NCBI counts them: 1 the standard code, 2 of mitochondria of
            vertebrates, 11 of bacteria and plastids.

    Raises:
        DataError: For a number that no code has.

    Example:
        >>> genetic_code(11).letters["TGA"], "GTG" in genetic_code(11).starts
        ('*', True)
    """
    table = unambiguous_dna_by_id.get(number)
    if table is None:
        known = ", ".join(map(str, sorted(unambiguous_dna_by_id)))
        raise DataError(f"genetic code {number}: there are {known} (numbers of NCBI)")
    letters = dict.fromkeys(table.stop_codons, "*") | dict(table.forward_table)
    starts = {"ATG"} if number == STANDARD else set(table.start_codons)
    return GeneticCode(number, letters, frozenset(starts))


@dataclass
class Transcripts:
    """Transcripts of a genome, found by position.

    Attributes:
        items: Transcripts in the order of the file.
        notes: What was left out or looks odd, in sentences, for people.

    Example:
        >>> one = Transcript("t", "g", "1", "+", "lncRNA", ((100, 200),))
        >>> genes = Transcripts([one])
        >>> [found.name for found in genes.overlapping("1", 150, 151)]
        ['t']
    """

    items: Sequence[Transcript]
    notes: list[str] = field(default_factory=list)

    def __post_init__(self):
        self._bins: dict[str, dict[int, list[int]]] = {}
        for number, transcript in enumerate(self.items):
            bins = self._bins.setdefault(transcript.contig, defaultdict(list))
            last = (transcript.end - 1) >> _BIN
            for each in range(transcript.start >> _BIN, last + 1):
                bins[each].append(number)

    def __len__(self) -> int:
        return len(self.items)

    def __iter__(self) -> Iterator[Transcript]:
        return iter(self.items)

    @property
    def contigs(self) -> list[str]:
        """The contigs that have transcripts."""
        return list(self._bins)

    def overlapping(self, contig: str, start: int, end: int) -> list[Transcript]:
        """Transcripts that touch an interval, in the order of the file.

        Args:
            contig: As the transcripts call it.
            start: From 0.
            end: The position behind the last; equal to `start` for the place between
                two bases, which both have to belong to the transcript.
        """
        bins = self._bins.get(contig)
        if not bins:
            return []
        first, last = start >> _BIN, max(end - 1, start) >> _BIN
        if first == last:
            numbers: Iterable[int] = bins.get(first, ())
        else:
            each = (bins.get(at, ()) for at in range(first, last + 1))
            numbers = sorted({number for part in each for number in part})
        found = map(self.items.__getitem__, numbers)
        return [one for one in found if one.start < max(end, start) and start < one.end]

    def placed(
        self, lengths: dict[str, int], resolve: Callable[[str], str | None]
    ) -> "Transcripts":
        """The transcripts whose contigs a genome has, by the names it gives them.

        Args:
            lengths: The bases of each contig.
            resolve: The name in the genome of a contig, None if it has no such.

        Returns:
            Transcripts by the genome's names, with notes on those left out. Parts that
            run past the end of a contig go on at its beginning (circular genomes).

        Raises:
            DataError: If no contig fits.
        """
        names = {name: resolve(name) for name in self.contigs}
        missing = [name for name, other in names.items() if other is None]
        if missing and len(missing) == len(names):
            raise DataError(
                f"the genome has none of the contigs of the genes "
                f"({', '.join(missing[:5])}): {nearest(missing[0], lengths)}; give the "
                f"genes of this genome, or rename the contigs in one of the files"
            )
        notes = list(self.notes)
        if missing:
            count = sum(item.contig in set(missing) for item in self.items)
            notes.append(
                f"{count:,} transcripts are left out, their contigs are not in the "
                f"genome: {', '.join(missing[:8])}" + (", …" if missing[8:] else "")
            )
        for name, other in names.items():
            if other not in (None, name):
                notes.append(f"contig {name} of the genes is {other} of the genome")
        kept, outside = [], []
        for item in self.items:
            name = names[item.contig]
            if name is None:
                continue
            moved = _moved(item, name, lengths[name])
            if moved is None:
                outside.append(item.name)
            else:
                kept.append(moved)
        if outside:
            notes.append(
                f"{len(outside):,} transcripts are left out, they run past the end of "
                f"their contig: {', '.join(outside[:8])}"
                + (", …" if outside[8:] else "")
            )
        return Transcripts(kept, notes)


def _moved(item: Transcript, contig: str, length: int) -> Transcript | None:
    """A transcript on a contig of a length, wound around its end, or None."""
    if item.contig == contig and item.end <= length:
        return item
    exons = _wound(item.exons, length, item.strand)
    coding = _wound(item.coding, length, item.strand)
    if exons is None or coding is None:
        return None
    return Transcript(
        item.name,
        item.gene,
        contig,
        item.strand,
        item.biotype,
        exons,
        coding,
        item.phase,
        item.code,
    )


def _wound(
    parts: tuple[Interval, ...], length: int, strand: str
) -> tuple[Interval, ...] | None:
    found: list[Interval] = []
    for start, end in parts:
        if end > 2 * length or end - start > length:
            return None
        if end <= length:
            found.append((start, end))
        elif start >= length:
            found.append((start - length, end - length))
        else:
            halves = [(start, length), (0, end - length)]
            found += halves if strand == "+" else halves[::-1]
    return tuple(found)
