"""Scores of alleles: means over views and shifts, spread, and random edits beside them.

What sees the windows, such as `NetworkEffects`, measures pairs; here it is decided
which pairs there are, and what becomes of the measures.
"""

import re
from collections.abc import Sequence
from typing import Any, Protocol, runtime_checkable

import numpy as np
from jaxtyping import Float

from jaxbio.errors import JaxbioError
from jaxbio.genome.matching import Allele, Genome, Rule
from jaxbio.genome.pairs import Pairs, random_edits, window_pairs
from jaxbio.genome.records import InfoField

_MOST_BYTES = 1 << 25  # of the windows that are held together


@runtime_checkable
class Effects(Protocol):
    """What measures pairs of windows.

    Attributes:
        length: Of the windows.
        views: In how many ways each window is seen.
        primary: The measure whose spread and background are looked at.
        substitutions: Whether insertions and deletions cannot be measured.
        places: The measures that say where something is, alike in all views; of
            shifted windows that of the middle one is taken, as no mean is a place.
    """

    length: int
    views: int
    primary: str
    substitutions: bool
    places: tuple[str, ...]

    @property
    def outputs(self) -> Sequence[Any]:
        """What is predicted; each has a `name`, empty for the only one."""
        ...

    @property
    def measures(self) -> tuple[str, ...]:
        """The names of what is measured."""
        ...

    def description(self, measure: str, output: Any) -> str:
        """What the header says of a measure."""
        ...

    def __call__(self, pairs: Pairs) -> dict[str, Float[np.ndarray, "n views outputs"]]:
        """The measures of each pair."""
        ...


