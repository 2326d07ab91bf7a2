"""Numbers with gaps, one or many columns."""

import dataclasses
from typing import Any

import numpy as np
from jaxtyping import Bool, Float32, Int64, Num, UInt64

from jaxbio.alphabet import Alphabet
from jaxbio.data.columns.base import (
    Column,
    Lengths,
    Origin,
    Reading,
    Table,
    gaps,
    listed,
)
from jaxbio.data.expression import match_genes, take_genes
from jaxbio.data.hashing import hash_numbers
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import numbers, refuse
from jaxbio.data.specs import Features, InputKind, InputSpec, Rows, TargetSpec
from jaxbio.errors import DataError, nearest


@dataclasses.dataclass(frozen=True)
class NumericSpec(InputSpec):
    """A numeric vector, as the training rows showed it.

    Attributes:
        columns: The names of its columns, in the model's order.
        mean: Their means over training rows, missing values left out.
        scale: Their standard deviations; 1 where a column is constant.
        has_missing: Whether any training value was missing.
    """

    columns: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    has_missing: bool = False

    @property
    def reading_kind(self) -> InputKind:
        return self.columns if self.kind == Numeric.name else self.kind

    def linear_columns(
        self, values: Num[np.ndarray, "n ..."]
    ) -> Int64[np.ndarray, "_"]:
        """Columns that vary, and whether a value is missing where any is."""
        low = np.fmin.reduce(values, axis=0, initial=np.inf)
        high = np.fmax.reduce(values, axis=0, initial=-np.inf)
        missing = np.isnan(values).any(axis=0)
        varied = np.flatnonzero(low < high)
        return np.concatenate([varied, values.shape[1] + np.flatnonzero(missing)])

    def linear_features(self, values: Rows) -> Features:
        """Values in units of the training rows' spread, then which are missing."""
        mean, scale = np.asarray(self.mean), np.asarray(self.scale)
        missing = np.isnan(values)
        standard = np.where(missing, 0, (values - mean) / scale)
        # A value far outside the training rows would decide everything alone.
        standard = np.clip(standard, -10, 10)
        # Thousands of columns together weigh no more than a hundred do.
        standard /= np.sqrt(max(1.0, values.shape[1] / 100))
        return np.concatenate([standard, missing], axis=1).astype(np.float32)

    def example(self, rows: int, length: int) -> np.ndarray:
        """The means."""
        return np.tile(np.asarray(self.mean, np.float32), (rows, 1))


