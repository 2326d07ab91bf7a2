"""Contract of a model: its inputs and targets, learned from training rows.

A schema travels with the model as JSON. Training, evaluation and prediction all turn
raw rows into arrays through `Schema.encode`, so that there is one path.
"""

import dataclasses
from collections.abc import Collection, Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Int64

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.buckets import bucket_lengths
from jaxbio.data.batching.layouts import DictionaryArray, Layout, Ragged
from jaxbio.data.columns.base import Column
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.dataset import Dataset
from jaxbio.data.kinds import spec_type
from jaxbio.data.specs import InputSpec, TargetSpec
from jaxbio.data.views import source_of, view_of
from jaxbio.errors import DataError, nearest
from jaxbio.plugins import tuples


@dataclasses.dataclass(frozen=True)
class Schema:
    """The inputs and targets of a model.

    Attributes:
        inputs: In the order in which the model takes them.
        targets: In the order in which the model gives them.
        n_train: The number of training rows.
        reading: Arguments of `read` by which the training rows were read, the usual
            ones left out.
    """

    inputs: tuple[InputSpec, ...]
    targets: tuple[TargetSpec, ...] = ()
    n_train: int = 0
    reading: Mapping[str, Any] = dataclasses.field(default_factory=dict)

    def input(self, name: str) -> InputSpec:
        """The input of that name."""
        return next(spec for spec in self.inputs if spec.name == name)

    def target(self, name: str) -> TargetSpec:
        """The target of that name."""
        return next(spec for spec in self.targets if spec.name == name)

    @property
    def own(self) -> tuple[InputSpec, ...]:
        """The inputs that rows bring: those that are no views of others."""
        names = {spec.name for spec in self.inputs}
        return tuple(s for s in self.inputs if source_of(s.name) not in names)

    def of(self, names: Collection[str]) -> "Schema":
        """The schema with some of the inputs only."""
        kept = tuple(spec for spec in self.inputs if spec.name in names)
        return dataclasses.replace(self, inputs=kept)

    def also_missing(self, marks: Sequence[str]) -> "Schema":
        """The schema that reads more words as missing values.

        Args:
            marks: The words, beside those of the training rows.
        """
        known = self.reading.get("missing", ())
        reading = {**self.reading, "missing": [*known, *marks]}
        return dataclasses.replace(self, reading=reading) if marks else self

    @property
    def by_position(self) -> tuple[str, ...]:
        """The targets with a value a position."""
        return tuple(spec.name for spec in self.targets if spec.per_position)

    @property
    def sequences(self) -> tuple[SequenceSpec, ...]:
        """The inputs that are sequences."""
        return tuple(spec for spec in self.inputs if isinstance(spec, SequenceSpec))

    @property
    def paced(self) -> SequenceSpec | None:
        """The sequences whose lengths decide which rows share a batch.

        Those that have targets by position, else the longest; all others are padded to
        one length. None without sequences.
        """
        sequences = self.sequences
        if not sequences or any(target.per_position for target in self.targets):
            return next(iter(sequences), None)
        return max(sequences, key=lambda spec: spec.max_length)

    @property
    def buckets(self) -> tuple[int, ...]:
        """The static lengths of the sequences that set the pace; (0,) without any."""
        return self.paced.buckets if self.paced else (0,)

    def encode(self, data: Dataset, *, targets: bool = True) -> Arrays:
        """Raw rows as arrays.

        Args:
            data: Rows with the inputs (and targets) of the schema; more are ignored.
            targets: Whether to encode the targets too.

        Raises:
            DataError: For a missing column, a class or category unseen in training, or
                a value that the target's kind does not admit.
        """
        inputs = {spec.name: _input(spec, data) for spec in self.inputs}
        own = [x.lengths for x in inputs.values() if isinstance(x, Ragged)]
        labels = {
            spec.name: _target(spec, data, own)
            for spec in self.targets
            if targets and spec.kind != "embedding"
        }
        weights = data.weights
        if weights is None:
            weights = np.ones(len(data), np.float32)
        return self._arranged(inputs, labels, np.asarray(weights, np.float32))

    def select(self, rows: Arrays) -> Arrays:
        """The inputs of this schema among encoded rows that have more.

        Args:
            rows: Rows that a schema encoded of which this one is `of` some inputs.
        """
        inputs = {spec.name: rows.inputs[spec.name] for spec in self.inputs}
        return self._arranged(inputs, rows.targets, rows.weights)

    def _arranged(
        self, inputs: dict[str, Layout], targets: Mapping[str, Any], weights: np.ndarray
    ) -> Arrays:
        """Encoded inputs with what batches of them are made by."""
        lengths = np.zeros(len(weights), np.int64)
        paced = self.paced
        if paced is not None:
            lengths = _lengths(inputs[paced.name])
        padded = bucket_lengths(lengths, self.buckets)
        for name, layout in inputs.items():
            if isinstance(layout, DictionaryArray):
                inputs[name] = layout.with_distinct(padded)
        widths = {
            spec.name: _width(inputs[spec.name], spec)
            for spec in self.sequences
            if spec is not paced
        }
        return Arrays(inputs, targets, weights, lengths, widths)

    def to_dict(self) -> dict:
        """The schema as JSON values."""
        inputs = [{"type": spec_type(spec), **_fields(spec)} for spec in self.inputs]
        targets = [_fields(spec) for spec in self.targets]
        return {
            "inputs": inputs,
            "targets": targets,
            "n_train": self.n_train,
            "reading": dict(self.reading),
        }

    @classmethod
    def from_dict(cls, values: dict) -> "Schema":
        """The schema that `to_dict` described.

        Raises:
            JaxbioError: For a type of column that is not known here.
        """
        targets = tuple(TargetSpec(**tuples(fields)) for fields in values["targets"])
        inputs = tuple(_spec_from(fields) for fields in values["inputs"])
        reading = values.get("reading", {})
        return cls(inputs, targets, values["n_train"], reading)


