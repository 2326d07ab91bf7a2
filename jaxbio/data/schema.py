"""What inputs and targets are, learned from training rows: the contract of a model.

A schema travels with the model as JSON. Training, evaluation and prediction all turn
raw rows into arrays through `Schema.encode`, so that there is one path.
"""

import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32, Int32, Int64, Num

from jaxbio.alphabet import Alphabet
from jaxbio.data.columns import Category, Numeric, Sequences, Track
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, nearest

TargetKind = Literal["number", "count", "class", "labels", "points"]
MISSING_LABEL = "?"
"""What stands for a missing label among the labels of positions."""

SHORT = 40
"""Symbols up to which a sequence is short: each of its places matters."""

VARIANTS = 0.5
"""The conservation from which sequences are taken for variants of one parent."""


@dataclasses.dataclass(frozen=True)
class InputSpec:
    """One input, as the training rows showed it.

    Attributes:
        name: The name of the input.
        kind: `dna`, `rna`, `protein`, `smiles`, the name of an alphabet of your own,
            `numeric` or `category`.
        alphabet: For sequences.
        min_length: The shortest training sequence.
        max_length: The longest training sequence.
        buckets: The static lengths to which sequences are padded.
        conserved: For training sequences of one length, the share of the commonest
            symbol, averaged over positions: near 1 for variants of one parent; else 0.
        placed: Whether it matters where in the sequence a symbol stands; False where
            k-mers anywhere say far more than positions (see `jaxbio.probe`).
        parent: For training sequences of one length, the commonest symbol of each
            position: the parent, where rows are its variants; else empty.
        columns: The names of a numeric vector's columns, in the model's order.
        mean: Their means over training rows, missing values left out.
        scale: Their standard deviations; 1 where a column is constant.
        has_missing: Whether any training value was missing.
        categories: The labels seen in training, sorted.
    """

    name: str
    kind: str
    alphabet: Alphabet | None = None
    min_length: int = 0
    max_length: int = 0
    buckets: tuple[int, ...] = ()
    conserved: float = 0.0
    placed: bool = True
    parent: str = ""
    columns: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    has_missing: bool = False
    categories: tuple[str, ...] = ()

    @property
    def is_sequence(self) -> bool:
        """Whether rows are sequences of symbols."""
        return self.alphabet is not None

    @property
    def fixed_length(self) -> bool:
        """Whether all training sequences have one length."""
        return self.is_sequence and self.min_length == self.max_length


