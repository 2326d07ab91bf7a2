"""Changes of proteins as HGVS names them: `p.Ala42Gly`, `p.Ala2ValfsTer5`."""

import re

from Bio.Data.IUPACData import protein_letters_1to3_extended

from jaxbio.genome.consequence_terms import Consequence

_LETTERS = {**protein_letters_1to3_extended, "*": "Ter"}
_CHANGE = re.compile(r"(\d+)([A-Z*]+)(?:>\d+([A-Z*?]*))?")


def protein_hgvs(consequence: Consequence) -> str:
    """The name of what a consequence does to a protein, as predicted from DNA.

    Args:
        consequence: What variants do to a transcript.

    Returns:
        The name without the brackets that mark predictions; `p.?` where it is not known
        what follows, empty where no coding base is changed.

    Example:
        >>> one = Consequence(("missense",), "g", "t", "x", "+", "2A>2T", "4G>A")
        >>> protein_hgvs(one)
        'p.Ala2Thr'
    """
    types = set(consequence.types)
    if types & {"start_lost", "splice_acceptor", "splice_donor"}:
        return "p.Met1?" if "start_lost" in types else "p.?"
    if not consequence.protein:
        return "p.?" if consequence.strand else ""
    match = _CHANGE.fullmatch(consequence.protein)
    assert match
    place, before = int(match[1]), match[2]
    if match[3] is None:
        return _same(place, before)
    after = match[3].replace("?", "")
    if "X" in before + after:
        return "p.?"
    if "frameshift" in types:
        return _frameshift(place, before, after)
    return _in_frame(place, before, after, consequence.reference_protein)


def _name(letters: str) -> str:
    return "".join(_LETTERS[letter] for letter in letters)


def _same(place: int, letters: str) -> str:
    if len(letters) == 1:
        return f"p.{_name(letters)}{place}="
    last = place + len(letters) - 1
    return f"p.{_name(letters[0])}{place}_{_name(letters[-1])}{last}="


def _frameshift(place: int, before: str, after: str) -> str:
    """The first amino acid that changes, and how far it is to the new stop."""
    pairs = zip(before, after, strict=False)
    at = next((at for at, (one, other) in enumerate(pairs) if one != other), None)
    if at is None:  # all that is left of the protein is as before
        at = min(len(before), len(after))
        if at == len(before):
            return _same(place, before)
        return f"p.{_name(before[at])}{place + at}fs"
    if before[at] == "*":
        return _extension(place + at, after[at:])
    if after[at] == "*":
        return f"p.{_name(before[at])}{place + at}Ter"
    stop = after.find("*")
    far = str(stop - at + 1) if stop >= 0 else "?"
    changed = f"{_name(before[at])}{place + at}{_name(after[at])}"
    return f"p.{changed}fsTer{far}"


def _extension(place: int, after: str) -> str:
    """A stop codon that has become an amino acid."""
    stop = after.find("*")
    far = str(stop) if stop >= 0 else "?"
    return f"p.Ter{place}{_name(after[:1])}extTer{far}"


def _in_frame(place: int, before: str, after: str, protein: str) -> str:
    whole = before
    head = 0
    while head < min(len(before), len(after)) and before[head] == after[head]:
        head += 1
    before, after, place = before[head:], after[head:], place + head
    tail = 0
    while tail < min(len(before), len(after)) and before[-1 - tail] == after[-1 - tail]:
        tail += 1
    before, after = before[: len(before) - tail], after[: len(after) - tail]
    if not before and not after:
        return _same(place - head, whole)
    if before[:1] == "*" and after:
        return _extension(place, after)
    if after[:1] == "*" and before:
        return f"p.{_name(before[0])}{place}Ter"
    if not before:
        return _insertion(place, after, protein)
    if not after:
        while protein[place - 1 + len(before) : place + len(before)] == before[0]:
            before, place = before[1:] + before[0], place + 1  # as far right as it goes
        return f"p.{_span(place, before)}del"
    if len(before) == len(after) == 1:
        return f"p.{_name(before)}{place}{_name(after)}"
    stop = after.find("*")
    new = after[: stop + 1] if stop >= 0 else after
    return f"p.{_span(place, before)}delins{_name(new)}"


def _span(place: int, letters: str) -> str:
    first = f"{_name(letters[0])}{place}"
    if len(letters) == 1:
        return first
    return f"{first}_{_name(letters[-1])}{place + len(letters) - 1}"


def _insertion(place: int, new: str, protein: str) -> str:
    """Amino acids that come before a place, named as a copy where they are one."""
    while protein[place - 1 : place] == new[0]:  # as far right as it goes
        new, place = new[1:] + new[0], place + 1
    start = place - 1 - len(new)
    if start >= 0 and protein[start : place - 1] == new:
        return f"p.{_span(start + 1, new)}dup"
    left, right = protein[place - 2 : place - 1], protein[place - 1 : place]
    sides = f"{_name(left)}{place - 1}_{_name(right)}{place}"
    return f"p.{sides}ins{_name(new)}"
