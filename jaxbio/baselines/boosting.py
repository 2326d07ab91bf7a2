"""Boosting baseline: histogram gradient boosting of scikit-learn on plain features."""

import contextlib
import dataclasses
import importlib
import warnings
from collections.abc import Mapping
from typing import Any

import numpy as np
import threadpoolctl
from jaxtyping import Float32, Float64, Int32, Int64, Num

from jaxbio.baselines.grid_hazards import breslow_offsets
from jaxbio.baselines.hazard_trees import fit_hazard_trees
from jaxbio.baselines.kmer_features import Block, learn_blocks, matrix
from jaxbio.baselines.linear import link_scores, load_blocks, save_blocks
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.columns.category import CategorySpec
from jaxbio.data.columns.competing_events import cause_outcomes
from jaxbio.data.columns.numeric import NumericSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import TargetSpec
from jaxbio.nn.trees import LEAVES, NODES, ROUNDS

_EVENTS = ("survival", "competing")  # of which trees tell hazards
_MOST_SCORES = 30
_MOST_COLUMNS, _FEWEST_COLUMNS = 1000, 100
_MOST_CELLS = 40_000_000  # of what trees are fitted on
_MOST_ROWS = 100_000
_LARGE = 1_000_000  # cells of features from which more threads help
_CHUNK = 1 << 12  # rows that are predicted together
_NEVER = -30.0  # the score of a class without training rows


