"""Sequences of any lengths as one flat buffer of codes."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Int64, Num, UInt8, UInt64

from jaxbio.alphabet import ALPHABETS, Alphabet
from jaxbio.data.batching import scratch
from jaxbio.data.batching.buckets import MOST_BUCKETS, choose_buckets
from jaxbio.data.batching.layouts import (
    Ragged,
    gather_ragged,
    offsets_of,
    pad_ragged,
    parts_of,
)
from jaxbio.data.columns.base import Column, Origin, Reading, column_of, span
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.hashing import hash_runs
from jaxbio.data.io.cells import MUTATION
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import texts
from jaxbio.data.molecules.smiles import check_smiles, invalid_smiles
from jaxbio.data.specs import InputKind, InputSpec
from jaxbio.errors import AlphabetError, DataError, option
from jaxbio.plugins import tuples

_OWN = "symbols="

_A_BUCKET = 50  # rows for which a further padded length is worth while
_ANY_LENGTH = 100_000  # symbols that may be predicted whatever training rows had
_FAR_LONGER = 10  # times as long as the longest of these


@dataclasses.dataclass(frozen=True)
class SequenceSpec(InputSpec):
    """A sequence input, as the training rows showed it.

    Attributes:
        alphabet: What the symbols mean.
        min_length: The shortest training sequence.
        max_length: The longest training sequence.
        buckets: The static lengths to which sequences are padded.
        conservation: For training sequences of one length, the share of the commonest
            symbol, averaged over positions: near 1 for variants of one parent; else 0.
        position_dependent: Whether it matters where in the sequence a symbol stands;
            False where k-mers anywhere say far more than positions (see
            `jaxbio.baselines.positional`).
        wild_type: For training sequences of one length, the commonest symbol of each
            position: the parent, where rows are its variants; else empty.
    """

    alphabet: Alphabet
    min_length: int = 0
    max_length: int = 0
    buckets: tuple[int, ...] = ()
    conservation: float = 0.0
    position_dependent: bool = True
    wild_type: str = ""

    @property
    def is_sequence(self) -> bool:
        """True."""
        return True

    @property
    def fixed_length(self) -> bool:
        """Check that all training sequences have one length."""
        return self.min_length == self.max_length

    @property
    def reading_kind(self) -> InputKind:
        return self.alphabet

    @property
    def linear_kmers(self) -> int:
        """The longest k-mers that a linear baseline counts: 5 for bases, else 2."""
        return 5 if self.alphabet.size <= 5 else 2

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "SequenceSpec":
        """The specification with the fields that JSON has."""
        alphabet = Alphabet.from_dict(fields["alphabet"])
        return cls(**{**tuples(fields), "alphabet": alphabet})

    def example(self, rows: int, length: int) -> Ragged:
        """The first symbol again and again."""
        codes = np.zeros(rows * length, np.uint8)
        return Ragged(codes, np.arange(rows + 1) * length, self.alphabet.pad)


@dataclasses.dataclass(frozen=True)
class Sequences(Column):
    """Sequences of any lengths as one flat buffer of codes with offsets, as in Arrow.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> column = Sequences.from_strings(["ACG", "T"], DNA)
        >>> column.padded(np.array([1, 0]), 4).tolist()
        [[3, 16, 16, 16], [0, 1, 2, 16]]
    """

    codes: UInt8[np.ndarray, "total"]
    offsets: Int64[np.ndarray, "n_plus_1"]
    alphabet: Alphabet
    name = "sequence"
    spec = SequenceSpec
    kinds = (*ALPHABETS, f"{_OWN}…")
    reads_records = True

    @classmethod
    def from_strings(
        cls,
        strings: Sequence[str],
        alphabet: Alphabet,
        *,
        unknown: str = "error",
        where: str = "",
        rows: Sequence[int] | Int64[np.ndarray, "n"] | None = None,
    ) -> "Sequences":
        """Encode strings.

        Args:
            strings: The sequences.
            alphabet: What the symbols mean.
            unknown: `"error"` or `"any"`, as in `Alphabet.encode`.
            where: What messages say before the row, such as `reads.csv, column seq`.
            rows: The row numbers for messages; 1, 2, … if not given.

        Raises:
            DataError: For an empty sequence or a symbol outside the alphabet.
        """

        def row(index: int) -> str:
            number = rows[index] if rows is not None else index + 1
            return f"{where + ', ' if where else ''}row {number}"

        empty = [index for index, text in enumerate(strings) if not text]
        if empty:
            raise DataError(
                f"{row(empty[0])}: the sequence is missing ({len(empty)} of "
                f"{len(strings)} rows): fill it in, or leave such rows out with "
                f"{option('skip_invalid', True)}"
            )
        try:
            codes, offsets = alphabet.encode_rows(strings, unknown=unknown)
        except AlphabetError as error:
            index, at = alphabet.place(strings, error.position)
            symbol = strings[index][at]
            if MUTATION.fullmatch(strings[index]):
                raise DataError(
                    f"{row(index)}: {strings[index]!r} is a mutation, not a sequence: "
                    f"give the sequence that it changes, as in "
                    f"{option('parent', 'wild.fa')}, or write out the changed sequence"
                ) from None
            raise DataError(
                f"{row(index)}: symbol {symbol!r} at position {at + 1} is not "
                f"in the {alphabet.name} alphabet ({alphabet.letters}): correct it, "
                f"choose another kind for this column, or read unknown symbols as "
                f"{alphabet.any or 'a symbol of your own alphabet'!r} ("
                f"{option('unknown', 'any')})"
            ) from None
        return cls(codes, offsets, alphabet)

    @classmethod
    def accepts(cls, kind: InputKind) -> bool:
        """Check that a kind is an alphabet, its name, or `symbols=` and its symbols."""
        named = isinstance(kind, str) and (kind in ALPHABETS or kind.startswith(_OWN))
        return named or isinstance(kind, Alphabet)

    @classmethod
    def inferred_as(cls, kind: InputKind) -> str:
        return alphabet_of(kind).name

    @classmethod
    def invalid(
        cls, frame: Frame, name: str, kind: InputKind, *, missing: bool
    ) -> dict[int, str]:
        """Faults in the syntax of SMILES, and sequences that have to be there."""
        values = texts(frame, column_of(frame, name))
        faults = {at: "the sequence is missing" for at, x in enumerate(values) if not x}
        if missing:
            faults = {}
        if alphabet_of(kind).name == "smiles":
            wrong = invalid_smiles(values).items()
            faults |= {at: fault for at, fault in wrong if values[at]}
        return faults

    @classmethod
    def read(cls, frame: Frame, name: str, kind: InputKind, how: Reading) -> Column:
        """A column of texts; each stands once if most occur again; empty is missing."""
        alphabet, column = alphabet_of(kind), column_of(frame, name)
        values = texts(frame, column)
        where = f"{frame.source}, column {column}"

        def some(rows: np.ndarray) -> Sequences:
            strings = [values[at] for at in rows]
            numbers = frame.rows[rows]
            return cls.from_strings(
                strings, alphabet, unknown=how.unknown, where=where, rows=numbers
            )

        if alphabet.name == "smiles":
            filled = [at for at, text in enumerate(values) if text]
            check_smiles([values[at] for at in filled], where, frame.rows[filled])
        first = {text: at for at, text in reversed(list(enumerate(values))) if text}
        few = len(first) <= len(values) / 2 or "" in values
        if not (how.shared and few):
            return some(np.arange(len(values)))
        places = sorted(first.values())
        if not places:  # nobody refers to this item, but without any there is no kind
            symbol = cls.from_strings([alphabet.letters[0]], alphabet)
            return DictionaryColumn(symbol, np.full(len(values), -1, np.int32))
        number = {values[at]: number for number, at in enumerate(places)}
        indices = np.array([number.get(text, -1) for text in values], np.int32)
        return DictionaryColumn(some(np.array(places)), indices)

    @property
    def kind(self) -> str:
        return self.alphabet.name

    @property
    def reading_kind(self) -> InputKind:
        return self.alphabet

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Int64[np.ndarray, "n"]:
        """The number of symbols of each sequence."""
        return np.diff(self.offsets)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Sequences":
        codes, offsets = gather_ragged(self.codes, self.offsets, indices)
        return Sequences(codes, offsets, self.alphabet)

    @classmethod
    def concatenate(cls, columns: Sequence["Sequences"]) -> "Sequences":
        offsets = offsets_of(np.concatenate([column.lengths for column in columns]))
        codes = scratch.concatenate([column.codes for column in columns])
        return Sequences(codes, offsets, columns[0].alphabet)

    @property
    def may_go_to_disk(self) -> int:
        return self.codes.nbytes

    def nothing(self, rows: int) -> "Sequences":
        return Sequences(self.codes[:0], np.zeros(rows + 1, np.int64), self.alphabet)

    def missing(self) -> Bool[np.ndarray, "n"]:
        return self.lengths == 0

    def padded(
        self, indices: Num[np.ndarray, "m"], length: int
    ) -> UInt8[np.ndarray, "m length"]:
        """The chosen rows side by side, filled with the pad code up to `length`."""
        return pad_ragged(self.codes, self.offsets, indices, length, self.alphabet.pad)

    def strings(self) -> list[str]:
        """The sequences as text."""
        return self.alphabet.decode_rows(self.codes, self.offsets)

    def hashes(self, *, both_strands: bool = False) -> UInt64[np.ndarray, "n"]:
        """One number a sequence; equal sequences have equal numbers.

        Args:
            both_strands: Give a sequence and its reverse complement the same number.
        """
        if not both_strands:
            return hash_runs(self.codes, self.offsets)
        complement = self.alphabet.complement_codes
        assert complement is not None
        hashes = np.empty(len(self), np.uint64)
        for some in parts_of(self.offsets):
            codes, offsets = self._part(some)
            forward = hash_runs(codes, offsets)
            # Read backwards, a buffer holds its rows' other strands, the last first.
            other = hash_runs(complement[codes[::-1]], offsets[-1] - offsets[::-1])
            hashes[some] = np.minimum(forward, other[::-1])
        return hashes

    def _part(self, rows: slice) -> tuple[np.ndarray, np.ndarray]:
        """Rows that follow one another, as codes and offsets of their own."""
        offsets = self.offsets[rows.start : rows.stop + 1]
        return self.codes[offsets[0] : offsets[-1]], offsets - offsets[0]

    def identities(self) -> UInt64[np.ndarray, "n"]:
        """Those of a protein without its gaps, and of DNA on either strand."""
        if self.alphabet.name == "dna":
            return self.hashes(both_strands=True)
        if self.alphabet.name != "protein" or "-" not in self.alphabet.letters:
            return self.hashes()
        gap = self.alphabet.encode("-")[0]
        hashes = np.empty(len(self), np.uint64)
        for some in parts_of(self.offsets):
            codes, offsets = self._part(some)
            kept = codes != gap
            before = np.concatenate([[0], np.cumsum(kept)])
            hashes[some] = hash_runs(codes[kept], before[offsets])
        return hashes

    def buffers(self) -> list[Any]:
        return [self.codes, self.offsets]

    def describe(self) -> str:
        lengths = self.lengths[self.lengths > 0]
        return f"{span(lengths)} symbols"

    def consensus(self) -> tuple[str, float]:
        """The commonest symbol of each position, and its share over all positions.

        At most 2,000 rows are looked at.

        Returns:
            The consensus and the share; an empty text and 0 if the lengths differ.

        Example:
            >>> from jaxbio.alphabet import DNA
            >>> Sequences.from_strings(["ACG", "ACG", "ACT", "ATT"], DNA).consensus()
            ('ACG', 0.75)
        """
        lengths = self.lengths
        if not len(self) or lengths.min() != lengths.max():
            return "", 0.0
        rows = np.unique(np.linspace(0, len(self) - 1, 2000).astype(np.int64))
        codes = self.padded(rows, int(lengths[0]))
        counts = [np.bincount(position) for position in codes.T]
        share = float(np.mean([count.max() for count in counts]) / len(rows))
        commonest = np.array([count.argmax() for count in counts], np.uint8)
        return self.alphabet.decode(commonest), share

    def learn(self, name: str, origin: Origin) -> SequenceSpec:
        lengths = self.lengths[self.lengths > 0]
        wild_type, conservation = self.consensus()
        # Each further length is compiled for, which few rows never make good.
        by_rows = min(max(len(lengths) // _A_BUCKET, 1), MOST_BUCKETS)
        return SequenceSpec(
            name,
            self.kind,
            self.alphabet,
            min_length=int(lengths.min()),
            max_length=int(lengths.max()),
            buckets=choose_buckets(lengths, origin.most_buckets or by_rows),
            conservation=conservation,
            wild_type=wild_type,
        )

    def check(self, spec: Any, origin: Origin, unknown: str) -> tuple[str, ...]:
        """Refuse sequences that are far longer than any of training.

        A network would take gigabytes for one of them, and what it says of windows of
        another scale means nothing.
        """
        most = max(_FAR_LONGER * getattr(spec, "max_length", 0), _ANY_LENGTH)
        for at in np.flatnonzero(self.lengths > most)[:1]:
            raise DataError(
                f"{origin.row(int(at))}: {spec.name} has "
                f"{self.lengths[at]:,} symbols, and the training rows had at most "
                f"{spec.max_length:,}: cut it into windows of about that length"
            )
        return ()

    def encode(self, spec: SequenceSpec, origin: Origin) -> Ragged:
        """The codes, in the model's alphabet."""
        column = self
        if self.alphabet != spec.alphabet:
            # An earlier version may have spelt the same kind in other symbols.
            where = f"{origin.source}, input {spec.name}"
            column = Sequences.from_strings(self.strings(), spec.alphabet, where=where)
        return Ragged(column.codes, column.offsets, column.alphabet.pad)


def alphabet_of(kind: InputKind) -> Alphabet:
    """The alphabet of a kind that `Sequences` accepts.

    Example:
        >>> alphabet_of("dna").name, alphabet_of("symbols=HPX").symbols
        ('dna', 'HPX')
    """
    if isinstance(kind, Alphabet):
        return kind
    kind = str(kind)
    if kind.startswith(_OWN):
        return Alphabet(kind, kind.removeprefix(_OWN))
    return ALPHABETS[kind]
