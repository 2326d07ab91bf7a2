"""Alleles of records matched with a genome: which can be scored, and why others not."""

import dataclasses
import re
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple, Protocol, get_args, runtime_checkable

import numpy as np
from jaxtyping import UInt8

from jaxbio.errors import DataError, JaxbioError, nearest, option
from jaxbio.genome.alleles import ABSENT, BASES, Edit, edit_of, fits
from jaxbio.genome.records import Record
from jaxbio.genome.vcf import is_symbolic

Mismatch = Literal["error", "skip", "both"]
"""What happens where REF is not what the genome has; see `Rule`."""

REASONS = {
    "NO_CONTIG": "the genome has no contig of that name",
    "OUTSIDE": "the position is beyond the ends of the contig",
    "SHORT_CONTIG": "the contig is shorter than the model's window",
    "REF_MISMATCH": "REF is not what the genome has there",
    "AMBIGUOUS": "REF, ALT or the genome there holds letters other than A, C, G and T",
    "OVERLAPPED": "ALT is *, <*> or <NON_REF>",
    "SYMBOLIC": "ALT is a symbol, such as <DEL>",
    "BREAKEND": "ALT is a breakend",
    "SAME": "ALT is REF",
    "TOO_LONG": "the allele is longer than the half of the window that it stands in",
    "INDEL": "the method scores substitutions only",
}
"""Why an allele has no score, by the word that stands in the file."""

DELETED = "-"
"""ALT of a variant that takes the bases of REF off, and brings none."""

_LISTED = 3
_SINGLE = frozenset(BASES)
_SHORT = 8  # bases of REF that are looked up for many records at once
_PLAIN = re.compile(f"[{BASES}]+")
_LETTERS = re.compile("[A-Za-z]+")


@runtime_checkable
class Genome(Protocol):
    """What is asked of a genome; `Reference` is one."""

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

    def windows(
        self, contigs: Sequence[str], starts: Sequence[int], length: int
    ) -> UInt8[np.ndarray, "n length"]:
        """Letters in ASCII, N beyond the ends of contigs."""
        ...


class Allele(NamedTuple):
    """An ALT allele of a record.

    Attributes:
        row: The number of the record among those that were given.
        number: The number of the allele in its record, from 0.
        contig: In the genome's spelling.
        edit: What it changes.
        given: Where REF is not what the genome has: REF, and where it begins.
        reason: Why it is not scored, a word of `REASONS`; empty if it is.
    """

    row: int
    number: int
    contig: str = ""
    edit: Edit = Edit(0, "", "")
    given: tuple[int, str] | None = None
    reason: str = ""


@dataclasses.dataclass(frozen=True)
class Rule:
    """Which alleles can be scored.

    Attributes:
        length: Of the model's windows.
        shifts: How far windows are moved at most.
        mismatch: Where REF is not what the genome has: `error` to refuse the file,
            `skip` to give no score, `both` to put both alleles of the file, REF and
            ALT, into the genome.
        substitutions: Whether insertions and deletions get no score.

    Raises:
        JaxbioError: For another policy.
    """

    length: int
    shifts: int = 0
    mismatch: str = "error"
    substitutions: bool = False

    def __post_init__(self):
        if self.mismatch not in get_args(Mismatch):
            known = get_args(Mismatch)
            raise JaxbioError(
                f"mismatch={self.mismatch!r}: {nearest(self.mismatch, known)}"
            )


def match(records: Sequence[Record], genome: Genome, rule: Rule) -> list[Allele]:
    """The ALT alleles of records, in order, each with its edit or why it has none.

    Args:
        records: Some records.
        genome: What they are variants of.
        rule: What can be scored. Mismatches are marked as such unless they are scored.
    """
    names = {record.contig for record in records}
    known = {name: genome.resolve(name) for name in names}
    found = _bases(records, known, genome)
    alleles = []
    for row, record in enumerate(records):
        contig = known[record.contig]
        whole = _whole(record, contig, genome, rule)
        bases = found.get(row, "")
        plain = not whole and bases == record.reference and bases in _SINGLE
        for number, text in enumerate(record.alternatives):
            if plain and text in _SINGLE and text != bases and contig is not None:
                edit = Edit(record.position - 1, bases, text)  # nearly all are such
                alleles.append(Allele(row, number, contig, edit))
                continue
            reason = whole or _unlettered(text)
            if reason or contig is None:
                alleles.append(Allele(row, number, reason=reason))
                continue
            alleles.append(_one(row, number, record, text, contig, bases, rule))
    return alleles


