"""Pairs: which inputs are the two sides, and the values of a pairwise regression."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from jaxtyping import Float, Float32

from jaxbio.baselines.kmer_features import Block, learn_blocks, matrix
from jaxbio.baselines.pairwise import RANK, Pairs, PairwiseRidge, fit_pairwise
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.columns.dictionary import DictionaryColumn
from jaxbio.data.dataset import Dataset
from jaxbio.data.schema import Schema
from jaxbio.data.views import source_of
from jaxbio.models.pairwise import Pairwise
from jaxbio.models.plain_features import blocks_of
from jaxbio.tasks import Regression, Task

_LEAST = 5  # things on either side
_ROWS = 4  # pairs for each thing, at least
_MOST = 3e8  # products a step of the solver


def find_sides(
    train: Dataset, schema: Schema, tasks: Mapping[str, Task]
) -> Pairwise | None:
    """The pairwise regression that fits to training rows; None where none does.

    It is for numbers of pairs of which both things come again and again: inputs whose
    values stand once, and that go together in two ways, as a drug with its descriptors
    and the expression with the mutations of a cell line.

    Args:
        train: The training rows.
        schema: What they taught.
        tasks: What each target means.
    """
    regressions = all(type(task) is Regression for task in tasks.values())
    single = all(len(schema.target(name).columns) == 1 for name in tasks)
    own = [name for name in train.inputs if source_of(name) not in train.inputs]
    columns = {name: train.inputs[name] for name in own}
    if not (regressions and single and len(columns) > 1):
        return None
    sides: list[tuple[np.ndarray, list[str]]] = []
    for name, column in columns.items():
        if not isinstance(column, DictionaryColumn) or (column.indices < 0).any():
            return None
        _, codes = np.unique(column.indices, return_inverse=True)
        for first, names in sides:
            if _go_together(first, codes):
                names.append(name)
                break
        else:
            sides.append((codes, [name]))
    if len(sides) != 2:
        return None
    counts = [int(codes.max()) + 1 for codes, _ in sides]
    products = counts[0] * counts[1] * sum(counts)
    if min(counts) < _LEAST or len(train) < _ROWS * sum(counts) or products > _MOST:
        return None
    plain = Pairwise.of(schema)
    left = {name for name in plain.inputs if _source(name) in sides[0][1]}
    ranks = (min(counts[0], RANK) + 1, min(counts[1], RANK) + 1)
    return Pairwise(
        plain.inputs, plain.kmers, plain.positions, tuple(sorted(left)), ranks
    )


def _source(name: str) -> str:
    return source_of(name) or name


def _go_together(first: np.ndarray, second: np.ndarray) -> bool:
    """Check that two codings of rows divide them alike."""
    pairs = np.unique(first.astype(np.int64) * (second.max() + 1) + second)
    return bool(len(pairs) == first.max() + 1 == second.max() + 1)


def pairwise_values(
    part: Pairwise,
    schema: Schema,
    tasks: Mapping[str, Task],
    train: Arrays,
    valid: Arrays,
) -> dict[str, Any]:
    """The values of a pairwise network.

    Args:
        part: What it sees.
        schema: The inputs and targets.
        tasks: What each target means, for which `find_sides` found sides.
        train: The training rows.
        valid: The rows that choose kernels and penalty.
    """
    blocks = [b for b in learn_blocks(schema, train) if b.input in part.inputs]
    sides = [[b for b in blocks if part.side_of(b.name) == side] for side in (0, 1)]
    values: dict[str, Any] = {"axes": {}, "offsets": {}, "core": {}, "levels": {}}
    for name, task in tasks.items():
        fitted = fit_pairwise(
            _pairs(schema, name, part, sides, train),
            _pairs(schema, name, part, sides, valid),
        )
        spec = schema.target(name)
        standard = isinstance(task, Regression) and task.standardize
        mean, scale = (spec.mean[0], spec.scale[0]) if standard else (0.0, 1.0)
        values["axes"][name] = _axes(part, schema, fitted, sides)
        values["offsets"][name] = {
            "left": _padded(fitted.left.offset, part.ranks[:1]),
            "right": _padded(fitted.right.offset, part.ranks[1:]),
        }
        values["core"][name] = _padded(fitted.core / scale, part.ranks)
        values["levels"][name] = np.full(1, (fitted.level - mean) / scale, np.float32)
    return {"params": {}, "model_state": values}


def _pairs(
    schema: Schema,
    target: str,
    part: Pairwise,
    sides: Sequence[Sequence[Block]],
    rows: Arrays,
) -> Pairs:
    """The pairs of rows whose target is known."""
    values = np.asarray(rows.targets[target], np.float64).reshape(len(rows))
    some = np.flatnonzero(np.isfinite(values) & (rows.weights > 0))
    features, places = [], []
    for side, blocks in enumerate(sides):
        name = next(name for name in part.inputs if part.side_of(name) == side)
        column: Any = rows.inputs[name]
        _, first, code = np.unique(
            column.indices[some], return_index=True, return_inverse=True
        )
        features.append(matrix(blocks, schema, rows, some[first]))
        places.append(code.astype(np.int64))
    return Pairs(features[0], features[1], (places[0], places[1]), values[some])


def _axes(
    part: Pairwise,
    schema: Schema,
    fitted: PairwiseRidge,
    sides: Sequence[Sequence[Block]],
) -> dict[str, Float32[np.ndarray, "features rank"]]:
    """What each feature of each block adds to the vectors; 0 for what is not seen."""
    axes = {
        block: np.zeros((width, part.ranks[part.side_of(block)]), np.float32)
        for block, width in blocks_of(part, schema).items()
    }
    for side, blocks in zip((fitted.left, fitted.right), sides, strict=True):
        start = 0
        for block in blocks:
            own = side.axes[start : start + block.width]
            axes[block.name][block.columns, : own.shape[1]] = own
            start += block.width
    return axes


def _padded(
    values: Float[np.ndarray, "..."], shape: Sequence[int]
) -> Float32[np.ndarray, "..."]:
    """Values at the beginning of an array of zeros."""
    whole = np.zeros(tuple(shape), np.float32)
    whole[tuple(slice(0, size) for size in values.shape)] = values
    return whole
