"""Variants as HGVS names them by a transcript, as alleles of a VCF file.

The names are those of the recommendations of the HGVS (den Dunnen et al. 2016, Human
Mutation 37:564): `c.76A>G`, `c.76del`, `c.76_78delinsTT`, `c.75_76insT`, `c.76dup`,
`c.77_79inv`; places before the start (`c.-12`), behind the stop (`c.*7`) and in introns
(`c.88+2`, `c.89-1`); and `n.` for transcripts that are not translated.
"""

import re
from typing import NamedTuple

from jaxbio.errors import DataError
from jaxbio.genome.consequence_terms import Variant
from jaxbio.genome.transcripts import Fetch, Interval, Transcript, reverse_complement

_PLACE = r"([-*]?)(\d{1,10})([+-]\d{1,9})?"
_NAME = re.compile(
    rf"(?:(?P<of>[^\s:]+):)?(?P<kind>[cn])\.(?P<first>{_PLACE})"
    rf"(?:_(?P<last>{_PLACE}))?(?P<edit>.*)"
)
_SUBSTITUTION = re.compile(r"([ACGTN]+)>([ACGTN]+)", re.IGNORECASE)
_OTHER = re.compile(
    r"(?:(?P<del>del)(?P<old>[ACGTN]*))?(?P<ins>ins)(?P<new>[ACGTN]+)"
    r"|(?P<what>del|dup|inv)(?P<told>[ACGTN]*)",
    re.IGNORECASE,
)
_WANTED = (
    "write c.76A>G, c.76_78del, c.75_76insT, c.76dup, c.76_78delinsTT or c.88+2T>G"
)


class _Place(NamedTuple):
    """Base `number` of a region of a transcript, and so many bases into an intron."""

    region: str  # "", "-" before the start, "*" behind the stop
    number: int
    offset: int

    def __str__(self) -> str:
        return f"{self.region}{self.number}" + (
            f"{self.offset:+}" if self.offset else ""
        )


def parse_hgvs(text: str, transcript: Transcript, fetch: Fetch) -> Variant:
    """The allele of the genome that a name stands for.

    Args:
        text: Such as `c.76A>G`, or with a transcript before it, `NM_000142.5:c.76A>G`.
        transcript: The transcript whose bases are counted.
        fetch: Gives the bases of a contig.

    Returns:
        A variant of its contig as VCF writes it: indels with the base before them, as
        far left as they can be.

    Raises:
        DataError: For a name that does not parse or is of another transcript, a place
            that the transcript does not have, or bases that the genome does not have
            there (off by one is told).

    Example:
        >>> part = ((2, 11),)
        >>> item = Transcript("t", "g", "1", "+", "x", part, part)
        >>> bases = "GGATGATATAAGG"
        >>> parse_hgvs("c.4A>C", item, lambda contig, start, end: bases[start:end])
        Variant(position=6, reference='A', alternative='C')
    """
    match = _NAME.fullmatch(text.strip())
    if not match:
        raise DataError(f"{text!r} is no name of a variant: {_WANTED}")
    of = match["of"]
    if of and not _same(of, transcript):
        raise DataError(
            f"{text!r} is of {of}, the transcript is {transcript.name}: give the "
            f"transcript that it names"
        )
    ruler = _Ruler(transcript, fetch, match["kind"], text)
    first = ruler.place(_place(match["first"]))
    last = ruler.place(_place(match["last"])) if match["last"] else first
    if ruler.forward != (first <= last) and first != last:
        raise DataError(f"{text!r}: the first place comes after the second: swap them")
    low, high = min(first, last), max(first, last) + 1
    start, end, bases = _edit(match, ruler, low, high, text)
    return _as_vcf(ruler, start, end, bases)


def _same(of: str, transcript: Transcript) -> bool:
    """Check that a name is of a transcript; versions may be left out."""
    given, own = re.sub(r"\(.*\)$", "", of), transcript.name
    return given in (own, transcript.gene) or given.split(".")[0] == own.split(".")[0]


def _place(text: str) -> _Place:
    match = re.fullmatch(_PLACE, text)
    assert match
    return _Place(match[1], int(match[2]), int(match[3] or 0))


