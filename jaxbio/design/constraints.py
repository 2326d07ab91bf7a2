"""What designed sequences must and must not have."""

import dataclasses
import importlib
import re
from collections.abc import Sequence
from typing import Any

import numpy as np
from Bio.Data.CodonTable import unambiguous_dna_by_id
from jaxtyping import Bool, Int64, UInt8

from jaxbio.alphabet import PROTEIN, Alphabet
from jaxbio.design.space import Space
from jaxbio.errors import DataError, nearest, option, spelled

_TRIES = 400  # random edits of a start that breaks a rule


@dataclasses.dataclass(frozen=True)
class Constraints:
    """Rules of designed sequences.

    Attributes:
        fixed: Positions that keep their letter, from 1.
        free: Positions that may change, from 1; None for all.
        forbid: Motifs that must not occur, with the alphabet's letters for several,
            such as N; of DNA and RNA on neither strand.
        enzymes: Restriction enzymes without a site, as EcoRI.
        gc: The least and the largest share of G and C, from 0 to 1.
        max_homopolymer: The longest run of one letter.
        max_edits: The most letters that differ from the start.
        synonymous: Whether only codons of the same amino acid may stand in place of a
            codon; the start is read from its first letter.
        code: The number of the genetic code of NCBI.

    Example:
        >>> from jaxbio import DNA
        >>> rules = Constraints(forbid=("TATA",), max_homopolymer=2)
        >>> rows = np.stack([DNA.encode(x) for x in ("CTATAG", "CCATAA", "CCCTAG")])
        >>> rules.kept(rows, DNA).tolist()
        [False, True, False]
    """

    fixed: Sequence[int] = ()
    free: Sequence[int] | None = None
    forbid: Sequence[str] = ()
    enzymes: Sequence[str] = ()
    gc: tuple[float, float] | None = None
    max_homopolymer: int | None = None
    max_edits: int | None = None
    synonymous: bool = False
    code: int = 1

    def check(self, alphabet: Alphabet) -> None:
        """Refuse rules that mean nothing in an alphabet.

        Raises:
            DataError: For values out of range, unknown enzymes, or rules of DNA for
                proteins.
        """
        nucleic = alphabet.name in ("dna", "rna")
        for name in ("enzymes", "gc", "synonymous"):
            if getattr(self, name) and not nucleic:
                raise DataError(
                    f"{spelled(name, _flag(name))} is a rule for DNA and RNA, and the "
                    f"model takes {alphabet.name}: leave it out"
                )
        for name, least in (("max_homopolymer", 1), ("max_edits", 1)):
            value = getattr(self, name)
            if value is not None and value < least:
                raise DataError(f"{option(name, value)}: give at least {least}")
        if self.gc is not None and not 0 <= self.gc[0] <= self.gc[1] <= 1:
            raise DataError(
                f"{spelled('gc', '--gc')} from {self.gc[0]} to {self.gc[1]}: give "
                f"shares from 0 to 1, the smaller one first"
            )
        if self.code not in unambiguous_dna_by_id:
            known = map(str, sorted(unambiguous_dna_by_id))
            raise DataError(f"no genetic code {self.code}: {nearest('', known)}")
        self._patterns(alphabet)

    def space(self, start: UInt8[np.ndarray, "len"], alphabet: Alphabet) -> Space:
        """The choices that the rules leave at each site of a start.

        Raises:
            DataError: For positions outside, or codons that are cut.
        """
        length = len(start)
        for position in (*self.fixed, *(self.free or ())):
            if not 1 <= position <= length:
                raise DataError(
                    f"position {position} is not in a start of {length} letters: "
                    f"positions count from 1"
                )
        fixed = {at - 1 for at in self.fixed}
        if self.free is not None:
            fixed |= set(range(length)) - {at - 1 for at in self.free}
        if self.synonymous:
            space = Space.of(
                start, self._codons(start, alphabet, fixed), self.max_edits
            )
        else:
            symbols = 20 if alphabet == PROTEIN else alphabet.size  # no stop codons
            space = Space.of_letters(
                start, symbols, fixed=fixed, max_edits=self.max_edits
            )
        if not space.free.size:
            rules = [
                self._shown(name)
                for name in ("fixed", "free", "synonymous")
                if self._has(name)
            ]
            raise DataError(f"nothing may change: see {' and '.join(rules)}")
        return space

    def kept(
        self, codes: UInt8[np.ndarray, "n len"], alphabet: Alphabet
    ) -> Bool[np.ndarray, "n"]:
        """Which sequences keep the rules of whole sequences."""
        broken = self.broken(codes, alphabet)
        return sum(broken.values(), np.zeros(len(codes), np.int64)) == 0

    def broken(
        self, codes: UInt8[np.ndarray, "n len"], alphabet: Alphabet
    ) -> dict[str, Int64[np.ndarray, "n"]]:
        """How often each sequence breaks each rule of whole sequences."""
        found: dict[str, np.ndarray] = {}
        patterns = self._patterns(alphabet)
        if patterns:
            texts = [alphabet.decode(row) for row in codes]
            for name, pattern in patterns:
                counts = np.array([len(pattern.findall(text)) for text in texts], int)
                found[name] = found.get(name, 0) + counts
        if self.gc is not None:
            is_gc = np.isin(codes, alphabet.encode("GC")).sum(axis=1)
            least = np.ceil(self.gc[0] * codes.shape[1] - 1e-9)
            most = np.floor(self.gc[1] * codes.shape[1] + 1e-9)
            under = np.maximum(least - is_gc, 0)
            found["gc"] = (under + np.maximum(is_gc - most, 0)).astype(int)
        if self.max_homopolymer is not None:
            n = self.max_homopolymer
            if codes.shape[1] > n:
                windows = np.lib.stride_tricks.sliding_window_view(codes, n + 1, axis=1)
                same = (windows == windows[..., :1]).all(axis=2)
                found["max_homopolymer"] = same.sum(axis=1)
        return found

    def first(
        self, space: Space, alphabet: Alphabet, rng: np.random.Generator
    ) -> Int64[np.ndarray, "sites"]:
        """The start, edited at random until it keeps the rules.

        Raises:
            DataError: If none is found, with the two rules that exclude each other.
        """
        choices, broken = self._repaired(space, alphabet, rng)
        if not broken:
            return choices
        (rule,) = broken[:1]
        raise DataError(self._contradiction(rule, space.start, alphabet, rng))

    def _contradiction(
        self, rule: str, start: np.ndarray, alphabet: Alphabet, rng: Any
    ) -> str:
        plain = Constraints()
        for field in dataclasses.fields(self):
            name = field.name
            if name == rule or not self._has(name):
                continue
            other = dataclasses.replace(self, **{name: getattr(plain, name)})
            if not other._repaired(other.space(start, alphabet), alphabet, rng)[1]:
                return (
                    f"no sequence was found that keeps {self._shown(rule)} and "
                    f"{self._shown(name)}: loosen one of them"
                )
        return (
            f"no sequence of {len(start)} letters was found that keeps "
            f"{self._shown(rule)}: loosen it"
        )

    def _repaired(
        self, space: Space, alphabet: Alphabet, rng: np.random.Generator
    ) -> tuple[Int64[np.ndarray, "sites"], list[str]]:
        """Choices that break least, and the rules that they break."""
        now = space.origin
        worst = self._total(space, now[None], alphabet)[0]
        for _ in range(_TRIES):
            if worst == 0:
                break
            near = space.neighbours(now)
            near = near[space.within(near)]
            far = space.mutate(np.repeat(now[None], 16, 0), rng.integers(2, 5, 16), rng)
            tried = np.concatenate([near, far])
            counts = self._total(space, tried, alphabet)
            best = rng.choice(np.flatnonzero(counts == counts.min()))
            now, worst = tried[best], counts[best]
        broken = self.broken(space.decode(now[None]), alphabet)
        return now, [name for name, counts in broken.items() if counts[0]]

    def _total(self, space: Space, choices: np.ndarray, alphabet: Alphabet) -> Any:
        broken = self.broken(space.decode(choices), alphabet)
        return sum(broken.values(), np.zeros(len(choices), np.int64))

    def _has(self, name: str) -> bool:
        return getattr(self, name) != getattr(Constraints, name)

    def _shown(self, name: str) -> str:
        """A rule with its value, as the caller wrote it."""
        value = getattr(self, name)
        flag = _flag(name)
        if name in ("fixed", "free"):
            text = ranges(value)
            return spelled(f"{name} ({text})", f"{flag} {text}")
        if name in ("forbid", "enzymes"):
            flags = " ".join(f"{flag} {each}" for each in value)
            return spelled(f"{name} ({', '.join(value)})", flags)
        if name == "gc":
            text = f"{value[0]:g} {value[1]:g}"
            return spelled(f"gc {value}", f"{flag} {text}")
        return spelled(
            f"{name} ({value})", flag if value is True else f"{flag} {value}"
        )

    def _patterns(self, alphabet: Alphabet) -> list[tuple[str, re.Pattern[str]]]:
        """The rule and the pattern of all that must not occur, on both strands."""
        motifs = [("forbid", motif.upper()) for motif in self.forbid]
        motifs += [("enzymes", _site(name, alphabet)) for name in self.enzymes]
        members = dict(alphabet.ambiguous)
        members |= {letter: letter for letter in alphabet.symbols}
        found = []
        for name, motif in motifs:
            strange = next((letter for letter in motif if not members.get(letter)), "")
            if strange or not motif:
                raise DataError(
                    f"motif {motif!r}: {strange!r} is no letter of {alphabet.name} "
                    f"({''.join(letter for letter in members if members[letter])})"
                )
            sets = [members[letter] for letter in motif]
            strands = [sets]
            if alphabet.complement:
                other = dict(zip(alphabet.symbols, alphabet.complement, strict=True))
                reverse = ["".join(other[x] for x in each) for each in sets[::-1]]
                if list(map(sorted, reverse)) != list(map(sorted, sets)):
                    strands.append(reverse)
            for each in strands:
                text = "".join(f"[{re.escape(letters)}]" for letters in each)
                found.append((name, re.compile(f"(?={text})")))  # also where they lap
        return found

    def _codons(
        self, start: np.ndarray, alphabet: Alphabet, fixed: set[int]
    ) -> list[np.ndarray]:
        if len(start) % 3:
            raise DataError(
                f"a start of {len(start)} letters has no whole codons: give a coding "
                f"sequence of 3, 6, 9, … letters"
            )
        table = unambiguous_dna_by_id[self.code]
        meaning = dict.fromkeys(table.stop_codons, "*") | dict(table.forward_table)
        text = alphabet.decode(start).replace("U", "T")
        options = []
        for at in range(0, len(start), 3):
            own = text[at : at + 3]
            same = [
                codon
                for codon, letter in sorted(meaning.items())
                if letter == meaning[own]
                and all(codon[i] == own[i] for i in range(3) if at + i in fixed)
            ]
            options.append(np.stack([alphabet.encode(codon) for codon in same]))
        return options


def _flag(name: str) -> str:
    return {"enzymes": "--enzyme"}.get(name, "--" + name.replace("_", "-"))


def ranges(positions: Sequence[int]) -> str:
    """Positions as a list in which neighbours are ranges.

    Example:
        >>> ranges([1, 2, 3, 7, 9, 8])
        '1-3,7-9'
    """
    parts: list[list[int]] = []
    for at in sorted(set(positions)):
        if parts and at == parts[-1][-1] + 1:
            parts[-1] = [parts[-1][0], at]
        else:
            parts.append([at])
    return ",".join("-".join(map(str, part)) for part in parts)


NO_RULES = Constraints()
"""Any letter at any position."""


def _site(name: str, alphabet: Alphabet) -> str:
    """What a restriction enzyme recognises."""
    known: Any = importlib.import_module("Bio.Restriction.Restriction_Dictionary")
    enzymes = known.rest_dict
    if name not in enzymes:
        raise DataError(f"no restriction enzyme {name!r}: {nearest(name, enzymes)}")
    site = enzymes[name]["site"]
    return site.replace("T", "U") if alphabet.name == "rna" else site