def _one(
    row: int,
    number: int,
    record: Record,
    text: str,
    contig: str,
    bases: str,
    rule: Rule,
) -> Allele:
    reference, text = record.reference.upper(), text.upper().removeprefix(DELETED)
    edit, given = edit_of(record.position, reference, text), None
    if reference != bases:
        ambiguous = not (_PLAIN.fullmatch(bases) and _PLAIN.fullmatch(reference))
        if ambiguous:
            return Allele(row, number, contig, edit, reason="AMBIGUOUS")
        if rule.mismatch != "both":
            return Allele(row, number, contig, edit, reason="REF_MISMATCH")
        given = (record.position - 1, reference)
    reason = ""
    if edit.kind == "none":
        reason = "SAME"
    elif not _PLAIN.fullmatch(edit.removed + edit.inserted):
        reason = "AMBIGUOUS"
    elif rule.substitutions and len(edit.removed) != len(edit.inserted):
        reason = "INDEL"
    elif not fits(edit, rule.length, rule.shifts):
        reason = "TOO_LONG"
    return Allele(row, number, contig, edit, given, reason)


def _whole(record: Record, contig: str | None, genome: Genome, rule: Rule) -> str:
    """Why no allele of a record can be scored."""
    if contig is None:
        return "NO_CONTIG"
    length = genome.lengths[contig]
    if record.position < 1 or record.position - 1 + len(record.reference) > length:
        return "OUTSIDE"
    return "SHORT_CONTIG" if length < rule.length else ""


def _unlettered(text: str) -> str:
    """Why an ALT allele that is not made of letters has no score."""
    if _LETTERS.fullmatch(text) or text == DELETED:
        return ""
    if text in ABSENT:
        return "OVERLAPPED"
    if "[" in text or "]" in text or text.startswith(".") or text.endswith("."):
        return "BREAKEND"
    return "SYMBOLIC" if is_symbolic(text) else "AMBIGUOUS"


def _bases(
    records: Sequence[Record], known: Mapping[str, str | None], genome: Genome
) -> dict[int, str]:
    """What the genome has in the place of REF, by the number of the record."""
    found: dict[int, str] = {}
    many: list[int] = []
    for row, record in enumerate(records):
        contig, size = known[record.contig], len(record.reference)
        start = record.position - 1
        if contig is None or start < 0 or start + size > genome.lengths[contig]:
            continue
        if size <= _SHORT:
            many.append(row)
        else:
            found[row] = genome.fetch(contig, start, start + size)
    if many:
        contigs = [str(known[records[row].contig]) for row in many]
        starts = [records[row].position - 1 for row in many]
        longest = max(len(records[row].reference) for row in many)
        letters = genome.windows(contigs, starts, longest).tobytes().decode("ascii")
        for at, row in enumerate(many):
            start = at * longest
            found[row] = letters[start : start + len(records[row].reference)]
    return found


