"""Pictures of one size."""

import dataclasses

import numpy as np
from jaxtyping import Num, UInt8


@dataclasses.dataclass(frozen=True)
class Images:
    """Pictures of one size with one or three channels.

    Attributes:
        values: The pixels.
        resized: Whether they were brought to this size, as further ones then are, too.
    """

    values: UInt8[np.ndarray, "n height width channels"]
    resized: bool = False
    kind = "image"

    def __len__(self) -> int:
        return len(self.values)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Images":
        """The chosen rows."""
        return dataclasses.replace(self, values=self.values[indices])
