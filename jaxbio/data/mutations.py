"""Substitutions as they are written: A42G, A42G:K50R, p.Ala42Gly, g.76A>T."""

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence

from jaxbio.data.io.cells import MUTATION
from jaxbio.errors import DataError, option

_LETTERS = {
    "Ala": "A", "Arg": "R", "Asn": "N", "Asp": "D", "Cys": "C", "Gln": "Q", "Glu": "E",
    "Gly": "G", "His": "H", "Ile": "I", "Leu": "L", "Lys": "K", "Met": "M", "Phe": "F",
    "Pro": "P", "Ser": "S", "Thr": "T", "Trp": "W", "Tyr": "Y", "Val": "V", "Ter": "*",
}  # fmt: skip
_PROTEIN = re.compile(r"(?:p\.)?([A-Z][a-z]{2}|[A-Z*])(-?\d+)([A-Z][a-z]{2}|[A-Z*])")
_BASES = re.compile(r"(?:[gcmnr]\.)?(-?\d+)([A-Za-z])>([A-Za-z])")
_SYNONYMOUS = re.compile(r"(?:[cgmnpr]\.)?(?:[A-Z][a-z]{2}|[A-Z*])?-?\d+[A-Z]?=")
_BETWEEN = re.compile(r"[:;,/ ]+")
_NONE = ("", "WT", "_WT", "_SY", "=", "P.=", "P.(=)")
_ALLELE = re.compile(r"((?:[cgmnpr]\.)?)[\[(](.*)[\])]")
_OTHER_BASE = {"ACGT": {"U": "T"}, "ACGU": {"T": "U"}}
_MOSTLY = 0.9
_LOOKED_AT = 5000  # mutations, for the number of the first letter


@dataclasses.dataclass(frozen=True)
class Substitution:
    """A symbol in place of another.

    Attributes:
        place: Where, from 0.
        before: What stands there in the wild type.
        after: What stands there instead.
    """

    place: int
    before: str
    after: str


Variant = tuple[Substitution, ...]
"""All substitutions of one mutant; none for the wild type itself."""


Written = tuple[int, str, str]
"""The number of a place as it is written, the symbol before and after."""


def parse_mutations(
    texts: Sequence[str],
    wild: str,
    *,
    symbols: str,
    first: int = 1,
    where: Sequence[str] | None = None,
) -> list[Variant]:
    """Substitutions from how they are written, checked against the wild type.

    Args:
        texts: A mutant each, as in `A42G`, `A42G:K50R` (ProteinGym), `p.Ala42Gly` or
            `g.76A>T`; `WT` or nothing for the wild type.
        wild: The sequence that is mutated.
        symbols: Those that there can be.
        first: The number of the first letter of `wild` in these names.
        where: What messages call each, such as `m.csv, line 3`.

    Raises:
        DataError: For a mutation that cannot be read or does not fit the wild type,
            with what is likely meant.

    Example:
        >>> parse_mutations(["A2G:K3R"], "MAK", symbols="AGKMR")
        [(Substitution(place=1, before='A', after='G'), \
Substitution(place=2, before='K', after='R'))]
    """
    where = where or [f"mutation {at + 1}" for at in range(len(texts))]
    other = _OTHER_BASE.get(symbols, {})
    read = [_read(text, name, other) for text, name in zip(texts, where, strict=True)]
    wild = letters_of(wild, symbols)
    variants = []
    for text, name, parts in zip(texts, where, read, strict=True):
        variant = []
        for number, before, after in parts:
            place = number - first
            inside = 0 <= place < len(wild)
            if not inside or wild[place] != before:
                raise DataError(
                    _misfit(name, text, number, before, wild, first)
                    + _likely([part for each in read for part in each], wild, first)
                )
            for symbol in (before, after):
                if symbol not in symbols:
                    raise DataError(
                        f"{name}: {text}: {symbol!r} is not among the symbols that the "
                        f"model tells apart ({symbols})"
                    )
            variant.append(Substitution(place, before, after))
        places = [each.place for each in variant]
        if len(set(places)) < len(places):
            raise DataError(f"{name}: {text} changes a place twice")
        variants.append(tuple(variant))
    return variants


def is_written_as_mutation(text: str) -> bool:
    """Tell mutations, and marks of the wild type, from whole sequences.

    Example:
        >>> [is_written_as_mutation(text) for text in ("A42G", "WT", "MAKW", "")]
        [True, True, False, False]
    """
    return bool(text) and (any(map(str.isdigit, text)) or text.upper() in _NONE)


