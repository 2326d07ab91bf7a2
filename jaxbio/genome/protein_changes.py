"""What the variants of one haplotype do together to a protein."""

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from jaxbio.genome.coding import CodingEdit, Model
from jaxbio.genome.consequence_terms import Consequence


class Group(NamedTuple):
    """Edits of one haplotype that change the protein together.

    Attributes:
        edits: In the direction of translation.
        consequence: What they do.
    """

    edits: tuple[CodingEdit, ...]
    consequence: Consequence


def translated(
    model: Model, edits: Iterable[CodingEdit]
) -> tuple[list[Group], list[CodingEdit]]:
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
    usable: list[CodingEdit] = []
    conflicting: list[CodingEdit] = []
    for edit in sorted(edits):
        before = usable[-1] if usable else None
        twice = before and edit[:2] == before[:2]  # two insertions at one place
        if before and (edit.start < before.end or twice):
            conflicting.append(edit)
        else:
            usable.append(edit)
    groups, shift, stopped, at = [], 0, False, 0
    while at < len(usable):
        several, at = [usable[at]], at + 1
        growth, last = several[0].growth, several[0].last
        variants = {several[0].variant}
        while at < len(usable) and (
            growth % 3 or usable[at].first <= last or usable[at].variant in variants
        ):
            edit, at = usable[at], at + 1
            several.append(edit)
            variants.add(edit.variant)
            growth, last = growth + edit.growth, max(last, edit.last)
        stretch = _stretch(model, several, growth, last)
        types, ends = _types(stretch)
        groups.append(Group(tuple(several), _told(stretch, types, shift, stopped)))
        shift, stopped = shift + growth, stopped or ends
    return groups, conflicting


class _Stretch(NamedTuple):
    """The part of a protein that some edits change.

    Attributes:
        model: The transcript.
        edits: In the direction of translation.
        growth: How many bases longer the sequence becomes.
        first: Its first codon.
        before: Its amino acids; to the end of the protein where the frame is lost.
        after: What they become, also behind a new stop.
        codon: The first codon, changed.
    """

    model: Model
    edits: Sequence[CodingEdit]
    growth: int
    first: int
    before: str
    after: str
    codon: str

    @property
    def shifted(self) -> bool:
        """Whether the frame is lost for good."""
        return self.growth % 3 != 0

    @property
    def whole(self) -> bool:
        """Whether it begins with a whole codon of the sequence."""
        return self.first >= 0 and 3 * self.first + 3 <= len(self.model.sequence)

    @property
    def at_start(self) -> bool:
        """Whether it begins with the start codon."""
        return self.model.has_start and self.first == 0

    @property
    def at_stop(self) -> bool:
        """Whether it ends with the stop codon of the protein."""
        ends = self.first + len(self.before) == len(self.model.protein)
        return self.before.endswith("*") and ends


def _stretch(
    model: Model, edits: Sequence[CodingEdit], growth: int, last: int
) -> _Stretch:
    sequence, first = model.sequence, min(edit.first for edit in edits)
    stop = len(sequence) if growth % 3 else min(3 * last + 3, len(sequence))
    pieces, place = [], max(3 * first, 0)
    for edit in edits:
        pieces += [sequence[place : max(edit.start, 0)], edit.bases]
        place = edit.end
    bases = "".join([*pieces, sequence[place:stop]])
    after = model.translate(bases, start=first == 0)
    before = model.protein[max(first, 0) : stop // 3]
    return _Stretch(model, edits, growth, first, before, after, bases[:3])


def _types(stretch: _Stretch) -> tuple[list[str], bool]:
    """What happens, and whether the protein ends early by it."""
    if not stretch.whole:
        return ["coding_sequence"], False
    before, after, growth = stretch.before, stretch.after, stretch.growth
    start_kept = not stretch.at_start or after[:1] == before[:1]
    if stretch.shifted:
        if not start_kept:
            return ["start_lost"], True
        if before != "*" or not stretch.at_stop:
            return ["frameshift"], True
        return [
            "frameshift",
            "stop_retained" if after[:1] == "*" else "stop_lost",
        ], True
    types = []
    if growth:
        types.append("inframe_insertion" if growth > 0 else "inframe_deletion")
    elif any(edit.growth for edit in stretch.edits):
        types.append("inframe_altering")
    if not start_kept:
        types.append("start_lost")
    elif stretch.at_start and not growth and before == after:
        types += ["start_retained"] * (stretch.codon != stretch.model.sequence[:3])
    early = _ends_early(stretch)
    if early:
        types.append("stop_gained")
    if "*" in before and "*" not in after:
        types.append("stop_lost")
    elif _in_stop(stretch) and not early and (growth or before == after):
        types.append("stop_retained")
    if not growth and not set(types) - {"inframe_altering"}:
        same = "synonymous" if before == after else "missense"
        types.append("coding_sequence" if "X" in before + after else same)
    return types, early


def _ends_early(stretch: _Stretch) -> bool:
    """Check that there is a stop before that of the protein."""
    before = stretch.before
    ended, stop, rest = stretch.after.partition("*")
    if not stop or "*" in (before[:-1] if stretch.at_stop else before):
        return False  # inner stops, as of selenocysteine, end nothing
    return not stretch.at_stop or bool(rest and len(ended) < len(before) - 1)


def _in_stop(stretch: _Stretch) -> bool:
    """Check that bases of the stop codon are changed."""
    stop = 3 * (len(stretch.model.protein) - 1)
    return stretch.at_stop and any(edit.end > stop for edit in stretch.edits)


def _told(
    stretch: _Stretch, types: Sequence[str], shift: int, stopped: bool
) -> Consequence:
    """The consequence.

    Args:
        stretch: What is changed.
        types: What happens.
        shift: How much longer the sequence has become before it.
        stopped: Whether a stop has come before it.
    """
    model, place = stretch.model, stretch.first + 1
    item = model.transcript
    variants = sorted({edit.variant for edit in stretch.edits})
    dna, protein = "+".join(map(str, variants)), ""
    if "start_lost" in types and stretch.shifted:
        dna = ""  # what is made, and from where, is not known
    elif stretch.whole:
        ended, stop, _ = stretch.after.partition("*")
        protein = f"{place}{stretch.before}"
        if stretch.growth or stretch.before != stretch.after:
            protein += f">{place + shift // 3}{ended + stop or '?'}"
    return Consequence(
        model.types(*types), item.gene, item.name, model.biotype, item.strand, protein,
        dna, stopped, model.protein,
    )  # fmt: skip
