"""One number or point a position."""

import dataclasses
from collections.abc import Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32, Int64, Num, UInt64

from jaxbio.data.batching.layouts import Ragged, gather_ragged, offsets_of
from jaxbio.data.columns.base import Column, Lengths, Origin, Reading, span
from jaxbio.data.hashing import hash_runs
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import parse_numbers, split_numbers
from jaxbio.data.specs import TargetSpec
from jaxbio.errors import DataError


@dataclasses.dataclass(frozen=True)
class Track(Column):
    """One number or point a position: a flat buffer with offsets; NaN for missing.

    Points, in angstrom, stand for all that follows from them, such as distances of
    pairs, which would take a square of the memory.
    """

    values: Float32[np.ndarray, "total *axes"]
    offsets: Int64[np.ndarray, "n_plus_1"]
    name = "track"
    target_kinds = ("positions_number",)

    @classmethod
    def read_target(cls, frame: Frame, name: str, kind: str, how: Reading) -> Column:
        """A column with one number a position, separated by spaces or commas.

        An array `[n positions]` of the frame is taken as it is.

        Example:
            >>> cells = np.array(["1 2", "", "3,NA"], object)
            >>> frame = Frame({"x": cells}, "x.csv", np.arange(3))
            >>> track = Track.read_target(frame, "x", "positions_number", Reading())
            >>> track.values.tolist(), track.offsets.tolist()
            ([1.0, 2.0, 3.0, nan], [0, 2, 2, 4])
        """
        given = frame.arrays.get(name)
        if given is not None:  # numbers already, as many in each row
            values = np.asarray(given, np.float32).reshape(-1)
            return cls(values, np.arange(len(given) + 1) * given.shape[1])
        cells = [split_numbers(cell) for cell in frame.column(name).tolist()]
        marks = frame.format._replace(decimal=".")  # commas separate numbers here
        flat = [number for cell in cells for number in cell]
        parsed = parse_numbers(flat, marks)
        if parsed is not None:
            with np.errstate(over="ignore"):
                values = parsed.astype(np.float32)
            if not np.isinf(values).any():
                return cls(values, offsets_of(list(map(len, cells))))
        each = [parse_numbers(cell, marks) for cell in cells]
        largest = np.finfo(np.float32).max
        row = next(
            at for at, v in enumerate(each) if v is None or (abs(v) > largest).any()
        )
        raise DataError(
            f"{frame.source}, row {frame.rows[row]}, column {name}: not finite numbers "
            f"separated by spaces or commas ({' '.join(map(str, cells[row]))[:40]!r}): "
            f"correct the cell"
        )

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Int64[np.ndarray, "n"]:
        """The number of positions of each row."""
        return np.diff(self.offsets)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Track":
        return Track(*gather_ragged(self.values, self.offsets, indices))

    @classmethod
    def concatenate(cls, columns: Sequence["Track"]) -> "Track":
        offsets = offsets_of(np.concatenate([column.lengths for column in columns]))
        return Track(np.concatenate([column.values for column in columns]), offsets)

    def nothing(self, rows: int) -> "Track":
        return Track(self.values[:0], np.zeros(rows + 1, np.int64))

    def hashes(self) -> UInt64[np.ndarray, "n"]:
        size = 4 * int(np.prod(self.values.shape[1:]))
        codes = np.ascontiguousarray(self.values).view(np.uint8).reshape(-1)
        return hash_runs(codes, self.offsets * size)

    def buffers(self) -> list[Any]:
        return [self.values.tobytes(), self.offsets.tobytes()]

    def describe(self) -> str:
        return f"numbers per position, {span(self.lengths)}"

    def learn_target(self, spec: TargetSpec, origin: Origin) -> TargetSpec:
        where = f"{origin.source}, target {spec.name}"
        if not spec.per_position:
            raise DataError(f"{where}: a value a row was asked for, not a position")
        values = self.values[~np.isnan(self.values)].astype(np.float64)
        if not values.size:
            raise DataError(f"{where}: every value is missing")
        if (spec.kind == "points") != (self.values.ndim > 1):
            raise DataError(f"{where}: {spec.kind} were asked for, a value is not one")
        if spec.kind == "points":
            return dataclasses.replace(spec, columns=("x", "y", "z"))
        scale = float(values.std()) or 1.0
        return dataclasses.replace(
            spec, columns=(spec.name,), mean=(float(values.mean()),), scale=(scale,)
        )

    def encode_target(self, spec: TargetSpec, origin: Origin, lengths: Lengths) -> Any:
        if not spec.per_position:
            return super().encode_target(spec, origin, lengths)
        return whole(Ragged(self.values, self.offsets, np.nan), lengths)


def whole(track: Ragged, lengths: Lengths) -> Ragged:
    """The values with a missing one a position for rows that have no label at all.

    Args:
        track: Values by position.
        lengths: The lengths of each sequence input; those that fit are taken.
    """
    sizes = track.lengths
    fitting = (x for x in lengths if (x == sizes)[sizes > 0].all())
    length = next(fitting, sizes)
    if (length == sizes).all():
        return track
    offsets = offsets_of(length)
    values = np.full((offsets[-1], *track.values.shape[1:]), np.nan, np.float32)
    values[np.repeat(sizes > 0, length)] = track.values
    return dataclasses.replace(track, values=values, offsets=offsets)
