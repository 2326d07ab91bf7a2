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
* In SMILES what chemists read as one symbol is one: `Cl`, `Br`, `@@`, the ring
  closures `%10` to `%19` and the commonest atoms in brackets, such as `[nH]`. Any other
  atom in brackets is spelt letter by letter.
* Anything else is an error that names the symbol and its position.

Encoding looks up two symbols at a time, which takes half as many look-ups, and goes
chunk by chunk, so that what is in hand stays in the processor's cache.
"""

import dataclasses
import functools
import itertools
import re
from collections.abc import Iterator, Sequence
from typing import NoReturn

import numpy as np
from jaxtyping import Float32, Int64, UInt, UInt8, UInt16, UInt64

from jaxbio.errors import AlphabetError, JaxbioError

_UNKNOWN = 255
_FIRST_TOKEN = 128  # the byte that stands for the first token; letters are below
_CHUNK = 1 << 17  # symbols; a few buffers of this size fit into a level-2 cache
_SHORT = 1 << 12  # symbols, for which the table of pairs is not worth being made


@dataclasses.dataclass(frozen=True)
class Alphabet:
    """An immutable, hashable set of symbols with uint8 codes.

    Codes 0 to `size - 1` are `symbols` and then `tokens` in order, the next ones are
    `ambiguous`, and the last code is the pad, which no text contains.

    Attributes:
        name: How the alphabet is called on the command line and in files.
        symbols: The symbols proper, one column each in a one-hot encoding.
        ambiguous: Pairs of a letter and the symbols that it stands for; a gap stands
            for none.
        aliases: Pairs of a letter and the letter as which it is read.
        complement: For nucleic acids, the complement of each of `symbols`, in order.
        any: The ambiguity letter for 'not known'; empty if there is none.
        case_sensitive: Whether lower case differs from upper case.
        tokens: Symbols of several letters, each of which `symbols` has too. Of two that
            begin at one place the longer one is read.

    Example:
        >>> DNA.encode("ACGTn")
        array([0, 1, 2, 3, 4], dtype=uint8)
        >>> DNA.decode(DNA.encode("acgu"))
        'ACGT'
        >>> Alphabet("two", "HP").encode("HPPH").tolist()
        [0, 1, 1, 0]
        >>> Alphabet("toy", "Cl[nH]", tokens=("Cl", "[nH]")).encode("C[nH]Cl").tolist()
        [0, 7, 6]
    """

    name: str
    symbols: str
    ambiguous: tuple[tuple[str, str], ...] = ()
    aliases: tuple[tuple[str, str], ...] = ()
    complement: str = ""
    any: str = ""
    case_sensitive: bool = True
    tokens: tuple[str, ...] = ()

    def __post_init__(self):
        letters = self.letters
        if not self.symbols:
            raise AlphabetError(f"alphabet {self.name!r} has no symbols")
        symbols = letters + "".join(letter for letter, _ in self.aliases)
        folded = symbols if self.case_sensitive else symbols.upper()
        if len(set(folded)) != len(symbols):
            raise AlphabetError(f"alphabet {self.name!r} repeats a symbol: {symbols!r}")
        for _, read_as in self.aliases:
            if read_as not in letters:
                raise AlphabetError(f"alphabet {self.name!r} has no symbol {read_as!r}")
        if len(letters) + len(self.tokens) > _UNKNOWN - 1:
            raise AlphabetError(f"alphabet {self.name!r} has over 254 symbols")
        if not symbols.isascii():
            raise AlphabetError(f"alphabet {self.name!r} has symbols outside ASCII")
        if self.tokens:
            self._check_tokens()

    def _check_tokens(self):
        if self.ambiguous or self.complement or not self.case_sensitive:
            raise AlphabetError(
                f"alphabet {self.name!r} has tokens: it can have neither ambiguity "
                f"letters nor a complement, and its case means something"
            )
        if len(set(self.tokens)) != len(self.tokens):
            raise AlphabetError(f"alphabet {self.name!r} repeats a token")
        if len(self.tokens) > _UNKNOWN - _FIRST_TOKEN:
            raise AlphabetError(f"alphabet {self.name!r} has over 127 tokens")
        for token in self.tokens:
            if len(token) < 2 or not set(token) <= set(self.symbols):
                raise AlphabetError(
                    f"alphabet {self.name!r}: token {token!r} is not made of two or "
                    f"more of its symbols"
                )

    @property
    def size(self) -> int:
        """The number of symbols proper: the columns of a one-hot encoding."""
        return len(self.symbols) + len(self.tokens)

    @functools.cached_property
    def letters(self) -> str:
        """Every single letter that has a code, in the order of the codes."""
        return self.symbols + "".join(letter for letter, _ in self.ambiguous)

    @functools.cached_property
    def spelt(self) -> tuple[str, ...]:
        """Spelling of each code but the pad: letters and tokens.

        Example:
            >>> SMILES.spelt[SMILES.encode("[nH]")[0]]
            '[nH]'
        """
        return (*self.symbols, *self.tokens, *(letter for letter, _ in self.ambiguous))

    @property
    def pad(self) -> int:
        """The code that fills a sequence up to a longer one."""
        return len(self.letters) + len(self.tokens)

    @property
    def n_codes(self) -> int:
        """The number of codes, the pad included."""
        return self.pad + 1

    @functools.cached_property
    def profile(self) -> Float32[np.ndarray, "codes alphabet"]:
        """Input channels of each code: one-hot, a mean, or zeros (gap, pad)."""
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
    def _to_code(self) -> bytes:
        """The code of each of the 256 bytes, for `bytes.translate`."""
        table = bytearray([_UNKNOWN] * 256)
        codes = {letter: code for code, letter in enumerate(self.letters)}
        codes |= {letter: codes[read_as] for letter, read_as in self.aliases}
        for letter, code in codes.items():
            cases = letter if self.case_sensitive else letter.upper() + letter.lower()
            for case in cases:
                table[ord(case)] = code
        for number in range(len(self.tokens)):
            table[_FIRST_TOKEN + number] = len(self.symbols) + number
        return bytes(table)

    @functools.cached_property
    def _token_bytes(self) -> dict[str, str]:
        """The character of one byte that stands for each token."""
        return {token: chr(_FIRST_TOKEN + at) for at, token in enumerate(self.tokens)}

    @functools.cached_property
    def _token_pattern(self) -> re.Pattern[str]:
        """The longest token at a place; those of one first letter tried together."""
        longest = sorted(self.tokens, key=lambda token: (token[0], -len(token), token))
        groups = (
            re.escape(first) + "(?:" + "|".join(re.escape(t[1:]) for t in same) + ")"
            for first, same in itertools.groupby(longest, key=lambda token: token[0])
        )
        return re.compile("|".join(groups))

    def _folded(self, text: str | bytes) -> str | bytes:
        """One byte a symbol if there are tokens; otherwise the text as it is."""
        if not self.tokens:
            return text
        string = text.decode("latin-1") if isinstance(text, bytes) else text
        if not string.isascii():
            string = _FOREIGN.sub(chr(_UNKNOWN), string)
        tokens = self._token_bytes
        folded = self._token_pattern.sub(lambda match: tokens[match[0]], string)
        return folded.encode("latin-1")

    def _unfolded(self, text: str | bytes, position: int) -> int:
        """The place in a text of the symbol at a place of `_folded`."""
        if not self.tokens:
            return position
        string = text.decode("latin-1") if isinstance(text, bytes) else text
        symbols, start = 0, 0
        for match in self._token_pattern.finditer(string):
            if symbols + match.start() - start > position:
                break
            symbols += match.start() - start + 1
            start = match.end()
        return start + position - symbols

    @functools.cached_property
    def _pair_codes(self) -> UInt16[np.ndarray, "pairs"]:
        """The two codes of each pair of bytes."""
        return np.frombuffer(self._to_code, np.uint8)[_PAIRS].view(np.uint16).ravel()

    @functools.cached_property
    def _to_row(self) -> UInt8[np.ndarray, "bytes alphabet"]:
        """The one-hot row of each byte; `_UNKNOWN` everywhere for an unknown one."""
        rows = np.eye(self.n_codes, self.size, dtype=np.uint8)
        rows = np.concatenate([rows, np.full((1, self.size), _UNKNOWN, np.uint8)])
        codes = np.frombuffer(self._to_code, np.uint8)
        return rows[np.where(codes == _UNKNOWN, self.n_codes, codes)]

    @functools.cached_property
    def _pair_rows(self) -> UInt64[np.ndarray, "pairs"]:
        """The two one-hot rows of each pair of bytes, if a row has four numbers."""
        return self._to_row[_PAIRS].reshape(-1, 8).view(np.uint64).ravel()

    def encode(
        self, text: str | bytes, *, unknown: str = "error"
    ) -> UInt8[np.ndarray, "len"]:
        """Codes of a text.

        Args:
            text: The symbols, as `str` or `bytes`.
            unknown: `"error"` to refuse a symbol that is not in the alphabet, `"any"`
                to read it as the letter for 'not known' (N, X).

        Returns:
            One uint8 code a symbol.

        Raises:
            AlphabetError: For a symbol that the alphabet does not know.

        Example:
            >>> PROTEIN.decode(PROTEIN.encode("mku*"))
            'MKC*'
            >>> len(SMILES.encode("C[C@@H](N)Cl"))
            6
        """
        _check_unknown(unknown)
        try:
            return self._codes(self._folded(text), unknown)
        except AlphabetError as error:
            self._refuse(text, self._unfolded(text, error.position))

    def encode_rows(
        self, texts: Sequence[str], *, unknown: str = "error"
    ) -> tuple[UInt8[np.ndarray, "total"], Int64[np.ndarray, "n_plus_1"]]:
        """Codes of several texts, one after the other, and where each begins.

        Args:
            texts: The texts.
            unknown: As for `encode`.

        Returns:
            The codes of all texts, and the places where each begins, with the end.

        Raises:
            AlphabetError: For a symbol that the alphabet does not know; `place` tells
                where its `position`, in all texts together, is.

        Example:
            >>> codes, offsets = SMILES.encode_rows(["CCl", "[nH]"])
            >>> len(codes), offsets.tolist()
            (3, [0, 2, 3])
        """
        _check_unknown(unknown)
        folded = [self._folded(text) for text in texts] if self.tokens else texts
        return self._codes(_joined(folded), unknown), _offsets(folded)

    def place(self, texts: Sequence[str], position: int) -> tuple[int, int]:
        """The text and the place in it of a symbol that `encode_rows` refused.

        Args:
            texts: The texts.
            position: The place of the symbol in all texts together.

        Returns:
            The number of the text and the place of the character there, both from 0.

        Example:
            >>> SMILES.place(["CCl", "Cl!"], 3)
            (1, 2)
        """
        offsets = _offsets([self._folded(text) for text in texts])
        row = int(np.searchsorted(offsets, position, side="right")) - 1
        return row, self._unfolded(texts[row], position - int(offsets[row]))

    def _codes(self, text: str | bytes, unknown: str) -> UInt8[np.ndarray, "len"]:
        """Codes of a folded text."""
        codes = np.empty(len(text), np.uint8)
        for start, raw in _chunks(text):
            out = codes[start : start + len(raw)]
            if len(raw) < _SHORT:
                out[:] = np.frombuffer(raw.translate(self._to_code), np.uint8)
            else:
                _look_up_pairs(raw, self._pair_codes, out)
                out[-1] = self._to_code[raw[-1]]  # an odd one has no pair
            if out.max() == _UNKNOWN:
                bad = out == _UNKNOWN
                if unknown == "error" or not self.any:
                    self._refuse(text, start + int(np.argmax(bad)))
                out[bad] = self.letters.index(self.any)
        return codes

    def one_hot(
        self, text: str | bytes | Sequence[str], *, unknown: str = "error"
    ) -> UInt8[np.ndarray, "*n len alphabet"]:
        """Symbols as rows of zeros and a one, for tools that take them so.

        Networks of this package take codes, which are a fraction of the size. An
        ambiguity letter or a gap is a row of zeros; see `profile` for means.

        Args:
            text: The symbols of one sequence, or several sequences of one length.
            unknown: As for `encode`; with `"any"` an unknown symbol is a row of zeros.

        Returns:
            Zeros and ones, `[len alphabet]` or `[n len alphabet]`.

        Raises:
            AlphabetError: For a symbol that the alphabet does not know, or sequences of
                different lengths.

        Example:
            >>> DNA.one_hot("GaN").tolist()
            [[0, 0, 1, 0], [1, 0, 0, 0], [0, 0, 0, 0]]
            >>> DNA.one_hot(["AC", "GT"]).shape
            (2, 2, 4)
        """
        if isinstance(text, str | bytes):
            try:
                return self._rows(self._folded(text), unknown)
            except AlphabetError as error:
                self._refuse(text, self._unfolded(text, error.position))
        folded = [self._folded(line) for line in text]
        lengths = sorted({len(line) for line in folded}) or [0]
        if len(lengths) > 1:
            raise AlphabetError(
                f"sequences of {lengths[0]} to {lengths[-1]} symbols do not fit into "
                f"one array: encode each by itself, or cut or pad them"
            )
        try:
            rows = self._rows(_joined(folded), unknown)
        except AlphabetError as error:
            row, position = self.place(text, error.position)
            self._refuse(text[row], position, f"sequence {row + 1}: ")
        return rows.reshape(len(text), lengths[0], self.size)

    def _rows(
        self, text: str | bytes, unknown: str
    ) -> UInt8[np.ndarray, "len alphabet"]:
        _check_unknown(unknown)
        rows = np.empty((len(text), self.size), np.uint8)
        for start, raw in _chunks(text):
            out = rows[start : start + len(raw)]
            if len(raw) < _SHORT or self.size != 4:
                out[:] = self._to_row[np.frombuffer(raw, np.uint8)]
            else:
                _look_up_pairs(raw, self._pair_rows, out.reshape(-1))
                out[-1] = self._to_row[raw[-1]]
            if out.max() == _UNKNOWN:
                bad = out[:, 0] == _UNKNOWN
                if unknown == "error" or not self.any:
                    self._refuse(text, start + int(np.argmax(bad)))
                out[bad] = 0
        return rows

    def _refuse(self, text: str | bytes, position: int, where: str = "") -> NoReturn:
        string = text.decode("latin-1") if isinstance(text, bytes) else text
        symbol = string[position]
        raise AlphabetError(
            f"{where}symbol {symbol!r} at position {position + 1} is not in the "
            f"{self.name} alphabet ({self.letters})",
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
        if self.tokens:
            return "".join(self._spelt_array[codes[codes != self.pad]])
        table = np.frombuffer(self.letters.encode("ascii"), np.uint8)
        return table[codes[codes != self.pad]].tobytes().decode("ascii")

    def decode_rows(
        self,
        codes: UInt8[np.ndarray, "total"],
        offsets: Int64[np.ndarray, "n_plus_1"],
    ) -> list[str]:
        """The texts of codes that stand one after the other, without padding.

        Args:
            codes: The codes of all texts.
            offsets: Where each text begins, with the end.

        Example:
            >>> SMILES.decode_rows(*SMILES.encode_rows(["CCl", "[nH]"]))
            ['CCl', '[nH]']
        """
        bounds = itertools.pairwise(offsets.tolist())
        if not self.tokens:
            text = self.decode(codes)
            return [text[start:end] for start, end in bounds]
        symbols = self._spelt_array[codes].tolist()
        return ["".join(symbols[start:end]) for start, end in bounds]

    @functools.cached_property
    def _spelt_array(self) -> np.ndarray:
        return np.array(self.spelt, dtype=object)

    def to_dict(self) -> dict:
        """The alphabet as JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> "Alphabet":
        """The alphabet that `to_dict` described."""
        pairs = {
            key: tuple((a, b) for a, b in values[key])
            for key in ("ambiguous", "aliases")
        }
        tokens = tuple(values.get("tokens", ()))  # older files have none
        return cls(**{**values, **pairs, "tokens": tokens})


