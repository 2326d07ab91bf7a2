"""Linear baseline: ridge or logistic regression on k-mers, positions and numbers."""

import contextlib
import dataclasses
import json
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import threadpoolctl
from jaxtyping import Bool, Float32, Int64, Num

from jaxbio.baselines.cox import fit_cox
from jaxbio.baselines.grid_hazards import breslow_offsets
from jaxbio.baselines.kmer_features import (
    Block,
    learn_blocks,
    matrix,
    n_features,
    sample,
    windows,
)
from jaxbio.baselines.logistic import Components, fit_logistic, softmax
from jaxbio.baselines.solvers import Candidate, fit_ridge
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.batching.layouts import Ragged
from jaxbio.data.columns.competing_events import cause_outcomes
from jaxbio.data.columns.counts import CountsSpec
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.metrics.competing_risks import piecewise_incidences
from jaxbio.metrics.survival_curves import piecewise_curves

WINDOW = 15
"""The positions around one that the linear baseline of a per-position target sees."""


_MOST_POSITIONS = 200_000


_MOST_LOGISTIC_LABELS = 30


_LARGE = 200_000_000


_WIDE = 200  # columns from which a choice among them is tried, if rows are few
_TOPS = (10, 50, 250, 1000)  # columns that are tried
_COMPONENTS = 50  # of genes, from six times as many rows
_CHUNK = 1 << 24  # cells of features at a time when predicting