@dataclasses.dataclass(frozen=True)
class TargetSpec:
    """One target, as the training rows showed it.

    Attributes:
        name: The name of the target.
        kind: `number`, `count`, `class` (one of several), `labels` (any of several) or
            `points` (a place in space for each position).
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


@dataclasses.dataclass(frozen=True)
class Arrays:
    """Rows in the form that compiled steps take; sequences still ragged.

    Attributes:
        inputs: `Sequences`, float32 `[n columns]` (NaN missing) or int32 `[n]` (-1
            missing or unknown).
        targets: float32 `[n columns]` (NaN missing), int32 `[n]` (-1 missing), or, per
            position, a `Track` (classes as numbers, NaN missing; points as three).
        weights: One weight a row.
        lengths: The longest sequence of each row; 0 without sequences.
    """

    inputs: Mapping[str, Sequences | Num[np.ndarray, "n ..."]]
    targets: Mapping[str, Track | Num[np.ndarray, "n ..."]]
    weights: Float32[np.ndarray, "n"]
    lengths: Int64[np.ndarray, "n"]

    def __len__(self) -> int:
        return len(self.weights)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Arrays":
        """The chosen rows."""

        def chosen(column):
            ragged = isinstance(column, Sequences | Track)
            return column.take(indices) if ragged else column[indices]

        return Arrays(
            {name: chosen(column) for name, column in self.inputs.items()},
            {name: chosen(column) for name, column in self.targets.items()},
            self.weights[indices],
            self.lengths[indices],
        )

    def batch(
        self, rows: Num[np.ndarray, "batch"], length: int, *, counted: int | None = None
    ) -> dict:
        """A batch of static shape.

        Args:
            rows: Row numbers.
            length: The length to which sequences are padded.
            counted: How many of the rows count; those after them fill the batch up and
                have weight 0. None if all do.

        Returns:
            `inputs` and `targets` by name, `weights` `[batch]` and `index` `[batch]`,
            the row numbers that key the augmentation. Tokens are uint8 `[batch len]`; a
            target per position is float32 `[batch len]`, points are `[batch len 3]`.
        """

        def chosen(column):
            if isinstance(column, Sequences | Track):
                return column.padded(rows, length)
            return column[rows]

        weights = self.weights[rows]
        if counted is not None:
            weights[counted:] = 0
        return {
            "inputs": {name: chosen(column) for name, column in self.inputs.items()},
            "targets": {name: chosen(column) for name, column in self.targets.items()},
            "weights": weights,
            "index": np.asarray(rows, np.int32),
        }


@dataclasses.dataclass(frozen=True)
class Schema:
    """The inputs and targets of a model.

    Attributes:
        inputs: In the order in which the model takes them.
        targets: In the order in which the model gives them.
        n_train: The number of training rows.
    """

    inputs: tuple[InputSpec, ...]
    targets: tuple[TargetSpec, ...] = ()
    n_train: int = 0

    def input(self, name: str) -> InputSpec:
        """The input of that name."""
        return next(spec for spec in self.inputs if spec.name == name)

    def target(self, name: str) -> TargetSpec:
        """The target of that name."""
        return next(spec for spec in self.targets if spec.name == name)

    @property
    def buckets(self) -> tuple[int, ...]:
        """The static lengths of all sequence inputs together; (0,) without any."""
        lengths = {size for spec in self.inputs for size in spec.buckets}
        return tuple(sorted(lengths)) or (0,)

    def encode(self, data: Dataset, *, targets: bool = True) -> Arrays:
        """Raw rows as arrays.

        Args:
            data: Rows with the inputs (and targets) of the schema; more are ignored.
            targets: Whether to encode the targets too.

        Raises:
            DataError: For a missing column, a class or category unseen in training, or
                a value that the target's kind does not admit.
        """
        inputs = {spec.name: _encode_input(spec, data) for spec in self.inputs}
        ragged = [column for column in inputs.values() if isinstance(column, Sequences)]
        lengths = np.max([column.lengths for column in ragged], axis=0, initial=0)
        weights = data.weights
        if weights is None:
            weights = np.ones(len(data), np.float32)
        encoded = {}
        for spec in self.targets if targets else ():
            encoded[spec.name] = _encode_target(spec, data)
        return Arrays(
            inputs,
            encoded,
            np.asarray(weights, np.float32),
            np.broadcast_to(lengths, len(data)).astype(np.int64),
        )

    def to_dict(self) -> dict:
        """The schema as JSON values."""
        return dataclasses.asdict(self)

    @classmethod
    def from_dict(cls, values: dict) -> "Schema":
        """The schema that `to_dict` described."""
        inputs = []
        for fields in values["inputs"]:
            alphabet = fields["alphabet"] and Alphabet.from_dict(fields["alphabet"])
            inputs.append(InputSpec(**{**_tuples(fields), "alphabet": alphabet}))
        targets = [TargetSpec(**_tuples(fields)) for fields in values["targets"]]
        return cls(tuple(inputs), tuple(targets), values["n_train"])


def _tuples(fields: dict) -> dict:
    return {k: tuple(v) if isinstance(v, list) else v for k, v in fields.items()}


def _encode_input(spec: InputSpec, data: Dataset) -> Any:
    column = data.input(spec.name)
    if column.kind != spec.kind:
        raise DataError(
            f"{data.source}: input {spec.name} is {column.kind}, the model takes "
            f"{spec.kind}"
        )
    match column:
        case Numeric():
            return _reorder(spec, column, data)
        case Category():
            return _codes(column, spec.categories)
    return column


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


def _encode_target(spec: TargetSpec, data: Dataset) -> Any:
    if spec.name not in data.targets:
        raise DataError(
            f"{data.source}: no target {spec.name!r}: "
            f"{nearest(spec.name, data.targets)}"
        )
    column = data.targets[spec.name]
    if spec.per_position and isinstance(column, Track):
        return _whole(column, data)
    wanted = Category if spec.kind == "class" else Numeric
    if not isinstance(column, wanted):
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
    given = track.lengths
    sequences = [c for c in data.inputs.values() if isinstance(c, Sequences)]
    fitting = (c.lengths for c in sequences if (c.lengths == given)[given > 0].all())
    lengths = next(fitting, given)
    if (lengths == given).all():
        return track
    offsets = np.zeros(len(track) + 1, np.int64)
    np.cumsum(lengths, out=offsets[1:])
    values = np.full((offsets[-1], *track.values.shape[1:]), np.nan, np.float32)
    values[np.repeat(given > 0, lengths)] = track.values
    return Track(values, offsets)
