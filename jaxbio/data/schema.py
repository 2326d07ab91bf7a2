"""What inputs and targets are, learned from training rows: the contract of a model.

A schema travels with the model as JSON. Training, evaluation and prediction all turn
raw rows into arrays through `Schema.encode`, so that there is one path.
"""

import collections
import dataclasses
from collections.abc import Mapping
from typing import Any, Literal

import numpy as np
from jaxtyping import Float32, Int32, Int64, Num

from jaxbio.alphabet import Alphabet
from jaxbio.data.buckets import choose_buckets
from jaxbio.data.columns import Category, Column, Numeric, Sequences, Track
from jaxbio.data.dataset import Dataset
from jaxbio.errors import DataError, nearest

TargetKind = Literal["number", "count", "class", "labels"]
MISSING_LABEL = "?"


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
        kind: `number`, `count`, `class` (one of several) or `labels` (any of several).
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
            position, a `Track` (classes as numbers, NaN missing).
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
            target per position is float32 `[batch len]`.
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


def learn_schema(
    train: Dataset, kinds: Mapping[str, tuple[TargetKind, bool]] | None = None
) -> Schema:
    """Learn from training rows what each input and target is.

    Args:
        train: The training rows.
        kinds: For each target its kind and whether it has a value a position.

    Returns:
        The schema, with means, scales, categories, classes and lengths of the training
        rows alone.

    Raises:
        DataError: For an input without a single value, a target with one class, or a
            number that is infinite.
    """
    if not len(train):
        raise DataError(f"{train.source}: no training rows")
    inputs = tuple(
        _learn_input(name, column, train) for name, column in train.inputs.items()
    )
    targets = []
    for name, (kind, per_position) in (kinds or {}).items():
        if name not in train.targets:
            raise DataError(
                f"{train.source}: no target {name!r}: {nearest(name, train.targets)}"
            )
        column = train.targets[name]
        learn = _learn_positions if per_position else _learn_target
        targets.append(learn(TargetSpec(name, kind, per_position), column, train))
    return Schema(inputs, tuple(targets), len(train))


def _learn_input(name: str, column: Column, train: Dataset) -> InputSpec:
    match column:
        case Sequences():
            lengths = column.lengths
            conserved, parent = _conservation(column)
            return InputSpec(
                name,
                column.kind,
                alphabet=column.alphabet,
                min_length=int(lengths.min()),
                max_length=int(lengths.max()),
                buckets=choose_buckets(lengths),
                conserved=conserved,
                parent=parent,
            )
        case Numeric():
            mean, scale = _moments(column, name, train)
            return InputSpec(
                name,
                column.kind,
                columns=column.names,
                mean=mean,
                scale=scale,
                has_missing=bool(np.isnan(column.values).any()),
            )
        case Category():
            seen = sorted({value for value in column.values if value is not None})
            if not seen:
                raise DataError(f"{train.source}: {name}: every value is missing")
            return InputSpec(name, column.kind, categories=tuple(seen))
        case _:
            raise DataError(f"{train.source}: {name}: a {column.kind} is no input")


def _conservation(column: Sequences) -> tuple[float, str]:
    lengths = column.lengths
    if lengths.min() != lengths.max():
        return 0.0, ""
    rows = np.unique(np.linspace(0, len(column) - 1, 2000).astype(np.int64))
    codes = column.padded(rows, int(lengths[0]))
    counts = [np.bincount(position) for position in codes.T]
    share = float(np.mean([count.max() for count in counts]) / len(rows))
    commonest = np.array([count.argmax() for count in counts], np.uint8)
    return share, column.alphabet.decode(commonest)


def _moments(
    column: Numeric, name: str, train: Dataset
) -> tuple[tuple[float, ...], tuple[float, ...]]:
    values = column.values.astype(np.float64)
    infinite = np.argwhere(np.isinf(values))
    if infinite.size:
        row, at = infinite[0]
        raise DataError(
            f"{train.source}, row {np.asarray(train.ids)[row]}, column "
            f"{column.names[at]}: infinite value; replace it or leave the cell empty"
        )
    count = np.maximum((~np.isnan(values)).sum(axis=0), 1)
    mean = np.nansum(values, axis=0) / count
    scale = np.sqrt(np.nansum((values - mean) ** 2, axis=0) / count)
    # A constant column whose mean is rounded has a tiny spread that means nothing.
    scale[scale <= 1e-7 * np.abs(mean)] = 1.0
    scale[scale == 0] = 1.0
    return tuple(mean.tolist()), tuple(scale.tolist())


def _learn_target(spec: TargetSpec, column: Column, train: Dataset) -> TargetSpec:
    where = f"{train.source}, target {spec.name}"
    if spec.kind == "class":
        if not isinstance(column, Category):
            raise DataError(f"{where}: classes were asked for, it holds numbers")
        seen = [value for value in column.values if value is not None]
        classes = _ordered(set(seen))
        if len(classes) < 2:
            raise DataError(
                f"{where}: {len(classes)} class in {len(train)} training rows "
                f"({', '.join(classes) or 'every value is missing'}); a classifier "
                f"needs two or more"
            )
        counts = collections.Counter(seen)
        frequencies = tuple(counts[name] for name in classes)
        return dataclasses.replace(spec, classes=classes, frequencies=frequencies)
    if not isinstance(column, Numeric):
        raise DataError(f"{where}: numbers were asked for, the column holds text")
    if np.isnan(column.values).all():
        raise DataError(f"{where}: every value is missing")
    mean, scale = _moments(column, spec.name, train)
    spec = dataclasses.replace(spec, columns=column.names, mean=mean, scale=scale)
    if spec.kind == "labels":
        positive = np.nansum(column.values > 0.5, axis=0).astype(int)
        return dataclasses.replace(spec, frequencies=tuple(positive.tolist()))
    return spec


def _learn_positions(spec: TargetSpec, column: Column, train: Dataset) -> TargetSpec:
    where = f"{train.source}, target {spec.name}"
    if isinstance(column, Track):
        known = column.values[~np.isnan(column.values)].astype(np.float64)
        if not known.size:
            raise DataError(f"{where}: every value is missing")
        scale = float(known.std()) or 1.0
        return dataclasses.replace(
            spec, columns=(spec.name,), mean=(float(known.mean()),), scale=(scale,)
        )
    if not isinstance(column, Category):
        raise DataError(f"{where}: one label or number a position was asked for")
    text = "".join(value for value in column.values if value is not None)
    classes = _ordered(set(text) - {MISSING_LABEL})
    if len(classes) < 2:
        raise DataError(f"{where}: {len(classes)} class over all positions, not two")
    frequencies = tuple(text.count(name) for name in classes)
    return dataclasses.replace(spec, classes=classes, frequencies=frequencies)


def _ordered(labels: set[str]) -> tuple[str, ...]:
    """Labels in order; by value if all are numbers, so that 10 follows 9."""
    try:
        return tuple(sorted(labels, key=float))
    except ValueError:
        return tuple(sorted(labels))


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
        return column
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
            f"{data.source}, target {spec.name}: class {unseen[0]!r} was not in the "
            f"training rows ({', '.join(spec.classes)})"
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
    return Track(np.array([code[letter] for letter in text], np.float32), offsets)
