"""Sequences of any lengths as one flat buffer of codes."""

import dataclasses
from collections.abc import Sequence

import numpy as np
from jaxtyping import Int64, Num, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.data.columns.base import gather_ragged, pad_ragged
from jaxbio.errors import AlphabetError, DataError


@dataclasses.dataclass(frozen=True)
class Sequences:
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
                f"{row(empty[0])}: the sequence is empty "
                f"({len(empty)} of {len(strings)} rows): remove the row or fill it in"
            )
        try:
            codes, offsets = alphabet.encode_rows(strings, unknown=unknown)
        except AlphabetError as error:
            index, at = alphabet.place(strings, error.position)
            symbol = strings[index][at]
            raise DataError(
                f"{row(index)}: symbol {symbol!r} at position {at + 1} is not "
                f"in the {alphabet.name} alphabet ({alphabet.letters}): correct it, "
                f"choose another kind for this column, or read unknown symbols as "
                f"{alphabet.any or 'a symbol of your own alphabet'!r} (unknown='any')"
            ) from None
        return cls(codes, offsets, alphabet)

    @property
    def kind(self) -> str:
        """The name of the alphabet: `dna`, `rna`, `protein`, `smiles` or your own."""
        return self.alphabet.name

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Int64[np.ndarray, "n"]:
        """The number of symbols of each sequence."""
        return np.diff(self.offsets)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Sequences":
        """The chosen rows."""
        codes, offsets = gather_ragged(self.codes, self.offsets, indices)
        return Sequences(codes, offsets, self.alphabet)

    def padded(
        self, indices: Num[np.ndarray, "m"], length: int
    ) -> UInt8[np.ndarray, "m length"]:
        """The chosen rows side by side, filled with the pad code up to `length`."""
        return pad_ragged(self.codes, self.offsets, indices, length, self.alphabet.pad)

    def strings(self) -> list[str]:
        """The sequences as text."""
        return self.alphabet.decode_rows(self.codes, self.offsets)
