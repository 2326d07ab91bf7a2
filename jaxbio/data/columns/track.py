"""One number or point a position."""

import dataclasses

import numpy as np
from jaxtyping import Float32, Int64, Num

from jaxbio.data.columns.base import gather_ragged, pad_ragged


@dataclasses.dataclass(frozen=True)
class Track:
    """One number or point a position: a flat buffer with offsets; NaN for missing.

    Points, in angstrom, stand for all that follows from them, such as distances of
    pairs, which would take a square of the memory.
    """

    values: Float32[np.ndarray, "total *axes"]
    offsets: Int64[np.ndarray, "n_plus_1"]
    kind = "track"

    def __len__(self) -> int:
        return len(self.offsets) - 1

    @property
    def lengths(self) -> Int64[np.ndarray, "n"]:
        """The number of positions of each row."""
        return np.diff(self.offsets)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Track":
        """The chosen rows."""
        values, offsets = gather_ragged(self.values, self.offsets, indices)
        return Track(values, offsets)

    def padded(
        self, indices: Num[np.ndarray, "m"], length: int
    ) -> Float32[np.ndarray, "m length *axes"]:
        """The chosen rows side by side, filled with NaN up to `length`."""
        return pad_ragged(self.values, self.offsets, indices, length, np.nan)
