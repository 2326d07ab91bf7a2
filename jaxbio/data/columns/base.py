"""Columns of raw values, as they were read: nothing here was learned from data."""

import dataclasses
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int32, Int64, Num, UInt8

from jaxbio.alphabet import Alphabet
from jaxbio.errors import AlphabetError, DataError


def _gather_ragged(
    values: np.ndarray, offsets: Int64[np.ndarray, "n_plus_1"], indices: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """The chosen runs of a flat buffer, again as a flat buffer and its offsets."""
    lengths = np.diff(offsets)[indices]
    taken = np.zeros(len(indices) + 1, np.int64)
    np.cumsum(lengths, out=taken[1:])
    source = np.repeat(offsets[:-1][indices] - taken[:-1], lengths)
    source += np.arange(taken[-1])
    return values[source], taken


def _pad_ragged(
    values: np.ndarray, offsets: np.ndarray, indices: np.ndarray, length: int, fill: Any
) -> np.ndarray:
    """The chosen runs side by side, each filled up to `length`."""
    lengths = np.diff(offsets)[indices]
    table_shape = (len(indices), length, *values.shape[1:])
    if _side_by_side(indices) and (lengths == length).all():
        start = offsets[indices[0]]
        whole = values[start : start + len(indices) * length]
        return whole.reshape(table_shape).copy()
    table = np.full(table_shape, fill, values.dtype)
    if len(indices) and (lengths == lengths[0]).all():
        columns = np.arange(lengths[0])
        table[:, : lengths[0]] = values[offsets[:-1][indices][:, None] + columns]
        return table
    flat, _ = _gather_ragged(values, offsets, indices)
    table[np.arange(length) < lengths[:, None]] = flat
    return table


def _side_by_side(indices: np.ndarray) -> bool:
    """Whether these are rows one after the other, as when a file is predicted."""
    return bool(len(indices) and indices[0] >= 0 and (np.diff(indices) == 1).all())


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
        codes, offsets = _gather_ragged(self.codes, self.offsets, indices)
        return Sequences(codes, offsets, self.alphabet)

    def padded(
        self, indices: Num[np.ndarray, "m"], length: int
    ) -> UInt8[np.ndarray, "m length"]:
        """The chosen rows side by side, filled with the pad code up to `length`."""
        return _pad_ragged(self.codes, self.offsets, indices, length, self.alphabet.pad)

    def strings(self) -> list[str]:
        """The sequences as text."""
        return self.alphabet.decode_rows(self.codes, self.offsets)


@dataclasses.dataclass(frozen=True)
class Numeric:
    """Numbers, one or many columns; NaN stands for a missing value."""

    values: Float32[np.ndarray, "n columns"]
    names: tuple[str, ...]
    kind = "numeric"

    def __len__(self) -> int:
        return len(self.values)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Numeric":
        """The chosen rows."""
        return dataclasses.replace(self, values=self.values[indices])


@dataclasses.dataclass(frozen=True)
class Fingerprints(Numeric):
    """Zeros and ones for the substructures of molecules, which files have as SMILES."""

    kind = "morgan"


@dataclasses.dataclass(frozen=True)
class Category:
    """Labels as text; None stands for a missing one.

    With one label a position, each row's text holds one character a position and `?`
    stands for a missing label.
    """

    values: np.ndarray
    per_position: bool = False
    kind = "category"

    @classmethod
    def from_values(cls, values: Iterable[Any]) -> "Category":
        """Labels from any values: 1 and 1.0 are the same label, NaN and '' are missing.

        Example:
            >>> Category.from_values([1.0, "a", None, np.nan, True]).values.tolist()
            ['1', 'a', None, None, 'True']
        """
        return cls(np.array([_label(value) for value in values], dtype=object))

    def __len__(self) -> int:
        return len(self.values)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Category":
        """The chosen rows."""
        return dataclasses.replace(self, values=self.values[indices])

    def _without(self, rows: np.ndarray) -> "Category":
        values = self.values.copy()
        values[rows] = None
        return dataclasses.replace(self, values=values)


def _label(value: Any) -> str | None:
    if isinstance(value, str):
        return value.strip() or None
    if is_missing(value):
        return None
    if isinstance(value, float | np.floating) and float(value).is_integer():
        return str(int(value))
    return str(value)


def is_missing(value: Any) -> bool:
    """Whether a cell of a table holds nothing: None, NaN, or what pandas has for it.

    Example:
        >>> [is_missing(value) for value in (None, np.nan, "", 0)]
        [True, True, False, False]
    """
    try:
        return value is None or bool(value != value)
    except TypeError:  # pandas' NA is neither true nor false
        return True


@dataclasses.dataclass(frozen=True)
class Track:
    """One number or point a position: a flat buffer with offsets; NaN for missing.

    Points, in angstrom, stand for all that follows from them, such as distances of
    pairs, which would take a square of the memory.
    """

    values: Float32[np.ndarray, "total *axes"]
    offsets: Int64[np.ndarray, "n_plus_1"]
    kind = "track"

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Int64[np.ndarray, "n"]:
        """The number of positions of each row."""
        return np.diff(self.offsets)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Track":
        """The chosen rows."""
        values, offsets = _gather_ragged(self.values, self.offsets, indices)
        return Track(values, offsets)

    def padded(
        self, indices: Num[np.ndarray, "m"], length: int
    ) -> Float32[np.ndarray, "m length *axes"]:
        """The chosen rows side by side, filled with NaN up to `length`."""
        return _pad_ragged(self.values, self.offsets, indices, length, np.nan)


@dataclasses.dataclass(frozen=True)
class Images:
    """Pictures of one size with one or three channels.

    Attributes:
        values: The pixels.
        resized: Whether they were brought to this size, as further ones then are, too.
    """

    values: UInt8[np.ndarray, "n height width channels"]
    resized: bool = False
    kind = "image"

    def __len__(self) -> int:
        return len(self.values)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Images":
        """The chosen rows."""
        return dataclasses.replace(self, values=self.values[indices])


@dataclasses.dataclass(frozen=True)
class Counts:
    """Counts of many genes in cells, most of them 0.

    Attributes:
        matrix: A sparse matrix of SciPy in rows (CSR), float32 `[n genes]`.
        names: The genes.
        absent: Genes about which the file says nothing, which is not a count of 0.
    """

    matrix: Any
    names: tuple[str, ...]
    absent: frozenset[str] = frozenset()
    kind = "counts"

    def __len__(self) -> int:
        return self.matrix.shape[0]

    def take(self, indices: Num[np.ndarray, "m"]) -> "Counts":
        """The chosen rows."""
        return dataclasses.replace(self, matrix=self.matrix[indices])

    def dense(self, indices: Num[np.ndarray, "m"]) -> Float32[np.ndarray, "m genes"]:
        """The chosen rows with all zeros written out; NaN for absent genes."""
        table = self.matrix[indices].toarray()
        if self.absent:
            table[:, [name in self.absent for name in self.names]] = np.nan
        return table


Item = Sequences | Numeric | Category | Images | Counts
"""What inputs are made of."""


@dataclasses.dataclass(frozen=True)
class Indexed:
    """Items that stand once and rows that refer to them: 379 proteins in 30,000 pairs.

    Attributes:
        items: Each distinct item.
        rows: The number of the item of each row; -1 where it is missing.

    Example:
        >>> from jaxbio.alphabet import PROTEIN
        >>> proteins = Sequences.from_strings(["MKV", "GG"], PROTEIN)
        >>> column = Indexed(proteins, np.array([1, 1, 0], np.int32))
        >>> column.kind, len(column), column.expanded().strings()
        ('protein', 3, ['GG', 'GG', 'MKV'])
    """

    items: Item
    rows: Int32[np.ndarray, "n"]

    @property
    def kind(self) -> str:
        """That of the items."""
        return self.items.kind

    def __len__(self) -> int:
        return len(self.rows)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Indexed":
        """The chosen rows; all items stay."""
        return Indexed(self.items, self.rows[indices])

    def expanded(self) -> Item:
        """The item of each row; of a missing one nothing: no symbols, NaN, zeros."""
        items, known = self.items, self.rows >= 0
        if known.all():
            return items.take(self.rows)
        match items:
            case Sequences():
                runs = np.append(items.offsets, items.offsets[-1])  # and an empty one
                empty = Sequences(items.codes, runs, items.alphabet)
                return empty.take(np.where(known, self.rows, len(items)))
            case Numeric():
                values = items.values[self.rows]
                values[~known] = np.nan
                return dataclasses.replace(items, values=values)
            case Category():
                return items.take(np.where(known, self.rows, 0))._without(~known)
            case Images():
                pixels = items.values[self.rows] * known[:, None, None, None]
                return dataclasses.replace(items, values=pixels)
        table = items.matrix[self.rows]
        return Counts(table.multiply(known[:, None]).tocsr(), items.names, items.absent)


Column = Item | Track | Indexed


def nothing_in(column: "Item | Indexed | Track") -> Bool[np.ndarray, "n"]:
    """Which rows have nothing of an input: no symbol, number, category or item.

    Example:
        >>> nothing_in(Numeric(np.array([[1, np.nan], [np.nan] * 2], "f4"), ("a", "b")))
        array([False,  True])
    """
    match column:
        case Indexed():
            nothing = np.append(nothing_in(column.items), True)  # -1 is the last
            return nothing[column.rows]
        case Sequences():
            return column.lengths == 0
        case Numeric():
            return np.asarray(np.isnan(column.values).all(axis=1))
        case Category():
            return np.array([value is None for value in column.values], bool)
    return np.zeros(len(column), bool)
