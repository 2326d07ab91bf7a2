"""A data set in memory: named columns of inputs and targets, row by row."""

import dataclasses
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Num

from jaxbio.data.columns.category import Category
from jaxbio.data.columns.counts import SparseCounts
from jaxbio.data.columns.dictionary import Column, DictionaryColumn
from jaxbio.data.columns.images import Images
from jaxbio.data.columns.numeric import Numeric
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.columns.track import Track
from jaxbio.errors import DataError, nearest


@dataclasses.dataclass(frozen=True)
class Dataset:
    """Rows of named inputs and targets, as read from files.

    Attributes:
        inputs: Columns by input name.
        targets: Columns by target name; empty for rows to predict.
        ids: The name of each row.
        weights: The weight of each row; None for 1 everywhere.
        groups: The group of each row, for splits; None if there is none.
        source: Where the rows came from, for messages.
        notes: What was done in reading that is worth knowing.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> data = Dataset({"seq": Sequences.from_strings(["AC", "GT"], DNA)})
        >>> len(data), data.take([1]).inputs["seq"].strings()
        (2, ['GT'])
    """

    inputs: Mapping[str, Column]
    targets: Mapping[str, Column] = dataclasses.field(default_factory=dict)
    ids: np.ndarray | None = None
    weights: Float32[np.ndarray, "n"] | None = None
    groups: np.ndarray | None = None
    source: str = "data"
    notes: tuple[str, ...] = ()

    def __post_init__(self):
        if not self.inputs:
            raise DataError(f"{self.source}: a data set needs at least one input")
        lengths = {name: len(column) for name, column in self._columns().items()}
        if len(set(lengths.values())) > 1:
            raise DataError(f"{self.source}: columns of different lengths: {lengths}")
        if self.ids is None:
            names = np.array([str(i) for i in range(len(self))], dtype=object)
            object.__setattr__(self, "ids", names)

    def _columns(self) -> dict[str, Any]:
        columns: dict = {**self.inputs, **self.targets}
        for name in ("ids", "weights", "groups"):
            if getattr(self, name) is not None:
                columns[name] = getattr(self, name)
        return columns

    def __len__(self) -> int:
        return len(next(iter(self.inputs.values())))

    def take(
        self, indices: Num[np.ndarray, "m"] | Bool[np.ndarray, "n"] | Sequence[int]
    ) -> "Dataset":
        """The chosen rows, in the order given.

        Args:
            indices: Row numbers, or one boolean a row.
        """
        indices = np.asarray(indices)
        if indices.dtype == bool:
            indices = np.flatnonzero(indices)
        elif indices.size == 0:
            indices = indices.astype(np.int64)

        def chosen(values):
            return None if values is None else values[indices]

        return dataclasses.replace(
            self,
            inputs={name: item.take(indices) for name, item in self.inputs.items()},
            targets={name: item.take(indices) for name, item in self.targets.items()},
            ids=chosen(self.ids),
            weights=chosen(self.weights),
            groups=chosen(self.groups),
        )

    def input(self, name: str) -> Column:
        """The input column of that name."""
        if name not in self.inputs:
            raise DataError(
                f"{self.source}: no input {name!r}: {nearest(name, self.inputs)}"
            )
        return self.inputs[name]

    def digest(self) -> str:
        """A sha256 of every value, so that a run can tell whether its data changed."""
        sha = hashlib.sha256()
        for name, column in sorted(self._columns().items()):
            sha.update(name.encode())
            for part in _buffers(column):
                sha.update(part)
        return sha.hexdigest()


def _buffers(column) -> list[Any]:
    match column:
        case Sequences():
            return [column.codes.tobytes(), column.offsets.tobytes()]
        case Numeric():
            return [repr(column.names).encode(), column.values.tobytes()]
        case Track():
            return [column.values.tobytes(), column.offsets.tobytes()]
        case Category():
            return [repr(column.values.tolist()).encode()]
        case Images():
            return [repr(column.values.shape).encode(), column.values.tobytes()]
        case SparseCounts():
            parts = (column.matrix.data, column.matrix.indices, column.matrix.indptr)
            views = (np.ascontiguousarray(part).view(np.uint8) for part in parts)
            return [repr(column.names).encode(), *views]
        case DictionaryColumn():
            return [*_buffers(column.items), column.rows.tobytes()]
        case _:
            return [repr(np.asarray(column).tolist()).encode()]


