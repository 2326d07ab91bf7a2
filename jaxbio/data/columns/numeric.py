"""Numbers with gaps, and fingerprints of molecules."""

import dataclasses

import numpy as np
from jaxtyping import Float32, Num


@dataclasses.dataclass(frozen=True)
class Numeric:
    """Numbers, one or many columns; NaN stands for a missing value."""

    values: Float32[np.ndarray, "n columns"]
    names: tuple[str, ...]
    kind = "numeric"

    def __len__(self) -> int:
        return len(self.values)

    def take(self, indices: Num[np.ndarray, "m"]) -> "Numeric":
        """The chosen rows."""
        return dataclasses.replace(self, values=self.values[indices])


@dataclasses.dataclass(frozen=True)
class Fingerprints(Numeric):
    """Zeros and ones for the substructures of molecules, which files have as SMILES."""

    kind = "morgan"
