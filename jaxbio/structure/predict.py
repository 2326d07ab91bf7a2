"""From sequences to predicted structures: states of residues, distances, backbones."""

import dataclasses
import itertools
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any

import numpy as np
from jaxtyping import Float, Float32

from jaxbio.errors import DataError, option
from jaxbio.predict.predictor import Predictor
from jaxbio.structure.folding.distogram import uninformed
from jaxbio.structure.folding.fold import LONGEST, SHORTEST, Backbone, fold
from jaxbio.structure.windows import join_pairs, join_positions, window_starts
from jaxbio.tasks import Distances
from jaxbio.tasks.distances import contact_probability

_WINDOW = 1500  # residues
_PAIR_WINDOW = 1000  # the same where there are pairs
_NARROW = 256  # the same where these are computed for nothing
_AT_ONCE = 2048  # windows that are predicted together
_PAIRS_AT_ONCE = 1 << 22  # pairs of residues, where distances are predicted

_BASES = frozenset("ACGTUN")
_TELLING = 12  # letters from which a protein has others than those of bases


@dataclasses.dataclass(frozen=True, eq=False)
class Distogram:
    """Distributions of the distances of all pairs of residues.

    Attributes:
        probabilities: Of the bins of each pair.
        edges: Between the bins, in angstrom.
    """

    probabilities: Float[np.ndarray, "len len bins"]
    edges: Float32[np.ndarray, "edges"]

    @property
    def contacts(self) -> Float[np.ndarray, "len len"]:
        """The probability that two residues are nearer than 8 angstrom."""
        return contact_probability(self.probabilities, self.edges)


@dataclasses.dataclass(frozen=True, eq=False)
class Structure:
    """Prediction for one chain; empty or None where the run has no such target.

    Attributes:
        name: Of the chain.
        sequence: One letter a residue.
        states: The likeliest letter of each residue by target, such as `ss3`.
        probabilities: For each of these `[len classes]`.
        classes: The letters of the classes by the same targets.
        numbers: Values of residues `[len]` by target, such as `rsa`; `phi` and `psi` in
            radians where their sines and cosines were predicted.
        torsion_certainty: Von Mises concentration of phi and psi `[len]`; None
            without torsions.
        distogram: The distances of all pairs.
        backbone: Coordinates and confidence.
        notes: Omissions with their reasons.
    """

    name: str
    sequence: str
    states: Mapping[str, str]
    probabilities: Mapping[str, Float32[np.ndarray, "len _"]]
    classes: Mapping[str, tuple[str, ...]]
    numbers: Mapping[str, Float32[np.ndarray, "len"]]
    torsion_certainty: Float32[np.ndarray, "len"] | None = None
    distogram: Distogram | None = None
    backbone: Backbone | None = None
    notes: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.sequence)

    @property
    def torsions(self) -> Float32[np.ndarray, "len 2"] | None:
        """Phi and psi in radians, or None if they were not predicted."""
        if not {"phi", "psi"} <= set(self.numbers):
            return None
        return np.stack([self.numbers["phi"], self.numbers["psi"]], axis=1)