@dataclasses.dataclass(frozen=True)
class Numeric(Table):
    """Numbers, one or many columns; NaN stands for a missing value."""

    values: Float32[np.ndarray, "n columns"]
    names: tuple[str, ...]
    name = "numeric"
    spec = NumericSpec
    target_kinds = ("number", "count", "labels")

    @classmethod
    def accepts(cls, kind: InputKind) -> bool:
        return kind == cls.name if isinstance(kind, str | Alphabet) else True

    @classmethod
    def takes(cls, array: Any) -> bool:
        """A sparse matrix, such as logarithms of counts in a file of cells."""
        return hasattr(array, "indptr")

    @classmethod
    def read(cls, frame: Frame, name: str, kind: InputKind, how: Reading) -> Column:
        """The columns that a kind lists, or those that a name or glob stands for."""
        vector = () if isinstance(kind, str | Alphabet) else tuple(kind)
        if name in frame.arrays and name in frame.vectors:
            return cls(*_of_matrix(frame, name, vector))
        names = vector or frame.matching(name, how.used)
        return cls(numbers(frame, names), names)

    @classmethod
    def read_target(cls, frame: Frame, name: str, kind: str, how: Reading) -> Column:
        names = frame.matching(name, how.used)
        values = numbers(frame, names)
        if kind == "count":
            refuse(frame, names, values, values < 0, "a count cannot be negative")
        if kind == "labels":
            valid = (values == 0) | (values == 1) | np.isnan(values)
            refuse(frame, names, values, ~valid, "a label is 0, 1 or missing")
        return cls(values, names)

    @property
    def reading_kind(self) -> InputKind:
        return self.names

    def nothing(self, rows: int) -> "Numeric":
        values = np.full((rows, self.values.shape[1]), np.nan, np.float32)
        return dataclasses.replace(self, values=values)

    def missing(self) -> Bool[np.ndarray, "n"]:
        return np.asarray(np.isnan(self.values).all(axis=1))

    def aligned(self, like: Column) -> "Numeric":
        if not isinstance(like, Numeric):
            return self
        place = {key: at for at, key in enumerate(self.names)}
        at = np.array([place.get(key, len(place)) for key in like.names])
        padded = np.pad(self.values, ((0, 0), (0, 1)), constant_values=np.nan)
        return dataclasses.replace(self, values=padded[:, at], names=like.names)

    def hashes(self) -> UInt64[np.ndarray, "n"]:
        return hash_numbers(self.values)

    def buffers(self) -> list[Any]:
        return [repr(self.names).encode(), self.values.tobytes()]

    def describe(self) -> str:
        missing = gaps(np.isnan(self.values))
        if len(self.names) > 1:
            return f"{len(self.names)} numbers ({listed(self.names)}){missing}"
        return f"number{missing}"

    def learn(self, name: str, origin: Origin) -> NumericSpec:
        return NumericSpec(
            name,
            self.kind,
            columns=self.names,
            **self._moments(origin),
            has_missing=bool(np.isnan(self.values).any()),
        )

    def encode(
        self, spec: NumericSpec | TargetSpec, origin: Origin
    ) -> Float32[np.ndarray, "n k"]:
        if self.names == spec.columns:
            return self.values
        position = {name: index for index, name in enumerate(self.names)}
        absent = [name for name in spec.columns if name not in position]
        if absent:
            raise DataError(
                f"{origin.source}: {spec.name} lacks {len(absent)} of "
                f"{len(spec.columns)} columns, the first {absent[0]!r}: "
                f"{nearest(absent[0], self.names)}"
            )
        return self.values[:, [position[name] for name in spec.columns]]

    def learn_target(self, spec: TargetSpec, origin: Origin) -> TargetSpec:
        where = f"{origin.source}, target {spec.name}"
        if spec.per_position:
            raise DataError(f"{where}: one label or number a position was asked for")
        if spec.kind == "class":
            raise DataError(f"{where}: classes were asked for, it holds numbers")
        if np.isnan(self.values).all():
            raise DataError(f"{where}: every value is missing")
        moments = self._moments(origin)
        if spec.kind == "labels":
            positive = np.nansum(self.values > 0.5, axis=0).astype(int)
            moments["frequencies"] = tuple(positive.tolist())
        return dataclasses.replace(spec, columns=self.names, **moments)

    def encode_target(self, spec: TargetSpec, origin: Origin, lengths: Lengths) -> Any:
        if spec.kind == "class":
            return super().encode_target(spec, origin, lengths)
        return self.encode(spec, origin)

    def _moments(self, origin: Origin) -> dict[str, Any]:
        """Means and spreads of the columns, by the names of a specification."""
        values = self.values.astype(np.float64)
        infinite = np.argwhere(np.isinf(values))
        if infinite.size:
            row, at = infinite[0]
            raise DataError(
                f"{origin.row(int(row))}, column {self.names[at]}: infinite value; "
                f"replace it or leave the cell empty"
            )
        count = np.maximum((~np.isnan(values)).sum(axis=0), 1)
        mean = np.nansum(values, axis=0) / count
        scale = np.sqrt(np.nansum((values - mean) ** 2, axis=0) / count)
        # A constant column whose mean is rounded has a tiny spread that means nothing.
        scale[scale <= 1e-7 * np.abs(mean)] = 1.0
        scale[scale == 0] = 1.0
        return {"mean": tuple(mean.tolist()), "scale": tuple(scale.tolist())}


def _of_matrix(
    frame: Frame, name: str, wanted: tuple[str, ...]
) -> tuple[Float32[np.ndarray, "n columns"], tuple[str, ...]]:
    """The wanted columns of a sparse matrix with names, all if none is named."""
    have = frame.vectors[name]
    match = match_genes(have, wanted or have)
    match.check(source=frame.source)
    values = take_genes(frame.arrays[name], match).toarray().astype(np.float32)
    values[:, ~match.present] = np.nan
    return values, wanted or have
