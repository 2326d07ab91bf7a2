"""Consequences of sorted records, by sample: neighbours on one haplotype together.

Records are held back until all transcripts that they touch have been passed; so the
memory needed depends on the lengths of transcripts, not on the number of records.
"""

import itertools
import re
from collections import Counter, deque
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from jaxtyping import Bool, Int16

from jaxbio.errors import DataError, nearest, option
from jaxbio.genome.coding import CodingEdit, span_of
from jaxbio.genome.consequence_terms import INTERGENIC, Consequence, Variant
from jaxbio.genome.consequences import Models
from jaxbio.genome.protein_changes import translated
from jaxbio.genome.transcripts import Transcript, Transcripts

UNPHASED = ("alone", "phased", "error")
"""What becomes of heterozygous calls whose phase is not known."""

_SIGNS = re.compile(r"[/|]")
_NONE = -1


class Found(NamedTuple):
    """A consequence of one alternative allele.

    Attributes:
        number: The number of the allele in its record, from 0.
        consequence: What it does; None where another record says it.
        at: POS of that record.
        carriers: Which copies of which samples have it; None without samples.
    """

    number: int
    consequence: Consequence | None
    at: int = 0
    carriers: Bool[np.ndarray, "samples 2"] | None = None

    def __str__(self) -> str:
        return f"@{self.at}" if self.consequence is None else str(self.consequence)


class Calls(NamedTuple):
    """The genotypes of a record.

    Attributes:
        copies: The number of the allele of each copy; 0 for REF, -1 for none.
        phased: Whether it is known which copy is which, or does not matter.
        more: Alleles of samples with more than two copies.
    """

    copies: Int16[np.ndarray, "samples 2"]
    phased: Bool[np.ndarray, "samples"]
    more: frozenset[int]


def read_calls(texts: Sequence[str], where: str) -> Calls:
    """Genotypes as VCF writes them.

    Args:
        texts: GT of each sample.
        where: What messages call the record.

    Raises:
        DataError: For a text that is no genotype.

    Example:
        >>> calls = read_calls(["0|1", "1/1", "1", "0/1", "."], "row 9")
        >>> calls.copies.tolist()
        [[0, 1], [1, 1], [1, -1], [0, 1], [-1, -1]]
        >>> calls.phased.tolist()
        [True, True, True, False, True]
    """
    different = list(dict.fromkeys(texts))
    rows = [_call(text, where) for text in different]
    number = {text: at for at, text in enumerate(different)}
    which = np.fromiter(map(number.__getitem__, texts), np.intp, len(texts))
    copies = np.array([row[:2] for row in rows], np.int16).reshape(-1, 2)[which]
    phased = np.array([row[2] for row in rows], bool)[which]
    more = frozenset(allele for row in rows for allele in row[3])
    return Calls(copies, phased, more)


def _call(text: str, where: str) -> tuple[int, int, bool, tuple[int, ...]]:
    parts = _SIGNS.split(text[1:] if text[:1] in "/|" else text)
    try:
        numbers = [_NONE if part == "." else int(part) for part in parts]
    except ValueError:
        raise DataError(
            f"{where}: {text[:40]!r} is no genotype: write calls as 0/1, 0|1 or 1, and "
            f"missing ones as ./."
        ) from None
    if len(numbers) > 2:
        return _NONE, _NONE, True, tuple(number for number in numbers if number > 0)
    if len(numbers) == 1:
        return numbers[0], _NONE, True, ()
    one, other = numbers
    return one, other, "|" in text or one == other or max(numbers) <= 0, ()


@dataclass
class _Held:
    """A record that waits for its transcripts to be passed."""

    record: object
    position: int
    found: list[tuple[tuple[int, int, int], Found]] = field(default_factory=list)
    open: int = 0

    def add(self, rank: tuple[int, int, int], found: Found) -> None:
        self.found.append((rank, found))


