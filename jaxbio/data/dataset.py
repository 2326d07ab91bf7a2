"""A data set in memory: named columns of inputs and targets, row by row."""

import dataclasses
import hashlib
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Num

from jaxbio.data.batching import scratch
from jaxbio.data.columns.base import Column, Origin
from jaxbio.data.columns.dictionary import concatenate as join
from jaxbio.errors import DataError, nearest


@dataclasses.dataclass(frozen=True)
class Provenance:
    """How rows were read.

    Attributes:
        options: Arguments of `read` by which further files are read alike, as JSON
            values; the usual ones are left out.
        unused: Columns that are neither inputs nor targets, with the reason.
        otherwise: Kinds that columns may have as well, by column.
        groups: The column that `groups` of the data set stand in; empty for none.
    """

    options: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    unused: Mapping[str, str] = dataclasses.field(default_factory=dict)
    otherwise: Mapping[str, str] = dataclasses.field(default_factory=dict)
    groups: str = ""


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
        provenance: How the rows were read.
        kept: Columns of the file that go along unread, by name.
        unread: Mask of rows that could not be read and stand for their places only;
            None for none.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> from jaxbio.data import Sequences
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
    provenance: Provenance = Provenance()
    kept: Mapping[str, np.ndarray] = dataclasses.field(default_factory=dict)
    unread: Bool[np.ndarray, "n"] | None = None

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
            kept={name: values[indices] for name, values in self.kept.items()},
            unread=chosen(self.unread),
        )

    def input(self, name: str) -> Column:
        """The input column of that name."""
        if name not in self.inputs:
            raise DataError(
                f"{self.source}: no input {name!r}: {nearest(name, self.inputs)}"
            )
        return self.inputs[name]

    @property
    def origin(self) -> Origin:
        """Where the rows came from, for messages."""
        return Origin(self.source, np.asarray(self.ids))

    def digest(self) -> str:
        """A sha256 of every value, so that a run can tell whether its data changed."""
        sha = hashlib.sha256()
        for name, column in sorted(self._columns().items()):
            sha.update(name.encode())
            if isinstance(column, Column):
                parts = column.buffers()
            else:
                parts = [repr(np.asarray(column).tolist()).encode()]
            for part in parts:
                sha.update(part)
        return sha.hexdigest()


def concatenate(parts: Sequence[Dataset]) -> Dataset:
    """Rows of several data sets with the same inputs, one after the other.

    Args:
        parts: At least one data set.

    Returns:
        One data set; its source is that of the first part. It has the targets of all
        parts; where a part does not have one, the labels of its rows are missing.

    Example:
        >>> from jaxbio.data import Category, Numeric
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
        inputs={at: join([p.inputs[at] for p in parts]) for at in first.inputs},
        targets={
            name: join([p.targets.get(name, like.nothing(len(p))) for p in parts])
            for name, like in targets.items()
        },
        ids=joined("ids"),
        weights=joined("weights"),
        groups=joined("groups"),
        kept={at: np.concatenate([p.kept[at] for p in parts]) for at in first.kept},
        unread=joined("unread"),
        notes=tuple(dict.fromkeys(note for part in parts for note in part.notes)),
    )


def collect(parts: Iterable[Dataset]) -> Dataset:
    """Rows of parts, as `concatenate` has them, and the sources of all.

    Sequences that are too many for memory go to a temporary file as they come.

    Args:
        parts: At least one data set, such as those of the parts of a file.

    Example:
        >>> from jaxbio.data import Numeric
        >>> x = Numeric(np.ones((1, 1), np.float32), ("x",))
        >>> len(collect(Dataset({"x": x}) for _ in range(3)))
        3
    """
    done: list[Dataset] = []
    held: list[Dataset] = []
    sources: dict[str, None] = {}
    size = 0
    for part in parts:
        sources[part.source] = None
        held.append(part)
        size += sum(column.may_go_to_disk for column in part.inputs.values())
        if size > scratch.IN_MEMORY:
            done.append(concatenate(held))
            held, size = [], 0
    whole = concatenate([*done, *held])
    return dataclasses.replace(whole, source=", ".join(sources))