@dataclasses.dataclass(frozen=True)
class LinearBaseline:
    """A linear model of plain features.

    Attributes:
        schema: The inputs and targets.
        spec: The target.
        blocks: The features; none for a target with a value a position, which sees the
            symbols in a window around the position.
        coefficients: For each feature and output.
        intercepts: For each output.

    Example:
        >>> from jaxbio.alphabet import DNA
        >>> from jaxbio.data import Dataset, Numeric, Sequences, learn_schema
        >>> texts = ["AAAA", "AAAC", "AACC", "ACCC", "CCCC"] * 4
        >>> counts = np.array([[text.count("C")] for text in texts], np.float32)
        >>> data = Dataset(
        ...     {"seq": Sequences.from_strings(texts, DNA)},
        ...     {"y": Numeric(counts, ("y",))},
        ... )
        >>> schema = learn_schema(data, {"y": ("number", False)})
        >>> arrays = schema.encode(data)
        >>> linear = LinearBaseline.fit(schema, "y", arrays)
        >>> linear.predict(arrays.take(np.arange(5))).round().ravel().tolist()
        [0.0, 1.0, 2.0, 3.0, 4.0]
    """

    schema: Schema
    spec: TargetSpec
    blocks: tuple[Block, ...]
    coefficients: Float32[np.ndarray, "features outputs"]
    intercepts: Float32[np.ndarray, "outputs"]

    @classmethod
    def fit(
        cls, schema: Schema, target: str, train: Arrays, *, seed: int = 0
    ) -> "LinearBaseline":
        """Fit on the training rows; penalty and columns by held-out training rows.

        Numbers by ridge regression, counts by ridge regression of log(1 + count),
        classes and labels by logistic regression (more than 30 labels by ridge
        regression), survival by ridge Cox regression with Breslow's hazards, competing
        risks likewise for each cause, the others being censored, targets with a value a
        position on at most 200,000 positions, all others on at most 200,000 rows and
        375 million cells, drawn at random.

        Args:
            schema: The inputs and targets.
            target: The name of the target.
            train: The encoded training rows.
            seed: Which rows are held out.

        Returns:
            The fitted baseline.
        """
        spec = schema.target(target)
        if spec.per_position:
            with _few_threads(_MOST_POSITIONS):
                return cls(schema, spec, (), *_fit_positions(schema, spec, train, seed))
        blocks = tuple(learn_blocks(schema, train))
        column: Any = train.targets[target]
        labelled = _known(column).reshape(len(train), -1).any(axis=1)
        rows = np.flatnonzero(labelled & (train.weights > 0))
        rows = sample(blocks, rows, seed=seed)
        features = matrix(blocks, schema, train, rows)
        values, weights = column[rows], train.weights[rows]
        options = {"candidates": _candidates(blocks, len(rows)), "seed": seed}
        with _few_threads(features.size):
            if spec.kind == "class":
                classes = values.astype(np.int64)
                options["candidates"] += _components(blocks, schema, len(rows))
                fitted = fit_logistic(
                    features, classes, len(spec.classes), weights=weights, **options
                )
            elif spec.kind == "survival":
                seen = values[:, :3]
                fitted = _fit_survival(spec, features, seen, weights, seed)
            elif spec.kind == "competing":
                fitted = _fit_causes(spec, features, values, weights, seed)
            else:
                fitted = _fit_columns(spec, features, values, weights, options)
        return cls(schema, spec, blocks, *fitted)

    def predict(self, rows: Arrays) -> Float32[np.ndarray, "n *columns"]:
        """Predictions in the target's units.

        Args:
            rows: Encoded rows; targets are not looked at.

        Returns:
            `[n columns]` numbers, expected counts or probabilities of labels,
            `[n classes]` probabilities, `[n times]` survival or `[n causes times]`
            incidences; for a target with a value a position, one after the other.
        """
        if self.spec.per_position:
            return _predict_positions(self, rows)
        step = max(_CHUNK // max(len(self.coefficients), 1), 1)
        parts = [np.zeros((0, len(self.intercepts)), np.float32)]
        for start in range(0, len(rows), step):
            part = np.arange(start, min(start + step, len(rows)))
            features = matrix(self.blocks, self.schema, rows, part)
            parts.append(features @ self.coefficients + self.intercepts)
        return link_scores(self.spec, np.concatenate(parts))

    def by_block(self) -> dict[str, Float32[np.ndarray, "features outputs"]]:
        """Coefficients of all features of each block, zero for what is not used.

        Returns:
            By the names of `jaxbio.models.plain_features.blocks_of`.
        """
        ends = np.cumsum([block.width for block in self.blocks])
        dense = {}
        for block, end in zip(self.blocks, ends, strict=True):
            spec = self.schema.input(block.input)
            shape = n_features(block, spec), len(self.intercepts)
            whole = np.zeros(shape, np.float32)
            whole[block.columns] = self.coefficients[end - block.width : end]
            dense[block.name] = whole
        return dense

    def arrays(self) -> dict[str, np.ndarray]:
        """The fitted values by name, for a file."""
        return {
            **save_blocks(self.blocks),
            "coefficients": self.coefficients,
            "intercepts": self.intercepts,
        }

    @classmethod
    def from_arrays(
        cls, schema: Schema, target: str, values: Mapping[str, np.ndarray]
    ) -> "LinearBaseline":
        """The baseline whose `arrays` these are."""
        fitted = values["coefficients"], values["intercepts"]
        return cls(schema, schema.target(target), load_blocks(values), *fitted)


def save_blocks(blocks: Sequence[Block]) -> dict[str, np.ndarray]:
    """Blocks as arrays by name, for a file."""
    layout = [[block.input, block.kind, block.k] for block in blocks]
    saved = {
        f"columns{at}": block.columns.astype(np.int32)
        for at, block in enumerate(blocks)
    }
    return {"blocks": np.array(json.dumps(layout)), **saved}


def load_blocks(values: Mapping[str, np.ndarray]) -> tuple[Block, ...]:
    """The blocks that `save_blocks` made arrays of."""
    layout = json.loads(str(values["blocks"]))
    return tuple(
        Block(name, kind, k, values[f"columns{at}"].astype(np.int64))
        for at, (name, kind, k) in enumerate(layout)
    )


def _few_threads(cells: int) -> contextlib.AbstractContextManager:
    """One thread for small problems: on a busy machine more of them only wait."""
    if cells > _LARGE:
        return contextlib.nullcontext()
    return threadpoolctl.threadpool_limits(limits=1, user_api="blas")


def _known(target: Num[np.ndarray, "n *columns"]) -> Bool[np.ndarray, "n *columns"]:
    if np.issubdtype(target.dtype, np.floating):
        return ~np.isnan(target)
    return target >= 0


def _candidates(blocks: tuple[Block, ...], rows: int) -> list[Candidate]:
    """Columns to try: few, without positions, without k-mers, and all of them."""
    kind = np.repeat([b.kind for b in blocks], [b.width for b in blocks])
    both = np.isin(["kmers", "positions"], kind).all()
    masks = [kind != "positions", kind != "kmers"] if both else []
    wide = len(kind) >= max(_WIDE, rows // 4)
    tops = [count for count in _TOPS if wide and count <= len(kind) // 2]
    return [*tops, *masks, np.ones(len(kind), bool)]


def _components(
    blocks: tuple[Block, ...], schema: Schema, rows: int
) -> list[Components]:
    """Principal components of genes to try: each standardised, or on one scale.

    Macro F1 in cross-validation of types of cells, beside penalties on all genes: .78
    and .82 for .77 in a bladder, .67 for .66 in blood.
    """
    genes = [block.kind == "genes" for block in blocks]
    count = sum(block.width for block in blocks)
    if not all(genes) or rows < 6 * _COMPONENTS or count <= 2 * _COMPONENTS:
        return []
    scales = []
    for block in blocks:
        spec = schema.input(block.input)
        assert isinstance(spec, CountsSpec)  # of which alone genes are features
        scales.append(np.asarray(spec.scale, np.float32)[block.columns])
    spread = np.concatenate(scales)
    spread /= np.sqrt(np.mean(spread**2))
    ones = np.ones(count, np.float32)
    return [Components(_COMPONENTS, ones), Components(_COMPONENTS, spread)]


def _fit_columns(
    spec: TargetSpec,
    features: Float32[np.ndarray, "n features"],
    values: Float32[np.ndarray, "n outputs"],
    weights: Num[np.ndarray, "n"],
    options: dict[str, Any],
) -> tuple[np.ndarray, np.ndarray]:
    """Fit numbers, counts or labels; columns with the same missing rows together."""
    mask = _known(values)
    coefficients = np.zeros((features.shape[1], values.shape[1]), np.float32)
    intercepts = np.zeros(values.shape[1], np.float32)
    logistic = spec.kind == "labels" and values.shape[1] <= _MOST_LOGISTIC_LABELS
    patterns = np.arange(values.shape[1])
    if not logistic:
        patterns = np.unique(mask, axis=1, return_inverse=True)[1].ravel()
    for pattern in np.unique(patterns):
        columns = np.flatnonzero(patterns == pattern)
        rows = np.flatnonzero(mask[:, columns[0]])
        if not len(rows):
            continue
        whole = len(rows) == len(features)
        x = features if whole else features[rows]
        y, w = values[np.ix_(rows, columns)].astype(np.float64), weights[rows]
        if logistic:
            fitted = fit_logistic(
                x, (y[:, 0] > 0.5).astype(np.int64), 2, weights=w, **options
            )
            # The log-odds of the label, as one output.
            b, a = np.diff(fitted[0], axis=1), np.diff(fitted[1])
        elif spec.kind == "count":
            b, a = fit_ridge(x, np.log1p(y), weights=w, **options)
            # The exponential of a mean logarithm is too low; set the level right.
            level = np.average(np.exp(x @ b + a), axis=0, weights=w)
            a = a + np.log(np.average(y, axis=0, weights=w) / level + 1e-12)
        else:
            b, a = fit_ridge(x, y, weights=w, **options)
        coefficients[:, columns], intercepts[columns] = b, a
    return coefficients, intercepts.astype(np.float32)


def _fit_survival(
    spec: TargetSpec,
    features: Float32[np.ndarray, "n features"],
    outcomes: Float32[np.ndarray, "n 3"],
    weights: Num[np.ndarray, "n"],
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Log hazard ratios, the same in all intervals, and a level for each."""
    coefficients = fit_cox(features, outcomes, weights=weights, seed=seed)
    levels = breslow_offsets(spec, outcomes, features @ coefficients, weights)
    table = np.repeat(coefficients[:, None], len(spec.times), axis=1)
    return table, levels.astype(np.float32)


def _fit_causes(
    spec: TargetSpec,
    features: Float32[np.ndarray, "n features"],
    outcomes: Float32[np.ndarray, "n 3"],
    weights: Num[np.ndarray, "n"],
    seed: int,
) -> tuple[np.ndarray, np.ndarray]:
    """Of each cause what survival has, one after the other."""
    fitted = [
        _fit_survival(
            spec.of_cause(at),
            features,
            cause_outcomes(outcomes, at).astype(np.float32),
            weights,
            seed,
        )
        for at in range(len(spec.causes))
    ]
    coefficients, levels = zip(*fitted, strict=True)
    return np.concatenate(coefficients, axis=1), np.concatenate(levels)


def link_scores(
    spec: TargetSpec, scores: Float32[np.ndarray, "n outputs"]
) -> Float32[np.ndarray, "n *outputs"]:
    """Linear scores in the target's units."""
    if spec.kind == "class":
        return softmax(scores)
    if spec.kind == "survival":
        times, hazards = np.asarray(spec.times), np.asarray(spec.hazards)
        return piecewise_curves(scores, times, hazards).astype(np.float32)
    if spec.kind == "competing":
        times, shape = np.asarray(spec.times), (len(spec.causes), len(spec.times))
        ratios = scores.reshape(len(scores), *shape)
        hazards = np.reshape(spec.hazards, shape)
        return piecewise_incidences(ratios, times, hazards).astype(np.float32)
    if spec.kind == "count":
        return np.exp(np.clip(scores, -30, 30))
    if spec.kind == "labels" and len(spec.columns) <= _MOST_LOGISTIC_LABELS:
        return 1 / (1 + np.exp(-np.clip(scores, -30, 30)))
    return np.clip(scores, 0, 1) if spec.kind == "labels" else scores


def _position_input(
    schema: Schema, rows: Arrays, lengths: Int64[np.ndarray, "n"] | None
) -> tuple[Ragged, SequenceSpec]:
    """The sequence whose positions are labelled: the one of the labels' lengths."""
    inputs = [(rows.inputs[spec.name], spec) for spec in schema.sequences]
    sequences = [(x, spec) for x, spec in inputs if isinstance(x, Ragged)]
    if lengths is None:
        lengths = rows.lengths
    fitting = [pair for pair in sequences if (pair[0].lengths == lengths).all()]
    return (fitting or sequences)[0]


def _fit_positions(
    schema: Schema, spec: TargetSpec, train: Arrays, seed: int
) -> tuple[np.ndarray, np.ndarray]:
    track: Any = train.targets[spec.name]
    column, sequence = _position_input(schema, train, track.lengths)
    positions = np.flatnonzero(~np.isnan(track.values))
    if len(positions) > _MOST_POSITIONS:
        rng = np.random.default_rng(seed)
        positions = np.sort(rng.choice(positions, _MOST_POSITIONS, replace=False))
    features = windows(column, sequence.alphabet, positions, width=WINDOW)
    row = np.searchsorted(track.offsets, positions, side="right") - 1
    weights, values = train.weights[row], track.values[positions]
    options = {"candidates": [np.ones(features.shape[1], bool)], "seed": seed}
    if spec.kind == "class":
        return fit_logistic(
            features, values.astype(np.int64), len(spec.classes), weights=weights,
            **options,
        )  # fmt: skip
    single = dataclasses.replace(spec, columns=(spec.name,))
    return _fit_columns(single, features, values[:, None], weights, options)


def _predict_positions(
    baseline: LinearBaseline, rows: Arrays
) -> Float32[np.ndarray, "total *columns"]:
    target = rows.targets.get(baseline.spec.name)
    lengths = target.lengths if isinstance(target, Ragged) else None
    column, sequence = _position_input(baseline.schema, rows, lengths)
    step = max(_CHUNK // len(baseline.coefficients), 1)
    parts = [np.zeros((0, len(baseline.intercepts)), np.float32)]
    for start in range(0, len(column.values), step):
        positions = np.arange(start, min(start + step, len(column.values)))
        features = windows(column, sequence.alphabet, positions, width=WINDOW)
        parts.append(features @ baseline.coefficients + baseline.intercepts)
    values = link_scores(baseline.spec, np.concatenate(parts))
    return values if baseline.spec.kind == "class" else values[:, 0]
