"""Contract of a model: its inputs and targets, learned from training rows.

A schema travels with the model as JSON. Training, evaluation and prediction all turn
raw rows into arrays through `Schema.encode`, so that there is one path.
"""

import dataclasses

import numpy as np

from jaxbio.alphabet import Alphabet
from jaxbio.data.batching.arrays import Arrays, Repeated
from jaxbio.data.batching.buckets import bucket_lengths
from jaxbio.data.dataset import Dataset
from jaxbio.data.encode import (
    encode_input,
    encode_target,
    padded_width,
    row_lengths,
    with_distinct,
)
from jaxbio.data.specs import InputSpec, TargetSpec


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
    def paced(self) -> InputSpec | None:
        """The sequences whose lengths decide which rows share a batch.

        Those that have targets by position, else the longest; all others are padded to
        one length. None without sequences.
        """
        sequences = [spec for spec in self.inputs if spec.is_sequence]
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
        inputs = {spec.name: encode_input(spec, data) for spec in self.inputs}
        paced = self.paced
        lengths = np.zeros(len(data), np.int64)
        if paced is not None:
            lengths = row_lengths(inputs[paced.name])
        padded = bucket_lengths(lengths, self.buckets)
        for name, column in inputs.items():
            if isinstance(column, Repeated):
                inputs[name] = with_distinct(column, padded)
        weights = data.weights
        if weights is None:
            weights = np.ones(len(data), np.float32)
        return Arrays(
            inputs,
            {
                spec.name: encode_target(spec, data)
                for spec in self.targets
                if targets and spec.kind != "embedding"
            },
            np.asarray(weights, np.float32),
            lengths,
            {
                spec.name: padded_width(inputs[spec.name], spec)
                for spec in self.inputs
                if spec.is_sequence and spec is not paced
            },
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
