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

_FLAT = "morgan=flat"
"""The kind of fingerprints that do not tell mirror images apart."""


@dataclasses.dataclass(frozen=True)
class FingerprintSpec(NumericSpec):
    """Fingerprints, as the training rows showed them.

    Attributes:
        chirality: Whether they tell mirror images apart.
    """

    chirality: bool = False

    @property
    def reading_kind(self) -> InputKind:
        return self.kind if self.chirality else _FLAT


@dataclasses.dataclass(frozen=True)
class Fingerprints(Numeric):
    """Zeros and ones for the substructures of molecules, which files have as SMILES."""

    chirality: bool = True
    name = "morgan"
    kinds = ("morgan", _FLAT)
    spec = FingerprintSpec
    target_kinds = ()

    @classmethod
    def accepts(cls, kind: InputKind) -> bool:
        """Check that a kind is `morgan`, or that which knows no mirror images."""
        return isinstance(kind, str) and kind in cls.kinds

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
        chirality = kind != _FLAT
        bits = morgan_fingerprints(
            molecules, chirality=chirality, where=where, rows=rows
        )
        table = np.full((len(values), bits.shape[1]), np.nan, np.float32)
        table[filled] = bits
        names = tuple(f"{cls.name}_{at}" for at in range(bits.shape[1]))
        return cls(table, names, chirality=chirality)

    @property
    def reading_kind(self) -> InputKind:
        return self.name if self.chirality else _FLAT

    def describe(self) -> str:
        return f"fingerprints of {len(self.names)} bits"

    def learn(self, name: str, origin: Origin) -> FingerprintSpec:
        zeros, ones = (0.0,) * len(self.names), (1.0,) * len(self.names)
        return FingerprintSpec(
            name, self.kind, self.names, zeros, ones, chirality=self.chirality
        )
