"""Specification of one input or target, learned from training rows."""

import dataclasses
from typing import Literal

from jaxbio.alphabet import Alphabet

TargetKind = Literal["number", "count", "class", "labels", "points", "embedding"]
MISSING_LABEL = "?"
"""Symbol of a missing label among the labels of positions."""

SHORT = 40
"""Symbols up to which a sequence is short: each of its places matters."""

VARIANT_LIBRARY = 0.5
"""The conservation from which sequences are taken for variants of one parent."""


@dataclasses.dataclass(frozen=True)
class InputSpec:
    """One input, as the training rows showed it.

    Attributes:
        name: The name of the input.
        kind: `dna`, `rna`, `protein`, `smiles`, the name of an alphabet of your own,
            `numeric`, `category`, `image`, `counts` or `morgan`.
        alphabet: For sequences.
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
        columns: The names of a numeric vector's columns or of the genes that were
            counted, in the model's order.
        mean: Their means over training rows, missing values left out; of counts those
            of their logarithms (see `jaxbio.nn.LogNormalize`).
        scale: Their standard deviations; 1 where a column is constant.
        has_missing: Whether any training value was missing.
        share: For counts the mean share of each gene in the counts of a cell.
        categories: The labels seen in training, sorted.
        size: Height, width and channels of the images.
        resized: Whether images are brought to that size.
        absent: The share of training rows that have nothing of this input.
    """

    name: str
    kind: str
    alphabet: Alphabet | None = None
    min_length: int = 0
    max_length: int = 0
    buckets: tuple[int, ...] = ()
    conservation: float = 0.0
    position_dependent: bool = True
    wild_type: str = ""
    columns: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    has_missing: bool = False
    share: tuple[float, ...] = ()
    categories: tuple[str, ...] = ()
    size: tuple[int, ...] = ()
    resized: bool = False
    absent: float = 0.0

    @property
    def is_sequence(self) -> bool:
        """Check that rows are sequences of symbols."""
        return self.alphabet is not None

    @property
    def fixed_length(self) -> bool:
        """Check that all training sequences have one length."""
        return self.is_sequence and self.min_length == self.max_length


@dataclasses.dataclass(frozen=True)
class TargetSpec:
    """One target, as the training rows showed it.

    Attributes:
        name: The name of the target.
        kind: `number`, `count`, `class` (one of several), `labels` (any of several),
            `points` (a place in space for each position) or `embedding` (numbers that
            describe the inputs, which no file has).
        per_position: Whether every position has a value.
        columns: The names of the columns of numbers or labels.
        classes: The classes, sorted (numbers by value).
        frequencies: How many training rows (or positions) each class or label has.
        mean: The mean of each column of numbers over training rows.
        scale: Its standard deviation; 1 where it is constant.
    """

    name: str
    kind: TargetKind
    per_position: bool = False
    columns: tuple[str, ...] = ()
    classes: tuple[str, ...] = ()
    frequencies: tuple[int, ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
