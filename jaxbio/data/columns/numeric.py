"""Numbers with gaps, one or many columns."""

import dataclasses
import re
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Bool, Float, Float32, Int64, Num, UInt64

from jaxbio.alphabet import Alphabet
from jaxbio.data.columns.base import (
    Column,
    Lengths,
    Origin,
    Reading,
    Summary,
    Table,
    listed,
)
from jaxbio.data.expression import match_genes, take_genes
from jaxbio.data.hashing import hash_numbers
from jaxbio.data.io.cells import same_unit
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import (
    DATES,
    measurements,
    numbers,
    refuse,
)
from jaxbio.data.specs import (
    CountColumns,
    Features,
    InputKind,
    InputSpec,
    Rows,
    TargetSpec,
)
from jaxbio.errors import DataError, nearest, option
from jaxbio.plugins import tuples


@dataclasses.dataclass(frozen=True)
class NumericSpec(InputSpec):
    """A numeric vector, as the training rows showed it.

    Attributes:
        columns: The names of its columns, in the model's order.
        mean: Their means over training rows, missing values left out, less the offset.
        scale: Their standard deviations; 1 where a column is constant.
        has_missing: Whether any training value was missing.
        offset: What is taken off each column before it goes to a network, so that
            float32 does not round it; empty for nothing.
        low: Their smallest values; empty where they are not known, as in older runs.
        high: Their largest values, likewise.
        edges: Of up to 512 columns the quantiles, less the offset, that differ; empty
            where they are not known.
        units: The unit of each column, as its cells had it; empty where none had.
    """

    columns: tuple[str, ...] = ()
    mean: tuple[float, ...] = ()
    scale: tuple[float, ...] = ()
    has_missing: bool = False
    offset: tuple[float, ...] = ()
    low: tuple[float, ...] = ()
    high: tuple[float, ...] = ()
    edges: tuple[tuple[float, ...], ...] = ()
    units: tuple[str, ...] = ()

    @classmethod
    def from_dict(cls, fields: Mapping[str, Any]) -> "NumericSpec":
        edges = tuple(map(tuple, fields.get("edges", ())))
        return cls(**{**tuples(fields), "edges": edges})

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
    """Numbers, one or many columns; NaN stands for a missing value.

    In float64 where float32 would round whole numbers.

    Attributes:
        values: The numbers.
        names: Of the columns.
        units: The unit of each column, taken off its cells; empty where none had any.
        bounds: How many cells of each were bounds, such as `<0.5`, that are taken as
            the value; likewise.
        absent: Columns that the file does not have, of which all values are missing.
    """

    values: Float[np.ndarray, "n columns"]
    names: tuple[str, ...]
    units: tuple[str, ...] = ()
    bounds: tuple[int, ...] = ()
    absent: tuple[str, ...] = ()
    name = "numeric"
    spec = NumericSpec
    target_kinds = ("number", "count")

    @classmethod
    def accepts(cls, kind: InputKind) -> bool:
        if isinstance(kind, str | Alphabet | CountColumns):
            return kind == cls.name
        return True

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
        if len(vector) >= _PROFILE and not frame.columns.keys() >= set(vector):
            return cls._found(frame, vector)
        names = vector or frame.matching(name, how.used)
        found = measurements(frame, names)
        return cls(found.values, names, found.units, found.bounds)

    @classmethod
    def _found(cls, frame: Frame, wanted: tuple[str, ...]) -> "Numeric":
        """A profile of which the file has but some columns, at least half of them."""
        have = tuple(frame.columns)
        match = match_genes(have, wanted)
        match.check(source=frame.source)
        found = measurements(frame, [have[at] for at in match.positions[match.present]])
        own = dataclasses.replace(
            cls(found.values, tuple(np.array(wanted, object)[match.present])),
            units=found.units,
            bounds=found.bounds,
            absent=match.missing,
        )
        return own.aligned(cls(np.zeros((0, len(wanted)), np.float32), wanted))

    @classmethod
    def read_target(cls, frame: Frame, name: str, kind: str, how: Reading) -> Column:
        names = frame.matching(name, how.used)
        values = numbers(frame, names)
        if kind == "count":
            refuse(frame, names, values, values < 0, "a count cannot be negative")
        return cls(values, names)

    @property
    def reading_kind(self) -> InputKind:
        return self.names

    def nothing(self, rows: int) -> "Numeric":
        values = np.full((rows, self.values.shape[1]), np.nan, np.float32)
        return dataclasses.replace(self, values=values)

    def missing(self) -> Bool[np.ndarray, "n"]:
        return np.asarray(np.isnan(self.values).all(axis=1))

    def gaps(self, name: str) -> dict[str, int]:
        missing = np.isnan(self.values).sum(axis=0)
        return dict(zip(self.names, missing.tolist(), strict=True))

    def aligned(self, like: Column) -> "Numeric":
        if not isinstance(like, Numeric):
            return self
        place = {key: at for at, key in enumerate(self.names)}
        at = np.array([place.get(key, len(place)) for key in like.names])
        padded = np.pad(self.values, ((0, 0), (0, 1)), constant_values=np.nan)
        return dataclasses.replace(
            self,
            values=padded[:, at],
            names=like.names,
            units=tuple((*self.units, "")[x] for x in at) if self.units else (),
            bounds=tuple((*self.bounds, 0)[x] for x in at) if self.bounds else (),
        )

    @classmethod
    def concatenate(cls, columns: Sequence[Any]) -> Any:
        whole = super().concatenate(columns)
        units, bounds = dict.fromkeys(whole.names, ""), dict.fromkeys(whole.names, 0)
        for column in columns:
            for name, unit in zip(column.names, column.units, strict=False):
                if unit and units[name] and not same_unit(unit, units[name]):
                    raise DataError(
                        f"column {name}: some values are in {units[name]}, others in "
                        f"{unit}: write all in one unit"
                    )
                units[name] = units[name] or unit
            for name, count in zip(column.names, column.bounds, strict=False):
                bounds[name] += count
        return dataclasses.replace(
            whole,
            units=tuple(units.values()) if any(units.values()) else (),
            bounds=tuple(bounds.values()) if any(bounds.values()) else (),
        )

    def hashes(self) -> UInt64[np.ndarray, "n"]:
        return hash_numbers(self.values)

    def buffers(self) -> list[Any]:
        return [repr(self.names).encode(), self.values.tobytes()]

    def describe(self) -> str:
        if len(self.names) > 1:
            return f"{len(self.names)} columns ({listed(self.names)})"
        return _range(self.values[:, 0])

    def summary(self, name: str) -> tuple[Summary, ...]:
        """A line for each column, unless there are many."""
        missing = np.isnan(self.values).sum(axis=0)
        if len(self.names) > _MOST_LINES:
            return (Summary(name, self.kind, self.describe(), int(missing.sum())),)
        return tuple(
            Summary(column, self.kind, _range(self.values[:, at]), int(missing[at]))
            for at, column in enumerate(self.names)
        )

    def notice(self, name: str) -> tuple[str, ...]:
        """Numbers that stand for nothing; concentrations that ask for a logarithm."""
        notes = [
            f"{column}: concentrations over {orders:.0f} orders of magnitude: a model "
            f"of their logarithm does better; write -log10 of mol/L, such as pIC50"
            for column, values in zip(self.names, self.values.T, strict=True)
            if _CONCENTRATION.search(column) and (orders := _orders(values)) >= 3
        ]
        notes += self._as_read()
        for mark in _SENTINELS:
            marked = self.values == mark
            for at in np.flatnonzero(marked.sum(axis=0) >= _OFTEN):
                others = self.values[~marked[:, at], at]
                others = others[~np.isnan(others)]
                low, high = others.min(initial=np.inf), others.max(initial=-np.inf)
                if max(low - mark, mark - high) > max(high - low, 0):
                    notes.append(
                        f"{self.names[at]}: {marked[:, at].sum()} values are {mark}, "
                        f"the others {_range(others)}: if {mark} stands for a missing "
                        f"value, {option('missing', str(mark))}"
                    )
        return tuple(notes)

    def _as_read(self) -> list[str]:
        """What was taken off cells, a sentence a column."""
        notes = []
        for name, unit in zip(self.names, self.units, strict=False):
            if unit == DATES:
                notes.append(
                    f"{name}: dates are read as days; where new rows are later "
                    f"than all that was learned from, {option('drop', name)}"
                )
            elif unit:
                notes.append(f"{name}: numbers are read without their unit, {unit}")
        for name, count in zip(self.names, self.bounds, strict=False):
            if count:
                notes.append(
                    f"{name}: {count} values are bounds, such as those with <, and are "
                    f"taken as if they had been measured"
                )
        return notes

    def learn(self, name: str, origin: Origin) -> NumericSpec:
        moments = self._moments(origin)
        return NumericSpec(
            name,
            self.kind,
            columns=self.names,
            **moments,
            edges=self._edges(moments.get("offset", ())),
            has_missing=bool(np.isnan(self.values).any()),
            low=tuple(np.nan_to_num(np.fmin.reduce(self.values, axis=0)).tolist()),
            high=tuple(np.nan_to_num(np.fmax.reduce(self.values, axis=0)).tolist()),
            units=self.units if any(self.units) else (),
        )

    def check(self, spec: Any, origin: Origin, unknown: str) -> tuple[str, ...]:
        """Columns with values far outside those of the training rows."""
        if not isinstance(spec, NumericSpec) or not len(self):
            return ()
        values = self.encode(spec, origin)
        self._check_units(spec, origin)
        mean, scale = np.asarray(spec.mean), np.asarray(spec.scale)
        if values.shape[1] != len(mean):  # of a type derived from this one
            return ()
        with np.errstate(invalid="ignore"):
            far = np.abs(values - mean) > _FAR * scale
        offset = np.asarray(spec.offset or np.zeros(len(mean)))
        shifted = np.zeros(len(mean), bool)
        if spec.low and len(values) >= _SEVERAL:
            low, high = (
                np.asarray(x, np.float64) - offset for x in (spec.low, spec.high)
            )
            below, above = (values < low).sum(axis=0), (values > high).sum(axis=0)
            known = (~np.isnan(values)).sum(axis=0)
            shifted = (known >= _SEVERAL) & (2 * np.maximum(below, above) > known)
            outside = (values < low) | (values > high)
            far = far & outside | outside & shifted
        notes = []
        if self.absent:
            count = len(self.names)
            notes.append(
                f"{origin.source}: {len(self.absent):,} of {count:,} columns of "
                f"{spec.name} are not there ({listed(self.absent)}): they are taken as "
                f"missing"
            )
        for at in np.flatnonzero(far.any(axis=0)):
            row = int(np.argmax(far[:, at]))
            shown = values[row, at] + offset[at]
            known = (
                f"{spec.low[at]:.4g} to {spec.high[at]:.4g}"
                if spec.low
                else f"{mean[at] + offset[at]:.4g}, give or take {scale[at]:.4g}"
            )
            notes.append(
                f"{origin.source}, column {spec.columns[at]}: {far[:, at].sum()} of "
                f"{len(self)} values are far "
                f"outside those of the training rows ({known}), such as {shown:.6g} in "
                f"row {origin.ids[row]}: has it the same unit?"
            )
        more = len(notes) - _MOST_NOTES
        if more > 0:
            again = f"{origin.source}, and so for {more} more columns of {spec.name}"
            notes[_MOST_NOTES:] = [again]
        return tuple(notes)

    def _check_units(self, spec: NumericSpec, origin: Origin) -> None:
        """Refuse other units than those of the training rows."""
        known = dict(zip(spec.columns, spec.units, strict=False))
        for name, unit in zip(self.names, self.units, strict=False):
            if unit and name in known and not same_unit(unit, known[name] or unit):
                raise DataError(
                    f"{origin.source}, column {name}: the values are in {unit}, those "
                    f"of the training rows in {known[name]}: write them in that unit"
                )

    def encode(
        self, spec: NumericSpec | TargetSpec, origin: Origin
    ) -> Float32[np.ndarray, "n k"]:
        if self.names == spec.columns:
            return self._less(spec.offset, self.values)
        position = {name: index for index, name in enumerate(self.names)}
        absent = [name for name in spec.columns if name not in position]
        if absent:
            raise DataError(
                f"{origin.source}: {spec.name} lacks {len(absent)} of "
                f"{len(spec.columns)} columns, the first {absent[0]!r}: "
                f"{nearest(absent[0], self.names)}"
            )
        at = [position[name] for name in spec.columns]
        return self._less(spec.offset, self.values[:, at])

    @staticmethod
    def _less(
        offset: tuple[float, ...], values: Float[np.ndarray, "n k"]
    ) -> Float32[np.ndarray, "n k"]:
        """Values as a network takes them."""
        if offset:
            values = values.astype(np.float64) - np.asarray(offset)
        return values.astype(np.float32, copy=False)

    def learn_target(self, spec: TargetSpec, origin: Origin) -> TargetSpec:
        where = f"{origin.source}, target {spec.name}"
        if spec.per_position:
            raise DataError(f"{where}: one label or number a position was asked for")
        if spec.kind == "class":
            raise DataError(f"{where}: classes were asked for, it holds numbers")
        if spec.kind == "survival":
            raise DataError(
                f"{where}: survival was asked for, it holds numbers alone: rows are "
                f"read with the time and the event, "
                f"{option('targets', {'TIME,EVENT': 'survival'})}"
            )
        if np.isnan(self.values).all():
            raise DataError(f"{where}: every value is missing")
        moments = self._moments(origin, shift=spec.kind == "number")
        if spec.kind == "labels":
            positive = np.nansum(self.values > 0.5, axis=0).astype(int)
            moments["frequencies"] = tuple(positive.tolist())
        return dataclasses.replace(spec, columns=self.names, **moments)

    def encode_target(self, spec: TargetSpec, origin: Origin, lengths: Lengths) -> Any:
        if spec.kind == "class":
            return super().encode_target(spec, origin, lengths)
        return self.encode(spec, origin)

    def _edges(self, offset: tuple[float, ...]) -> tuple[tuple[float, ...], ...]:
        """Quantiles of each column, as far as they differ."""
        if len(self.names) > _MOST_BINNED:
            return ()
        shifts = np.asarray(offset or np.zeros(len(self.names)))
        edges = []
        for values, shift in zip(self.values.T, shifts, strict=True):
            known = values[~np.isnan(values)].astype(np.float64) - shift
            shares = np.linspace(0, 1, _BINS + 1)
            some = np.unique(np.quantile(known, shares)) if len(known) else np.zeros(1)
            edges.append(tuple(some.tolist()))
        return tuple(edges)

    def _moments(self, origin: Origin, *, shift: bool = True) -> dict[str, Any]:
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
        moments = {"mean": tuple(mean.tolist()), "scale": tuple(scale.tolist())}
        if self.values.dtype == np.float64 and shift:
            offset = np.where(np.abs(mean) > 1, np.round(mean), 0.0)
            moments["offset"] = tuple(offset.tolist())
            moments["mean"] = tuple((mean - offset).tolist())
        return moments


