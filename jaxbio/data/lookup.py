"""Files with the items to which the rows of a table refer: drugs, proteins, cells."""

import dataclasses
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any, Union

import numpy as np

from jaxbio.alphabet import ALPHABETS, Alphabet
from jaxbio.data.columns.base import Column
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.images import Images, sized_kind
from jaxbio.data.convert import to_dataset
from jaxbio.data.dataset import concatenate
from jaxbio.data.formats import read_frames
from jaxbio.data.inference import infer_kinds
from jaxbio.data.io.frames import Frame, is_table, joined
from jaxbio.data.io.images import IMAGE_ENDINGS
from jaxbio.data.kinds import column_type, kinds_of_arrays
from jaxbio.data.specs import CountColumns, InputKind
from jaxbio.errors import DataError, nearest

if TYPE_CHECKING:
    import pandas


@dataclasses.dataclass(frozen=True)
class Lookup:
    """File of the items of an input.

    Attributes:
        data: A table, FASTA file or DataFrame with one item a row. Its column `id`, or
            one called like the column of the rows that refers to it, or else its first
            one has the names of the items.
        kind: What the items are; None to infer it.
        column: The column with the items; None for the only one of that kind (all
            numeric columns make one vector).
        key: The column of the rows that refers to the items; None for the name of the
            input.
    """

    data: Union[str, Path, "pandas.DataFrame"]
    kind: InputKind | None = None
    column: str | None = None
    key: str | None = None

    @classmethod
    def parse(cls, text: str) -> tuple[str, "Lookup"]:
        """The input and its lookup of `INPUT[@KEY]=FILE[:[COLUMN:]KIND]`.

        Raises:
            DataError: For a text of another form.

        Example:
            >>> name, lookup = Lookup.parse("drug=drugs.csv:smiles")
            >>> name, lookup.data, lookup.kind, lookup.column
            ('drug', 'drugs.csv', 'smiles', None)
            >>> Lookup.parse("expression@cell=cells.csv:numeric")[1].key
            'cell'
        """
        name, equals, rest = text.partition("=")
        name, _, key = name.partition("@")
        parts = rest.split(":")
        if not equals or not name or not parts[0] or len(parts) > 3:
            raise DataError(
                f"lookup {text!r}: write INPUT=FILE, INPUT=FILE:KIND or "
                f"INPUT=FILE:COLUMN:KIND, for example drug=drugs.csv:smiles"
            )
        kind = parts[-1] if len(parts) > 1 else None
        column = parts[1] if len(parts) == 3 else None
        return name, cls(parts[0], kind, column, key or None)


@dataclasses.dataclass(frozen=True)
class LookupTable:
    """The values of a lookup and their names."""

    values: Column
    places: dict[str, int]
    key: str
    source: str

    def column(self, frame: Frame) -> DictionaryColumn:
        """The values to which some rows refer; an empty cell is a missing one.

        Raises:
            DataError: For an item that is not in the file.
        """
        names = _names(frame, self.key)
        indices = np.array([self.places.get(name, -1) for name in names], np.int32)
        absent = [at for at in np.flatnonzero(indices < 0).tolist() if names[at]]
        if absent:
            name = names[absent[0]]
            raise DataError(
                f"{frame.source}, row {frame.rows[absent[0]]}, column {self.key}: "
                f"{name!r} is not in {self.source} ({len(absent)} of {len(names)} rows "
                f"refer to such items): {nearest(name, self.places)}"
            )
        return DictionaryColumn(self.values, indices)


Lookups = Mapping[str, "Lookup | str | Path | pandas.DataFrame"]
"""By input the file with its items, or how to read it."""


def read_lookups(
    lookups: Lookups | None,
    kinds: Mapping[str, InputKind | None] | None,
    *,
    unknown: str = "error",
    canonical: bool = False,
) -> dict[str, LookupTable]:
    """Read the items of several inputs.

    Args:
        lookups: By input the file with its items, or how to read it.
        kinds: The kinds of inputs, where they are known.
        unknown: As for `read`.
        canonical: Whether molecules get the one spelling of RDKit.

    Raises:
        DataError: As `read_items` does.
    """
    tables: dict[str, LookupTable] = {}
    for name, source in (lookups or {}).items():
        lookup = source if isinstance(source, Lookup) else Lookup(source)
        kind = (kinds or {}).get(name)
        if kind is not None:
            lookup = dataclasses.replace(lookup, kind=kind)
        tables[name] = read_items(name, lookup, unknown=unknown, canonical=canonical)
    return tables


def read_items(
    name: str, lookup: Lookup, *, unknown: str = "error", canonical: bool = False
) -> LookupTable:
    """Read the items of an input.

    Args:
        name: The input.
        lookup: Where they stand.
        unknown: As for `read`.
        canonical: Whether molecules get the one spelling of RDKit.

    Raises:
        DataError: For a file, column or value that cannot be used, or a name of an item
            that occurs twice.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"drug": ["a", "b"], "smiles": ["CCO", "CN"]})
        >>> read_items("drug", Lookup(table, "smiles")).values.strings()
        ['CCO', 'CN']
    """
    key = lookup.key or name
    frames = list(frames_of(lookup.data))
    frame = joined(frames)
    ids = _ids(frame, key)
    kinds = {c: k for c, k in infer_kinds(frame).items() if c != ids}
    column, kind = _what(frame, lookup, kinds, ids)
    names = _names(frame, ids)
    places = {text: at for at, text in enumerate(names)}
    if len(places) < len(names):
        twice = next(text for at, text in enumerate(names) if places[text] != at)
        raise DataError(
            f"{frame.source}, column {ids}: {twice!r} occurs {names.count(twice)} "
            f"times: each item needs a name of its own"
        )
    if all(name.lower().endswith(IMAGE_ENDINGS) for name in names):
        places = {**_without_endings(places), **places}
    if kind == Images.name and column not in frame.arrays:
        kind = sized_kind(frame, column)
    kinds = {column: kind}
    parts = [
        to_dataset(part, kinds, unknown=unknown, canonical=canonical) for part in frames
    ]
    values = next(iter(concatenate(parts).inputs.values()))
    return LookupTable(values, places, key, frame.source)


