"""What a type of column can do: the class from which a new type of data derives."""

import abc
import dataclasses
from collections.abc import Sequence
from typing import Any, ClassVar, NamedTuple

import numpy as np
from jaxtyping import Bool, Int64, Num, UInt64

from jaxbio.data.batching.layouts import Layout
from jaxbio.data.io.frames import Frame, is_pattern
from jaxbio.data.specs import InputKind, InputSpec, TargetSpec
from jaxbio.errors import DataError
from jaxbio.plugins import Registry

Lengths = Sequence[Int64[np.ndarray, "n"]]
"""The lengths of each sequence input, for targets by position."""


class Origin(NamedTuple):
    """Where rows came from, for messages, and what they are worth.

    Attributes:
        source: The file.
        ids: The name of each row.
        most_buckets: The most lengths to which their runs are worth being padded; None
            to tell by the number of rows.

    Example:
        >>> Origin("x.csv", np.array(["a", "b"])).row(1)
        'x.csv, row b'
    """

    source: str
    ids: np.ndarray
    most_buckets: int | None = None

    def row(self, at: int) -> str:
        """The words for one row."""
        return f"{self.source}, row {self.ids[at]}"


class Summary(NamedTuple):
    """A column of a file in a few words.

    Attributes:
        column: Its name.
        kind: Its kind.
        values: What it holds.
        missing: The number of rows that have nothing.
    """

    column: str
    kind: str
    values: str
    missing: int = 0


class Reading(NamedTuple):
    """How the cells of a table are read.

    Attributes:
        used: Columns that a glob leaves out, because they are used otherwise.
        unknown: What an unknown symbol in a sequence is: `"error"` or `"any"`.
        shared: Whether a cell may be empty, and values that many rows have in common
            stand once.
    """

    used: frozenset[str] = frozenset()
    unknown: str = "error"
    shared: bool = False


class Column(abc.ABC):
    """Values of one input or target, row by row, as they were read.

    All that depends on the type of the data stands in its class: how it is read, what
    training rows teach of it, and in which form its rows go to a network. A type of
    your own is one class more, made known by `jaxbio.register`.

    Attributes:
        registry: All types, by name.
        name: The name of the type, and the kind by which it is read.
        spec: What is learned of an input of this type; None for one of targets alone.
        kinds: How people write its kind, where there are other ways than its name.
        target_kinds: The kinds of target that are read as this type.
        reads_records: Whether the sequences of FASTA records may be its input.
        views_of: The kinds of columns of which this type can be a `view`.
    """

    registry: ClassVar[Registry[type["Column"]]] = Registry("column type")
    name: ClassVar[str]
    spec: ClassVar[type[InputSpec] | None] = None
    kinds: ClassVar[tuple[str, ...]] = ()
    target_kinds: ClassVar[tuple[str, ...]] = ()
    reads_records: ClassVar[bool] = False
    views_of: ClassVar[tuple[str, ...]] = ()

    # Reading.

    @classmethod
    def accepts(cls, kind: InputKind) -> bool:
        """Check that a kind is of this type."""
        return isinstance(kind, str) and kind == cls.name

    @classmethod
    def holds(cls, array: Any) -> bool:
        """Check that an array of a file, which is no text, is of this type."""
        return False

    @classmethod
    def takes(cls, array: Any) -> bool:
        """Check that an array of a file can be read as this type."""
        return cls.holds(array)

    @classmethod
    def inferred_as(cls, kind: InputKind) -> str:
        """The kind that inference gives a column of cells for this one."""
        return cls.name

    @classmethod
    def invalid(
        cls, frame: Frame, name: str, kind: InputKind, *, missing: bool
    ) -> dict[int, str]:
        """What is wrong with rows that a reader may leave out, by their place.

        Args:
            frame: The rows.
            name: The input.
            kind: Its kind.
            missing: Whether there may be nothing in a row.
        """
        return {}

    @classmethod
    def read(cls, frame: Frame, name: str, kind: InputKind, how: Reading) -> "Column":
        """The cells of a table as an input.

        Args:
            frame: The rows.
            name: The input: a column, or a glob where one of several columns is meant.
            kind: Its kind, which this type accepts.
            how: How to read.

        Raises:
            DataError: For a column that is missing or a value that cannot be used.
        """
        raise DataError(f"{frame.source}: a {cls.name} column cannot be an input")

    @classmethod
    def read_target(cls, frame: Frame, name: str, kind: str, how: Reading) -> "Column":
        """The cells of a table as a target.

        Args:
            frame: The rows.
            name: The target: a column or a glob.
            kind: One of `target_kinds`.
            how: How to read.

        Raises:
            DataError: For a column that is missing or a value that cannot be used.
        """
        raise DataError(f"{frame.source}: a {cls.name} column cannot be a target")

    @classmethod
    def view(cls, column: Any) -> "Column":
        """What this type shows of another column, of one of the kinds in `views_of`."""
        raise NotImplementedError(f"{cls.__name__} is no view of other columns")

    @property
    def kind(self) -> str:
        """What the rows are, in messages and in specifications."""
        return self.name

    @property
    def reading_kind(self) -> InputKind:
        """The kind by which another file is read in the same way."""
        return self.kind

    @property
    def target_kind(self) -> str:
        """The kind by which another file's target is read in the same way."""
        return self.target_kinds[0]

    # Rows.

    @property
    def may_go_to_disk(self) -> int:
        """The bytes that stand in a temporary file where there are very many."""
        return 0

    @abc.abstractmethod
    def __len__(self) -> int: ...

    @abc.abstractmethod
    def take(self, indices: Num[np.ndarray, "m"]) -> "Column":
        """The chosen rows."""

    @classmethod
    @abc.abstractmethod
    def concatenate(cls, columns: Sequence[Any]) -> "Column":
        """The rows of several columns of this type, one after the other."""

    @abc.abstractmethod
    def nothing(self, rows: int) -> "Column":
        """Rows of this column's making that have nothing: no symbols, NaN, zeros."""

    def missing(self) -> Bool[np.ndarray, "n"]:
        """Mask of the rows with nothing; without any where nothing cannot be told."""
        return np.zeros(len(self), bool)

    def gaps(self, name: str) -> dict[str, int]:
        """The number of rows with nothing, by column of a file.

        Args:
            name: The input.
        """
        return {name: int(self.missing().sum())}

    def aligned(self, like: "Column") -> "Column":
        """The same values with their parts in the order of another column's."""
        return self

    @abc.abstractmethod
    def hashes(self) -> UInt64[np.ndarray, "n"]:
        """One 64-bit number a row; equal rows have equal numbers."""

    def identities(self) -> UInt64[np.ndarray, "n"]:
        """One number a row, equal where rows name one thing however it is written."""
        return self.hashes()

    @abc.abstractmethod
    def buffers(self) -> list[Any]:
        """All values as bytes, by which a run tells whether its data changed."""

    @abc.abstractmethod
    def describe(self) -> str:
        """A few words on the values, such as `101 symbols`."""

    def summary(self, name: str) -> tuple[Summary, ...]:
        """A few words on each column of a file that an input or target is made of.

        Args:
            name: The input or target.
        """
        missing = int(self.missing().sum())
        return (Summary(name, self.kind, self.describe(), missing),)

    def notice(self, name: str) -> tuple[str, ...]:
        """What a reader of the file would ask about, in sentences.

        Args:
            name: The input or target.
        """
        return ()

    # Learning and encoding.

    def learn(self, name: str, origin: Origin) -> InputSpec:
        """What training rows teach of an input.

        Args:
            name: The input.
            origin: Where the rows came from.

        Raises:
            DataError: For values that cannot be learned from.
        """
        raise DataError(f"{origin.source}: {name}: a {self.kind} is no input")

    def encode(self, spec: Any, origin: Origin) -> Layout:
        """The rows in the form in which a network takes them.

        Args:
            spec: What training rows taught.
            origin: Where the rows came from.

        Raises:
            DataError: For rows that the model does not take.
        """
        raise DataError(f"{origin.source}: {spec.name}: a {self.kind} is no input")

    def check(self, spec: Any, origin: Origin, unknown: str) -> tuple[str, ...]:
        """What is odd about rows to predict, in sentences.

        Args:
            spec: What training rows taught, perhaps of another type.
            origin: Where the rows came from.
            unknown: `"any"` to accept what training did not show, `"error"` for not.

        Raises:
            DataError: For what is not accepted.
        """
        return ()

    def learn_target(self, spec: TargetSpec, origin: Origin) -> TargetSpec:
        """What training rows teach of a target.

        Args:
            spec: Its name, its kind and whether it has a value a position.
            origin: Where the rows came from.

        Raises:
            DataError: For values that cannot be learned from.
        """
        raise DataError(
            f"{origin.source}, target {spec.name}: a {self.kind} column cannot be a "
            f"target"
        )

    def encode_target(self, spec: TargetSpec, origin: Origin, lengths: Lengths) -> Any:
        """A target in the form that a loss takes: a table, or runs by position.

        Args:
            spec: What training rows taught.
            origin: Where the rows came from.
            lengths: The lengths of each sequence input.

        Raises:
            DataError: For another kind, or a class unseen in training.
        """
        raise DataError(
            f"{origin.source}, target {spec.name}: the model gives {spec.kind}, the "
            f"column was read as {self.kind}"
        )