class _Entry(NamedTuple):
    """An allele that changes the coding sequence of a transcript."""

    held: _Held
    variant: Variant
    number: int
    order: int
    edits: list[CodingEdit]
    carriers: Bool[np.ndarray, "samples 2"]

    def found(
        self, consequence: Consequence | None, carriers: np.ndarray, *, at: int = 0
    ) -> None:
        """Note what it does on some copies."""
        one = Found(self.number, consequence, at, carriers)
        self.held.add((self.number, self.order, 0), one)


@dataclass
class HaplotypeStream:
    """Consequences of records as they come, sorted by position.

    Args:
        transcripts: The transcripts of the genome.
        models: Of the transcripts.
        samples: How many samples there are; without any, alleles are looked at alone.
        unphased: What becomes of heterozygous calls without a phase: `alone` looks at
            their alleles without others beside them, `phased` takes the first of the
            call for the first copy, `error` refuses them.

    Attributes:
        counts: `unphased` calls, records with `polyploid` ones, and `overlapping`
            alleles, on bases that another of the haplotype has taken away or replaced.
    """

    transcripts: Transcripts
    models: Models
    samples: int = 0
    unphased: str = "alone"
    counts: Counter[str] = field(default_factory=Counter)

    def __post_init__(self):
        if self.unphased not in UNPHASED:
            raise DataError(
                f"unphased={self.unphased!r}: {nearest(self.unphased, UNPHASED)}"
            )
        self._held: deque[_Held] = deque()
        self._active: dict[Transcript, list[_Entry]] = {}
        self._contig, self._position = "", 0

    def add(
        self,
        record: object,
        contig: str,
        variants: Sequence[Variant | None],
        calls: Calls | None = None,
        where: str = "",
    ) -> Iterator[tuple[object, list[Found]]]:
        """Take a record, and give back those that are ready.

        Args:
            record: Anything; given back with what was found.
            contig: As the transcripts call it.
            variants: Of each ALT, None where it is no variant that can be looked at.
            calls: Genotypes, with samples.
            where: What messages call the record.

        Raises:
            DataError: If it comes before the one before it, or has a call without a
                phase where that is an error.
        """
        held = _Held(record, 0)
        first = next((variant for variant in variants if variant), None)
        if first is not None:
            held.position = first.position
            if self.samples:
                self._check_order(contig, first.position, where)
                yield from self.passed(contig, first.position - 1)
        self._held.append(held)
        carriers, alone = self._carriers(calls, len(variants), where)
        for number, variant in enumerate(variants):
            if variant is not None:
                self._look(held, contig, variant, number, carriers, alone)
        yield from self._ready()

    def passed(
        self, contig: str, position: int
    ) -> Iterator[tuple[object, list[Found]]]:
        """Give back what is ready once a position, from 0, has been reached."""
        done = [
            transcript
            for transcript in self._active
            if transcript.contig != contig or transcript.end <= position
        ]
        for transcript in done:
            self._finish(transcript, self._active.pop(transcript))
        yield from self._ready()

    def finish(self) -> Iterator[tuple[object, list[Found]]]:
        """Give back all that is left."""
        yield from self.passed("", 0)

    def _check_order(self, contig: str, position: int, where: str) -> None:
        if contig == self._contig and position < self._position:
            raise DataError(
                f"{where}: position {position} comes after {self._position}: "
                f"haplotypes need sorted records: sort them (bcftools sort), or look "
                f"at each variant alone ({option('local', True)})"
            )
        self._contig, self._position = contig, position

    def _ready(self) -> Iterator[tuple[object, list[Found]]]:
        while self._held and not self._held[0].open:
            held = self._held.popleft()
            yield held.record, _merged(held.found)

    def _carriers(
        self, calls: Calls | None, alleles: int, where: str
    ) -> tuple[list[np.ndarray], list[np.ndarray]]:
        """Copies that have each allele: with known phase, and to be looked at alone."""
        if calls is None:
            return [], []
        if self.unphased == "phased":
            known = np.ones(len(calls.phased), bool)
        else:
            known = calls.phased
        count = int((~known).sum())
        if count and self.unphased == "error":
            raise DataError(
                f"{where}: {count:,} calls are heterozygous without a phase (0/1): "
                f"phase them, or choose {option('unphased', 'alone')}"
            )
        self.counts["unphased"] += count
        self.counts["polyploid"] += bool(calls.more)
        has = [calls.copies == number + 1 for number in range(alleles)]
        return [x & known[:, None] for x in has], [x & ~known[:, None] for x in has]

    def _look(
        self,
        held: _Held,
        contig: str,
        variant: Variant,
        number: int,
        carriers: Sequence[np.ndarray],
        alone: Sequence[np.ndarray],
    ) -> None:
        start, end, _ = span_of(variant)
        touched = False
        every = carriers[number] | alone[number] if carriers else None
        for order, item in enumerate(self.transcripts.overlapping(contig, start, end)):
            model = self.models(item)
            placed, edits = model.effects(variant)
            touched |= bool(placed or edits)
            for consequence in placed:
                held.add((number, order, 1), Found(number, consequence, 0, every))
            if not edits:
                continue
            together = bool(carriers) and bool(carriers[number].any())
            if together:
                entry = _Entry(held, variant, number, order, edits, carriers[number])
                self._active.setdefault(item, []).append(entry)
                held.open += 1
            if not together or alone[number].any():
                own = alone[number] if carriers else None
                for consequence in self._alone(item, edits):
                    held.add((number, order, 0), Found(number, consequence, 0, own))
        if not touched:
            held.add((number, 0, 2), Found(number, INTERGENIC, 0, every))

    def _alone(
        self, transcript: Transcript, edits: Sequence[CodingEdit]
    ) -> list[Consequence]:
        model = self.models(transcript)
        groups, conflicting = translated(model, edits)
        groups += [each for one in conflicting for each in translated(model, [one])[0]]
        return [group.consequence for group in groups]

    def _finish(self, transcript: Transcript, entries: Sequence[_Entry]) -> None:
        """Look at each different haplotype of a transcript that has been passed."""
        model = self.models(transcript)
        table = np.stack([entry.carriers.ravel() for entry in entries])
        packed = np.packbits(table, axis=0)
        patterns, which = np.unique(packed, axis=1, return_inverse=True)
        which = which.reshape(-1)
        for number, pattern in enumerate(patterns.T):
            has = np.unpackbits(pattern, count=len(entries)).astype(bool)
            if not has.any():
                continue
            carriers = (which == number).reshape(-1, 2)
            chosen = list(itertools.compress(entries, has))
            owner: dict[CodingEdit, _Entry] = {}
            again: list[tuple[_Entry, CodingEdit]] = []
            for each in chosen:
                for edit in each.edits:
                    if owner.setdefault(edit, each) is not each:
                        again.append((each, edit))  # of a record that is there twice
            groups, conflicting = translated(model, owner)
            for group in groups:
                members = {id(owner[edit]): owner[edit] for edit in group.edits}
                first, *others = members.values()
                first.found(group.consequence, carriers)
                for other in others:
                    other.found(None, carriers, at=first.held.position)
            again += [(owner[edit], edit) for edit in conflicting]
            for entry, edit in again:
                self.counts["overlapping"] += int(carriers.sum())
                for consequence in self._alone(transcript, [edit]):
                    entry.found(consequence, carriers)
        for entry in entries:
            entry.held.open -= 1


def _merged(found: list[tuple[tuple[int, int, int], Found]]) -> list[Found]:
    """Consequences in order, each once, with the carriers of all that are alike."""
    merged: dict[tuple[int, str], Found] = {}
    for _, one in sorted(found, key=lambda pair: pair[0]):
        key = (one.number, str(one))
        before = merged.get(key)
        if before is None:
            merged[key] = one
        elif before.carriers is not None and one.carriers is not None:
            merged[key] = before._replace(carriers=before.carriers | one.carriers)
    return list(merged.values())
