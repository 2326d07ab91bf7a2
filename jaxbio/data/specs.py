"""Specification of one input or target, learned from training rows."""

import dataclasses
from collections.abc import Mapping, Sequence
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32, Int64, Num

from jaxbio.alphabet import Alphabet
from jaxbio.plugins import tuples

InputKind = str | Alphabet | Sequence[str]
"""Kind of an input: `dna`, `rna`, `protein`, `smiles`, `numeric`, `category`, `image`
(`image=28x28x1` to bring all to that height, width and channels), `counts` of genes,
`morgan` for the fingerprints of molecules in a column of SMILES,
`symbols=HPX` for an alphabet of one's own, an `Alphabet`, a list of columns that
make one numeric vector, or the name of a column type that was registered."""


class CountColumns(tuple[str, ...]):
    """Kind of an input that columns of counts make, one a gene.

    Example:
        >>> CountColumns(["TP53", "MYC"])
        CountColumns(('TP53', 'MYC'))
    """

    __slots__ = ()

    def __repr__(self) -> str:
        return f"CountColumns({super().__repr__()})"


Rows = Num[np.ndarray, "n ..."]
Features = Float32[np.ndarray, "n features"]
"""Encoded rows that are a table, and what a linear baseline sees of them."""

TargetKind = Literal[
    "number",
    "count",
    "class",
    "labels",
    "points",
    "embedding",
    "survival",
    "competing",
]
MISSING_LABEL = "?"
"""Symbol of a missing label among the labels of positions."""

SHORT = 40
"""Symbols up to which a sequence is short: each of its places matters."""

VARIANT_LIBRARY = 0.5
"""The conservation from which sequences are taken for variants of one parent."""


@dataclasses.dataclass(frozen=True)
class InputSpec:
    """One input, as the training rows showed it; each type of column has more to say.

    Attributes:
        name: The name of the input.
        kind: `dna`, `rna`, `protein`, `smiles`, the name of an alphabet of your own,
            `numeric`, `category`, `image`, `counts`, `morgan` or that of a column type
            of your own.
        absent: The share of training rows that have nothing of this input.
    """

    name: str
    kind: str
    absent: float = dataclasses.field(default=0.0, kw_only=True)

    @property
    def is_sequence(self) -> bool:
        """Check that rows are sequences of symbols."""
        return False

    @property
    def fixed_length(self) -> bool:
        """Check that all training sequences have one length."""
        return False

    @property
    def reading_kind(self) -> InputKind:
        """The kind as which further rows of the input are read."""
        return self.kind

    def linear_columns(self, values: Rows) -> Int64[np.ndarray, "columns"]:
        """Which of the `linear_features` a linear baseline takes.

        Args:
            values: The encoded training rows.
        """
        return np.arange(self.linear_features(values[:1]).shape[1])

    def linear_features(self, values: Rows) -> Features:
        """The numbers that a linear baseline sees of encoded rows; none if not said.

        Args:
            values: Encoded rows, where they are a table.
        """
        return np.zeros((len(values), 0), np.float32)

    def example(self, rows: int, length: int) -> Any:
        """Encoded rows of the shapes that the input has, to compile programs with.

        Args:
            rows: How many.
            length: Of sequences.

        Raises:
            NotImplementedError: For a type that does not say.
        """
        raise NotImplementedError(f"{type(self).__name__} has no example of its rows")

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "InputSpec":
        """The specification with the fields that JSON has."""
        return cls(**tuples(fields))


@dataclasses.dataclass(frozen=True)
class TargetSpec:
    """One target, as the training rows showed it.

    Attributes:
        name: The name of the target.
        kind: `number`, `count`, `class` (one of several), `labels` (any of several),
            `points` (a place in space for each position), `survival` (a time and
            whether the event was seen), `competing` (a time and which of several
            events was seen) or `embedding` (numbers that describe the inputs, which no
            file has).
        per_position: Whether every position has a value.
        columns: The names of the columns of numbers or labels.
        classes: The classes, sorted (numbers by value).
        frequencies: How many training rows (or positions) each class or label has.
        mean: The mean of each column of numbers over training rows, less the offset.
        scale: Its standard deviation; 1 where it is constant.
        offset: What is taken off each column of numbers before it goes to a network,
            so that float32 does not round it; empty for nothing.
        times: For survival the ends of the intervals of its grid, of which the first
            begins at 0.
        hazards: In each of them the events for each unit of time under observation;
            of competing risks those of each cause, one cause after the other.
        causes: Of competing risks the names of the causes.
    """

    name: str
    kind: TargetKind
    per_position: bool = False
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    frequencies: tuple[int, ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    offset: tuple[float, ...] = ()
    times: tuple[float, ...] = ()
    hazards: tuple[float, ...] = ()
    causes: tuple[str, ...] = ()

    def of_cause(self, at: int | None) -> "TargetSpec":
        """The survival target of one of several causes, as if the others censored.

        Args:
            at: Which of `causes`; None for the event of any of them.

        Example:
            >>> spec = TargetSpec("t,c", "competing", columns=("t", "c"), times=(1.0,),
            ...                   hazards=(0.25, 0.5), causes=("a", "b"))
            >>> spec.of_cause(1).hazards, spec.of_cause(None).hazards
            ((0.5,), (0.75,))
        """
        table = np.reshape(self.hazards, (len(self.causes), len(self.times)))
        hazards = table.sum(axis=0) if at is None else table[at]
        time, event = self.columns
        return dataclasses.replace(
            self,
            kind="survival",
            columns=(time if at is None else f"{time}_{self.causes[at]}", event),
            hazards=tuple(hazards.tolist()),
            causes=(),
        )

    @property
    def n_scores(self) -> int:
        """Scores that a model needs: for each column, or each of several classes.

        Example:
            >>> TargetSpec("y", "class", classes=("a", "b", "c")).n_scores
            3
            >>> TargetSpec("y", "class", classes=("no", "yes")).n_scores
            1
        """
        if self.kind == "class":
            return len(self.classes) if len(self.classes) > 2 else 1
        if self.kind == "survival":
            return 1
        if self.kind == "competing":
            return len(self.causes)
        return max(len(self.columns), 1)
