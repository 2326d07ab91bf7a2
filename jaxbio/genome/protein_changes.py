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
    usable, conflicting = [], []
    end = -3  # bases of a codon that is not whole have places below 0
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
        variants = {several[0].variant}
        while at < len(usable) and (
            growth % 3 or usable[at].first <= last or usable[at].variant in variants
        ):
            edit, at = usable[at], at + 1
            several.append(edit)
            variants.add(edit.variant)
            growth, last = growth + edit.growth, max(last, edit.last)
        found, ends = _change(model, several, growth, last, shift, stopped)
        groups.append(Group(tuple(several), found))
        shift, stopped = shift + growth, stopped or ends
    return groups, conflicting


def _change(
    model: Model,
    edits: Sequence[CodingEdit],
    growth: int,
    last: int,
    shift: int,
    stopped: bool,
) -> tuple[Consequence, bool]:
    """What edits do together, and whether the protein ends early by them."""
    item, sequence = model.transcript, model.sequence
    variants = sorted({edit.variant for edit in edits})
    dna = "+".join(map(str, variants))
    first = min(edit.first for edit in edits)

    def make(*types: str, protein: str = "", told: bool = True) -> Consequence:
        return Consequence(
            model.types(*types),
            item.gene,
            item.name,
            model.biotype,
            item.strand,
            protein,
            dna if told else "",
            stopped,
            model.protein,
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
    inner = "*" in (before[:-1] if own_stop else before)  # as of selenocysteine
    early = bool(stops) and not kept_stop and not inner
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
    if "*" in before and "*" not in after:
        types.append("stop_lost")
    elif in_stop and not early and (growth or before == after):
        types.append("stop_retained")
    if not growth and not set(types) - {"inframe_altering"}:
        known = "X" not in before + after
        same = "synonymous" if before == after else "missense"
        types.append(same if known else "coding_sequence")
    if before == after and not growth:
        protein = f"{place}{before}"
    return make(*types, protein=protein), early
