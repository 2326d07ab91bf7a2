"""Symbols to uint8 codes and back: the alphabets of DNA, RNA, protein and SMILES.

Policy, the same everywhere in the package:

* Case is ignored in DNA, RNA and protein (soft-masked lower case counts as upper
  case); it means something in SMILES and in alphabets of your own.
* U in DNA is read as T and T in RNA as U.
* IUPAC ambiguity letters have codes of their own. A network sees them as the mean of
  the letters that they stand for (N in DNA is a quarter of each base).
* In proteins B, Z, J and X are such ambiguity letters; selenocysteine U is read as
  cysteine C and pyrrolysine O as lysine K; the stop `*` is a symbol like the others.
* A gap (`-` or `.`) is a position without a symbol: it takes a place, and a network
  sees zeros there.
* Anything else is an error that names the symbol and its position.
"""

import dataclasses
import functools

import numpy as np
from jaxtyping import Float32, UInt8

from jaxbio.errors import AlphabetError

_UNKNOWN = 255


@dataclasses.dataclass(frozen=True)
class Alphabet:
    """An immutable, hashable set of symbols with uint8 codes.

    Codes 0 to `size - 1` are `symbols` in order, the next ones are `ambiguous`, and the
    last code is the pad, which no text contains.

    Attributes:
        name: How the alphabet is called on the command line and in files.
        symbols: The symbols proper, one column each in a one-hot encoding.
        ambiguous: Pairs of a letter and the symbols that it stands for; a gap stands
            for none.
        aliases: Pairs of a letter and the letter as which it is read.
        complement: For nucleic acids, the complement of each of `symbols`, in order.
        any: The ambiguity letter for 'not known'; empty if there is none.
        case_sensitive: Whether lower case differs from upper case.

    Example:
        >>> DNA.encode("ACGTn")
        array([0, 1, 2, 3, 4], dtype=uint8)
        >>> DNA.decode(DNA.encode("acgu"))
        'ACGT'
        >>> Alphabet("two", "HP").encode("HPPH").tolist()
        [0, 1, 1, 0]
    """

    name: str
    symbols: str
    ambiguous: tuple[tuple[str, str], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    complement: str = ""
    any: str = ""
    case_sensitive: bool = True

    def __post_init__(self):
        letters = self.letters
        if not self.symbols:
            raise AlphabetError(f"alphabet {self.name!r} has no symbols")
        if len(set(letters)) != len(letters):
            raise AlphabetError(f"alphabet {self.name!r} repeats a symbol: {letters!r}")
        if len(letters) > _UNKNOWN - 1:
            raise AlphabetError(f"alphabet {self.name!r} has over 254 symbols")
        if any(ord(letter) > 127 for letter in letters):
            raise AlphabetError(f"alphabet {self.name!r} has symbols outside ASCII")

    @property
    def size(self) -> int:
        """The number of symbols proper: the columns of a one-hot encoding."""
        return len(self.symbols)

    @functools.cached_property
    def letters(self) -> str:
        """Every letter that has a code, in the order of the codes."""
        return self.symbols + "".join(letter for letter, _ in self.ambiguous)

    @property
    def pad(self) -> int:
        """The code that fills a sequence up to a longer one."""
        return len(self.letters)

    @property
    def n_codes(self) -> int:
        """The number of codes, the pad included."""
        return self.pad + 1

    @functools.cached_property
    def profile(self) -> Float32[np.ndarray, "codes alphabet"]:
        """What a network sees of each code: one-hot, a mean, or zeros (gap, pad)."""
        table = np.zeros((self.n_codes, self.size), np.float32)
        table[: self.size] = np.eye(self.size, dtype=np.float32)
        for row, (_, members) in enumerate(self.ambiguous, start=self.size):
            for member in members:
                table[row, self.symbols.index(member)] = 1 / len(members)
        return table

    @functools.cached_property
    def complement_codes(self) -> UInt8[np.ndarray, "codes"] | None:
        """The complement of each code, for nucleic acids; None for the rest."""
        if not self.complement:
            return None
        pairs = dict(zip(self.symbols, self.complement, strict=True))
        by_members = {frozenset(members): letter for letter, members in self.ambiguous}
        for letter, members in self.ambiguous:
            pairs[letter] = by_members[frozenset(pairs[member] for member in members)]
        codes = [self.letters.index(pairs[letter]) for letter in self.letters]
        return np.array([*codes, self.pad], np.uint8)

    @functools.cached_property
    def _to_code(self) -> UInt8[np.ndarray, "256"]:
        table = np.full(256, _UNKNOWN, np.uint8)
        for code, letter in enumerate(self.letters):
            table[ord(letter)] = code
        for letter, read_as in self.aliases:
            table[ord(letter)] = self.letters.index(read_as)
        if not self.case_sensitive:
            for upper in range(ord("A"), ord("Z") + 1):
                table[upper + 32] = table[upper]
        return table

    def encode(self, text: str | bytes, *, unknown: str = "error") -> UInt8[np.ndarray, "len"]:
        """Codes of a text.

        Args:
            text: The symbols, as `str` or ASCII `bytes`.
            unknown: `"error"` to refuse a symbol that is not in the alphabet, `"any"` to
                read it as the letter for 'not known' (N, X).

        Returns:
            One uint8 code a symbol.

        Raises:
            AlphabetError: For a symbol that the alphabet does not know.

        Example:
            >>> PROTEIN.decode(PROTEIN.encode("mku*"))
            'MKC*'
        """
        raw = text if isinstance(text, bytes) else text.encode("latin-1", "replace")
        codes = self._to_code[np.frombuffer(raw, np.uint8)]
        if codes.size and codes.max() == _UNKNOWN:
            bad = codes == _UNKNOWN
            if unknown != "any" or not self.any:
                self._refuse(text, int(np.argmax(bad)))
            codes[bad] = self.letters.index(self.any)
        return codes

    def _refuse(self, text: str | bytes, position: int):
        shown = text.decode("latin-1") if isinstance(text, bytes) else text
        symbol = shown[position]
        raise AlphabetError(
            f"symbol {symbol!r} at position {position + 1} is not in the {self.name} "
            f"alphabet ({self.letters})",
            symbol=symbol,
            position=position,
        )

    def decode(self, codes: UInt8[np.ndarray, "len"]) -> str:
        """The text of codes, without the padding.

        Example:
            >>> DNA.decode(np.array([3, 2, DNA.pad], np.uint8))
            'TG'
        """
        codes = np.asarray(codes, np.uint8)
        table = np.frombuffer(self.letters.encode("ascii"), np.uint8)
        return table[codes[codes != self.pad]].tobytes().decode("ascii")

    def to_dict(self) -> dict:
        """The alphabet as JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> "Alphabet":
        """The alphabet that `to_dict` described."""
        pairs = {
            key: tuple((a, b) for a, b in values[key]) for key in ("ambiguous", "aliases")
        }
        return cls(**{**values, **pairs})


_BASES = (
    ("N", "ACGT"), ("R", "AG"), ("Y", "CT"), ("S", "CG"), ("W", "AT"), ("K", "GT"),
    ("M", "AC"), ("B", "CGT"), ("D", "AGT"), ("H", "ACT"), ("V", "ACG"), ("-", ""),
)  # fmt: skip

DNA = Alphabet(
    "dna",
    "ACGT",
    ambiguous=_BASES,
    aliases=(("U", "T"), (".", "-")),
    complement="TGCA",
    any="N",
    case_sensitive=False,
)
RNA = Alphabet(
    "rna",
    "ACGU",
    ambiguous=tuple((letter, members.replace("T", "U")) for letter, members in _BASES),
    aliases=(("T", "U"), (".", "-")),
    complement="UGCA",
    any="N",
    case_sensitive=False,
)
_RESIDUES = "ACDEFGHIKLMNPQRSTVWY"
PROTEIN = Alphabet(
    "protein",
    _RESIDUES + "*",
    ambiguous=(("X", _RESIDUES), ("B", "DN"), ("Z", "EQ"), ("J", "IL"), ("-", "")),
    aliases=(("U", "C"), ("O", "K"), (".", "-")),
    any="X",
    case_sensitive=False,
)
SMILES = Alphabet(
    "smiles",
    "#%()*+-./0123456789:=>@ABCDEFGHIKLMNOPRSTUVWXYZ[\\]abcdefghiklmnoprstuvy$~",
)

ALPHABETS = {alphabet.name: alphabet for alphabet in (DNA, RNA, PROTEIN, SMILES)}
"""The alphabets that are known by name."""
