"""Raw rows as arrays, by what training rows taught of each input and target."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32, Int32, Int64

from jaxbio.data.batching.arrays import Repeated
from jaxbio.data.batching.buckets import bucket_lengths
from jaxbio.data.columns.category import Category
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.data.dataset import Dataset
from jaxbio.data.specs import MISSING_LABEL, InputSpec, TargetSpec
from jaxbio.errors import DataError, nearest


def encode_input(spec: InputSpec, data: Dataset) -> Any:
    """The column of an input in one of the forms that `Arrays` has.

    Raises:
        DataError: For a column that is missing or of another kind.
    """
    column = data.input(spec.name)
    if column.kind != spec.kind:
        raise DataError(
            f"{data.source}: input {spec.name} is {column.kind}, the model takes "
            f"{spec.kind}"
        )
    if isinstance(column, DictionaryColumn):
        items = _encode_items(spec, column.items, data)
        return Repeated(items, column.rows)
    return _encode_items(spec, column, data)


def _encode_items(spec: InputSpec, column: Any, data: Dataset) -> Any:
    match column:
        case Numeric():
            return _reorder(spec, column, data)
        case Category():
            return _codes(column, spec.categories)
        case SparseCounts():
            return _genes(spec, column, data)
        case Images():
            if column.values.shape[1:] != spec.size:
                raise DataError(
                    f"{data.source}: images of {spec.name} are "
                    f"{_by(column.values.shape[1:])}, the model takes {_by(spec.size)} "
                    f"(height, width, channels): read them with that size"
                )
            return column.values
        case Sequences() if column.alphabet != spec.alphabet and spec.alphabet:
            # An earlier version may have spelt the same kind in other symbols.
            where = f"{data.source}, input {spec.name}"
            texts = column.strings()
            return Sequences.from_strings(texts, spec.alphabet, where=where)
    return column


def _by(size: Sequence[int]) -> str:
    return " x ".join(map(str, size))


def _genes(spec: InputSpec, column: SparseCounts, data: Dataset) -> SparseCounts:
    """The genes of the model in its order; those that the file lacks are absent."""
    from jaxbio.data.expression import match_genes, take_genes  # few need them

    if column.names == spec.columns:
        return column
    match = match_genes(column.names, spec.columns)
    match.check(source=data.source)
    lacking = np.array(spec.columns, object)[~match.present]
    matrix = take_genes(column.matrix, match)
    return SparseCounts(matrix, spec.columns, column.absent | frozenset(lacking))


def row_lengths(column: Sequences | Repeated) -> Int64[np.ndarray, "n"]:
    """The length of each row's sequence; 0 where it is missing."""
    if isinstance(column, Sequences):
        return column.lengths
    items = column.items
    assert isinstance(items, Sequences)
    return np.append(items.lengths, 0)[column.rows]  # -1 is the last


def padded_width(column: Sequences | Repeated, spec: InputSpec) -> int:
    """The bucket of the longest sequence."""
    longest = row_lengths(column).max(initial=0)
    return int(bucket_lengths(np.array([longest]), spec.buckets)[0])


def _reorder(
    spec: InputSpec | TargetSpec, column: Numeric, data: Dataset
) -> Float32[np.ndarray, "n k"]:
    if column.names == spec.columns:
        return column.values
    position = {name: index for index, name in enumerate(column.names)}
    absent = [name for name in spec.columns if name not in position]
    if absent:
        raise DataError(
            f"{data.source}: {spec.name} lacks {len(absent)} of "
            f"{len(spec.columns)} columns, the first {absent[0]!r}: "
            f"{nearest(absent[0], column.names)}"
        )
    return column.values[:, [position[name] for name in spec.columns]]


def _codes(column: Category, classes: tuple[str, ...]) -> Int32[np.ndarray, "n"]:
    code = {name: index for index, name in enumerate(classes)}
    return np.array([code.get(value, -1) for value in column.values], np.int32)


def encode_target(spec: TargetSpec, data: Dataset) -> Any:
    """The column of a target in one of the forms that `Arrays` has.

    Raises:
        DataError: For a target that is missing, of another kind, or a class unseen in
            training.
    """
    if spec.name not in data.targets:
        raise DataError(
            f"{data.source}: no target {spec.name!r}: "
            f"{nearest(spec.name, data.targets)}"
        )
    column = data.targets[spec.name]
    if spec.per_position and isinstance(column, Track):
        return _whole(column, data)
    form = Category if spec.kind == "class" else Numeric
    if not isinstance(column, form):
        raise DataError(
            f"{data.source}, target {spec.name}: the model gives {spec.kind}, the "
            f"column was read as {column.kind}"
        )
    if isinstance(column, Numeric):
        return _reorder(spec, column, data)
    if spec.per_position:
        return _position_codes(spec, column, data)
    codes = _codes(column, spec.classes)
    unseen = [v for v, c in zip(column.values, codes, strict=True) if c < 0 and v]
    if unseen:
        raise DataError(
            f"{data.source}, target {spec.name}: class {unseen[0][:40]!r} was not in "
            f"the training rows ({', '.join(spec.classes[:12])})"
        )
    return codes


def _position_codes(spec: TargetSpec, column: Category, data: Dataset) -> Track:
    code: dict[str, float] = {name: at for at, name in enumerate(spec.classes)}
    code[MISSING_LABEL] = np.nan
    offsets = np.zeros(len(column) + 1, np.int64)
    np.cumsum([len(value or "") for value in column.values], out=offsets[1:])
    text = "".join(value or "" for value in column.values)
    unseen = set(text) - code.keys()
    if unseen:
        raise DataError(
            f"{data.source}, target {spec.name}: class {min(unseen)!r} was not in the "
            f"training rows ({', '.join(spec.classes)})"
        )
    codes = np.array([code[letter] for letter in text], np.float32)
    return _whole(Track(codes, offsets), data)


def _whole(track: Track, data: Dataset) -> Track:
    """The track with a missing value a position for rows that have no label at all."""
    sizes = track.lengths
    sequences = [c for c in data.inputs.values() if isinstance(c, Sequences)]
    fitting = (c.lengths for c in sequences if (c.lengths == sizes)[sizes > 0].all())
    lengths = next(fitting, sizes)
    if (lengths == sizes).all():
        return track
    offsets = np.zeros(len(track) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    values = np.full((offsets[-1], *track.values.shape[1:]), np.nan, np.float32)
    values[np.repeat(sizes > 0, lengths)] = track.values
    return Track(values, offsets)


def with_distinct(column: Repeated, padded: Int64[np.ndarray, "n"]) -> Repeated:
    """The column that knows how many different items rows of each length refer to.

    Args:
        column: The column.
        padded: The padded length of each row.
    """
    distinct = {
        length: len(np.unique(column.rows[padded == length]))
        for length in np.unique(padded).tolist()
    }
    return dataclasses.replace(column, distinct=distinct)