def predict_structures(
    predictor: Predictor,
    sequences: Sequence[str],
    *,
    names: Sequence[str] | None = None,
    coordinates: bool = True,
    starts: int = 8,
    seed: int = 0,
    window: int | None = None,
    unknown: str = "error",
    protein: bool = False,
    on_progress: Callable[[str, int], None] | None = None,
) -> Iterator[Structure]:
    """Predict the structures of protein chains, one after the other.

    Targets are known by their names, those of `jaxbio.structure.from_chains`: any
    target of letters is a state of residues, `sin_phi`, `cos_phi`, `sin_psi` and
    `cos_psi` are torsions, and a target of places, such as `cb`, gives distances, from
    which `fold` builds a backbone. Longer chains than a window are predicted in
    overlapping windows; pairs that no window holds are taken as unknown.

    Args:
        predictor: A network over protein sequences, of `jaxbio.load`.
        sequences: One letter a residue.
        names: Of the chains; 1, 2, … if not given.
        coordinates: Whether to fold, where there are distances.
        starts: From how many starts each chain is folded.
        seed: Of their noise.
        window: The longest part of a chain that is predicted at once; None for 1,500
            residues, or 1,000 where pairs are predicted, which takes about 4 GB.
        unknown: `"any"` to read letters that are no amino acid as X.
        protein: Whether sequences of A, C, G, T, U and N alone are proteins, too.
        on_progress: Told the name of a chain and how many of its starts are folded.

    Yields:
        The prediction of each chain, in order.

    Raises:
        DataError: For a network over anything but protein sequences, a letter that is
            no amino acid, a stop or gap inside a sequence (a stop at the end is left
            out, with a note), or a sequence that looks like DNA.
    """
    _check(predictor)
    plain = [sequence.removesuffix("*") for sequence in sequences]
    names = [str(at) for at in range(1, len(sequences) + 1)] if names is None else names
    for name, sequence in zip(names, plain, strict=True):
        _check_letters(name, sequence, protein)
    results = _residues(predictor, plain, window, unknown)
    for at, found in enumerate(results):
        structure = _structure(predictor, names[at], plain[at], found)
        if plain[at] != sequences[at]:
            structure = _noted(structure, "the stop at the end was left out")
        if not SHORTEST <= len(plain[at]) <= LONGEST and _has_pairs(predictor):
            why = f"{len(plain[at])} residues, not {SHORTEST} to {LONGEST}"
            structure = _noted(structure, f"no coordinates: {why}")
        elif coordinates and structure.distogram is not None:
            structure = _folded(
                structure, structure.distogram, starts, seed, on_progress
            )
        yield structure


def _check(predictor: Predictor) -> None:
    inputs = predictor.schema.inputs
    if len(inputs) != 1 or inputs[0].kind != "protein":
        listed = ", ".join(f"{spec.name} ({spec.kind})" for spec in inputs)
        raise DataError(
            f"structures are predicted by a network over one protein sequence; this "
            f"one takes {listed}"
        )
    if not any(spec.per_position for spec in predictor.schema.targets):
        raise DataError(
            "this network has no target with a value for each residue, such as ss3: "
            "train one with jaxbio structure train"
        )


def _check_letters(name: str, sequence: str, protein: bool) -> None:
    found = re.search(r"[*.-]", sequence)
    if found:
        raise DataError(
            f"{name}: {found[0]!r} at position {found.start() + 1} is no residue: "
            f"take stops and gaps out"
        )
    if not sequence:
        raise DataError(f"{name}: the sequence is empty")
    if not protein and len(sequence) >= _TELLING and set(sequence) <= _BASES:
        raise DataError(
            f"{name}: {sequence[:20]}… has none but the letters of bases: is it DNA or "
            f"RNA? Translate it, or say that it is a protein: {option('protein', True)}"
        )


def _has_pairs(predictor: Predictor) -> bool:
    return any(spec.kind == "points" for spec in predictor.schema.targets)


def _residues(
    predictor: Predictor,
    sequences: Sequence[str],
    window: int | None,
    unknown: str,
) -> Iterator[dict[str, Any]]:
    """Predictions by target for each chain, joined from its windows.

    Distances of chains that are too long to be folded are not kept.
    """
    pairs = _has_pairs(predictor)
    window = window or (_PAIR_WINDOW if pairs else _WINDOW)
    starts, pieces, kept = [], [], []
    for sequence in sequences:
        keep = len(sequence) <= LONGEST or not pairs
        size = window if keep else min(window, _NARROW)
        starts.append(window_starts(len(sequence), size))
        pieces += [sequence[start : start + size] for start in starts[-1]]
        kept += [keep] * len(starts[-1])
    found = _predicted(predictor, pieces, kept, unknown)
    for sequence, each in zip(sequences, starts, strict=True):
        parts = list(itertools.islice(found, len(each)))
        yield {
            name: _distogram(task, [part[name] for part in parts], each, len(sequence))
            if isinstance(task := predictor.objective.tasks[name], Distances)
            else join_positions([part[name] for part in parts], each, len(sequence))
            for name in parts[0]
        }