@dataclasses.dataclass(frozen=True)
class BoostingBaseline:
    """Sums of trees, as scikit-learn fits them without any setting.

    Of very many columns those are taken that say most of the target by themselves.

    Attributes:
        schema: The inputs and targets.
        spec: The target.
        blocks: The features.
        column: The feature at which each node of each tree looks.
        threshold: Rows with at most this value go to the left.
        left: The node on the left; the node itself for a leaf.
        right: The node on the right, likewise.
        value: What a leaf adds.
        score: To which score each tree adds.
        intercepts: What each score begins with; for survival, of which there is one
            score, and for each cause of competing risks the level of its hazard in each
            interval.

    Source:
        Ke G et al. (2017) LightGBM, NeurIPS; Pedregosa F et al. (2011) scikit-learn,
        Journal of Machine Learning Research 12:2825.
    """

    schema: Schema
    spec: TargetSpec
    blocks: tuple[Block, ...]
    column: Int32[np.ndarray, "trees nodes"]
    threshold: Float32[np.ndarray, "trees nodes"]
    left: Int32[np.ndarray, "trees nodes"]
    right: Int32[np.ndarray, "trees nodes"]
    value: Float32[np.ndarray, "trees nodes"]
    score: Int32[np.ndarray, "trees"]
    intercepts: Float32[np.ndarray, "scores"]

    @classmethod
    def takes(cls, schema: Schema, spec: TargetSpec) -> bool:
        """Check that trees are worth their while: for tables and molecules.

        Args:
            schema: The inputs.
            spec: The target.
        """
        named = {each.name for each in schema.inputs}
        return (
            spec.kind in ("number", "count", "class", "labels", *_EVENTS)
            and not spec.per_position
            and spec.n_scores <= _MOST_SCORES
            and all(
                isinstance(each, NumericSpec | CategorySpec)
                or f"words@{each.name}" in named
                for each in schema.inputs
            )
        )

    @classmethod
    def fit(
        cls, schema: Schema, target: str, train: Arrays, *, seed: int = 0
    ) -> "BoostingBaseline":
        """Fit 100 trees of up to 31 leaves for each score; for survival perhaps fewer.

        Args:
            schema: The inputs and targets.
            target: The name of the target.
            train: The encoded training rows; of more than 100,000 as many are drawn.
            seed: Which rows are drawn.
        """
        # Its threads can be few only once it is there.
        importlib.import_module("sklearn.ensemble")
        spec = schema.target(target)
        blocks = tuple(learn_blocks(schema, train))
        column: Any = train.targets[target]
        values = np.asarray(column, np.float64).reshape(len(train), -1)
        known = ~np.isnan(values) & (values >= 0 if spec.kind == "class" else True)
        rows = np.flatnonzero(known.any(axis=1) & (train.weights > 0))
        if len(rows) > _MOST_ROWS:
            rng = np.random.default_rng(seed)
            rows = np.sort(rng.choice(rows, _MOST_ROWS, replace=False))
        features = matrix(blocks, schema, train, rows)
        weights = np.asarray(train.weights[rows], np.float64)
        trees, scores, starts = [], [], []
        events = _by_cause(spec, values[rows]) if spec.kind in _EVENTS else []
        for at, (own, outcomes) in enumerate(events):
            with _few_threads(features.size):
                fitted = fit_hazard_trees(own, features, outcomes, weights)
            trees += [_tree(nodes, np.arange(features.shape[1])) for nodes in fitted]
            trees += [_leaf()] * (ROUNDS - len(fitted))
            scores += [at] * ROUNDS
        for at in range(0 if events else values.shape[1]):
            mine = np.flatnonzero(known[rows, at])
            some = features[mine], values[rows[mine], at], weights[mine]
            with _few_threads(features.size):
                fitted, begin = _fit(spec, *some)
            for each in fitted:
                for number, tree in enumerate(each):
                    trees.append(tree)
                    scores.append(len(starts) + number)
            starts += begin
        column, threshold, left, right, value = (
            np.stack(some) for some in zip(*trees, strict=True)
        )
        order, begins = np.array(scores, np.int32), np.array(starts, np.float32)
        nodes = column, threshold, left, right, value
        if not events:
            return cls(schema, spec, blocks, *nodes, order, begins)
        levels = np.zeros(len(events) * len(spec.times), np.float32)
        bare = cls(schema, spec, blocks, *nodes, order, levels)
        ratios = bare.scores(features)[:, :: len(spec.times)].astype(np.float64)
        levels = [
            breslow_offsets(own, outcomes, ratios[:, at], weights)
            for at, (own, outcomes) in enumerate(events)
        ]
        known = np.concatenate(levels).astype(np.float32)
        return dataclasses.replace(bare, intercepts=known)

    def predict(self, rows: Arrays) -> Float32[np.ndarray, "n *columns"]:
        """Predictions in the target's units.

        Args:
            rows: Encoded rows; targets are not looked at.

        Returns:
            As `LinearBaseline.predict`.
        """
        parts = [np.zeros((0, len(self.intercepts)), np.float32)]
        for start in range(0, len(rows), _CHUNK):
            part = np.arange(start, min(start + _CHUNK, len(rows)))
            features = matrix(self.blocks, self.schema, rows, part)
            parts.append(self.scores(features))
        scores = np.concatenate(parts)
        if self.spec.kind == "class" and scores.shape[1] == 1:
            scores = np.concatenate([np.zeros_like(scores), scores], axis=1)
        return link_scores(self.spec, scores)

    def shares(self) -> Float32[np.ndarray, "trees scores"]:
        """What each tree adds to each score, as a share of its leaves."""
        if self.spec.kind in _EVENTS:  # hazards are proportional
            cause = np.arange(len(self.intercepts)) // len(self.spec.times)
            return (self.score[:, None] == cause).astype(np.float32)
        return np.eye(len(self.intercepts), dtype=np.float32)[self.score]

    def scores(
        self, features: Num[np.ndarray, "n columns"]
    ) -> Float32[np.ndarray, "n scores"]:
        """The scores of rows, from their features.

        Args:
            features: All features of the blocks.
        """
        number = np.arange(len(self.column))[None]
        node = np.zeros((len(features), len(self.column)), np.int32)
        while True:
            seen = np.take_along_axis(features, self.column[number, node], axis=1)
            left = seen <= self.threshold[number, node]
            after = np.where(left, self.left[number, node], self.right[number, node])
            if (after == node).all():
                break
            node = after
        reached = self.value[number, node]
        return reached @ self.shares() + self.intercepts

    def arrays(self) -> dict[str, np.ndarray]:
        """The fitted values by name, for a file."""
        fields = ("column", "threshold", "left", "right", "value", "score")
        values = {f"boosting_{name}": getattr(self, name) for name in fields}
        own = {f"boosting_{k}": v for k, v in save_blocks(self.blocks).items()}
        return {**values, **own, "boosting_intercepts": self.intercepts}

    @classmethod
    def from_arrays(
        cls, schema: Schema, target: str, values: Mapping[str, np.ndarray]
    ) -> "BoostingBaseline":
        """The baseline whose `arrays` these are."""
        own = {
            name.removeprefix("boosting_"): value
            for name, value in values.items()
            if name.startswith("boosting_")
        }
        fields = ("column", "threshold", "left", "right", "value", "score")
        fitted = [own[name] for name in (*fields, "intercepts")]
        return cls(schema, schema.target(target), load_blocks(own), *fitted)


def _by_cause(
    spec: TargetSpec, outcomes: Float64[np.ndarray, "n columns"]
) -> list[tuple[TargetSpec, Float64[np.ndarray, "n 3"]]]:
    """The event of survival, or each of several causes, and what was seen of it."""
    if spec.kind == "survival":
        return [(spec, outcomes[:, :3])]
    return [
        (spec.of_cause(at), cause_outcomes(outcomes, at))
        for at in range(len(spec.causes))
    ]


def _few_threads(cells: int) -> contextlib.AbstractContextManager:
    """One thread for small problems: on a busy machine more of them only wait."""
    if cells > _LARGE:
        return contextlib.nullcontext()
    return threadpoolctl.threadpool_limits(limits=1, user_api="openmp")


Tree = tuple[
    Int32[np.ndarray, "nodes"],
    Float32[np.ndarray, "nodes"],
    Int32[np.ndarray, "nodes"],
    Int32[np.ndarray, "nodes"],
    Float32[np.ndarray, "nodes"],
]
"""Column, threshold, left, right and value of each node."""