def _spec_from(fields: dict[str, Any]) -> InputSpec:
    own = {name: value for name, value in fields.items() if name != "type"}
    spec = Column.registry[fields["type"]].spec
    assert spec is not None  # `to_dict` found it
    return spec.from_dict(own)


def _input(spec: InputSpec, data: Dataset) -> Layout:
    """An input as a network takes it, if it is of the kind that the model takes."""
    column = view_of(spec.name, data)
    if column.kind != spec.kind:
        raise DataError(
            f"{data.source}: input {spec.name} is {column.kind}, the model takes "
            f"{spec.kind}"
        )
    return column.encode(spec, data.origin)


def _target(
    spec: TargetSpec, data: Dataset, lengths: list[Int64[np.ndarray, "n"]]
) -> Any:
    if spec.name not in data.targets:
        raise DataError(
            f"{data.source}: no target {spec.name!r}: "
            f"{nearest(spec.name, data.targets)}"
        )
    return data.targets[spec.name].encode_target(spec, data.origin, lengths)


def _lengths(layout: Layout) -> Int64[np.ndarray, "n"]:
    """The length of each row's sequence; 0 where it is missing."""
    if isinstance(layout, DictionaryArray):
        return np.append(_lengths(layout.values), 0)[layout.indices]  # -1 is the last
    assert isinstance(layout, Ragged)
    return layout.lengths


def _fields(spec: Any) -> dict[str, Any]:
    """The fields of a spec as JSON values.

    Unlike `dataclasses.asdict` it copies none of a million names.
    """
    values = {f.name: getattr(spec, f.name) for f in dataclasses.fields(spec)}
    return {
        name: dataclasses.asdict(value)
        if dataclasses.is_dataclass(value) and not isinstance(value, type)
        else value
        for name, value in values.items()
    }


def _width(layout: Layout, spec: SequenceSpec) -> int:
    """The bucket of the longest sequence."""
    longest = _lengths(layout).max(initial=0)
    return int(bucket_lengths(np.array([longest]), spec.buckets)[0])