@dataclasses.dataclass(frozen=True)
class Table(Column):
    """A column whose rows are those of one array."""

    values: Any

    def __len__(self) -> int:
        return len(self.values)

    def take(self, indices: Num[np.ndarray, "m"]) -> Any:
        """The chosen rows."""
        return dataclasses.replace(self, values=self.values[indices])

    @classmethod
    def concatenate(cls, columns: Sequence[Any]) -> Any:
        """The rows of several columns, one after the other."""
        values = np.concatenate([column.values for column in columns])
        return dataclasses.replace(columns[0], values=values)


def column_of(frame: Frame, name: str) -> str:
    """The column of an input: of its name, or what follows `@` in it.

    Raises:
        DataError: For a glob, which may match several columns.

    Example:
        >>> import pandas as pd
        >>> column_of(Frame.from_table(pd.DataFrame({"smiles": ["C"]})), "bits@smiles")
        'smiles'
    """
    _, at, column = name.rpartition("@")
    if at and name not in frame.columns:
        return column
    if is_pattern(name) and name not in frame.columns:
        raise DataError(
            f"{frame.source}: {name!r} may match several columns, which only numeric "
            f"inputs can have: name one column"
        )
    return name


def listed(names: Sequence[str]) -> str:
    """The first names, for descriptions.

    Example:
        >>> listed("abcdefgh")
        'a, b, c, d, e, f, …'
    """
    return ", ".join(names[:_SHOWN]) + (", …" if len(names) > _SHOWN else "")


def span(lengths: np.ndarray) -> str:
    """The smallest and largest length in words.

    Example:
        >>> span(np.array([3, 1, 2])), span(np.array([4, 4]))
        ('1 to 3', '4')
    """
    low, high = int(lengths.min(initial=1 << 62)), int(lengths.max(initial=0))
    return f"{low} to {high}" if low < high else str(high)


_SHOWN = 6