def _check_unknown(unknown: str) -> None:
    if unknown not in ("error", "any"):
        raise JaxbioError(f"unknown={unknown!r}: choose 'error' or 'any'")


def _joined(texts: Sequence[str | bytes]) -> str | bytes:
    """All texts in one; folded ones are bytes."""
    if texts and isinstance(texts[0], bytes):
        return b"".join(texts)  # pyright: ignore[reportArgumentType, reportCallIssue]
    return "".join(texts)  # pyright: ignore[reportArgumentType, reportCallIssue]


def _offsets(texts: Sequence[str | bytes]) -> Int64[np.ndarray, "n_plus_1"]:
    """Start of each text in all of them together, and the end."""
    offsets = np.zeros(len(texts) + 1, np.int64)
    np.cumsum([len(text) for text in texts], out=offsets[1:])
    return offsets


def _as_bytes(text: str) -> bytes:
    """One byte a character; 255, which no alphabet knows, for any outside ASCII."""
    if text.isascii():
        return text.encode()
    points = np.frombuffer(text.encode("utf-32-le", "surrogatepass"), np.uint32)
    return np.where(points < 128, points, _UNKNOWN).astype(np.uint8).tobytes()


def _chunks(text: str | bytes) -> Iterator[tuple[int, bytes]]:
    """Pieces of a text with one byte a character, and where they begin."""
    for start in range(0, len(text), _CHUNK):
        chunk = text[start : start + _CHUNK]
        yield start, chunk if isinstance(chunk, bytes) else _as_bytes(chunk)


