"""A quick look at the training rows: does it matter where a symbol stands?

Splice sites and promoters are read at fixed places; binding sites of transcription
factors may stand anywhere, on either strand. Different networks suit the two, and two
linear models tell them apart in seconds: one of symbols by position, one of k-mers.
"""

import dataclasses

import numpy as np
import threadpoolctl

from jaxbio.baselines.grid_hazards import martingale_residuals
from jaxbio.baselines.kmer_features import learn_blocks, matrix
from jaxbio.baselines.solvers import fit_ridge
from jaxbio.data.batching.arrays import Arrays
from jaxbio.data.columns.sequences import SequenceSpec
from jaxbio.data.schema import Schema
from jaxbio.data.specs import SHORT, VARIANT_LIBRARY, TargetSpec

_LEARN, _JUDGE = 3000, 3000  # rows at most
_LITTLE = 0.2
"""The share of the k-mers' skill below which positions are taken to say nothing."""


def detect_position_dependence(
    schema: Schema, train: Arrays, *, seed: int = 0
) -> Schema:
    """Find inputs whose places say little, and set `position_dependent` to False.

    Only looked at for long sequences of one length, and targets with one value a row.

    Args:
        schema: The schema.
        train: The encoded training rows.
        seed: Which rows are used.
    """
    targets = [spec for spec in schema.targets if not spec.per_position]
    names = [
        spec.name
        for spec in schema.sequences
        if spec.fixed_length
        and spec.max_length > SHORT
        and spec.conservation < VARIANT_LIBRARY
    ]
    if not names or not targets or len(train) < 500:
        return schema
    rows = np.random.default_rng(seed).permutation(len(train))
    learned = rows[: min(_LEARN, len(rows) // 2)]
    judged = rows[len(learned) : len(learned) + _JUDGE]
    inputs = []
    for spec in schema.inputs:
        if isinstance(spec, SequenceSpec) and spec.name in names:
            alone = dataclasses.replace(schema, inputs=(spec,))
            with threadpoolctl.threadpool_limits(limits=1, user_api="blas"):
                skill = {
                    kind: _skill(alone, targets[0], train, learned, judged, kind)
                    for kind in ("positions", "kmers")
                }
            position_dependent = skill["positions"] > _LITTLE * skill["kmers"]
            spec = dataclasses.replace(
                spec, position_dependent=bool(position_dependent)
            )
        inputs.append(spec)
    return dataclasses.replace(schema, inputs=tuple(inputs))


def _skill(
    schema: Schema,
    target: TargetSpec,
    train: Arrays,
    learned: np.ndarray,
    judged: np.ndarray,
    kind: str,
) -> float:
    """The share of the target's variance that one kind of features explains."""
    blocks = [b for b in learn_blocks(schema, train.take(learned)) if b.kind == kind]
    table = matrix(blocks, schema, train, learned)
    truth = _numbers(target, train)
    labelled = ~np.isnan(truth[learned]).any(axis=1)
    every = np.ones(table.shape[1], bool)
    weights = np.ones(int(labelled.sum()))
    coefficients, intercept = fit_ridge(
        table[labelled], truth[learned][labelled], weights=weights, candidates=[every]
    )
    fitted = matrix(blocks, schema, train, judged) @ coefficients + intercept
    target_rows = truth[judged]
    error = np.nansum((target_rows - fitted) ** 2)
    spread = np.nansum((target_rows - np.nanmean(truth[learned], axis=0)) ** 2)
    return float(max(1 - error / max(spread, 1e-12), 0.0))


def _numbers(target: TargetSpec, train: Arrays) -> np.ndarray:
    """The target as numbers: one column a class, NaN where missing."""
    values = np.asarray(train.targets[target.name])
    if target.kind == "survival":
        return martingale_residuals(target, values)[:, None]
    if target.kind != "class":
        return values.astype(np.float64)
    table = np.eye(len(target.classes))[np.maximum(values, 0)]
    table[values < 0] = np.nan
    return table
