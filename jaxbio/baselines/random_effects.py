"""Random effects: a pair by the means of its drug and of its protein.

Where the same drugs and proteins come again and again, much of a score is to know which
drug binds at all. These baselines know nothing else: each entity adds to the mean what
its training rows showed, the less the fewer they were.
"""

import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float32, Float64, Int64, UInt64

from jaxbio.baselines.entity_index import entity_inputs, entity_places, known_entities
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.specs import TargetSpec

_SWEEPS = 100
_STILL = 1e-5  # change of any effect, in units of the target's spread
_PENALTIES = (1e-2, 1e6)  # how strongly effects are drawn to the mean, in rows
_STEP = 2.0  # log-odds by which an effect changes at once at most


@dataclasses.dataclass(frozen=True)
class RandomEffectsBaseline:
    """A mean and what each entity of some inputs adds to it.

    Numbers: mean + effect of the drug + effect of the protein. Classes and labels: the
    same for log-odds. Counts: the same for the logarithm of the mean. An effect is
    drawn towards 0 by as many rows as the spread of the effects, against that within
    entities, is worth (best linear unbiased prediction); one that training did not have
    is 0.

    Attributes:
        spec: The target.
        inputs: The inputs whose values are the entities.
        keys: For each input the sorted hashes of its entities.
        effects: For each input, what each entity adds.
        mean: What stands without them, by output.

    Source:
        Robinson GK (1991) Statistical Science 6:15, for the shrinkage; the entities'
        variances by expectation and maximisation (Laird NM, Ware JH, 1982, Biometrics
        38:963).

    Example:
        >>> drugs = np.tile(np.array([0, 1], np.int32), 20)
        >>> y = np.tile(np.array([[1.0], [3.0]], np.float32), (20, 1))
        >>> weights, lengths = np.ones(40, np.float32), np.zeros(40, np.int64)
        >>> train = Arrays({"drug": drugs}, {"y": y}, weights, lengths)
        >>> spec = TargetSpec("y", "number", columns=("y",))
        >>> fitted = RandomEffectsBaseline.fit(spec, train, ("drug",))
        >>> fitted.predict(train.take(np.arange(2))).round(1).ravel().tolist()
        [1.0, 3.0]
    """

    spec: TargetSpec
    inputs: tuple[str, ...]
    keys: tuple[UInt64[np.ndarray, "_"], ...]
    effects: tuple[Float32[np.ndarray, "_ outputs"], ...]
    mean: Float32[np.ndarray, "outputs"]

    @classmethod
    def fit(
        cls, spec: TargetSpec, train: Arrays, inputs: Sequence[str]
    ) -> "RandomEffectsBaseline":
        """Fit on all training rows whose target is known.

        Args:
            spec: The target, without a value a position.
            train: The encoded training rows.
            inputs: The inputs that count; none for the mean alone.
        """
        values = _outputs(spec, train.targets[spec.name])
        keys, codes = [], []
        for name in inputs:
            entities, code = known_entities(train.inputs[name])
            keys.append(entities)
            codes.append(code)
        sizes = [len(entities) for entities in keys]
        effects = [np.zeros((size, values.shape[1])) for size in sizes]
        mean = np.zeros(values.shape[1])
        for at, column in enumerate(values.T):
            rows = np.flatnonzero(np.isfinite(column) & (train.weights > 0))
            if not len(rows):
                continue
            weights = train.weights[rows].astype(np.float64)
            subset = [code[rows] for code in codes]
            if spec.kind == "number":
                solved = _means(subset, sizes, column[rows], weights)
            else:
                counts = spec.kind == "count"
                solved = _scores(subset, sizes, column[rows], weights, counts=counts)
            mean[at], solution = solved
            for effect, scores in zip(effects, solution, strict=True):
                effect[:, at] = scores
        return cls(
            spec,
            tuple(inputs),
            tuple(keys),
            tuple(effect.astype(np.float32) for effect in effects),
            mean.astype(np.float32),
        )

    def predict(self, rows: Arrays) -> Float32[np.ndarray, "n *columns"]:
        """Predictions in the target's units.

        Args:
            rows: Encoded rows; targets are not looked at.

        Returns:
            `[n columns]` numbers, expected counts or probabilities of labels, or
            `[n classes]` probabilities.
        """
        score = np.tile(self.mean, (len(rows), 1))
        fitted = zip(self.inputs, self.keys, self.effects, strict=True)
        for name, entities, effect in fitted:
            with_none = np.pad(effect, ((0, 1), (0, 0)))
            score += with_none[entity_places(rows.inputs[name], entities)]
        if self.spec.kind == "count":
            return np.exp(np.clip(score, -30, 30))
        if self.spec.kind == "number":
            return score
        probability = 1 / (1 + np.exp(-np.clip(score, -30, 30)))
        if self.spec.kind == "labels":
            return probability
        if probability.shape[1] == 1:
            return np.concatenate([1 - probability, probability], axis=1)
        return probability / probability.sum(axis=1, keepdims=True)

    @property
    def title(self) -> str:
        """Name in scores, such as `drug mean` or `drug + protein means`."""
        return " + ".join(self.inputs) + (
            " mean" if len(self.inputs) == 1 else " means"
        )

    def arrays(self) -> dict[str, np.ndarray]:
        """Fitted values, for `from_arrays`."""
        saved = {"mean": self.mean}
        for at, (keys, effect) in enumerate(zip(self.keys, self.effects, strict=True)):
            saved |= {f"keys{at}": keys, f"effects{at}": effect}
        return {"inputs": np.array(json.dumps(self.inputs)), **saved}

    @classmethod
    def from_arrays(
        cls, spec: TargetSpec, arrays: Mapping[str, np.ndarray]
    ) -> "RandomEffectsBaseline":
        """The baseline that `arrays` described."""
        inputs = tuple(json.loads(str(arrays["inputs"])))
        keys = tuple(arrays[f"keys{at}"] for at in range(len(inputs)))
        effects = tuple(arrays[f"effects{at}"] for at in range(len(inputs)))
        return cls(spec, inputs, keys, effects, arrays["mean"])