def _look_up_pairs(
    raw: bytes, table: UInt[np.ndarray, "pairs"], out: UInt8[np.ndarray, "total"]
) -> None:
    """Look up each pair of bytes in a table, into `out`, but for an odd end."""
    count = len(raw) // 2
    pairs = np.frombuffer(raw, np.uint16, count)
    room = out[: count * table.itemsize].view(table.dtype)
    # The table has every pair; of all modes this one looks at that most cheaply.
    np.take(table, pairs, out=room, mode="wrap")


_FOREIGN = re.compile(r"[^\x00-\x7f]")

_PAIRS = np.arange(1 << 16, dtype=np.uint16).view(np.uint8).reshape(-1, 2)
"""The two bytes of each 16-bit number, in this machine's order."""

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
# Atoms in brackets that are in 20 or more of the 69,725 SMILES of Davis, the GPCR and
# human interactions, GDSC2 and MoleculeNet, and in three or more of these 13 sets. They
# are 93 % of all atoms in brackets there.
_ATOMS = (
    "nH", "O-", "N+", "C@H", "C@@H", "C@", "C@@", "n+", "NH2+", "N-", "NH+", "Si",
    "Cl-", "O+", "NH3+", "S+", "I-", "Na+", "Br-", "Se", "C-", "N", "P+", "B-", "H+",
    "As", "S-", "K+", "Hg", "Ge", "n-", "o+",
)  # fmt: skip
SMILES = Alphabet(
    "smiles",
    "#%()*+-./0123456789:=>@ABCDEFGHIKLMNOPRSTUVWXYZ[\\]abcdefghiklmnoprstuvy$~",
    aliases=(("<", ">"),),  # as in `<-`, a dative bond that points the other way
    tokens=(
        *("Cl", "Br", "@@"),
        *(f"%{ring}" for ring in range(10, 20)),
        *(f"[{atom}]" for atom in _ATOMS),
    ),
)

ALPHABETS = {alphabet.name: alphabet for alphabet in (DNA, RNA, PROTEIN, SMILES)}
"""The alphabets that are known by name."""