def frames_of(data: Any) -> Iterable[Frame]:
    """The frames of a file, DataFrame or frame."""
    if isinstance(data, Frame):
        return [data]
    if is_table(data):
        return [Frame.from_table(data)]
    return read_frames(data)


def as_library(
    frames: Iterable[Frame], name: str, alphabet: Alphabet
) -> Iterator[Frame]:
    """Frames whose sequences stand in a column called like the input.

    In a table of items the column called like the input often holds their names, as
    where it was a lookup in training. The first frame decides for all, since the last
    one may be too short to tell.

    Args:
        frames: The rows of a library.
        name: The input.
        alphabet: Of its sequences.

    Yields:
        The frames as they are if that column holds sequences or no other one does; else
        with the sequences in it, and the names as `id`.

    Example:
        >>> import pandas as pd
        >>> table = pd.DataFrame({"drug": ["a", "b"], "smiles": ["CCO", "CN"]})
        >>> from jaxbio.alphabet import SMILES
        >>> frame, = as_library([Frame.from_table(table)], "drug", SMILES)
        >>> frame.columns["id"].tolist(), frame.columns["drug"].tolist()
        (['a', 'b'], ['CCO', 'CN'])
    """
    pair: tuple[str, str] | None = None
    for at, frame in enumerate(frames):
        if not at:
            pair = _named_sequences(frame, name, alphabet)
        if pair is not None:
            ids, sequences = map(frame.column, pair)
            frame = frame.with_column("id", ids).with_column(name, sequences)
        yield frame


def _named_sequences(
    frame: Frame, name: str, alphabet: Alphabet
) -> tuple[str, str] | None:
    """The columns with the names and the sequences, if they have to be told apart."""
    kinds = infer_kinds(frame)
    if frame.records or kinds.get(name) == alphabet.name:
        return None
    candidates = [c for c, kind in kinds.items() if kind == alphabet.name and c != name]
    if alphabet.name in frame.columns:
        candidates = [alphabet.name]  # a column that is called what it is
    return (_ids(frame, name), candidates[0]) if len(candidates) == 1 else None


def _ids(frame: Frame, key: str) -> str:
    columns = list(frame.columns)
    return next((name for name in (key, "id") if name in columns), columns[0])


def _names(frame: Frame, column: str) -> list[str]:
    """Names of items, the same however whole numbers are written; empty if missing."""
    return [name or "" for name in Category.from_frame(frame, column).values]


def _without_endings(places: Mapping[str, int]) -> dict[str, int]:
    """Files of images by the names that tables often have, unless two are one then."""
    stems = {Path(name).with_suffix("").as_posix(): at for name, at in places.items()}
    return stems if len(stems) == len(places) else {}


def _what(
    frame: Frame, lookup: Lookup, kinds: dict[str, InputKind], ids: str
) -> tuple[str, InputKind]:
    """The column with the items, and their kind."""
    kind = lookup.kind
    if isinstance(kind, CountColumns) and frame.arrays:
        kind = "counts"  # a file of cells knows its genes
    if lookup.column is not None:
        if lookup.column not in frame.arrays:
            frame.column(lookup.column)
        return lookup.column, kind or kinds.get(lookup.column, "category")
    if not isinstance(kind, str | Alphabet | None):  # the columns of a model
        return "values", kind
    if kind is None and frame.arrays:
        kinds = kinds_of_arrays(frame.arrays)
    if kind is None and len(set(map(str, kinds.values()))) == 1:
        kind = next(iter(kinds.values()))
    fitting = _fitting(frame, kind, kinds, ids)
    if kind == "numeric" and fitting:
        return "values", fitting
    if len(fitting) == 1:
        return fitting[0], kind or kinds[fitting[0]]
    what = kind.name if isinstance(kind, Alphabet) else kind or "items"
    others = [name for name in (*frame.columns, *frame.arrays) if name != ids]
    raise DataError(
        f"{frame.source}: {'several columns' if fitting else 'no column'} could be the "
        f"{what} ({', '.join((fitting or others)[:12])}): say which, as "
        f"INPUT=FILE:COLUMN:KIND"
    )


def _fitting(
    frame: Frame, kind: InputKind | None, kinds: dict[str, InputKind], ids: str
) -> tuple[str, ...]:
    """The columns that could be of a kind."""
    if kind is None:
        return ()
    column = column_type(kind)
    name = column.inferred_as(kind)
    texts = column.reads_records or name in ALPHABETS
    if frame.records:
        return ("sequence",) if texts else ()
    if name in frame.columns and name != ids:
        return (name,)  # a column that is called what it is
    columns = tuple(column for column, label in kinds.items() if label == name)
    if columns or not texts:
        return columns
    # A few short sequences look like anything, but not like numbers.
    numeric = {column for column, label in kinds.items() if label == "numeric"}
    return tuple(c for c in frame.columns if c != ids and c not in numeric)