class Scorer:
    """Alleles in, a number for each field out.

    Attributes:
        fields: What is written of each allele.
    """

    def __init__(
        self,
        effects: Effects,
        *,
        shifts: int = 0,
        background: int = 0,
        seed: int = 0,
        prefix: str = "JB",
    ):
        """Name the fields.

        Args:
            effects: What measures pairs.
            shifts: Windows are also moved by 1 to so many bases to both sides.
            background: Random edits of the same kind in the same windows, for each
                allele.
            seed: Of these.
            prefix: What the names of fields begin with.

        Raises:
            JaxbioError: For a number below 0, or a prefix that VCF does not allow.
        """
        for name, value in (("shifts", shifts), ("background", background)):
            if value < 0:
                raise JaxbioError(f"{name}={value}: give a number of at least 0")
        if not re.fullmatch(r"[A-Za-z_][0-9A-Za-z_.]*", prefix):
            raise JaxbioError(
                f"prefix={prefix!r}: names of fields are made of letters, digits, _ "
                f"and ., and begin with no digit"
            )
        if 2 * shifts >= effects.length:
            raise JaxbioError(
                f"shifts={shifts}: windows of {effects.length} bases would lose the "
                f"variant"
            )
        self.effects, self.shifts, self.background = effects, shifts, background
        self.seed, self.prefix = seed, prefix
        endings = _endings([output.name for output in effects.outputs])
        self._names = [
            (name, at, InfoField(f"{prefix}_{name}{endings[at]}", "Float", text))
            for at, output in enumerate(effects.outputs)
            for name, text in self._described(output).items()
        ]
        self.fields = tuple(field for _, _, field in self._names)

    def rule(self, mismatch: str) -> Rule:
        """Which alleles can be scored."""
        effects = self.effects
        return Rule(effects.length, self.shifts, mismatch, effects.substitutions)

    def _described(self, output: Any) -> dict[str, str]:
        effects = self.effects
        found = {name: effects.description(name, output) for name in effects.measures}
        main = f"{self.prefix}_{effects.primary}"
        if effects.views * (2 * self.shifts + 1) > 1:
            found["SD"] = (
                f"standard deviation of {main} over networks, strands and shifts"
            )
        if self.background:
            count = self.background
            found["Z"] = (
                f"{main} in standard deviations from the mean of {count} random edits "
                f"of the same kind in the same window"
            )
            found["P"] = (
                f"share of {count} such edits and the variant whose {main} is at "
                f"least as far from 0"
            )
        return found

    def __call__(
        self, genome: Genome, alleles: Sequence[Allele]
    ) -> Float[np.ndarray, "n fields"]:
        """A number for each field; NaN where there is none.

        Args:
            genome: Where windows are cut from.
            alleles: Those that can be scored.
        """
        shifts = 2 * self.shifts + 1
        each = self.effects.length * shifts * (2 + self.background)
        size = max(_MOST_BYTES // each, 1)
        parts = [np.zeros((0, len(self.fields)), np.float32)]
        for start in range(0, len(alleles), size):
            parts.append(self._chunk(genome, alleles[start : start + size]))
        return np.concatenate(parts)

    def _chunk(
        self, genome: Genome, alleles: Sequence[Allele]
    ) -> Float[np.ndarray, "n fields"]:
        length, count = self.effects.length, self.background
        edits = [allele.edit for allele in alleles]
        anchors = list(alleles)
        if count:
            edits += random_edits(
                genome, alleles, length,
                count=count, margin=self.shifts, seed=self.seed,
            )  # fmt: skip
            anchors += [allele for allele in alleles for _ in range(count)]
        cut = [
            window_pairs(genome, anchors, edits, length, shift=shift)
            for shift in range(-self.shifts, self.shifts + 1)
        ]
        found = self.effects(joined(cut))
        shape = (len(cut), len(edits))
        measured = {  # [n views outputs], each shift a view
            name: np.concatenate([*values.reshape(*shape, *values.shape[1:])], axis=1)
            for name, values in found.items()
        }
        return self._summary(measured, len(alleles), edits)

    def _summary(
        self, measured: dict[str, np.ndarray], own: int, edits: Sequence[Any]
    ) -> Float[np.ndarray, "n fields"]:
        columns = {name: x[:own].mean(axis=1) for name, x in measured.items()}
        middle = self.shifts * self.effects.views
        columns |= {x: measured[x][:own, middle] for x in self.effects.places}
        main = measured[self.effects.primary].astype(np.float64)
        columns["SD"] = main[:own].std(axis=1)
        if self.background:
            beside = main[own:].mean(axis=1).reshape(own, self.background, -1)
            lost = np.array(["N" in edit.removed + edit.inserted for edit in edits])
            none = lost[own:].reshape(own, self.background)[:, 0]
            beside[none] = np.nan
            columns |= compared(main[:own].mean(axis=1), beside)
        table = [columns[measure][:, at] for measure, at, _ in self._names]
        return np.stack(table, axis=1).astype(np.float32)


def _endings(names: Sequence[str]) -> list[str]:
    """What tells the fields of outputs apart, in letters that VCF allows."""
    endings: list[str] = []
    for name in names:
        ending = f"_{re.sub(r'[^0-9A-Za-z_.]', '_', name)}" if name else ""
        while ending in endings:
            ending += "_"
        endings.append(ending)
    return endings


def compared(
    effects: Float[np.ndarray, "n outputs"],
    random: Float[np.ndarray, "n edits outputs"],
) -> dict[str, Float[np.ndarray, "n outputs"]]:
    """Standard score and empirical p of effects beside those of random edits.

    The p value counts the variant itself, so that it is never 0 (Phipson and Smyth
    2010, Statistical Applications in Genetics and Molecular Biology 9:39).

    Args:
        effects: Of the variants.
        random: Of random edits in the same windows; NaN for none.

    Example:
        >>> beside = np.array([[[-1.0], [1.0], [0.0], [0.0]]])
        >>> found = compared(np.array([[1.0]]), beside)
        >>> found["Z"].round(3).tolist(), found["P"].tolist()
        ([[1.414]], [[0.6]])
    """
    mean, spread = random.mean(axis=1), random.std(axis=1)
    with np.errstate(invalid="ignore", divide="ignore"):
        z = np.where(spread > 0, (effects - mean) / spread, np.nan)
    extreme = (np.abs(random) >= np.abs(effects)[:, None]).sum(axis=1)
    p = (1.0 + extreme) / (1 + random.shape[1])
    return {"Z": z, "P": np.where(np.isnan(mean), np.nan, p)}


def joined(cut: Sequence[Pairs]) -> Pairs:
    """Several sets of pairs as one, one after the other."""
    if len(cut) == 1:
        return cut[0]
    before = np.cumsum([0, *(len(pairs.references) for pairs in cut)])
    return Pairs(
        np.concatenate([pairs.references for pairs in cut]),
        np.concatenate([p.of + b for p, b in zip(cut, before[:-1], strict=True)]),
        np.concatenate([pairs.alternatives for pairs in cut]),
        np.concatenate([pairs.at for pairs in cut]),
        np.concatenate([pairs.removed for pairs in cut]),
        tuple(bases for pairs in cut for bases in pairs.inserted),
    )