def fit_random_effects(
    spec: TargetSpec, train: Arrays
) -> dict[str, RandomEffectsBaseline]:
    """The baselines of each entity alone, and of all together.

    Args:
        spec: The target.
        train: The encoded training rows.

    Returns:
        For inputs `drug` and `protein`: `drug mean`, `protein mean` and
        `drug + protein means`; empty without entities, for a target with a value a
        position or of points, and for survival.

    Example:
        >>> column = np.array([0, 1, 0, 1], np.int32)
        >>> y, weights = np.zeros((4, 1), np.float32), np.ones(4, np.float32)
        >>> train = Arrays({"x": column}, {"y": y}, weights, np.zeros(4, np.int64))
        >>> list(fit_random_effects(TargetSpec("y", "number"), train))
        ['x mean']
    """
    if spec.per_position or spec.kind in ("points", "survival"):
        return {}
    names = entity_inputs(train)
    subsets: list[tuple[str, ...]] = [(name,) for name in names]
    if len(names) > 1:
        subsets.append(names)
    fitted = (RandomEffectsBaseline.fit(spec, train, inputs) for inputs in subsets)
    return {baseline.title: baseline for baseline in fitted}


def _outputs(spec: TargetSpec, target: Any) -> Float64[np.ndarray, "n outputs"]:
    """Targets as numbers, NaN where unknown; for two classes the second alone."""
    if spec.kind != "class":
        return np.asarray(target, np.float64).reshape(len(target), -1)
    classes = (
        np.arange(1, 2) if len(spec.classes) <= 2 else np.arange(len(spec.classes))
    )
    hot = (target[:, None] == classes).astype(np.float64)
    hot[target < 0] = np.nan
    return hot


def _sums(code: np.ndarray, values: np.ndarray, size: int) -> Float64[np.ndarray, "_"]:
    return np.bincount(code, values, size + 1)[:size]


def _penalty(ratio: float) -> float:
    return float(np.clip(ratio, *_PENALTIES))