def _fit(
    spec: TargetSpec,
    features: Float32[np.ndarray, "n columns"],
    values: Float64[np.ndarray, "n"],
    weights: Float64[np.ndarray, "n"],
) -> tuple[list[list[Tree]], list[float]]:
    """The trees of each round, one for each score, and what the scores begin with."""
    from sklearn.ensemble import (
        HistGradientBoostingClassifier,
        HistGradientBoostingRegressor,
    )

    several = spec.kind == "class" and spec.n_scores > 1
    outputs = spec.n_scores if several else 1
    classes = np.unique(values)
    if len(classes) < 2 or not features.shape[1]:
        return [[_leaf()] * outputs] * ROUNDS, _constant(spec, values, outputs)
    columns = _telling(features, values, spec.kind in ("class", "labels"))
    options: dict[str, Any] = {
        "max_iter": ROUNDS,
        "max_leaf_nodes": LEAVES,
        "early_stopping": False,
        "random_state": 0,
        "min_samples_leaf": int(np.clip(len(values) // 10, 2, 20)),
    }
    if spec.kind in ("class", "labels"):
        model: Any = HistGradientBoostingClassifier(**options)
        model.fit(features[:, columns], values.astype(np.int64), weights)
        names = model.classes_.astype(int)
    elif spec.kind == "count" and (values >= 0).all() and values.sum() > 0:
        model = HistGradientBoostingRegressor(loss="poisson", **options)
        model.fit(features[:, columns], values, weights)
        names = np.array([0])
    else:
        model = HistGradientBoostingRegressor(**options)
        model.fit(features[:, columns], values, weights)
        names = np.array([0])
    begins = np.ravel(model._baseline_prediction).tolist()
    rounds = [
        [_tree(each.nodes, columns) for each in some] for some in model._predictors
    ]
    if not several:
        return _filled(rounds, 1), begins
    return _of_classes(rounds, begins, names.tolist(), outputs)


def _of_classes(
    rounds: list[list[Tree]], begins: list[float], names: list[int], outputs: int
) -> tuple[list[list[Tree]], list[float]]:
    """Trees for each of several classes, of which training rows may lack some."""
    if len(names) == 2:  # one score alone, of the second class
        begins = [0.0, *begins]
        rounds = [[_leaf(), *some] for some in rounds]
    place = {name: at for at, name in enumerate(names)}
    starts = [begins[place[n]] if n in place else _NEVER for n in range(outputs)]
    chosen = [
        [some[place[n]] if n in place else _leaf() for n in range(outputs)]
        for some in rounds
    ]
    return _filled(chosen, outputs), starts


def _filled(rounds: list[list[Tree]], outputs: int) -> list[list[Tree]]:
    """The rounds, with some that say nothing where fitting ended early."""
    return rounds + [[_leaf()] * outputs] * (ROUNDS - len(rounds))


def _constant(spec: TargetSpec, values: np.ndarray, outputs: int) -> list[float]:
    """What scores begin with where all rows have one value, or no feature varies."""
    mean = float(values.mean()) if len(values) else 0.0
    if spec.kind == "class" and outputs > 1:
        share = np.bincount(values.astype(int), minlength=outputs) + 1e-6
        return np.log(share / share.sum()).tolist()
    if spec.kind in ("class", "labels"):
        share = np.clip(mean, 1e-6, 1 - 1e-6)
        return [float(np.log(share / (1 - share)))]
    return [float(np.log(max(mean, 1e-6))) if spec.kind == "count" else mean]


def _telling(
    features: Float32[np.ndarray, "n columns"],
    values: Float64[np.ndarray, "n"],
    classes: bool,
) -> Int64[np.ndarray, "chosen"]:
    """The columns that say most of the target by themselves, if there are very many."""
    from sklearn.feature_selection import f_classif, f_regression

    most = int(np.clip(_MOST_CELLS // len(values), _FEWEST_COLUMNS, _MOST_COLUMNS))
    if features.shape[1] <= most:
        return np.arange(features.shape[1])
    with warnings.catch_warnings(), np.errstate(all="ignore"):
        warnings.simplefilter("ignore")  # of columns that do not vary here
        ratio, _ = (f_classif if classes else f_regression)(features, values)
    order = np.argsort(-np.nan_to_num(ratio, nan=-1.0, posinf=1e30), kind="stable")
    return np.sort(order[:most])


def _leaf() -> Tree:
    """A tree that adds nothing."""
    own = np.arange(NODES, dtype=np.int32)
    nothing = np.zeros(NODES, np.float32)
    return np.zeros(NODES, np.int32), nothing, own, own, nothing


def _tree(nodes: np.ndarray, columns: Int64[np.ndarray, "chosen"]) -> Tree:
    """A tree of scikit-learn; its rows of numbers have no missing values."""
    column, threshold, left, right, value = (each.copy() for each in _leaf())
    count = len(nodes)
    inner = np.flatnonzero(nodes["is_leaf"] == 0)
    column[inner] = columns[nodes["feature_idx"][inner]]
    exact = nodes["num_threshold"][inner]
    single = exact.astype(np.float32)
    # Rounded down, as values are single: x <= threshold holds for the same values.
    threshold[inner] = np.where(
        single > exact, np.nextafter(single, np.float32(-np.inf)), single
    )
    left[inner], right[inner] = nodes["left"][inner], nodes["right"][inner]
    value[:count] = nodes["value"]
    return column, threshold, left, right, value