def _orders(values: Num[np.ndarray, "n"]) -> float:
    """Over how many orders of magnitude numbers spread; 0 if not all are above 0."""
    known = values[~np.isnan(values)]
    if not len(known) or known.min() <= 0:
        return 0.0
    return float(np.log10(known.max() / known.min()))


def _range(values: Float[np.ndarray, "n"]) -> str:
    """The smallest and largest number in words."""
    known = values[~np.isnan(values)]
    if not known.size:
        return "nothing"
    whole = bool((known == np.round(known)).all())
    low, high = (
        f"{value:.0f}" if whole else f"{value:.4g}"
        for value in (known.min(), known.max())
    )
    kinds = f", {len(np.unique(known))} different whole numbers" if whole else ""
    return f"{low} to {high}{kinds}" if low != high else low


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


_CONCENTRATION = re.compile(
    r"(?i)^(?!p)(?:.*[_ \-(])?(?:k[di]|[ie]c50|gi50|cc50|ac50|concentration)(?:\b|_)"
    r"|_[nuµ]m$"
)
"""Names of columns of concentrations; with a p before them they are logarithms."""
_SENTINELS = (-9, -99, -999, -9999, -99999, 99, 999, 9999, 99999, 999999)
_FAR = 20  # standard deviations beyond which no value of training is likely
_SEVERAL = 10  # values that say where a column lies as a whole
_MOST_NOTES = 5
_BINS, _MOST_BINNED = 24, 512  # between quantiles, and the columns that have them
_OFTEN = 3  # times that a value occurs which may stand for nothing
_PROFILE = 100  # columns from which they are genes or the like, and some may lack
_MOST_LINES = 30  # of a table of columns