def are_mutations(cells: Iterable[str]) -> bool:
    """Check that nearly all cells are mutations, but for marks of the wild type.

    Example:
        >>> are_mutations(["A42G", "WT", "p.Ala42Gly"]), are_mutations(["WT", "MAKW"])
        (True, False)
    """
    changed = [cell for cell in cells if cell.upper() not in _NONE]
    matches = sum(MUTATION.fullmatch(cell) is not None for cell in changed)
    return bool(changed) and matches >= _MOSTLY * len(changed)


def letters_of(text: str, symbols: str) -> str:
    """A sequence in capital letters, with the T or U that some symbols have.

    Example:
        >>> letters_of("acgu", "ACGT"), letters_of("ACT", "ACGU")
        ('ACGT', 'ACU')
    """
    return text.upper().translate(str.maketrans(_OTHER_BASE.get(symbols, {})))


def single_mutations(
    wild: str, symbols: str, *, first: int = 1
) -> tuple[list[str], list[Variant]]:
    """The names of all single substitutions, and what they are.

    Places that hold something else than one of the symbols are left out.

    Example:
        >>> single_mutations("AN", "ACG")[0]
        ['A1C', 'A1G']
    """
    names, variants = [], []
    for place, before in enumerate(letters_of(wild, symbols)):
        if before not in symbols:
            continue
        for after in symbols:
            if after != before:
                names.append(f"{before}{place + first}{after}")
                variants.append((Substitution(place, before, after),))
    return names, variants


def mutated(wild: str, variant: Variant) -> str:
    """The sequence with its substitutions.

    Example:
        >>> mutated("MAK", (Substitution(1, "A", "G"),))
        'MGK'
    """
    letters = list(wild)
    for each in variant:
        letters[each.place] = each.after
    return "".join(letters)


def _read(
    text: str, where: str, other: Mapping[str, str]
) -> list[tuple[int, str, str]]:
    text = text.strip()
    if text.upper() in _NONE:
        return []
    allele = _ALLELE.fullmatch(text)  # p.[Ala42Gly;Lys50Arg], p.(Ala42Gly)
    found = []
    for part in _BETWEEN.split(allele[2] if allele else text):
        if part.endswith("=") and _SYNONYMOUS.fullmatch(part):
            continue
        protein, bases = _PROTEIN.fullmatch(part), _BASES.fullmatch(part)
        if protein is None and bases is None:
            raise DataError(
                f"{where}: {part!r} is no substitution: write the wild type's symbol, "
                f"its place and the new symbol, as in A42G, several as in A42G:K50R"
            )
        if protein is not None:
            before, number, after = protein.groups()
        else:
            assert bases is not None
            number, before, after = bases.groups()
        before, after = (_LETTERS.get(x, x.upper()) for x in (before, after))
        before, after = other.get(before, before), other.get(after, after)
        if len(before + after) > 2:
            raise DataError(f"{where}: {part!r} names no amino acid")
        found.append((int(number), before, after))
    return found


def _misfit(
    where: str, text: str, number: int, before: str, wild: str, first: int
) -> str:
    place = number - first
    if not 0 <= place < len(wild):
        return (
            f"{where}: {text}: there is no place {number}: the wild type goes from "
            f"{first} to {first + len(wild) - 1}"
        )
    beside = [
        f"{before} stands at {at + first}"
        for at in (place - 1, place + 1)
        if 0 <= at < len(wild) and wild[at] == before
    ]
    near = f" ({' and '.join(beside)})" if beside else ""
    return f"{where}: {text}: the wild type has {wild[place]} at {number}{near}"


def _likely(parts: Sequence[Written], wild: str, first: int) -> str:
    """What is likely meant: another number of the first letter."""
    some = parts[:_LOOKED_AT]
    numbers = [number for number, _, _ in some]
    least, most = max(numbers) - len(wild) + 1, min(numbers)
    fitting = [
        start
        for start in range(least, most + 1)
        if start != first
        and all(wild[number - start] == before for number, before, _ in some)
    ]
    if not fitting:
        wrong = sum(
            not (0 <= n - first < len(wild) and wild[n - first] == b)
            for n, b, _ in parts
        )
        return (
            f"; {wrong:,} of {len(parts):,} substitutions do not fit: is it the right "
            f"sequence?"
        )
    start = min(fitting, key=lambda x: abs(x - first))
    return (
        f"; all fit if the first letter of the wild type is number {start}: use "
        f"{option('first', start)}"
    )
