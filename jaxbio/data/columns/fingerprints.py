"""Fingerprints of molecules, which files have as SMILES."""

import dataclasses

import numpy as np

from jaxbio.data.columns.base import Column, Origin, Reading, column_of
from jaxbio.data.columns.numeric import Numeric, NumericSpec
from jaxbio.data.io.frames import Frame
from jaxbio.data.io.parse import texts
from jaxbio.data.molecules.smiles import (
    check_smiles,
    invalid_smiles,
    morgan_fingerprints,
)
from jaxbio.data.specs import InputKind


@dataclasses.dataclass(frozen=True)
class FingerprintSpec(NumericSpec):
    """Fingerprints, as the training rows showed them."""


@dataclasses.dataclass(frozen=True)
class Fingerprints(Numeric):
    """Zeros and ones for the substructures of molecules, which files have as SMILES."""

    name = "morgan"
    spec = FingerprintSpec
    target_kinds = ()

    @classmethod
    def accepts(cls, kind: InputKind) -> bool:
        """Check that a kind is `morgan`."""
        return isinstance(kind, str) and kind == cls.name

    @classmethod
    def inferred_as(cls, kind: InputKind) -> str:
        return "smiles"

    @classmethod
    def invalid(
        cls, frame: Frame, name: str, kind: InputKind, *, missing: bool
    ) -> dict[int, str]:
        """What RDKit cannot read."""
        values = texts(frame, column_of(frame, name))
        faults = invalid_smiles(values, read=True)
        return {at: x for at, x in faults.items() if values[at] or not missing}

    @classmethod
    def read(cls, frame: Frame, name: str, kind: InputKind, how: Reading) -> Column:
        """The fingerprint of each molecule; nothing where there is none."""
        column = column_of(frame, name)
        values = texts(frame, column)
        filled = np.array([at for at, text in enumerate(values) if text], np.int64)
        molecules = [values[at] for at in filled]
        where, rows = f"{frame.source}, column {column}", frame.rows[filled]
        check_smiles(molecules, where, rows)
        bits = morgan_fingerprints(molecules, where=where, rows=rows)
        table = np.full((len(values), bits.shape[1]), np.nan, np.float32)
        table[filled] = bits
        return cls(table, tuple(f"{cls.name}_{at}" for at in range(bits.shape[1])))

    @property
    def reading_kind(self) -> InputKind:
        return self.name

    def describe(self) -> str:
        return f"fingerprints of {len(self.names)} bits"

    def learn(self, name: str, origin: Origin) -> FingerprintSpec:
        zeros, ones = (0.0,) * len(self.names), (1.0,) * len(self.names)
        return FingerprintSpec(name, self.kind, self.names, zeros, ones)
