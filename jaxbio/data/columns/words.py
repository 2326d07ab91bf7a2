"""Words of sequences: runs of a few symbols, such as `CC(=O)` in SMILES."""

import dataclasses

import numpy as np
from jaxtyping import UInt64

from jaxbio.alphabet import ALPHABETS, Alphabet
from jaxbio.data.columns.base import Column, Reading
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.parts import Parts, counted
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.io.frames import Frame
from jaxbio.data.specs import InputKind
from jaxbio.errors import DataError

_LONGEST = {"protein": 2, "smiles": 6, "dna": 5, "rna": 5}  # symbols of a word
_BITS = np.uint64(8)  # of a symbol in the number of a word
_LENGTH = np.uint64(56)  # where the length of the word stands in its number
_OF = "words="


@dataclasses.dataclass(frozen=True)
class Words(Parts):
    """Counts of all runs of up to so many symbols: 6 of SMILES, 2 of proteins.

    Example:
        >>> from jaxbio.alphabet import SMILES
        >>> column = Words.view(Sequences.from_strings(["CCO", "CN"], SMILES))
        >>> column.names(column.keys[:5])
        ['C', 'O', 'CC', 'CO', 'CCO']
        >>> column.counts[:5].tolist()
        [2.0, 1.0, 1.0, 1.0, 1.0]
    """

    alphabet: Alphabet
    name = "words"
    kinds = (f"{_OF}…",)
    views_of = tuple(_LONGEST)

    @classmethod
    def accepts(cls, kind: InputKind) -> bool:
        """Check that a kind is `words=` and the name of an alphabet."""
        return isinstance(kind, str) and kind.partition(_OF)[2] in ALPHABETS

    @classmethod
    def inferred_as(cls, kind: InputKind) -> str:
        return str(kind).partition(_OF)[2]

    @classmethod
    def invalid(
        cls, frame: Frame, name: str, kind: InputKind, *, missing: bool
    ) -> dict[int, str]:
        """What is wrong with the sequences."""
        alphabet = cls.inferred_as(kind)
        return Sequences.invalid(frame, name, alphabet, missing=missing)

    @classmethod
    def read(cls, frame: Frame, name: str, kind: InputKind, how: Reading) -> Column:
        """The words of a column of sequences."""
        sequences = Sequences.read(frame, name, cls.inferred_as(kind), how)
        return cls.view(plain(sequences))

    @classmethod
    def view(cls, column: Column) -> "Words":
        """The words of sequences."""
        if not isinstance(column, Sequences):
            raise DataError(f"words are of sequences, not of {column.kind}")
        codes = column.codes.astype(np.uint64)
        row = np.repeat(np.arange(len(column)), column.lengths)
        keys, rows = [], []
        whole = np.zeros(len(codes), np.uint64)
        longest = min(_LONGEST.get(column.alphabet.name, 2), len(codes))
        for length in range(1, longest + 1):
            last = length - 1
            ends = codes[last:] << (_BITS * np.uint64(last))
            whole = whole[: len(codes) - last] + ends
            inside = row[last:] == row[: len(row) - last]
            keys.append(whole[inside] | np.uint64(length) << _LENGTH)
            rows.append(row[last:][inside])
        if not keys:
            return cls(codes, np.zeros(0, np.float32), column.offsets, column.alphabet)
        parts = counted(np.concatenate(rows), np.concatenate(keys), len(column))
        return cls(*parts, column.alphabet)

    @classmethod
    def least(cls, rows: int) -> int:
        return max(3, rows // 300)

    @property
    def kind(self) -> str:
        return f"{_OF}{self.alphabet.name}"

    def names(self, keys: UInt64[np.ndarray, "k"]) -> list[str]:
        """The words as they are written."""
        spelt = self.alphabet.spelt
        length = (keys >> _LENGTH).astype(int)
        codes = [
            (keys >> (_BITS * np.uint64(at)) & np.uint64(255)).astype(int)
            for at in range(length.max(initial=0))
        ]
        return [
            "".join(spelt[codes[at][number]] for at in range(length[number]))
            for number in range(len(keys))
        ]