def _distogram(
    task: Distances, parts: Sequence[np.ndarray], starts: Sequence[int], length: int
) -> Distogram:
    """The distances of all pairs; of pairs that were not learned nothing is known."""
    nothing = uninformed(task.edges)
    table = join_pairs(parts, starts, length, nothing).copy()
    for apart in range(min(task.nearest, length)):
        place = np.arange(length - apart)
        table[place, place + apart] = table[place + apart, place] = nothing
    return Distogram(table, task.edges)


def _predicted(
    predictor: Predictor, pieces: Sequence[str], kept: Sequence[bool], unknown: str
) -> Iterator[dict[str, np.ndarray]]:
    """Predictions by target for each piece, some pieces at a time."""
    pairs = {spec.name for spec in predictor.schema.targets if spec.kind == "points"}
    for part in _parts(pieces, pairs=bool(pairs)):
        found = predictor([pieces[at] for at in part], unknown=unknown).by_target
        for row, at in enumerate(part):
            names = found.keys() if kept[at] else found.keys() - pairs
            yield {name: found[name][row] for name in names}


def _parts(pieces: Sequence[str], *, pairs: bool) -> Iterator[list[int]]:
    """Pieces that are predicted together: few if each has a square of pairs."""
    part: list[int] = []
    size, most = 0, _PAIRS_AT_ONCE if pairs else _AT_ONCE
    for at, piece in enumerate(pieces):
        own = len(piece) ** 2 if pairs else 1
        if part and size + own > most:
            yield part
            part, size = [], 0
        part.append(at)
        size += own
    if part:
        yield part


def _structure(
    predictor: Predictor,
    name: str,
    sequence: str,
    found: Mapping[str, Any],
) -> Structure:
    states, probabilities, classes, numbers = {}, {}, {}, {}
    distogram = None
    for spec in predictor.schema.targets:
        values = found.get(spec.name)
        if values is None:
            continue
        if isinstance(values, Distogram):
            distogram = values
        elif spec.classes:
            table = values if values.ndim > 1 else np.stack([1 - values, values], 1)
            letters = np.array(spec.classes)[table.argmax(axis=1)]
            states[spec.name] = "".join(letters)
            probabilities[spec.name], classes[spec.name] = table, spec.classes
        else:
            numbers[spec.name] = values
    certainty = _angles(numbers)
    return Structure(
        name, sequence, states, probabilities, classes, numbers, certainty, distogram
    )


def _folded(
    structure: Structure,
    distogram: Distogram,
    starts: int,
    seed: int,
    on_progress: Callable[[str, int], None] | None,
) -> Structure:
    """The structure with a backbone."""
    backbone = fold(
        distogram.probabilities.astype(np.float32),
        distogram.edges,
        sequence=structure.sequence,
        torsions=structure.torsions,
        torsion_weight=structure.torsion_certainty,
        starts=starts,
        seed=seed,
        on_progress=on_progress and partial(on_progress, structure.name),
    )
    return dataclasses.replace(structure, backbone=backbone)


def _noted(structure: Structure, note: str) -> Structure:
    return dataclasses.replace(structure, notes=(*structure.notes, note))


def _angles(numbers: dict[str, Any]) -> Float32[np.ndarray, "len"] | None:
    """Put phi and psi in place of their sines and cosines; how sure they are.

    The mean of unit vectors is the shorter the more they differ: its length R gives the
    concentration of a von Mises distribution, R (2 - R^2) / (1 - R^2) (Banerjee et al.
    2005).
    """
    lengths = []
    for angle in ("phi", "psi"):
        sine, cosine = (numbers.get(f"{part}_{angle}") for part in ("sin", "cos"))
        if sine is None or cosine is None:
            return None
        del numbers[f"sin_{angle}"], numbers[f"cos_{angle}"]
        numbers[angle] = np.arctan2(sine, cosine).astype(np.float32)
        lengths.append(np.hypot(sine, cosine))
    shortest = np.minimum(*lengths).clip(0, 0.99)
    return (shortest * (2 - shortest**2) / (1 - shortest**2)).astype(np.float32)