def concatenate(parts: Sequence[Dataset]) -> Dataset:
    """Rows of several data sets with the same inputs, one after the other.

    Args:
        parts: At least one data set.

    Returns:
        One data set; its source is that of the first part. It has the targets of all
        parts; where a part does not have one, the labels of its rows are missing.

    Example:
        >>> x = Numeric(np.ones((1, 1), np.float32), ("x",))
        >>> y, z = Category(np.array(["a"])), Category(np.array(["b"]))
        >>> parts = [Dataset({"x": x}, {"y": y}), Dataset({"x": x}, {"z": z})]
        >>> both = concatenate(parts)
        >>> both.targets["y"].values.tolist(), both.targets["z"].values.tolist()
        (['a', None], [None, 'b'])
    """

    def joined(attribute: str):
        values = [getattr(part, attribute) for part in parts]
        return None if values[0] is None else np.concatenate(values)

    first = parts[0]
    targets = {name: column for part in parts for name, column in part.targets.items()}
    return dataclasses.replace(
        first,
        inputs={at: _join([p.inputs[at] for p in parts]) for at in first.inputs},
        targets={
            name: _join([p.targets.get(name, _missing(like, len(p))) for p in parts])
            for name, like in targets.items()
        },
        ids=joined("ids"),
        weights=joined("weights"),
        groups=joined("groups"),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def _join(columns: Sequence[Any]) -> Column:
    if any(isinstance(column, DictionaryColumn) for column in columns):
        columns = [_indexed(column) for column in columns]
    first = columns[0]
    match first:
        case Numeric() | Category():
            values = np.concatenate([c.values for c in columns])
            return dataclasses.replace(first, values=values)
        case Images():
            _check_sizes(columns)
            pixels = np.concatenate([c.values for c in columns])
            return dataclasses.replace(first, values=pixels)
        case SparseCounts():
            return _join_counts(columns)
        case DictionaryColumn():
            return _join_indexed(columns)
    lengths = np.concatenate([column.lengths for column in columns])
    offsets = np.concatenate([[0], np.cumsum(lengths)]).astype(np.int64)
    if isinstance(first, Sequences):
        codes = np.concatenate([column.codes for column in columns])
        return Sequences(codes, offsets, first.alphabet)
    return Track(np.concatenate([column.values for column in columns]), offsets)


def _indexed(column: Any) -> DictionaryColumn:
    """The column with an item a row, if it has not yet rows that share items."""
    if isinstance(column, DictionaryColumn):
        return column
    return DictionaryColumn(column, np.arange(len(column), dtype=np.int32))


def _check_sizes(columns: Sequence[Images]) -> None:
    sizes = [column.values.shape[1:] for column in columns]
    second = next((size for size in sizes if size != sizes[0]), None)
    if second is not None:
        texts = [" x ".join(map(str, size)) for size in (sizes[0], second)]
        raise DataError(
            f"images of one input are {texts[0]} and {texts[1]} (height, width, "
            f"channels): bring all to one size, as image={texts[0].replace(' ', '')}"
        )


def _join_counts(columns: Sequence[SparseCounts]) -> SparseCounts:
    from scipy import sparse  # slow to import, and few need it

    first = columns[0]
    matrices = [_with_genes(column, first) for column in columns]
    return dataclasses.replace(first, matrix=sparse.vstack(matrices, format="csr"))


def _with_genes(column: SparseCounts, first: SparseCounts) -> Any:
    """The matrix with the genes of the first in their order."""
    if column.names == first.names and column.absent == first.absent:
        return column.matrix
    place = {name: at for at, name in enumerate(column.names)}
    others = set(place) ^ set(first.names) | column.absent ^ first.absent
    if others:
        raise DataError(
            f"cells of two files have other genes ({len(others)} of them, such as "
            f"{min(others)!r}, stand in one alone): keep in both files the genes that "
            f"both have"
        )
    return column.matrix[:, [place[name] for name in first.names]]


def _join_indexed(columns: Sequence[DictionaryColumn]) -> DictionaryColumn:
    """Items that are the same object in all parts, as of one lookup, stand once."""
    first = columns[0].items
    if all(column.items is first for column in columns):
        return DictionaryColumn(
            first, np.concatenate([column.rows for column in columns])
        )
    starts = np.cumsum([0, *(len(column.items) for column in columns[:-1])])
    rows = [
        np.where(column.rows < 0, -1, column.rows + start).astype(np.int32)
        for column, start in zip(columns, starts, strict=True)
    ]
    items: Any = _join([column.items for column in columns])
    return DictionaryColumn(items, np.concatenate(rows))


def _missing(like: Column, rows: int) -> Column:
    """A target of which no label is known; rows of a track are empty."""
    match like:
        case Numeric():
            nothing = np.full((rows, like.values.shape[1]), np.nan, np.float32)
            return Numeric(nothing, like.names)
        case Category():
            return dataclasses.replace(like, values=np.full(rows, None, dtype=object))
        case Track():
            return Track(like.values[:0], np.zeros(rows + 1, np.int64))
        case _:
            raise DataError(f"a {like.kind} column cannot be a target")