class _Ruler:
    """Places of a transcript on its contig, from 0."""

    def __init__(self, item: Transcript, fetch: Fetch, kind: str, text: str):
        self.item, self.kind, self.text, self._fetch = item, kind, text, fetch
        self.forward = item.strand == "+"
        if kind == "c" and not item.coding:
            raise DataError(
                f"{text!r}: {item.name} is not translated ({item.biotype}): count its "
                f"bases as n."
            )

    def fetch(self, start: int, end: int) -> str:
        """Bases of the contig, in capitals."""
        try:
            return self._fetch(self.item.contig, start, end).upper()
        except DataError as error:
            raise DataError(f"{self.text!r}: {error}") from None

    def read(self, start: int, end: int) -> str:
        """Bases in the direction in which the name counts."""
        bases = self.fetch(start, end)
        return bases if self.forward else reverse_complement(bases)

    def place(self, place: _Place) -> int:
        """Where a base stands on the contig."""
        item = self.item
        if place.number == 0:
            raise DataError(f"{self.text!r}: there is no base {place}: {_WANTED}")
        if self.kind == "n":
            if place.region:
                raise DataError(f"{self.text!r}: n. counts bases from 1, without signs")
            at = _along(item.exons, place.number - 1, self.forward)
        elif place.region:
            at = self._untranslated(place)
        else:
            whole = place.number - 1 + item.phase
            at = _along(item.coding, whole, self.forward)
        if at is None:
            length = sum(end - start for start, end in item.coding) - item.phase
            raise DataError(
                f"{self.text!r}: {item.name} has no base {self.kind}.{place}; its "
                f"coding sequence has {length:,} bases"
            )
        return self._intron(place, at) if place.offset else at

    def _untranslated(self, place: _Place) -> int | None:
        """A base before the start codon or behind the stop codon."""
        coding, exons = self.item.coding, self.item.exons
        before = place.region == "-"
        total = sum(end - start for start, end in coding)
        edge = _along(coding, 0 if before else total - 1, self.forward)
        assert edge is not None
        at = _index(exons, edge, self.forward)
        if at is None:
            return None
        if before and self.item.phase:
            return None  # where the start codon stands is not known
        at += -place.number if before else place.number
        return _along(exons, at, self.forward) if at >= 0 else None

    def _intron(self, place: _Place, at: int) -> int:
        """A base of an intron, counted from the base of the exon at its side."""
        step = 1 if (place.offset > 0) == self.forward else -1
        moved = at + step * abs(place.offset)
        for start, end in self.item.introns:
            if start == at + 1 if step > 0 else end == at:
                if start <= moved < end:
                    return moved
                raise DataError(
                    f"{self.text!r}: the intron has {end - start:,} bases, fewer than "
                    f"{abs(place.offset):,}"
                )
        side = "last" if place.offset > 0 else "first"
        raise DataError(
            f"{self.text!r}: base {place.region}{place.number} is not the {side} of an "
            f"exon of {self.item.name}, so no intron is counted from it"
        )


def _along(parts: tuple[Interval, ...], at: int, forward: bool) -> int | None:
    """Where a base stands that is so many bases into some parts."""
    for start, end in parts:
        if at < end - start:
            return start + at if forward else end - 1 - at
        at -= end - start
    return None


def _index(parts: tuple[Interval, ...], place: int, forward: bool) -> int | None:
    """How many bases of some parts come before a base."""
    done = 0
    for start, end in parts:
        if start <= place < end:
            return done + (place - start if forward else end - 1 - place)
        done += end - start
    return None


def _edit(
    match: re.Match[str], ruler: _Ruler, low: int, high: int, text: str
) -> tuple[int, int, str]:
    """The bases of the contig that are replaced, and by which."""
    edit = match["edit"]
    substitution, other = _SUBSTITUTION.fullmatch(edit), _OTHER.fullmatch(edit)
    if substitution:
        old, new = substitution[1].upper(), substitution[2].upper()
        _check(ruler, low, high, old, text)
        return low, high, _turned(new, ruler)
    if not other:
        raise DataError(f"{text!r}: {edit!r} is no change: {_WANTED}")
    told = (other["old"] or other["told"] or "").upper()
    if told:
        _check(ruler, low, high, told, text)
    what = (other["what"] or "").lower()
    if what == "del":
        return low, high, ""
    if what == "dup":
        return low, low, ruler.fetch(low, high)  # before or behind is one sequence
    if what == "inv":
        return low, high, reverse_complement(ruler.fetch(low, high))
    new = _turned(other["new"].upper(), ruler)
    if other["del"]:
        return low, high, new
    if (low + 1, high - 1) in ruler.item.introns:
        raise DataError(
            f"{text!r}: an intron lies between the two places: say at which of its "
            f"ends the bases stand, as in c.30_30+1insA or c.31-1_31insA"
        )
    if high - low != 2:
        raise DataError(
            f"{text!r}: an insertion stands between two neighbours, as in c.75_76insT"
        )
    return low + 1, low + 1, new


def _turned(bases: str, ruler: _Ruler) -> str:
    return bases if ruler.forward else reverse_complement(bases)


def _check(ruler: _Ruler, low: int, high: int, told: str, text: str) -> None:
    """Refuse bases that the genome does not have there."""
    if len(told) != high - low:
        raise DataError(
            f"{text!r}: {told} are {len(told)} bases, the places {high - low}"
        )
    found = ruler.read(low, high)
    if found == told:
        return
    hint, step = "", 1 if ruler.forward else -1
    for by, side in ((1, "next"), (-1, "one before")):
        start = low + by * step
        if start >= 0 and ruler.read(start, high + by * step) == told:
            hint = f"; the {side} is {told}, so the number may be off by one"
            break
    raise DataError(
        f"{text!r}: {told} does not stand there but {found} "
        f"({ruler.item.contig}:{low + 1}){hint}"
    )


def _as_vcf(ruler: _Ruler, start: int, end: int, bases: str) -> Variant:
    """A change as VCF writes it, as far left as it can be."""
    old = ruler.fetch(start, end)
    if len(old) == len(bases):
        return Variant(start + 1, old, bases)
    while start and (not old or not bases):  # an insertion or a deletion
        moved = ruler.fetch(start - 1, start)
        if (old or bases)[-1] != moved:
            break
        old, bases = (moved + old)[: len(old)], (moved + bases)[: len(bases)]
        start, end = start - 1, end - 1
    if old and bases:
        return Variant(start + 1, old, bases)
    if start:
        before = ruler.fetch(start - 1, start)
        return Variant(start, before + old, before + bases)
    after = ruler.fetch(end, end + 1)
    return Variant(start + 1, old + after, bases + after)
