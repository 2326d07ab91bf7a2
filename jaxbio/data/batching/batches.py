"""Batches of static shape: which rows go together, and their results put in order."""

import dataclasses
from collections.abc import Iterable
from typing import Any

import numpy as np
from jaxtyping import Int64

from jaxbio.data.batching.buckets import bucket_lengths, rows_at


@dataclasses.dataclass(frozen=True)
class BatchPlan:
    """One batch: which rows, how many of them count, and the padded length."""

    rows: Int64[np.ndarray, "batch"]
    counted: int
    length: int


def plan_epoch(
    lengths: Int64[np.ndarray, "n"],
    buckets: tuple[int, ...],
    batch_size: int,
    *,
    seed: int,
    epoch: int,
) -> list[BatchPlan]:
    """The batches of an epoch: every row counts exactly once.

    Rows are shuffled; rows of one length bucket share batches. The last batch of a
    bucket is filled up with rows of that bucket that do not count, so that the shape is
    static and batch statistics see real data.

    Args:
        lengths: The length of each row.
        buckets: The padded lengths.
        batch_size: Rows a batch; fewer of very long sequences among shorter ones.
        seed: The seed of the run.
        epoch: The number of the epoch.

    Example:
        >>> plans = plan_epoch(np.array([5, 5, 5]), (5,), 2, seed=0, epoch=0)
        >>> [plan.counted for plan in plans]
        [2, 1]
    """
    random = np.random.default_rng([seed, epoch])
    order = random.permutation(len(lengths))
    padded = bucket_lengths(lengths, buckets)[order]
    plans = []
    for length in np.unique(padded):
        rows = order[padded == length]
        size = rows_at(int(length), buckets, batch_size)
        for start in range(0, len(rows), size):
            group = rows[start : start + size]
            # np.resize repeats the bucket's rows, from the first one on.
            filler = np.resize(rows, size - len(group))
            filled = np.concatenate([group, filler])
            plans.append(BatchPlan(filled, len(group), int(length)))
    if len(np.unique(padded)) > 1:
        plans = [plans[at] for at in random.permutation(len(plans))]
    return plans


def plan_rows(
    lengths: Int64[np.ndarray, "n"], buckets: tuple[int, ...], batch_size: int
) -> list[BatchPlan]:
    """Batches of all rows in order of length, for evaluation and prediction."""
    padded = bucket_lengths(lengths, buckets)
    plans = []
    for length in np.unique(padded):
        rows = np.flatnonzero(padded == length)
        size = rows_at(int(length), buckets, batch_size)
        for start in range(0, len(rows), size):
            group = rows[start : start + size]
            filler = np.repeat(group[-1:], size - len(group))
            filled = np.concatenate([group, filler])
            plans.append(BatchPlan(filled, len(group), int(length)))
    return plans


def in_order(
    outputs: Iterable[tuple[BatchPlan, np.ndarray]],
    lengths: Int64[np.ndarray, "n"],
    *,
    axes: int = 1,
) -> list[Any]:
    """Results of batches, one array (or number) a row, in the order of the rows.

    Args:
        outputs: Each batch with an array `[batch ...]`.
        lengths: The length of each row, to which a result per position is cut; zeros
            for results without positions.
        axes: How many axes are cut: two for results of pairs.
    """
    results: list = [None] * len(lengths)
    for plan, values in outputs:
        for row, value in zip(plan.rows[: plan.counted], values, strict=False):
            cut = (slice(lengths[row]),) * axes
            results[row] = value[cut] if lengths[row] else value
    return results
