"""Trivial baseline: the mean, or the frequencies of the classes."""

import dataclasses

import numpy as np
from jaxtyping import Float32

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import Ragged
from jaxbio.data.specs import TargetSpec


@dataclasses.dataclass(frozen=True)
class TrivialBaseline:
    """Guess without looking at the inputs: the mean or the frequencies."""

    spec: TargetSpec

    def predict(self, rows: Arrays) -> Float32[np.ndarray, "n *columns"]:
        """The same prediction for each row, or for each position of each row.

        Args:
            rows: The rows.

        Returns:
            `[n columns]` means of numbers, counts and labels, or `[n classes]`
            frequencies; for a target with a value a position, one after the other.
        """
        spec = self.spec
        value = np.asarray(spec.mean, np.float32)
        if spec.kind == "class":
            count = np.asarray(spec.frequencies, np.float32)
            value = count / count.sum()
        if not spec.per_position:
            return np.tile(value, (len(rows), 1))
        target = rows.targets.get(spec.name)
        lengths = target.lengths if isinstance(target, Ragged) else rows.lengths
        table = np.tile(value, (int(lengths.sum()), 1))
        return table if spec.kind == "class" else table[:, 0]
