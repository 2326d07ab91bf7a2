"""Circular fragments of molecules, which files have as SMILES."""

import dataclasses

import numpy as np
from jaxtyping import UInt64

from jaxbio.data.columns.base import Column, Reading
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.parts import Parts, counted
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.io.frames import Frame
from jaxbio.data.molecules.smiles import circular_fragments
from jaxbio.data.specs import InputKind


@dataclasses.dataclass(frozen=True)
class Fragments(Parts):
    """Counts of the circular fragments of molecules; none where RDKit cannot read one.

    Example:
        >>> from jaxbio.alphabet import SMILES
        >>> smiles = Sequences.from_strings(["CCO", "CCN"], SMILES)
        >>> np.diff(Fragments.view(smiles).offsets).tolist()  # doctest: +SKIP
        [6, 6]
    """

    name = "fragments"
    views_of = ("smiles",)

    @classmethod
    def inferred_as(cls, kind: InputKind) -> str:
        return "smiles"

    @classmethod
    def invalid(
        cls, frame: Frame, name: str, kind: InputKind, *, missing: bool
    ) -> dict[int, str]:
        """What is wrong with the SMILES."""
        return Sequences.invalid(frame, name, "smiles", missing=missing)

    @classmethod
    def read(cls, frame: Frame, name: str, kind: InputKind, how: Reading) -> Column:
        """The fragments of a column of SMILES."""
        return cls.view(plain(Sequences.read(frame, name, "smiles", how)))

    @classmethod
    def view(cls, column: Column) -> "Fragments":
        """The fragments of molecules.

        Raises:
            JaxbioError: Without rdkit.
        """
        assert isinstance(column, Sequences)
        return cls(*counted(*circular_fragments(column.strings()), len(column)))

    @classmethod
    def least(cls, rows: int) -> int:
        return max(3, rows // 800)

    def names(self, keys: UInt64[np.ndarray, "k"]) -> list[str]:
        """Numbers, as RDKit gives them."""
        return [f"fragment {key}" for key in keys.tolist()]