def _means(
    codes: Sequence[Int64[np.ndarray, "n"]],
    sizes: Sequence[int],
    y: Float64[np.ndarray, "n"],
    weights: Float64[np.ndarray, "n"],
) -> tuple[float, list[np.ndarray]]:
    """A mean and effects, each drawn towards 0, entity by entity in turn."""
    mean = float(np.average(y, weights=weights))
    effects = [np.zeros(size) for size in sizes]
    rows = [_sums(code, weights, size) for code, size in zip(codes, sizes, strict=True)]
    penalties = [1.0] * len(sizes)
    rest = y - mean
    spread = float(np.sqrt(np.average(rest**2, weights=weights)))
    if not sizes or spread == 0:
        return mean, effects
    for _ in range(_SWEEPS):
        moved = 0.0
        for at, (code, size) in enumerate(zip(codes, sizes, strict=True)):
            rest = rest + np.append(effects[at], 0.0)[code]
            new = _sums(code, weights * rest, size) / (rows[at] + penalties[at])
            moved = max(moved, float(np.abs(new - effects[at]).max(initial=0)))
            effects[at] = new
            rest = rest - np.append(new, 0.0)[code]
        shift = float(np.average(rest, weights=weights))
        mean, rest = mean + shift, rest - shift
        used = sum((n / (n + p)).sum() for n, p in zip(rows, penalties, strict=True))
        free = max(weights.sum() - used - 1, 1.0)
        noise = max(float((weights * rest**2).sum()) / free, 1e-12 * spread**2)
        for at, effect in enumerate(effects):
            variance = np.mean(effect**2 + noise / (rows[at] + penalties[at]))
            penalties[at] = _penalty(noise / max(float(variance), 1e-300))
        if max(moved, abs(shift)) < _STILL * spread:
            break
    return mean, effects


def _scores(
    codes: Sequence[Int64[np.ndarray, "n"]],
    sizes: Sequence[int],
    y: Float64[np.ndarray, "n"],
    weights: Float64[np.ndarray, "n"],
    *,
    counts: bool,
) -> tuple[float, list[np.ndarray]]:
    """As `_means`, by Newton's steps: log-odds of zeros and ones, or log means."""
    level = float(np.average(y, weights=weights))
    if counts:
        mean = float(np.log(max(level, 1e-3)))
    else:
        mean = float(np.log(np.clip(level, 1e-3, 1) / np.clip(1 - level, 1e-3, 1)))
    effects = [np.zeros(size) for size in sizes]
    penalties = [1.0] * len(sizes)
    if not sizes or y.min() == y.max():
        return mean, effects
    score = np.full(len(y), mean)
    for _ in range(_SWEEPS):
        moved = 0.0
        for at, (code, size) in enumerate(zip(codes, sizes, strict=True)):
            p, slack = _expected(score, counts)
            slope = _sums(code, weights * (y - p), size) - penalties[at] * effects[at]
            bend = _sums(code, weights * slack, size) + penalties[at]
            step = np.clip(slope / bend, -_STEP, _STEP)
            effects[at] = effects[at] + step
            score = score + np.append(step, 0.0)[code]
            moved = max(moved, float(np.abs(step).max(initial=0)))
            # The variance by Laplace's approximation.
            variance = float(np.mean(effects[at] ** 2 + 1 / bend))
            penalties[at] = _penalty(1 / max(variance, 1e-300))
        p, slack = _expected(score, counts)
        bend = max(float((weights * slack).sum()), 1e-9)
        shift = float(np.clip((weights * (y - p)).sum() / bend, -_STEP, _STEP))
        mean, score = mean + shift, score + shift
        if max(moved, abs(shift)) < 10 * _STILL:
            break
    return mean, effects


def _expected(
    score: Float64[np.ndarray, "n"], counts: bool
) -> tuple[Float64[np.ndarray, "n"], Float64[np.ndarray, "n"]]:
    """Mean that a score stands for, and its slope."""
    score = np.clip(score, -30, 30)
    if counts:
        return np.exp(score), np.exp(score)
    p = 1 / (1 + np.exp(-score))
    return p, p * (1 - p)
