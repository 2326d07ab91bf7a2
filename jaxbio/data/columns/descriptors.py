"""Descriptors of molecules: weight, polarity, counts of rings and groups, and so on."""

import dataclasses

import numpy as np
from jaxtyping import Float32

from jaxbio.data.columns.base import Column, Origin, Reading
from jaxbio.data.columns.dictionary import plain
from jaxbio.data.columns.numeric import Numeric, NumericSpec
from jaxbio.data.columns.sequences import Sequences
from jaxbio.data.io.frames import Frame
from jaxbio.data.molecules.smiles import molecular_descriptors
from jaxbio.data.specs import InputKind


@dataclasses.dataclass(frozen=True)
class DescriptorSpec(NumericSpec):
    """Descriptors of molecules, as the training rows showed them."""


@dataclasses.dataclass(frozen=True)
class Descriptors(Numeric):
    """RDKit's descriptors of molecules as signed logarithms; NaN where not defined."""

    name = "descriptors"
    spec = DescriptorSpec
    target_kinds = ()
    views_of = ("smiles",)

    @classmethod
    def accepts(cls, kind: InputKind) -> bool:
        """Check that a kind is `descriptors`."""
        return isinstance(kind, str) and kind == cls.name

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
        """The descriptors of a column of SMILES."""
        return cls.view(plain(Sequences.read(frame, name, "smiles", how)))

    @classmethod
    def view(cls, column: Column) -> "Descriptors":
        """The descriptors of molecules.

        Raises:
            JaxbioError: Without rdkit.
        """
        assert isinstance(column, Sequences)
        values, names = molecular_descriptors(column.strings())
        return cls(np.sign(values) * np.log1p(np.abs(values)), names)

    @property
    def reading_kind(self) -> InputKind:
        return self.name

    def describe(self) -> str:
        return f"{len(self.names)} descriptors"

    def learn(self, name: str, origin: Origin) -> DescriptorSpec:
        """Means and spreads of the descriptors that vary."""
        some = super().learn(name, origin)
        varied = np.asarray(some.low) < np.asarray(some.high)
        kept = np.flatnonzero(varied) if varied.any() else np.arange(1)

        def chosen(values: tuple) -> tuple:
            return tuple(values[at] for at in kept) if values else ()

        return DescriptorSpec(
            name,
            self.kind,
            columns=chosen(some.columns),
            mean=chosen(some.mean),
            scale=chosen(some.scale),
            has_missing=some.has_missing,
            low=chosen(some.low),
            high=chosen(some.high),
        )

    def encode(self, spec: NumericSpec, origin: Origin) -> Float32[np.ndarray, "n k"]:  # type: ignore[override]
        """The descriptors; beyond the training rows' range they stay at its ends."""
        values = super().encode(spec, origin)
        low, high = np.asarray(spec.low), np.asarray(spec.high)
        spread = (high - low) / 2
        return np.clip(values, low - spread, high + spread).astype(np.float32)
