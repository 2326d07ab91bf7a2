"""Trivial baseline: the mean, the frequencies of the classes, or the cohort's curve."""

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Float32

from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import Ragged
from jaxbio.data.specs import TargetSpec
from jaxbio.metrics.competing_risks import aalen_johansen
from jaxbio.metrics.survival import kaplan_meier


@dataclasses.dataclass(frozen=True)
class TrivialBaseline:
    """Guess without looking at the inputs: the mean, the frequencies, or the cohort.

    Attributes:
        spec: The target.
        value: What is guessed; None for what the specification says.
    """

    spec: TargetSpec
    value: Float32[np.ndarray, "*columns"] | None = None

    @classmethod
    def fit(cls, spec: TargetSpec, train: Arrays) -> "TrivialBaseline":
        """The mean of weighted rows; without weights that of the specification.

        For survival it is the Kaplan-Meier curve at the times of the grid, for
        competing risks the Aalen-Johansen estimate of each cause.

        Args:
            spec: The target.
            train: The encoded training rows.
        """
        target: Any = train.targets[spec.name]
        weights = np.asarray(train.weights, np.float64)
        if spec.kind in ("survival", "competing"):
            return cls(spec, _cohort(spec, target, weights))
        if (weights == weights[:1]).all():
            return cls(spec)
        if isinstance(target, Ragged):
            weights, target = np.repeat(weights, target.lengths), target.values
        if spec.kind == "class":
            known = target >= 0
            codes = target[known].astype(np.int64)
            value = np.bincount(codes, weights[known], len(spec.classes))
            value = value / max(value.sum(), 1e-12)
        else:
            table = np.reshape(target, (len(target), -1)).astype(np.float64)
            shares = weights[:, None] * ~np.isnan(table)
            total = shares.sum(axis=0)
            value = np.nansum(shares * np.nan_to_num(table), axis=0)
            value = np.where(total > 0, value / np.maximum(total, 1e-12), spec.mean)
        return cls(spec, value.astype(np.float32))

    def predict(self, rows: Arrays) -> Float32[np.ndarray, "n *columns"]:
        """The same prediction for each row, or for each position of each row.

        Args:
            rows: The rows.

        Returns:
            `[n columns]` means of numbers, counts and labels, `[n classes]`
            frequencies, `[n times]` survival or `[n causes times]` incidences; for a
            target with a value a position, one after the other.
        """
        spec = self.spec
        value = np.asarray(spec.mean, np.float32)
        if self.value is not None:
            value = self.value
        elif spec.kind == "class":
            count = np.asarray(spec.frequencies, np.float32)
            value = count / count.sum()
        if not spec.per_position:
            return np.tile(value, (len(rows), *(1,) * value.ndim))
        target = rows.targets.get(spec.name)
        lengths = target.lengths if isinstance(target, Ragged) else rows.lengths
        table = np.tile(value, (int(lengths.sum()), 1))
        return table if spec.kind == "class" else table[:, 0]


def _cohort(
    spec: TargetSpec, outcomes: np.ndarray, weights: np.ndarray
) -> Float32[np.ndarray, "*causes times"]:
    """The survival, or incidences, of all rows together at the times of the grid."""
    known = ~np.isnan(outcomes).any(axis=1) & (weights > 0)
    time, event, entry = outcomes[known, :3].astype(np.float64).T
    if spec.kind == "competing":
        count, cause = len(spec.causes), event.astype(np.int64)
        found = aalen_johansen(time, cause, count, entry=entry, weights=weights[known])
        return found.at(np.asarray(spec.times)).astype(np.float32)
    curve = kaplan_meier(time, event, entry=entry, weights=weights[known])
    return curve.at(np.asarray(spec.times)).astype(np.float32)