@dataclasses.dataclass
class Tally:
    """What a file of variants holds, counted as its records go by.

    Attributes:
        source: What messages call the file.
        records: How many there are.
        alleles: How many ALT alleles they have.
        scored: How many of these can be scored.
        reasons: How many cannot, by the word of `REASONS`.
        contigs: The genome's names of the contigs of the file; None for one it lacks.
        in_order: Whether records are sorted, as an index needs it.
        mismatches: Records whose REF is not what the genome has, whatever the policy.
    """

    source: str
    records: int = 0
    alleles: int = 0
    scored: int = 0
    reasons: Counter[str] = dataclasses.field(default_factory=Counter)
    contigs: dict[str, str | None] = dataclasses.field(default_factory=dict)
    in_order: bool = True
    mismatches: int = 0
    _examples: dict[str, list[str]] = dataclasses.field(default_factory=dict)
    _moved: Counter[int] = dataclasses.field(default_factory=Counter)
    _last: tuple[str, int] = ("", 0)

    def add(
        self, records: Sequence[Record], alleles: Iterable[Allele], genome: Genome
    ) -> None:
        """Count some records, and what `match` said of them."""
        for record in records:
            self.records += 1
            contig, place = record.contig, record.position
            if contig not in self.contigs:
                self.contigs[contig] = genome.resolve(contig)
            elif contig != self._last[0] or place < self._last[1]:
                self.in_order = False
            self._last = contig, place
        told: set[int] = set()
        for allele in alleles:
            self.alleles += 1
            record = records[allele.row]
            mismatch = allele.given is not None or allele.reason == "REF_MISMATCH"
            if mismatch and allele.row not in told:
                told.add(allele.row)
                self._mismatch(record, allele.contig, genome)
            if not allele.reason:
                self.scored += 1
                continue
            self.reasons[allele.reason] += 1
            examples = self._examples.setdefault(allele.reason, [])
            if len(examples) < _LISTED:
                shown = f"{record.contig}:{record.position}:{record.reference:.20}"
                alternative = record.alternatives[allele.number]
                examples.append(f"row {record.line} ({shown}:{alternative:.20})")

    def _mismatch(self, record: Record, contig: str, genome: Genome) -> None:
        self.mismatches += 1
        start, size = record.position - 1, len(record.reference)
        least, most = max(start - 1, 0), start + size + 1
        bases = genome.fetch(contig, least, min(most, genome.lengths[contig]))
        reference = record.reference.upper()
        for by in (-1, 1):
            at = start + by - least
            if at >= 0 and bases[at : at + size] == reference:
                self._moved[by] += 1
        examples = self._examples.setdefault("mismatches", [])
        if len(examples) < _LISTED:
            has = bases[start - least :][:size]
            examples.append(
                f"row {record.line} ({record.contig}:{record.position}: REF "
                f"{record.reference:.20}, genome {has:.20})"
            )

    def check(self, mismatch: str) -> None:
        """Refuse a file that is of another genome.

        Args:
            mismatch: The policy.

        Raises:
            DataError: If no contig is known, or for mismatches by that policy.
        """
        if not self.records:
            raise DataError(f"{self.source} has no records: nothing to score")
        if self.contigs and not any(self.contigs.values()):
            names = ", ".join(list(self.contigs)[:4])
            raise DataError(
                f"{self.source}: the genome has none of its contigs ({names}): give "
                f"the genome that the variants were called on, or rename the contigs "
                f"(bcftools annotate --rename-chrs)"
            )
        if self.mismatches and mismatch == "error":
            raise DataError(
                f"{self.source}: {self.mismatch_note()}; is it the genome that the "
                f"variants were called on? {option('mismatch', 'skip')} gives such "
                f"records no score, {option('mismatch', 'both')} puts both alleles "
                f"of the file into the genome"
            )

    def mismatch_note(self) -> str:
        """How many mismatches there are, with the first and the usual cause."""
        note = (
            f"{self.mismatches:,} of {self.records:,} records have another REF than "
            f"the genome: {', '.join(self._examples['mismatches'])}"
        )
        note += ", …" if self.mismatches > _LISTED else ""
        by, count = max(self._moved.items(), key=lambda x: x[1], default=(0, 0))
        if count > self.mismatches / 2 and count > 1:
            side = "left" if by < 0 else "right"
            note += (
                f"; {count:,} of them fit one base to the {side}: positions are off "
                f"by one (POS counts from 1)"
            )
        return note

    def notes(self) -> list[str]:
        """What a reader should know of the file, a sentence each."""
        notes = []
        renamed = {a: b for a, b in self.contigs.items() if b is not None and a != b}
        if renamed:
            shown = ", ".join(f"{a} is {b}" for a, b in list(renamed.items())[:3])
            more = ", …" if len(renamed) > _LISTED else ""
            notes.append(f"contigs are called otherwise in the genome: {shown}{more}")
        if self.mismatches:
            notes.append(self.mismatch_note())
        for reason, count in self.reasons.most_common():
            shown = self._examples[reason]
            more = ", …" if count > len(shown) else ""
            notes.append(
                f"without a score ({reason}): {count:,}, as {REASONS[reason]}: "
                f"{', '.join(shown)}{more}"
            )
        return notes


def blocks(records: Iterable[Record], size: int) -> Iterator[list[Record]]:
    """Records, so many at a time."""
    block: list[Record] = []
    for record in records:
        block.append(record)
        if len(block) == size:
            yield block
            block = []
    if block:
        yield block
